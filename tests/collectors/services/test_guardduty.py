"""Detectors, and what the account that runs GuardDuty sees."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.guardduty import (
    Administration,
    Detector,
    Feature,
    Member,
    administration,
    delegated_administrators,
    detector,
)
from tests.collectors.services.canned import Refusal, collect, thinned

OWN = {
    "list_detectors": {"DetectorIds": ["d1"]},
    "get_detector": {
        "ServiceRole": "role",
        "Status": "ENABLED",
        "Features": [
            {"Name": "S3_DATA_EVENTS", "Status": "ENABLED", "ManagedBy": "GUARDDUTY_POLICY"},
            {"Name": "AI_ANALYST", "Status": "DISABLED"},
        ],
    },
    "get_administrator_account": {
        "Administrator": {"AccountId": "333333333333", "RelationshipStatus": "Enabled"}
    },
}
REFUSED = Refusal("BadRequestException", Outcome.API_ERROR)


def test_it_reads_the_detector_with_its_administrator() -> None:
    found = collect(detector, OWN)

    assert found == Detector(
        id="d1",
        status="ENABLED",
        administrator="333333333333",
        relationship="Enabled",
        features=(
            Feature("S3_DATA_EVENTS", "ENABLED", "GUARDDUTY_POLICY"),
            Feature("AI_ANALYST", "DISABLED"),
        ),
    )
    assert found.is_enabled
    assert found.has_s3_protection


def test_no_detector_is_a_fact() -> None:
    asked: list[Any] = []
    assert collect(detector, {"list_detectors": {"DetectorIds": []}}, asked=asked) == Detector()
    assert len(asked) == 1


def test_a_detector_that_vanished_is_none() -> None:
    assert collect(detector, {**OWN, "get_detector": REFUSED}) == Detector()


@pytest.mark.parametrize("answer", [{}, {"Administrator": {}}], ids=["absent", "empty"])
def test_without_an_administrator_there_is_none(answer: Any) -> None:
    found = collect(detector, {**OWN, "get_administrator_account": answer}, is_checked=False)
    assert (found.administrator, found.relationship) == ("", "")


@pytest.mark.parametrize("operation", list(OWN))
def test_being_denied_is_not_off(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(detector, {**OWN, operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(OWN, kept=frozenset({"DetectorIds"})))
def test_a_detector_is_on_only_if_it_says_so(answers: Any) -> None:
    found = collect(detector, answers, is_checked=False)

    assert found.is_enabled == (answers["get_detector"].get("Status") == "ENABLED")


DATA_SOURCES = {
    name: {"Status": "ENABLED"} for name in ("CloudTrail", "DNSLogs", "FlowLogs", "S3Logs")
}
IDS = [f"{number:012}" for number in range(120)]
RUN = {
    "list_detectors": {"DetectorIds": ["d9"]},
    "list_members": [
        {
            "Members": [
                {
                    "AccountId": account,
                    "RelationshipStatus": "Enabled",
                    "MasterId": "333333333333",
                    "Email": "a@example.com",
                    "UpdatedAt": "2026",
                }
                for account in part
            ]
        }
        for part in (IDS[:70], [], IDS[70:])
    ],
    "get_member_detectors": lambda params: {
        "MemberDataSourceConfigurations": [
            {
                "AccountId": account,
                "DataSources": DATA_SOURCES,
                "Features": [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}],
            }
            for account in params["AccountIds"]
            if account != IDS[0]
        ],
        "UnprocessedAccounts": [],
    },
    "describe_organization_configuration": {
        "MemberAccountLimitReached": False,
        "AutoEnableOrganizationMembers": "ALL",
    },
}


def test_members_are_asked_for_fifty_at_a_time() -> None:
    asked: list[Any] = []
    found = collect(administration, RUN, asked=asked)

    batches = [p["AccountIds"] for name, p in asked if name == "get_member_detectors"]
    assert [len(batch) for batch in batches] == [50, 50, 20]
    assert [account for batch in batches for account in batch] == IDS
    assert [member.account_id for member in found.members] == IDS


def test_members_that_left_are_listed_too() -> None:
    asked: list[Any] = []
    collect(administration, RUN, asked=asked)

    assert ("list_members", {"DetectorId": "d9", "OnlyAssociated": "false"}) in asked


def test_it_reads_how_guardduty_is_run() -> None:
    found = collect(administration, RUN)

    assert found.is_delegated_administrator
    assert (found.auto_enable, found.is_member_limit_reached) == ("ALL", False)
    assert found.member(IDS[0]) == Member(IDS[0], "Enabled", None)
    assert found.member(IDS[1]) == Member(IDS[1], "Enabled", True)
    assert found.member("999999999999") is None


def test_who_is_not_told_the_configuration_is_not_delegated() -> None:
    found = collect(administration, {**RUN, "describe_organization_configuration": REFUSED})

    assert not found.is_delegated_administrator
    assert found.auto_enable == ""
    assert len(found.members) == 120


def test_a_security_account_without_a_detector_runs_nothing() -> None:
    assert collect(administration, {"list_detectors": {"DetectorIds": []}}) == Administration()


def test_it_reads_the_delegated_administrators_of_all_pages() -> None:
    pages = [
        {"AdminAccounts": [{"AdminAccountId": "1", "AdminStatus": "ENABLED"}]},
        {"AdminAccounts": [{"AdminAccountId": "2", "AdminStatus": "DISABLE_IN_PROGRESS"}]},
        {"AdminAccounts": [{"AdminAccountId": "3", "AdminStatus": "ENABLED"}]},
    ]
    found = collect(delegated_administrators, {"list_organization_admin_accounts": pages})
    assert found == ("1", "3")
