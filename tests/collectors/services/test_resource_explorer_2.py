"""Resources that never had a tag."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.resource_explorer_2 import AT_MOST, Explorer, Untagged, untagged
from tests.collectors.services.canned import ACCOUNT, Refusal, by, collect, thinned

SETTINGS = {"TAG_RESOURCE_TYPES": ["ec2:instance", "elasticloadbalancing:loadbalancer"]}
INSTANCES = "resourcetype:ec2:instance tag:none"
BALANCERS = "resourcetype:elasticloadbalancing:loadbalancer* tag:none"
EC2 = f"arn:aws:ec2:eu-west-1:{ACCOUNT}"


def index(region: str, kind: str = "LOCAL") -> dict[str, str]:
    arn = f"arn:aws:resource-explorer-2:{region}:{ACCOUNT}:index/1"
    return {"Region": region, "Arn": arn, "Type": kind}


def found(arn: str, kind: str, region: str = "eu-west-1") -> dict[str, str]:
    return {"Arn": arn, "ResourceType": kind, "Region": region, "OwningAccountId": ACCOUNT}


def answers(*indexes: dict[str, str], **searched: Any) -> dict[str, Any]:
    return {
        "list_indexes": [{"Indexes": [one]} for one in indexes] or [{"Indexes": []}],
        "search": by("QueryString", {INSTANCES: [{}], BALANCERS: [{}]} | searched),
    }


def test_the_aggregator_is_asked_for_each_type() -> None:
    alb = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/web/1"
    told = answers(
        index("eu-west-1"),
        index("us-east-1", "AGGREGATOR"),
        **{
            INSTANCES: [
                {"Resources": [found(f"{EC2}:instance/i-2", "ec2:instance")]},
                {"Resources": [found(f"{EC2}:instance/i-1", "ec2:instance")]},
            ],
            BALANCERS: [
                {
                    "Resources": [
                        found(alb, "elasticloadbalancing:loadbalancer/app", "us-east-1"),
                        found("arn:other", "elasticloadbalancing:loadbalancers-of-tomorrow"),
                    ]
                }
            ],
        },
    )
    asked: list[Any] = []
    assert collect(untagged, told, settings=SETTINGS, asked=asked) == Explorer(
        indexed=("eu-west-1", "us-east-1"),
        aggregator="us-east-1",
        types=("ec2:instance", "elasticloadbalancing:loadbalancer"),
        untagged=(
            Untagged(
                "ec2:instance", "eu-west-1", 2, (f"{EC2}:instance/i-1", f"{EC2}:instance/i-2")
            ),
            Untagged("elasticloadbalancing:loadbalancer", "us-east-1", 1, (alb,)),
        ),
    )
    assert [name for name, _ in asked] == ["list_indexes", "search", "search"]


def test_without_an_aggregator_each_index_is_asked() -> None:
    asked: list[Any] = []
    told = answers(index("eu-west-1"), index("us-east-1"))
    assert collect(untagged, told, settings=SETTINGS, asked=asked).aggregator == ""
    assert [name for name, _ in asked].count("search") == 4


def test_without_any_index_nothing_is_searched() -> None:
    asked: list[Any] = []
    assert collect(untagged, answers(), settings=SETTINGS, asked=asked).indexed == ()
    assert [name for name, _ in asked] == ["list_indexes"]


def test_a_search_that_shows_all_it_can_may_hide_more() -> None:
    many = [found(f"{EC2}:instance/i-{n}", "ec2:instance") for n in range(AT_MOST)]
    told = answers(index("eu-west-1"), **{INSTANCES: [{"Resources": many}]})
    seen = collect(untagged, told, settings=SETTINGS)
    assert seen.truncated == ("ec2:instance",)
    assert (seen.untagged[0].count, len(seen.untagged[0].arns)) == (AT_MOST, 50)


@pytest.mark.parametrize("operation", ["list_indexes", "search"])
def test_being_denied_is_not_having_none(operation: str) -> None:
    told = answers(index("eu-west-1"))
    refusal = Refusal("UnauthorizedException")
    with pytest.raises(Missing) as missing:
        collect(untagged, {**told, operation: refusal}, settings=SETTINGS)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


RESOURCES = {"Resources": [found(f"{EC2}:instance/i-1", "ec2:instance")]}


@given(thinned({"list_indexes": [{"Indexes": [index("eu-west-1")]}], "search": [RESOURCES]}))
def test_only_what_says_its_type_and_name_counts(told: Any) -> None:
    (resource,) = told["search"][0]["Resources"]
    seen = collect(untagged, told, settings=SETTINGS, is_checked=False)
    if seen.untagged:
        assert resource["ResourceType"] == "ec2:instance"
        assert seen.untagged[0].arns == (resource["Arn"],)
