"""The six log sources taken together."""

from __future__ import annotations

import pytest

from roadmap.items.detection.extra_logs import LOGS, judge
from roadmap.registry import children
from roadmap.verdicts import Reason, Status, Verdict, not_applicable
from tests.roadmap.items.parts import DENIED, FAIL, PARTIAL, PASS, together
from tests.roadmap.items.subjects import subject

DECLINED = not_applicable(Reason.DECLINED, "d")
NOTHING = not_applicable(Reason.NO_RESOURCES, "n")


def verdict(*parts: Verdict) -> Verdict:
    """Of the first sources; of the rest there is nothing."""
    return together(judge, LOGS, (*parts, *[NOTHING] * (len(LOGS) - len(parts))))


CASES: dict[str, tuple[tuple[Verdict, ...], Status, Reason | None, bool]] = {
    "all on": ((PASS,) * 6, Status.PASS, None, False),
    "on or declined": ((PASS, DECLINED), Status.PASS, None, False),
    "all declined": ((DECLINED,) * 6, Status.NOT_APPLICABLE, Reason.DECLINED, False),
    "declined or nothing there": ((DECLINED,), Status.NOT_APPLICABLE, Reason.NO_RESOURCES, False),
    "on and off": ((PASS, FAIL), Status.PARTIAL, None, False),
    "in part": ((PARTIAL,), Status.PARTIAL, None, False),
    "all off": ((FAIL, FAIL, DECLINED), Status.FAIL, None, False),
    "off and not seen": ((FAIL, DENIED), Status.FAIL, None, True),
    "on and not seen": ((PASS, DENIED), Status.UNKNOWN, Reason.PARTIAL_COLLECTION, True),
    "not seen": ((DENIED,), Status.UNKNOWN, Reason.ACCESS_DENIED, True),
}


@pytest.mark.parametrize(("parts", "status", "reason", "incomplete"), CASES.values(), ids=CASES)
def test_the_sources_combine(
    parts: tuple[Verdict, ...], status: Status, reason: Reason | None, incomplete: bool
) -> None:
    found = verdict(*parts)
    assert (found.status, found.reason, found.incomplete) == (status, reason, incomplete)


def test_the_sentence_says_what_was_decided_about_each() -> None:
    assert verdict(PASS, DECLINED, PARTIAL, FAIL).sentence == (
        "DNS queries pass, network flows declined, data events partial, bucket access fail, "
        "load balancers nothing there, CloudFront nothing there."
    )


def test_a_source_that_was_not_judged_is_unknown() -> None:
    found = judge(subject())
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_it_has_a_word_for_each_of_its_children() -> None:
    assert list(LOGS) == [child.key for child in children("detection.extra_logs")]
