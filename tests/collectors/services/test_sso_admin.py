"""Permission sets and who is assigned to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.sso_admin import Access, PermissionSet, access
from tests.collectors.services.canned import ACCOUNT, MANAGEMENT, Refusal, by, collect, thinned

INSTANCE = "arn:aws:sso:::instance/ssoins-1111111111111111"
ADMIN = "arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-aaaaaaaaaaaaaaaa"
VIEW = "arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-bbbbbbbbbbbbbbbb"
GROUP, PERSON = "906700aaaa-group", "906700bbbb-person"


def instance(
    arn: str = INSTANCE, owner: str = MANAGEMENT, status: str = "ACTIVE"
) -> dict[str, Any]:
    return {
        "InstanceArn": arn,
        "OwnerAccountId": owner,
        "Status": status,
        "PrimaryRegion": "eu-west-1",
    }


def assignment(kind: str, principal: str) -> dict[str, Any]:
    return {
        "AccountId": ACCOUNT,
        "PermissionSetArn": ADMIN,
        "PrincipalType": kind,
        "PrincipalId": principal,
    }


def policy(name: str) -> dict[str, Any]:
    return {"Name": name, "Arn": f"arn:aws:iam::aws:policy/{name}"}


ANSWERS: dict[str, Any] = {
    "list_instances": {"Instances": [instance()]},
    "list_permission_sets_provisioned_to_account": [
        {"PermissionSets": [ADMIN], "NextToken": "more"},
        {"PermissionSets": [VIEW]},
    ],
    "describe_permission_set": by(
        "PermissionSetArn",
        {
            ADMIN: {"PermissionSet": {"Name": "Administrator"}},
            VIEW: {"PermissionSet": {"Name": "View"}},
        },
    ),
    "list_managed_policies_in_permission_set": by(
        "PermissionSetArn",
        {
            ADMIN: {"AttachedManagedPolicies": [policy("AdministratorAccess")]},
            VIEW: {"AttachedManagedPolicies": [policy("ViewOnlyAccess"), policy("Billing")]},
        },
    ),
    "list_account_assignments": by(
        "PermissionSetArn",
        {
            ADMIN: {"AccountAssignments": [assignment("GROUP", GROUP), assignment("USER", PERSON)]},
            VIEW: {"AccountAssignments": []},
        },
    ),
}


def seen(**instead: Any) -> Access:
    found = collect(access, ANSWERS | instead)
    assert isinstance(found, Access)
    return found


def test_it_reads_the_permission_sets_of_an_account_and_who_has_them() -> None:
    assert seen() == Access(
        INSTANCE,
        "eu-west-1",
        (
            PermissionSet(ADMIN, "Administrator", ("AdministratorAccess",), (GROUP,), (PERSON,)),
            PermissionSet(VIEW, "View", ("Billing", "ViewOnlyAccess")),
        ),
    )
    assert seen().permission_sets[0].principals == (GROUP, PERSON)


def test_it_asks_about_the_account_and_for_instances_of_all_regions() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    collect(access, ANSWERS, asked=asked)
    about = {params["AccountId"] for _, params in asked if "AccountId" in params}
    assert about == {ACCOUNT}
    assert asked[0] == ("list_instances", {"RegionScope": "ALL_REGIONS"})


OTHER = "arn:aws:sso:::instance/ssoins-2222222222222222"
WITHOUT: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {
    "none": ([], ()),
    "of the account itself": ([instance(OTHER, ACCOUNT)], (OTHER,)),
    "of another account": ([instance(OTHER, "555555555555")], ()),
    "being made": ([instance(status="CREATE_IN_PROGRESS")], ()),
    "of a status nobody knows": ([instance(status="SLEEPING")], ()),
}


@pytest.mark.parametrize(("instances", "own"), WITHOUT.values(), ids=WITHOUT)
def test_without_an_instance_of_the_organization_nothing_leads_in(
    instances: list[dict[str, Any]], own: tuple[str, ...]
) -> None:
    assert seen(list_instances={"Instances": instances}) == Access(own_instances=own)


def test_a_member_may_have_an_instance_besides() -> None:
    found = seen(list_instances={"Instances": [instance(OTHER, ACCOUNT), instance()]})
    assert (found.instance, found.own_instances) == (INSTANCE, (OTHER,))


def test_the_management_accounts_instance_is_the_organizations() -> None:
    assert collect(access, ANSWERS, target=MANAGEMENT).own_instances == ()


@pytest.mark.parametrize("operation", ANSWERS)
def test_being_denied_is_not_having_none(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        seen(**{operation: Refusal("AccessDeniedException")})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@pytest.mark.parametrize(
    "odd",
    [assignment("ROBOT", GROUP), {"PrincipalType": "GROUP"}, {"PrincipalId": GROUP}],
    ids=["a kind nobody knows", "no id", "no kind"],
)
def test_an_assignment_to_nobody_known_is_not_left_out(odd: dict[str, Any]) -> None:
    with pytest.raises(Missing):
        seen(list_account_assignments={"AccountAssignments": [odd]})


def test_a_policy_without_a_name_is_called_as_its_arn_says() -> None:
    only_arn = {
        "AttachedManagedPolicies": [{"Arn": "arn:aws:iam::aws:policy/job-function/Billing"}]
    }
    found = seen(list_managed_policies_in_permission_set=only_arn)
    assert found.permission_sets[0].managed_policies == ("Billing",)
    with pytest.raises(Missing):
        seen(list_managed_policies_in_permission_set={"AttachedManagedPolicies": [{}]})


@given(
    thinned(
        {
            "list_instances": {"Instances": [instance()]},
            "list_permission_sets_provisioned_to_account": {"PermissionSets": [ADMIN]},
            "describe_permission_set": {"PermissionSet": {"Name": "Administrator"}},
            "list_managed_policies_in_permission_set": {"AttachedManagedPolicies": [policy("P")]},
            "list_account_assignments": {"AccountAssignments": [assignment("GROUP", GROUP)]},
        }
    )
)
def test_with_fields_missing_nobody_is_made_up(thin: Any) -> None:
    try:
        found = collect(access, thin, is_checked=False)
    except Missing:
        return
    for one in found.permission_sets:
        assert one.users == ()
        assert set(one.groups) <= {GROUP, "TOMORROW"}
        assert len(one.groups) == 1
