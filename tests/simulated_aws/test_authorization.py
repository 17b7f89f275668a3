from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws
from tests.simulated_aws.callers import Callers, error_code


def test_the_view_role_can_change_nothing(callers: Callers) -> None:
    iam = callers.member("storefront-prod", "iam")
    with pytest.raises(ClientError) as refused:
        iam.delete_role_policy(RoleName="CairnReadOnly", PolicyName="CairnReadOnlyExtras")
    assert error_code(refused.value) == "AccessDenied"
    assert "because no identity-based policy allows the iam:DeleteRolePolicy" in str(refused.value)


def test_the_collector_itself_can_do_nothing_but_assume_its_roles(demo: SimulatedAws) -> None:
    admin = "arn:aws:iam::101010101010:role/OrganizationAccountAccessRole"
    with pytest.raises(ClientError) as refused:
        demo.assume(demo.session(as_collector=True), admin)
    assert error_code(refused.value) == "AccessDenied"


def test_without_view_only_access_what_only_that_policy_allows_is_denied(
    callers: Callers,
) -> None:
    database = callers.member("payments-staging", "rds")
    with pytest.raises(ClientError) as refused:
        database.describe_db_instances()
    assert error_code(refused.value) == "AccessDenied"
    assert callers.member("payments-staging", "ec2").describe_vpcs()["Vpcs"]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_instances", "UnauthorizedOperation"),
        ("guardduty", "list_detectors", "AccessDeniedException"),
        ("rds", "describe_db_instances", "AccessDenied"),
        ("ecs", "list_clusters", "AccessDeniedException"),
    ],
)
def test_a_service_control_policy_stops_a_region_and_says_so(
    callers: Callers, service: str, operation: str, code: str
) -> None:
    blocked = callers.member("sandbox-platform", service, "eu-central-1")
    with pytest.raises(ClientError) as refused:
        getattr(blocked, operation)()
    assert error_code(refused.value) == code
    assert "with an explicit deny in a service control policy" in str(refused.value)
    getattr(callers.member("sandbox-platform", service, "eu-west-1"), operation)()


def test_a_service_control_policy_attached_later_stops_its_accounts_and_no_other(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    organizations = changing_demo.client("organizations")
    statement = {"Effect": "Deny", "Action": "guardduty:*", "Resource": "*"}
    policy = organizations.create_policy(
        Name="NoGuardDuty",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=callers.account("data-dev"))

    with pytest.raises(ClientError, match="service control policy"):
        callers.member("data-dev", "guardduty").list_detectors()
    assert callers.member("storefront-dev", "guardduty").list_detectors()["DetectorIds"]

    organizations.detach_policy(PolicyId=policy, TargetId=callers.account("data-dev"))
    assert callers.member("data-dev", "guardduty").list_detectors()["DetectorIds"]


def test_an_account_without_any_service_control_policy_may_do_nothing(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    changing_demo.client("organizations").detach_policy(
        PolicyId="p-FullAWSAccess", TargetId=callers.account("data-dev")
    )
    with pytest.raises(ClientError, match="because no service control policy allows"):
        callers.member("data-dev", "guardduty").list_detectors()


def test_a_region_the_account_has_not_enabled_knows_no_credentials(callers: Callers) -> None:
    ec2 = callers.member("storefront-prod", "ec2", "eu-south-2")
    with pytest.raises(ClientError) as refused:
        ec2.describe_vpcs()
    assert error_code(refused.value) == "AuthFailure"
    assert callers.member("ledger-prod", "ec2", "eu-south-2").describe_vpcs()["Vpcs"]


def test_the_organization_shows_itself_to_management_and_delegated_administrators_only(
    demo: SimulatedAws, callers: Callers
) -> None:
    seen = callers.member("security-tooling", "organizations").list_accounts()["Accounts"]
    assert len(seen) == 20

    with pytest.raises(ClientError) as refused:
        callers.member("storefront-prod", "organizations").list_accounts()
    assert error_code(refused.value) == "AccessDeniedException"

    with pytest.raises(ClientError) as changing:
        demo.client("organizations", account="222233334444").close_account(
            AccountId=callers.account("data-dev")
        )
    assert error_code(changing.value) == "AccessDeniedException"


def test_contacts_of_the_management_account_are_not_asked_for_by_its_id(
    callers: Callers,
) -> None:
    account = callers.management("account")
    with pytest.raises(ClientError) as refused:
        account.get_alternate_contact(AccountId="111122223333", AlternateContactType="SECURITY")
    assert error_code(refused.value) == "AccessDeniedException"
    assert account.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]


def test_contacts_of_members_need_trusted_access(
    changing_demo: SimulatedAws, callers: Callers
) -> None:
    changing_demo.client("organizations").disable_aws_service_access(
        ServicePrincipal="account.amazonaws.com"
    )
    with pytest.raises(ClientError, match="Trusted access"):
        callers.management("account").get_alternate_contact(
            AccountId=callers.account("ledger-prod"), AlternateContactType="SECURITY"
        )
