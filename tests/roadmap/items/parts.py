"""Parts of an item as each may stand, and what three of them come to together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from roadmap.subject import Subject
from roadmap.verdicts import (
    Reason,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    unknown,
)
from tests.roadmap.items.subjects import subject

PASS, PARTIAL, FAIL = passed("p"), partly("h"), failed("f")
DENIED = unknown(Reason.ACCESS_DENIED, "u")
LEFT_OUT = not_applicable(Reason.CLASS_EXCLUDED, "n")

THREE: dict[str, tuple[tuple[Verdict, ...], Status, bool]] = {
    "all pass": ((PASS, PASS, PASS), Status.PASS, False),
    "one left out": ((PASS, LEFT_OUT, PASS), Status.PASS, False),
    "one in part": ((PASS, PARTIAL, PASS), Status.PARTIAL, False),
    "one fails": ((PASS, PASS, FAIL), Status.PARTIAL, False),
    "all fail": ((FAIL, FAIL, FAIL), Status.FAIL, False),
    "two fail, one left out": ((FAIL, LEFT_OUT, FAIL), Status.FAIL, False),
    "one not seen": ((PASS, PASS, DENIED), Status.UNKNOWN, True),
    "two fail, one not seen": ((FAIL, FAIL, DENIED), Status.FAIL, True),
    "one in part, two not seen": ((PARTIAL, DENIED, DENIED), Status.PARTIAL, True),
    "one not judged": ((PASS, PASS), Status.UNKNOWN, True),
    "all left out": ((LEFT_OUT, LEFT_OUT, LEFT_OUT), Status.NOT_APPLICABLE, False),
}
of_three = pytest.mark.parametrize(
    ("parts", "status", "incomplete"), THREE.values(), ids=THREE.keys()
)


def together(
    judge: Callable[[Subject], Verdict], keys: Iterable[str], parts: Iterable[Verdict]
) -> Verdict:
    """The verdict over the parts of these keys; those that are too few were not judged."""
    return judge(replace(subject(), verdicts=dict(zip(keys, parts, strict=False))))
