"""Where Security Hub sends findings: into one Region, and to ticket systems."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services.securityhub import Aggregator, Connector, aggregators, connectors
from tests.collectors.services.canned import Refusal, by, collect, thinned

ARN = "arn:aws:securityhub:us-east-1:333333333333:finding-aggregator/1"
AGGREGATOR = {
    "list_finding_aggregators": {"FindingAggregators": [{"FindingAggregatorArn": ARN}]},
    "get_finding_aggregator": {
        "FindingAggregatorArn": ARN,
        "FindingAggregationRegion": "us-east-1",
        "RegionLinkingMode": "SPECIFIED_REGIONS",
        "Regions": ["us-west-2", "eu-west-1"],
    },
}
JIRA = "arn:aws:securityhub:us-east-1:333333333333:connectorv2/jira"
SENDS: dict[str, Any] = {
    "RuleArn": "arn:aws:securityhub:us-east-1:333333333333:automation-rulev2/1",
    "RuleId": "1",
    "RuleName": "to-jira",
    "RuleStatus": "ENABLED",
    "Actions": [{"Type": "EXTERNAL_INTEGRATION"}],
}
WHOLE_RULE: dict[str, Any] = {
    **SENDS,
    "Actions": [
        {
            "Type": "EXTERNAL_INTEGRATION",
            "ExternalIntegrationConfiguration": {"ConnectorArn": JIRA},
        }
    ],
}
CONNECTORS = {
    "list_connectors_v2": {
        "Connectors": [
            {
                "ConnectorArn": JIRA,
                "ConnectorId": "jira",
                "Name": "jira",
                "ProviderSummary": {"ProviderName": "JIRA_CLOUD", "ConnectorStatus": "CONNECTED"},
                "CreatedAt": "2026-01-01T00:00:00Z",
            }
        ]
    },
    "list_automation_rules_v2": {
        "Rules": [
            SENDS,
            {**SENDS, "RuleId": "2", "RuleStatus": "DISABLED"},
            {**SENDS, "RuleId": "3", "Actions": [{"Type": "FINDING_FIELDS_UPDATE"}]},
        ]
    },
    "get_automation_rule_v2": by("Identifier", {"1": WHOLE_RULE}),
}


def test_an_aggregator_says_which_regions_it_links() -> None:
    (found,) = collect(aggregators, AGGREGATOR)
    assert found == Aggregator(ARN, "us-east-1", "SPECIFIED_REGIONS", ("eu-west-1", "us-west-2"))


@pytest.mark.parametrize(
    ("mode", "linked"),
    [
        ("ALL_REGIONS", {"us-east-1", "eu-west-1", "eu-south-2"}),
        ("ALL_REGIONS_EXCEPT_SPECIFIED", {"us-east-1", "eu-south-2"}),
        ("SPECIFIED_REGIONS", {"us-east-1", "eu-west-1"}),
        ("NO_REGIONS", {"us-east-1"}),
        ("TOMORROW", {"us-east-1"}),
    ],
)
def test_a_region_is_linked_as_the_mode_says(mode: str, linked: set[str]) -> None:
    aggregator = Aggregator(ARN, "us-east-1", mode, ("eu-west-1",))
    regions = ("us-east-1", "eu-west-1", "eu-south-2")
    assert {region for region in regions if aggregator.links(region)} == linked


def test_an_aggregator_without_a_region_links_nothing() -> None:
    assert not Aggregator(ARN, mode="ALL_REGIONS").links("us-east-1")


def test_a_connector_is_kept_with_the_enabled_rules_that_use_it() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    (found,) = collect(connectors, CONNECTORS, asked=asked, is_checked=False)
    assert found == Connector(JIRA, "jira", "JIRA_CLOUD", "CONNECTED", ("to-jira",))
    assert found.opens_tickets
    assert [params for name, params in asked if name == "get_automation_rule_v2"] == [
        {"Identifier": "1"}
    ]


def test_without_connectors_no_rules_are_asked_for() -> None:
    assert collect(connectors, {"list_connectors_v2": {"Connectors": []}}) == ()


@pytest.mark.parametrize("code", ["InvalidAccessException", "ResourceNotFoundException"])
def test_security_hub_that_is_off_sends_nothing_anywhere(code: str) -> None:
    off = Refusal(code, Outcome.API_ERROR)
    assert collect(aggregators, {"list_finding_aggregators": off}) == ()
    assert collect(connectors, {"list_connectors_v2": off}) == ()


@pytest.mark.parametrize(
    ("collector", "answers", "operation"),
    [
        (aggregators, AGGREGATOR, "list_finding_aggregators"),
        (aggregators, AGGREGATOR, "get_finding_aggregator"),
        (connectors, CONNECTORS, "list_connectors_v2"),
        (connectors, CONNECTORS, "list_automation_rules_v2"),
        (connectors, CONNECTORS, "get_automation_rule_v2"),
    ],
)
def test_being_denied_is_not_off(
    collector: Collector[Any], answers: dict[str, Any], operation: str
) -> None:
    with pytest.raises(Missing) as missing:
        collect(collector, {**answers, operation: Refusal()}, is_checked=False)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(AGGREGATOR))
def test_regions_are_linked_only_if_the_answer_says_so(answers: Any) -> None:
    found = collect(aggregators, answers, is_checked=False)
    if any(one.links("eu-west-1") for one in found):
        told = answers["get_finding_aggregator"]
        assert told["RegionLinkingMode"] == "SPECIFIED_REGIONS"
        assert told["FindingAggregationRegion"]


@given(thinned({**CONNECTORS, "get_automation_rule_v2": WHOLE_RULE}))
def test_tickets_are_opened_only_if_every_answer_says_so(answers: Any) -> None:
    found = collect(connectors, answers, is_checked=False)
    if any(one.opens_tickets for one in found):
        (told,) = answers["list_connectors_v2"]["Connectors"]
        assert told["ProviderSummary"] == {
            "ProviderName": "JIRA_CLOUD",
            "ConnectorStatus": "CONNECTED",
        }
        assert answers["get_automation_rule_v2"]["RuleStatus"] == "ENABLED"
