"""The stack sets of the baseline, and where they arrived."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.registry import Reach
from collectors.services.cloudformation import (
    StackInstance,
    Stacks,
    StackSet,
    StackSets,
    delegated_stack_sets,
    stack_sets,
    stacks,
)
from tests.collectors.services.canned import ACCOUNT, Refusal, by, collect, thinned

SETTINGS = {"BASELINE_STACKSETS": ["baseline", "absent"]}
DESCRIBED = {
    "StackSet": {
        "StackSetName": "baseline",
        "StackSetId": "baseline:1",
        "StackSetARN": "arn:aws:cloudformation:us-east-1:111111111111:stackset/baseline:1",
        "Status": "ACTIVE",
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": {"Enabled": True},
        "OrganizationalUnitIds": ["ou-1"],
        "StackSetDriftDetectionDetails": {"DriftStatus": "IN_SYNC"},
        "TemplateBody": "Resources: {}",
        "Parameters": [{"ParameterKey": "Token", "ParameterValue": "secret"}],
    }
}
INSTANCE = {
    "Account": ACCOUNT,
    "Region": "us-east-1",
    "Status": "CURRENT",
    "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"},
    "DriftStatus": "IN_SYNC",
    "OrganizationalUnitId": "ou-1",
}
ANSWERS = {
    "list_stack_sets": [
        {"Summaries": [{"StackSetName": "other"}], "NextToken": "more"},
        {"Summaries": [{"StackSetName": "baseline"}]},
    ],
    "describe_stack_set": DESCRIBED,
    "list_stack_instances": [
        {"Summaries": [INSTANCE], "NextToken": "more"},
        {
            "Summaries": [
                {
                    "Account": "333333333333",
                    "Status": "OUTDATED",
                    "StatusReason": "Role exists. " * 100,
                    "StackInstanceStatus": {"DetailedStatus": "FAILED"},
                }
            ]
        },
    ],
}


def test_it_reads_the_stack_sets_that_the_setting_names() -> None:
    found = collect(stack_sets, ANSWERS, settings=SETTINGS)

    assert (found.asked, found.names) == (("baseline", "absent"), ("baseline", "other"))
    (baseline,) = found.baseline
    assert baseline.reaches_new_accounts
    assert baseline.drift_status == "IN_SYNC"
    assert baseline.instances[0] == StackInstance(
        ACCOUNT, "us-east-1", "CURRENT", "SUCCEEDED", "", "IN_SYNC", "ou-1"
    )
    assert baseline.instances[0].is_current
    assert not baseline.instances[1].is_current
    assert len(baseline.instances[1].status_reason) == 500


def test_nothing_of_the_template_or_its_parameters_is_kept() -> None:
    found = collect(stack_sets, ANSWERS, settings=SETTINGS)
    assert "secret" not in str(found)
    assert "Resources" not in str(found)


@pytest.mark.parametrize(
    ("collector", "call_as"),
    [(stack_sets, "SELF"), (delegated_stack_sets, "DELEGATED_ADMIN")],
    ids=str,
)
def test_it_says_as_whom_it_asks(collector: Any, call_as: str) -> None:
    asked: list[Any] = []
    collect(collector, ANSWERS, settings=SETTINGS, asked=asked)

    assert [name for name, _ in asked] == list(ANSWERS)
    assert {params["CallAs"] for _, params in asked} == {call_as}
    assert (collector.reach, collector.home_setting) == (Reach.HOME, "BASELINE_REGIONS")


REFUSED = Refusal("ValidationError", Outcome.API_ERROR)


def test_an_account_that_administers_no_stack_sets_has_none() -> None:
    found = collect(delegated_stack_sets, {"list_stack_sets": REFUSED}, settings=SETTINGS)
    assert found == StackSets(asked=("baseline", "absent"))


def test_the_management_account_always_may() -> None:
    with pytest.raises(Missing):
        collect(stack_sets, {"list_stack_sets": REFUSED}, settings=SETTINGS)


@pytest.mark.parametrize("operation", ["describe_stack_set", "list_stack_instances"])
def test_a_stack_set_that_vanished_is_dropped(operation: str) -> None:
    gone = Refusal("StackSetNotFoundException", Outcome.API_ERROR)
    assert not collect(stack_sets, {**ANSWERS, operation: gone}, settings=SETTINGS).baseline


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_absent(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(stack_sets, {**ANSWERS, operation: Refusal()}, settings=SETTINGS)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(ANSWERS))
def test_an_instance_is_current_only_if_it_says_so(answers: Any) -> None:
    found = collect(stack_sets, answers, settings=SETTINGS, is_checked=False)
    for baseline in found.baseline:
        described = answers["describe_stack_set"]["StackSet"]
        assert baseline.reaches_new_accounts == (
            described.get("PermissionModel") == "SERVICE_MANAGED"
            and described.get("AutoDeployment", {}).get("Enabled") is True
        )
        told = [i for page in answers["list_stack_instances"] for i in page["Summaries"]]
        current = [
            i
            for i in told
            if i.get("Account")
            and i.get("Status") == "CURRENT"
            and i.get("StackInstanceStatus", {}).get("DetailedStatus") == "SUCCEEDED"
        ]
        assert sum(i.is_current for i in baseline.instances) == len(current)


def test_a_stack_set_deployed_by_hand_does_not_reach_new_accounts() -> None:
    assert not StackSet(
        "s", permission_model="SELF_MANAGED", has_auto_deployment=True
    ).reaches_new_accounts


ROLE = {
    "LogicalResourceId": "Role",
    "PhysicalResourceId": "deploy",
    "ResourceType": "AWS::IAM::Role",
    "LastUpdatedTimestamp": datetime(2026, 11, 1, tzinfo=UTC),
    "ResourceStatus": "CREATE_COMPLETE",
}
VPC = {**ROLE, "PhysicalResourceId": "vpc-1", "ResourceType": "AWS::EC2::VPC"}


def stack(name: str, drift: str = "IN_SYNC") -> dict[str, Any]:
    return {
        "StackId": f"arn:stack/{name}",
        "StackName": name,
        "CreationTime": datetime(2026, 11, 1, tzinfo=UTC),
        "StackStatus": "UPDATE_COMPLETE",
        "DriftInformation": {"StackDriftStatus": drift},
    }


def test_it_reads_the_core_resources_of_live_stacks() -> None:
    asked: list[Any] = []
    answers = {
        "list_stacks": [
            {"StackSummaries": [stack("net")]},
            {"StackSummaries": [stack("iam", "DRIFTED")]},
        ],
        "list_stack_resources": by(
            "StackName",
            {
                "arn:stack/net": [
                    {"StackResourceSummaries": [VPC]},
                    {"StackResourceSummaries": [{**VPC, "ResourceType": "AWS::SNS::Topic"}]},
                ],
                "arn:stack/iam": {
                    "StackResourceSummaries": [
                        ROLE,
                        {**ROLE, "PhysicalResourceId": "gone", "ResourceStatus": "DELETE_COMPLETE"},
                        {k: v for k, v in ROLE.items() if k != "PhysicalResourceId"},
                    ]
                },
            },
        ),
    }
    assert collect(stacks, answers, asked=asked) == Stacks(
        2, ("arn:stack/iam",), {"ec2:vpc": ("vpc-1",), "iam:role": ("deploy",)}
    )
    assert "DELETE_COMPLETE" not in asked[0][1]["StackStatusFilter"]


def test_a_stack_that_was_deleted_meanwhile_holds_nothing() -> None:
    gone = Refusal("ValidationError", Outcome.API_ERROR)
    answers = {"list_stacks": {"StackSummaries": [stack("net")]}, "list_stack_resources": gone}
    assert collect(stacks, answers).managed == {}


@pytest.mark.parametrize("operation", ["list_stacks", "list_stack_resources"])
def test_being_denied_stacks_is_not_having_none(operation: str) -> None:
    answers = {
        "list_stacks": {"StackSummaries": [stack("net")]},
        "list_stack_resources": {"StackResourceSummaries": [VPC]},
    }
    with pytest.raises(Missing):
        collect(stacks, {**answers, operation: Refusal()})


THIN_STACKS = {
    "list_stacks": [{"StackSummaries": [stack("net", "DRIFTED")]}],
    "list_stack_resources": [{"StackResourceSummaries": [VPC]}],
}


@given(thinned(THIN_STACKS))
def test_a_resource_is_managed_only_if_aws_names_it(answers: Any) -> None:
    (told,) = answers["list_stack_resources"][0]["StackResourceSummaries"]
    found = collect(stacks, answers, is_checked=False)
    if found.managed:
        assert told["ResourceType"] == "AWS::EC2::VPC"
        assert found.managed == {"ec2:vpc": (told["PhysicalResourceId"],)}
