"""How many resources each account has, counted by an aggregator."""

import json
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services import config
from collectors.services.config_queries import TYPES, Counts, tag_counts
from inventory.policy_settings import SETTINGS
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

OTHER = "333333333333"
AGGREGATION = config.Aggregation(
    (config.Aggregator("own"), config.Aggregator("all", is_organization=True))
)
STORED = {config.aggregation.name: AGGREGATION}


def result(kind: str, count: int, account: str = ACCOUNT) -> str:
    return json.dumps({"accountId": account, "resourceType": kind, "COUNT(*)": count})


def select(*pages: list[str]) -> dict[str, Any]:
    return {"select_aggregate_resource_config": [{"Results": page} for page in pages]}


def test_resources_are_counted_by_account_and_type() -> None:
    answers = select(
        [
            result("AWS::EC2::Instance", 4),
            result("AWS::ElasticLoadBalancing::LoadBalancer", 1),
            result("AWS::ElasticLoadBalancingV2::LoadBalancer", 2),
        ],
        [result("AWS::EC2::Instance", 7, OTHER), result("AWS::Tomorrow::Thing", 9)],
        ["not json", "[]"],
    )
    asked: list[Any] = []
    assert collect(tag_counts, answers, stored=STORED, asked=asked) == Counts(
        tuple(sorted(TYPES)),
        {
            ACCOUNT: {"ec2:instance": 4, "elasticloadbalancing:loadbalancer": 3},
            OTHER: {"ec2:instance": 7},
        },
    )
    ((_, params),) = asked
    assert params["ConfigurationAggregatorName"] == "all"
    start, _, rest = params["Expression"].partition("(")
    count, _, rest = rest.partition(")")
    assert (start, count) == ("SELECT accountId, resourceType, COUNT", "*")
    names, _, end = rest.removeprefix(" WHERE resourceType IN (").partition(")")
    assert end == " GROUP BY accountId, resourceType"
    assert set(names.split(", ")) == {f"'{name}'" for known in TYPES.values() for name in known}


NOT_ASKED = {
    "no aggregator": config.Aggregation(),
    "no aggregator of the organization": config.Aggregation((config.Aggregator("own"),)),
}


@pytest.mark.parametrize("aggregation", NOT_ASKED.values(), ids=NOT_ASKED)
def test_it_asks_an_aggregator_of_the_organization_or_nobody(aggregation: Any) -> None:
    asked: list[Any] = []
    stored = {config.aggregation.name: aggregation}
    assert collect(tag_counts, {}, stored=stored, asked=asked) == Counts()
    assert asked == []


def test_every_type_of_the_default_setting_has_a_name_in_config() -> None:
    assert set(SETTINGS["TAG_RESOURCE_TYPES"].default) == set(TYPES)


def test_aggregators_nobody_saw_are_missing() -> None:
    with pytest.raises(Missing):
        collect(tag_counts, {})


def test_an_aggregator_that_is_gone_counts_nothing() -> None:
    gone = Refusal("NoSuchConfigurationAggregatorException", Outcome.API_ERROR)
    answers = {"select_aggregate_resource_config": gone}
    assert collect(tag_counts, answers, stored=STORED) == Counts()


def test_being_denied_is_not_counting_nothing() -> None:
    answers = {"select_aggregate_resource_config": Refusal()}
    with pytest.raises(Missing):
        collect(tag_counts, answers, stored=STORED)


THIN = {"accountId": ACCOUNT, "resourceType": "AWS::EC2::Instance", "COUNT(*)": 4}


@given(thinned({"result": THIN}))
def test_a_count_that_says_less_counts_nothing(told: Any) -> None:
    thin = told.get("result", {})
    found = collect(tag_counts, select([json.dumps(thin)]), stored=STORED)
    if found.accounts:
        assert found.accounts == {thin["accountId"]: {"ec2:instance": 4}}
