from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws
from tests.simulated_aws.callers import Callers


def test_accounts_come_twenty_at_a_time(demo: SimulatedAws) -> None:
    client = demo.client("organizations")
    first = client.list_accounts()
    second = client.list_accounts(NextToken=first["NextToken"])

    assert [len(first["Accounts"]), len(second["Accounts"])] == [20, 10]
    assert "NextToken" not in second
    assert len({a["Id"] for a in (*first["Accounts"], *second["Accounts"])}) == 30


def test_more_than_a_page_holds_cannot_be_asked_for(demo: SimulatedAws) -> None:
    with pytest.raises(ClientError, match="InvalidInputException"):
        demo.client("organizations").list_accounts(MaxResults=21)


def test_a_token_serves_the_operation_that_gave_it_only(demo: SimulatedAws) -> None:
    client = demo.client("organizations")
    token = client.list_accounts()["NextToken"]
    for wrong in (token[:-4], "page-2"):
        with pytest.raises(ClientError, match="InvalidInputException"):
            client.list_accounts(NextToken=wrong)
    with pytest.raises(ClientError, match="InvalidInputException"):
        client.list_policies(Filter="SERVICE_CONTROL_POLICY", NextToken=token)


def test_a_first_page_may_be_empty_and_carry_a_token(demo: SimulatedAws, callers: Callers) -> None:
    client = demo.client("organizations")
    account = callers.account("storefront-prod")
    parent = client.list_parents(ChildId=account)["Parents"][0]["Id"]
    first = client.list_accounts_for_parent(ParentId=parent)
    assert first["Accounts"] == []

    second = client.list_accounts_for_parent(ParentId=parent, NextToken=first["NextToken"])
    assert account in {a["Id"] for a in second["Accounts"]}


@pytest.mark.parametrize("size", [1, 3])
def test_pages_of_any_size_hold_everything_once(demo: SimulatedAws, size: int) -> None:
    pages = demo.client("iam").get_paginator("list_role_policies")
    names = [
        name
        for page in pages.paginate(RoleName="CairnManagement", PaginationConfig={"PageSize": size})
        for name in page["PolicyNames"]
    ]
    assert names == ["Assume", "Read"]


def test_regions_come_in_pages(demo: SimulatedAws) -> None:
    client = demo.client("account")
    first = client.list_regions(MaxResults=5)
    rest = client.list_regions(MaxResults=50, NextToken=first["NextToken"])
    names = [r["RegionName"] for r in (*first["Regions"], *rest["Regions"])]
    assert len(names) == len(set(names)) > 30
