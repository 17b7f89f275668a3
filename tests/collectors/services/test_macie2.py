"""Whether Macie is on, and who administers it."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.macie2 import Session, delegated_administrators, session
from tests.collectors.services.canned import Refusal, collect, thinned

OFF = Refusal("AccessDeniedException", Outcome.ACCESS_DENIED, "Macie is not enabled")


@pytest.mark.parametrize(
    ("answer", "enabled"),
    [({"status": "ENABLED"}, True), ({"status": "PAUSED"}, False), (OFF, False)],
    ids=["enabled", "paused", "off"],
)
def test_it_reads_the_session(answer: Any, enabled: bool) -> None:
    assert collect(session, {"get_macie_session": answer}).is_enabled == enabled


def test_being_off_is_a_fact() -> None:
    assert collect(session, {"get_macie_session": OFF}) == Session()
    assert collect(delegated_administrators, {"list_organization_admin_accounts": OFF}) == ()


@pytest.mark.parametrize(
    ("collector", "operation"),
    [
        (session, "get_macie_session"),
        (delegated_administrators, "list_organization_admin_accounts"),
    ],
    ids=str,
)
def test_being_denied_is_not_off(collector: Any, operation: str) -> None:
    denied = Refusal(message="User is not authorized to perform this action")
    with pytest.raises(Missing) as missing:
        collect(collector, {operation: denied})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


def test_it_reads_the_administrators_of_all_pages() -> None:
    pages = [
        {"adminAccounts": [{"accountId": "1", "status": "ENABLED"}]},
        {"adminAccounts": [{"accountId": "2", "status": "DISABLING_IN_PROGRESS"}]},
        {"adminAccounts": [{"accountId": "3", "status": "ENABLED"}]},
    ]
    found = collect(delegated_administrators, {"list_organization_admin_accounts": pages})
    assert found == ("1", "3")


@given(thinned({"get_macie_session": {"status": "ENABLED"}}))
def test_macie_is_on_only_if_it_says_so(answers: Any) -> None:
    found = collect(session, answers, is_checked=False)
    assert found.is_enabled == (answers["get_macie_session"].get("status") == "ENABLED")
