"""What is kept of a verdict: enough to see why, bounded, and the same for the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.services import sts
from roadmap.evidence import keep
from roadmap.subject import Attested, Subject
from roadmap.verdicts import Problem, Verdict, failed, passed
from tests.roadmap.conftest import make_item
from tests.roadmap.items.subjects import ACCOUNT, NOW, subject

ITEM = make_item("inventory.any")


def about(**more: Any) -> Subject:
    found = subject({(ACCOUNT, sts.identity): sts.Identity(ACCOUNT, "arn:x")}, **more)
    found.facts.get(sts.identity)
    return found


def test_the_same_seen_later_is_the_same_evidence() -> None:
    early, late = about(), about()
    moved = [replace(o, observed_at=NOW + timedelta(hours=6), calls=[{"request_id": "other"}])
             for o in late.facts.read]  # fmt: skip
    late.facts.read[:] = moved
    verdict = passed("Fine.", facts={"b": 1, "a": {"y", "x"}})
    assert keep(ITEM, verdict, early, 500) == keep(ITEM, verdict, late, 500)


FINE = passed("Fine.", facts={"n": 1})


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(passed("Fine!", facts={"n": 1}), id="sentence"),
        pytest.param(passed("Fine.", facts={"n": 2}), id="facts"),
        pytest.param(passed("Fine.", "else", facts={"n": 1}), id="rule"),
        pytest.param(passed("Fine.", facts={"n": 1}, incomplete=True), id="incomplete"),
        pytest.param(
            passed("Fine.", facts={"n": 1}, problems=[Problem("table_open")]), id="finding"
        ),
        pytest.param(failed("Fine.", "pass", facts={"n": 1}), id="status"),
    ],
)
def test_anything_else_of_a_verdict_is_another_digest(other: Verdict) -> None:
    assert keep(ITEM, FINE, None, 500).digest != keep(ITEM, other, None, 500).digest


def test_a_finding_of_another_severity_is_another_digest() -> None:
    verdict = failed("Bad.", problems=[Problem("table_open")])
    kinds = {"table_open": ITEM.findings["nobody_looks"]}
    other = make_item("inventory.any", findings=kinds)
    assert keep(ITEM, verdict, None, 500).digest != keep(other, verdict, None, 500).digest


def test_long_lists_keep_a_count_and_the_first_and_the_digest_sees_all() -> None:
    def many(last: str) -> Verdict:
        return failed("Many.", facts={"deep": {"names": ["a", "b", "c"]}},
                      problems=[Problem("table_open", r) for r in ("1", "2", last)])  # fmt: skip

    kept = keep(ITEM, many("3"), None, 2)
    assert kept.evidence["facts"] == {"deep": {"names": {"count": 3, "first": ["a", "b"]}}}
    assert kept.evidence["findings"]["count"] == 3
    other = keep(ITEM, many("4"), None, 2)
    assert other.body == kept.body
    assert other.digest != kept.digest


def test_answers_are_kept_with_whether_they_hold() -> None:
    answer = Attested(
        ITEM.key, "account", "done", url="https://x", expires_at=NOW, given_at=NOW, pk=7
    )
    (kept,) = keep(ITEM, FINE, about(attestations=[answer]), 500).evidence["attestations"]
    assert (kept["id"], kept["level"], kept["claim"], kept["holds"]) == (
        7,
        "account",
        "done",
        False,
    )


def test_what_was_read_is_named_once_with_its_outcome() -> None:
    twice = about()
    twice.facts.get(sts.identity)
    assert keep(ITEM, FINE, twice, 500).evidence["read"] == [
        [ACCOUNT, "sts.identity", "", "collected"]
    ]
