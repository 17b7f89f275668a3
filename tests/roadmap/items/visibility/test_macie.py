"""Macie is told of, and counts for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import macie2
from roadmap.items.visibility.macie import item, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, SECURITY, standalone
from tests.roadmap.items.visibility.central import central_subject, everywhere


def facts(session: Any, administrators: Any = (SECURITY,)) -> dict[tuple[Any, ...], Any]:
    return {
        **everywhere(ACCOUNT, macie2.session, session),
        **everywhere(MANAGEMENT, macie2.delegated_administrators, administrators),
    }


@pytest.mark.parametrize(
    ("values", "status"),
    [
        (facts(macie2.Session("ENABLED")), Status.PASS),
        (facts(macie2.Session("ENABLED"), (MANAGEMENT,)), Status.PARTIAL),
        (facts(macie2.Session("ENABLED"), ()), Status.PARTIAL),
        (facts(macie2.Session("PAUSED")), Status.FAIL),
        (facts(macie2.Session("NEW_WORD")), Status.FAIL),
        (facts(macie2.Session()), Status.FAIL),
        (facts(macie2.Session("ENABLED"), Outcome.ACCESS_DENIED), Status.UNKNOWN),
        (facts(Outcome.ACCESS_DENIED), Status.UNKNOWN),
    ],
    ids=[
        "on, central", "on, run by management", "on, run by nobody", "paused", "unknown word",
        "off", "administrator not told", "session not told",
    ],
)  # fmt: skip
def test_sessions_decide(values: dict[tuple[Any, ...], Any], status: Status) -> None:
    verdict = judge(central_subject(values))
    assert verdict.status == status
    if status == Status.UNKNOWN:
        assert verdict.reason == Reason.ACCESS_DENIED


def test_outside_any_organization_nobody_runs_it() -> None:
    values = facts(macie2.Session("ENABLED"))
    assert judge(central_subject(values, account=standalone())).status == Status.PARTIAL


def test_it_weighs_nothing() -> None:
    assert item.weight == 0
    assert not item.counts
    assert not item.findings
