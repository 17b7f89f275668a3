"""Security Hub for the whole organization, and the newer Security Hub."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.securityhub import Central, central, delegated_administrators, hub_v2
from tests.collectors.services.canned import Answers, Refusal, collect, thinned

BY_POLICY = {"ConfigurationPolicyId": "a1b2c3d4-1234-5678-9012-a1b2c3d4e5f6"}
BY_ITSELF = {"ConfigurationPolicyId": "SELF_MANAGED_SECURITY_HUB"}
ANSWERS: Answers = {
    "describe_organization_configuration": {
        "AutoEnable": False,
        "AutoEnableStandards": "NONE",
        "OrganizationConfiguration": {"ConfigurationType": "CENTRAL", "Status": "ENABLED"},
    },
    "list_configuration_policy_associations": [
        {
            "ConfigurationPolicyAssociationSummaries": [
                {"TargetId": "222222222222", "AssociationStatus": "SUCCESS", **BY_POLICY},
                {"TargetId": "444444444444", "AssociationStatus": "SUCCESS", **BY_ITSELF},
                {"TargetId": "ou-1", "AssociationStatus": "FAILED", **BY_POLICY},
            ],
            "NextToken": "more",
        },
        {"ConfigurationPolicyAssociationSummaries": [{"TargetId": "333333333333"}]},
    ],
}
OFF = Refusal("InvalidAccessException", Outcome.API_ERROR)


def test_it_reads_what_is_configured_centrally() -> None:
    assert collect(central, ANSWERS) == Central(
        "CENTRAL",
        "ENABLED",
        auto_enable_standards="NONE",
        associations={"": 1, "FAILED": 1, "SUCCESS": 2},
        failed=("333333333333", "ou-1"),
        managed=("222222222222",),
    )


def test_local_configuration_has_no_policies() -> None:
    asked: list[Any] = []
    local = {"AutoEnable": True, "AutoEnableStandards": "DEFAULT"}
    found = collect(central, {"describe_organization_configuration": local}, asked=asked)

    assert found == Central(auto_enable=True, auto_enable_standards="DEFAULT")
    assert [name for name, _ in asked] == ["describe_organization_configuration"]


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_where_it_is_off_or_another_account_runs_it_that_is_a_fact(operation: str) -> None:
    found = collect(central, {**ANSWERS, operation: OFF})
    assert (found.associations, found.failed) == ({}, ())


@given(thinned({**ANSWERS, "list_configuration_policy_associations": {}}))
def test_no_word_is_taken_for_another(answers: Any) -> None:
    found = collect(central, answers, is_checked=False)
    assert found.kind in ("CENTRAL", "TOMORROW", "")


def test_the_newer_hub_is_there_or_not() -> None:
    arn = "arn:aws:securityhub:us-east-1:222222222222:hubv2/1"

    assert collect(hub_v2, {"describe_security_hub_v2": {"HubV2Arn": arn}}) == arn
    absent = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    assert collect(hub_v2, {"describe_security_hub_v2": absent}) == ""


def test_only_an_administrator_in_charge_is_one() -> None:
    pages = [
        {"AdminAccounts": [{"AccountId": "333333333333", "Status": "ENABLED"}], "NextToken": "m"},
        {"AdminAccounts": [{"AccountId": "444444444444", "Status": "DISABLE_IN_PROGRESS"}]},
    ]
    found = collect(delegated_administrators, {"list_organization_admin_accounts": pages})

    assert found == ("333333333333",)


@given(
    thinned(
        {
            "list_organization_admin_accounts": {
                "AdminAccounts": [{"AccountId": "333333333333", "Status": "ENABLED"}]
            }
        }
    )
)
def test_nor_one_that_does_not_say_so(answers: Any) -> None:
    listed = answers["list_organization_admin_accounts"]["AdminAccounts"]
    found = collect(delegated_administrators, answers, is_checked=False)
    assert bool(found) == (listed[0].get("Status") == "ENABLED" and "AccountId" in listed[0])


@pytest.mark.parametrize(
    ("collector", "operation"),
    [
        (central, "describe_organization_configuration"),
        (hub_v2, "describe_security_hub_v2"),
        (delegated_administrators, "list_organization_admin_accounts"),
    ],
    ids=str,
)
def test_denied_is_not_absent(collector: Any, operation: str) -> None:
    with pytest.raises(Missing):
        collect(collector, {operation: Refusal()})
