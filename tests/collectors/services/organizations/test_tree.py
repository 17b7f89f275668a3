"""The accounts of an organization, and the tree of organizational units they are in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing
from collectors.services.organizations import Listing, listing
from tests.collectors.services.canned import ACCOUNT, MANAGEMENT, Refusal, by, collect, thinned

JOINED = datetime(2024, 5, 1, tzinfo=UTC)
ORGANIZATION = {
    "Id": "o-a1b2c3d4e5",
    "Arn": f"arn:aws:organizations::{MANAGEMENT}:organization/o-a1b2c3d4e5",
    "FeatureSet": "ALL",
    "MasterAccountId": MANAGEMENT,
    "MasterAccountEmail": "aws@example.com",
}
ROOT = {
    "Id": "r-1",
    "Name": "Root",
    "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
}


def account(account_id: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": account_id,
        "Name": "Payments",
        "Email": "aws+pay@example.com",
        "State": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": JOINED,
        **more,
    }


def world(**more: Any) -> dict[str, Any]:
    """Root → Workloads → Prod; the management account at the root, a member in Prod. AWS may send
    an empty page before a full one."""
    return {
        "describe_organization": {"Organization": ORGANIZATION},
        "list_roots": {"Roots": [ROOT]},
        "list_organizational_units_for_parent": by(
            "ParentId",
            {
                "r-1": {"OrganizationalUnits": [{"Id": "ou-1", "Name": "Workloads"}]},
                "ou-1": {"OrganizationalUnits": [{"Id": "ou-2", "Name": "Prod"}]},
                "ou-2": {"OrganizationalUnits": []},
            },
        ),
        "list_accounts_for_parent": by(
            "ParentId",
            {
                "r-1": {"Accounts": [account(MANAGEMENT)]},
                "ou-1": {"Accounts": []},
                "ou-2": [{"Accounts": []}, {"Accounts": [account(ACCOUNT)]}],
            },
        ),
        "list_accounts": [{"Accounts": [account(MANAGEMENT)]}, {"Accounts": [account(ACCOUNT)]}],
        **more,
    }


def read(**more: Any) -> Listing:
    found = collect(listing, world(**more))
    assert isinstance(found, Listing)
    return found


def test_it_lists_every_account_with_its_place_in_the_tree() -> None:
    found = read()

    member = found.account(ACCOUNT)
    assert found.is_complete
    assert member is not None
    assert list(member.ou_ids) == ["r-1", "ou-1", "ou-2"]
    assert found.ou_path(member) == "Root/Workloads/Prod"
    assert (member.state, member.joined_timestamp) == ("ACTIVE", JOINED)
    assert found.organization.management_account_id == MANAGEMENT
    assert found.account("999999999999") is None


def test_it_says_which_policy_types_are_enabled() -> None:
    found = read()

    assert found.enables("SERVICE_CONTROL_POLICY")
    assert not found.enables("TAG_POLICY")


@pytest.mark.parametrize(
    ("accounts", "gap"),
    [
        pytest.param([], "The list of accounts lacks the management account.", id="empty list"),
        pytest.param(
            [account(MANAGEMENT)], f"In an OU, but not listed: {ACCOUNT}.", id="member not listed"
        ),
        pytest.param(
            [account(MANAGEMENT), account(ACCOUNT), account("999999999999")],
            "Listed, but in no OU: 999999999999.",
            id="member in no OU",
        ),
        pytest.param(
            [account(MANAGEMENT), account(ACCOUNT), {"Name": "Nameless"}],
            "AWS listed an account without its id.",
            id="account without an id",
        ),
    ],
)
def test_a_list_that_disagrees_with_the_tree_is_not_complete(accounts: Any, gap: str) -> None:
    found = read(list_accounts={"Accounts": accounts})

    assert not found.is_complete
    assert gap in found.gaps


def test_an_account_that_is_in_no_organization_has_an_incomplete_empty_listing() -> None:
    found = read(describe_organization=Refusal("AWSOrganizationsNotInUseException"))

    assert found.gaps == ["The connected account is in no organization."]
    assert not found.accounts


def test_a_unit_that_lies_below_itself_is_met_once() -> None:
    found = read(
        list_organizational_units_for_parent={
            "OrganizationalUnits": [{"Id": "ou-1", "Name": "Loop"}]
        },
        list_accounts_for_parent={"Accounts": []},
    )
    assert [unit.id for unit in found.organizational_units] == ["ou-1"]


def test_a_denied_call_is_missing_and_no_empty_list() -> None:
    with pytest.raises(Missing):
        read(list_accounts=Refusal())


def test_the_state_counts_before_the_status_that_aws_retires() -> None:
    older = {**account(ACCOUNT), "Status": "SUSPENDED"}
    del older["State"]
    both = account(MANAGEMENT, Status="SUSPENDED")

    found = read(list_accounts={"Accounts": [both, older]})

    assert [one.state for one in found.accounts] == ["ACTIVE", "SUSPENDED"]


@given(thinned({"list_accounts": {"Accounts": [account(MANAGEMENT), account(ACCOUNT)]}}))
def test_an_answer_with_fields_missing_never_looks_complete_without_its_accounts(
    answers: dict[str, Any],
) -> None:
    found = collect(listing, world(**answers), is_checked=False)

    ids = {one.id for one in found.accounts}
    assert found.is_complete == (ids == {MANAGEMENT, ACCOUNT})


@given(
    thinned(
        {"describe_organization": {"Organization": ORGANIZATION}, "list_roots": {"Roots": [ROOT]}}
    )
)
def test_an_organization_with_fields_missing_is_read_as_far_as_it_goes(
    answers: dict[str, Any],
) -> None:
    answers |= {
        "list_organizational_units_for_parent": {"OrganizationalUnits": []},
        "list_accounts_for_parent": {"Accounts": []},
    }

    found = collect(listing, world(**answers), is_checked=False)

    assert not found.is_complete
    assert found.enables("SERVICE_CONTROL_POLICY") <= bool(found.roots)
