"""Recorders and rules of AWS Config, and what security accounts gather."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.config import (
    Aggregation,
    Aggregator,
    Recorder,
    Rules,
    aggregation,
    recorders,
    rules,
)
from tests.collectors.services.canned import Answers, Refusal, collect, thinned

ARN = "arn:aws:config:us-east-1:222222222222:configuration-recorder/default/abc"
RECORDER = {
    "arn": ARN,
    "name": "default",
    "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
    "recordingMode": {"recordingFrequency": "DAILY"},
    "recordingScope": "PAID",
}
STATUS = {"name": "default", "recording": True, "lastStatus": "Success"}
RECORDING: Answers = {
    "describe_configuration_recorders": {"ConfigurationRecorders": [RECORDER]},
    "describe_configuration_recorder_status": {"ConfigurationRecordersStatus": [STATUS]},
}


def recording(recorder: dict[str, Any], status: dict[str, Any]) -> Recorder:
    answers = {
        "describe_configuration_recorders": {"ConfigurationRecorders": [RECORDER | recorder]},
        "describe_configuration_recorder_status": {
            "ConfigurationRecordersStatus": [STATUS | status]
        },
    }
    (found,) = collect(recorders, answers, is_checked=False)
    assert isinstance(found, Recorder)
    return found


def test_it_reads_recorders_with_their_status() -> None:
    assert collect(recorders, RECORDING) == (
        Recorder(
            "default",
            ARN,
            is_recording=True,
            status="Success",
            records_all_types=True,
            has_global_types=True,
            frequency="DAILY",
            scope="PAID",
        ),
    )


@pytest.mark.parametrize(
    ("recorder", "status", "is_on"),
    [
        ({}, {}, True),
        ({}, {"lastStatus": "SUCCESS"}, True),
        ({"recordingScope": ""}, {}, True),
        ({"recordingScope": "INTERNAL"}, {}, False),
        ({"recordingScope": "TOMORROW"}, {}, False),
        ({}, {"recording": False}, False),
        ({}, {"lastStatus": "Pending"}, False),
        ({}, {"lastStatus": "Failure"}, False),
        ({}, {"lastStatus": "NotApplicable"}, False),
        ({}, {"name": "other"}, False),
    ],
    ids=[
        "on", "in capitals", "no scope", "internal", "unknown scope", "stopped", "pending",
        "failure", "nothing delivered", "another's status",
    ],
)  # fmt: skip
def test_a_recorder_is_on_while_it_records_and_delivers(
    recorder: dict[str, Any], status: dict[str, Any], is_on: bool
) -> None:
    assert recording(recorder, status).is_on is is_on


def test_a_recorder_that_a_service_made_says_so() -> None:
    made = recording({"servicePrincipal": "securityhub.amazonaws.com"}, {})

    assert made.is_service_linked
    assert not recording({}, {}).is_service_linked


def test_without_a_recorder_no_status_is_asked_for() -> None:
    asked: list[Any] = []
    nothing: Answers = {"describe_configuration_recorders": {"ConfigurationRecorders": []}}

    assert collect(recorders, nothing, asked=asked) == ()
    assert [name for name, _ in asked] == ["describe_configuration_recorders"]


@given(thinned(RECORDING))
def test_a_recorder_is_on_only_if_all_of_it_is_said(answers: Any) -> None:
    listed = answers["describe_configuration_recorder_status"]["ConfigurationRecordersStatus"]
    for found in collect(recorders, answers, is_checked=False):
        whole = listed[0] == STATUS | {"name": found.name}
        assert found.is_on == (whole and found.scope in ("", "PAID"))


RULE = {"ConfigRuleName": "a", "ConfigRuleState": "ACTIVE"}


def test_rules_of_all_pages_are_counted() -> None:
    made = {**RULE, "CreatedBy": "securityhub.amazonaws.com"}
    pages = [
        {"ConfigRules": [RULE, made], "NextToken": "more"},
        {"ConfigRules": []},
        {"ConfigRules": [{**RULE, "ConfigRuleState": "DELETING"}]},
    ]
    assert collect(rules, {"describe_config_rules": pages}, is_checked=False) == Rules(2, 3, 1)


@given(thinned({"describe_config_rules": {"ConfigRules": [RULE]}}))
def test_a_rule_is_active_only_if_it_says_so(answers: Any) -> None:
    (rule,) = answers["describe_config_rules"]["ConfigRules"]
    found = collect(rules, answers, is_checked=False)
    assert found.active == (rule.get("ConfigRuleState") == "ACTIVE")


SOURCES = [
    {"SourceId": "1", "AwsRegion": "eu-west-1", "LastUpdateStatus": "SUCCEEDED"},
    {"SourceId": "2", "AwsRegion": "eu-west-1", "LastUpdateStatus": "FAILED"},
    {"SourceId": "3", "AwsRegion": "eu-west-1"},
]
AGGREGATION: Answers = {
    "describe_configuration_aggregators": {
        "ConfigurationAggregators": [
            {
                "ConfigurationAggregatorName": "company",
                "ConfigurationAggregatorArn": "arn:aggregator",
                "OrganizationAggregationSource": {"RoleArn": "arn:role", "AllAwsRegions": True},
            },
            {"ConfigurationAggregatorName": "some", "AccountAggregationSources": []},
        ]
    },
    "describe_configuration_aggregator_sources_status": {"AggregatedSourceStatusList": SOURCES},
    "describe_organization_config_rules": {
        "OrganizationConfigRules": [
            {"OrganizationConfigRuleName": "r", "OrganizationConfigRuleArn": "arn:r"}
        ]
    },
}


def test_it_reads_aggregators_and_how_their_sources_fare() -> None:
    asked: list[Any] = []
    found = collect(aggregation, AGGREGATION, asked=asked)

    company, some = found.aggregators
    assert company == Aggregator(
        "company",
        "arn:aggregator",
        is_organization=True,
        is_all_regions=True,
        sources={"": 1, "FAILED": 1, "SUCCEEDED": 1},
        failed=("2/eu-west-1", "3/eu-west-1"),
    )
    assert (some.is_organization, found.organization_rules) == (False, 1)
    names = [name for name, _ in asked]
    assert names.count("describe_configuration_aggregator_sources_status") == 1


def test_of_many_failed_sources_the_first_are_kept() -> None:
    many = [{"SourceId": f"{n:012}", "AwsRegion": "eu-west-1"} for n in range(150)]
    answers = {
        **AGGREGATION,
        "describe_configuration_aggregator_sources_status": {"AggregatedSourceStatusList": many},
    }
    company = collect(aggregation, answers).aggregators[0]

    assert (len(company.failed), company.sources) == (100, {"": 150})


def test_an_aggregator_reaches_the_regions_it_names() -> None:
    some = Aggregator("some", regions=("eu-west-1",))

    assert [some.reaches(region) for region in ("eu-west-1", "us-east-1")] == [True, False]
    assert Aggregator("all", is_all_regions=True).reaches("us-east-1")


@pytest.mark.parametrize(
    "code", ["OrganizationAccessDeniedException", "NoAvailableOrganizationException"]
)
def test_an_account_that_does_not_manage_rules_has_set_none(code: str) -> None:
    refused = {"describe_organization_config_rules": Refusal(code)}
    assert collect(aggregation, {**AGGREGATION, **refused}).organization_rules == 0


def test_denied_is_not_absent() -> None:
    denied = Refusal("AccessDeniedException", Outcome.ACCESS_DENIED)
    for collector, operation in (
        (recorders, "describe_configuration_recorders"),
        (rules, "describe_config_rules"),
        (aggregation, "describe_configuration_aggregators"),
    ):
        with pytest.raises(Missing):
            collect(collector, {operation: denied})


@given(thinned(AGGREGATION))
def test_an_aggregator_is_the_organizations_only_if_it_says_so(answers: Any) -> None:
    found: Aggregation = collect(aggregation, answers, is_checked=False)
    described = answers["describe_configuration_aggregators"]["ConfigurationAggregators"]
    says = [bool(one.get("OrganizationAggregationSource")) for one in described]

    named = [says[i] for i, one in enumerate(described) if "ConfigurationAggregatorName" in one]
    assert [one.is_organization for one in found.aggregators] == named
