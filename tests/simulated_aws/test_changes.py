"""The world changes while it runs, by AWS's own calls and by the control interface."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws
from simulated_aws.process import count
from tests.simulated_aws.callers import Callers, error_code

FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _state(aws: SimulatedAws, account: str) -> str:
    described = aws.client("organizations").describe_account(AccountId=account)
    return str(described["Account"]["State"])


def test_public_access_blocked_in_a_member_is_read_back_by_the_view_role(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    account = callers.account("fernhill-shop")
    reader = callers.member("fernhill-shop", "s3control")
    with pytest.raises(ClientError) as off:
        reader.get_public_access_block(AccountId=account)
    assert error_code(off.value) == "NoSuchPublicAccessBlockConfiguration"

    changing_demo.client("s3control", account=account).put_public_access_block(
        AccountId=account, PublicAccessBlockConfiguration=dict.fromkeys(FLAGS, True)
    )
    block = reader.get_public_access_block(AccountId=account)
    assert block["PublicAccessBlockConfiguration"] == dict.fromkeys(FLAGS, True)


def test_an_organization_policy_blocks_public_access_for_its_accounts(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    account = callers.account("payments-prod")
    blocked = dict.fromkeys(FLAGS, True)
    reader = callers.member("payments-prod", "s3control")
    answer = reader.get_public_access_block(AccountId=account)
    assert answer["PublicAccessBlockConfiguration"] == blocked

    organizations = changing_demo.client("organizations")
    policy = organizations.list_policies(Filter="S3_POLICY")["Policies"][0]["Id"]
    target = organizations.list_targets_for_policy(PolicyId=policy)["Targets"][0]["TargetId"]
    organizations.detach_policy(PolicyId=policy, TargetId=target)
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        reader.get_public_access_block(AccountId=account)


def test_a_closed_account_is_suspended_and_lets_nobody_in(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    account = callers.account("data-dev")
    changing_demo.client("organizations").close_account(AccountId=account)

    assert _state(changing_demo, account) == "SUSPENDED"
    with pytest.raises(ClientError, match="AccessDenied"):
        callers.member("data-dev", "sts")


def test_a_moved_account_has_another_parent_and_its_policies(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    organizations = changing_demo.client("organizations")
    account, payments = callers.account("fernhill-shop"), callers.account("payments-prod")
    source = organizations.list_parents(ChildId=account)["Parents"][0]["Id"]
    target = organizations.list_parents(ChildId=payments)["Parents"][0]["Id"]
    with pytest.raises(ClientError, match="SourceParentNotFoundException"):
        organizations.move_account(
            AccountId=account, SourceParentId="r-lark", DestinationParentId=target
        )

    organizations.move_account(AccountId=account, SourceParentId=source, DestinationParentId=target)
    assert organizations.list_parents(ChildId=account)["Parents"][0]["Id"] == target
    block = callers.member("fernhill-shop", "s3control").get_public_access_block(AccountId=account)
    assert block["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] is True


def test_an_account_taken_out_of_the_organization_is_gone_from_its_list(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    account = callers.account("data-dev")
    changing_demo.client("organizations").remove_account_from_organization(AccountId=account)

    pages = changing_demo.client("organizations").get_paginator("list_accounts").paginate()
    assert account not in {a["Id"] for page in pages for a in page["Accounts"]}
    with pytest.raises(ClientError, match="AWSOrganizationsNotInUseException"):
        callers.member("data-dev", "organizations").describe_organization()


def test_a_new_account_can_be_entered_by_the_operator_at_once(
    changing_demo: SimulatedAws,
) -> None:
    organizations = changing_demo.client("organizations")
    status = organizations.create_account(AccountName="new", Email="aws+new@example.com")
    account = status["CreateAccountStatus"]["AccountId"]

    changing_demo.client("s3", account=account).create_bucket(Bucket="larkfield-new-bucket")
    block = changing_demo.client("s3", account=account).get_public_access_block(
        Bucket="larkfield-new-bucket"
    )
    assert block["PublicAccessBlockConfiguration"] == dict.fromkeys(FLAGS, True)


def test_a_region_opted_in_to_is_enabled_and_answers(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    account = changing_demo.client("account", account=callers.account("data-dev"))
    account.enable_region(RegionName="ap-south-2")
    status = account.get_region_opt_status(RegionName="ap-south-2")["RegionOptStatus"]
    assert status == "ENABLED"
    assert callers.member("data-dev", "ec2", "ap-south-2").describe_vpcs()["Vpcs"]


def test_guardduty_switched_on_for_a_member_by_its_administrator_is_seen_in_the_member(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    assert callers.member("corporate-it", "guardduty").list_detectors()["DetectorIds"] == []

    administrator = changing_demo.client("guardduty", account="222233334444")
    administrator.create_members(
        DetectorId=administrator.list_detectors()["DetectorIds"][0],
        AccountDetails=[{"AccountId": callers.account("corporate-it"), "Email": "it@example.com"}],
    )
    assert len(callers.member("corporate-it", "guardduty").list_detectors()["DetectorIds"]) == 1


def test_a_stack_set_deployed_to_an_account_gains_a_current_instance(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    account = callers.account("fraud-prod")
    stack_sets = changing_demo.client("cloudformation")
    stack_sets.create_stack_instances(
        StackSetName="larkfield-baseline",
        DeploymentTargets={"Accounts": [account]},
        Regions=["us-east-1"],
    )
    instance = stack_sets.list_stack_instances(
        StackSetName="larkfield-baseline", StackInstanceAccount=account
    )["Summaries"][0]
    assert (instance["Status"], instance["StackInstanceStatus"]) == (
        "CURRENT",
        {"DetailedStatus": "SUCCEEDED"},
    )


def test_logging_stopped_by_the_management_account_is_seen_by_members(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/larkfield-organization"
    changing_demo.client("cloudtrail").stop_logging(Name="larkfield-organization")
    status = callers.member("ml-prod", "cloudtrail", "us-west-2").get_trail_status(Name=trail)
    assert status["IsLogging"] is False


def test_dates_can_be_set_back(changing_demo: SimulatedAws, callers: Callers) -> None:
    account = callers.account("storefront-prod")
    changing_demo.backdate(
        account, "role", {"last_used": "2024-02-03T00:00:00+00:00"}, "CairnReadOnly"
    )
    iam = changing_demo.client("iam", account=account)
    used = iam.get_role(RoleName="CairnReadOnly")["Role"]["RoleLastUsed"]["LastUsedDate"]
    assert used == datetime(2024, 2, 3, tzinfo=UTC)


def test_a_reset_brings_back_the_world_and_forgets_what_was_said(
    simulation: SimulatedAws, callers: Callers
) -> None:
    account = callers.account("data-dev")
    simulation.client("organizations").close_account(AccountId=account)
    simulation.add_answer(service="iam", error="denied")
    simulation.reset()

    assert _state(simulation, account) == "ACTIVE"
    assert callers.member("data-dev", "iam").list_role_policies(RoleName="CairnReadOnly")


def test_calls_are_counted_by_who_asked_what_and_how_it_ended(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    changing_demo.forget_calls()
    callers.member("data-dev", "guardduty").list_detectors()
    with pytest.raises(ClientError):
        callers.member("tracking-prod", "guardduty")

    calls = changing_demo.calls()
    account = callers.account("data-dev")
    assert count(calls, account=account, operation="ListDetectors", error=None) == 1
    assert count(calls, service="sts", operation="AssumeRole", error=None) == 1
    assert count(calls, service="sts", operation="AssumeRole", error="AccessDenied") == 1
