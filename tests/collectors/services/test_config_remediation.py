"""What repairs resources that break AWS Config's rules."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.config_remediation import (
    NAME,
    Remediation,
    Remediations,
    remediations,
)
from tests.collectors.services.canned import NOW, Refusal, by, collect, thinned

EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
REMEDIATION = {
    "ConfigRuleName": "s3-public",
    "TargetType": "SSM_DOCUMENT",
    "TargetId": "AWS-DisableS3BucketPublicReadWrite",
    "Automatic": True,
    "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}},
    "Arn": "arn:remediation",
}


def status(state: str, at: datetime) -> dict[str, Any]:
    key = {"resourceType": "AWS::S3::Bucket", "resourceId": "files"}
    return {"ResourceKey": key, "State": state, "InvocationTime": at, "LastUpdatedTime": at}


def rules(*names: str) -> list[dict[str, Any]]:
    source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}
    return [{"ConfigRules": [{"ConfigRuleName": name, "Source": source}]} for name in names]


ANSWERS = {
    "describe_config_rules": rules("s3-public", "other"),
    "describe_remediation_configurations": {"RemediationConfigurations": [REMEDIATION]},
    "describe_remediation_execution_status": [
        {"RemediationExecutionStatuses": [status("SUCCEEDED", EARLY), status("FAILED", LATE)]},
        {"RemediationExecutionStatuses": [status("SUCCEEDED", LATE), status("QUEUED", LATE)]},
    ],
}


def test_it_reads_remediations_with_their_last_runs() -> None:
    assert collect(remediations, ANSWERS) == Remediations(
        since=NOW.date(),
        rules=2,
        remediations=(
            Remediation(
                "s3-public",
                "arn:remediation",
                "AWS-DisableS3BucketPublicReadWrite",
                True,
                {"FAILED": 1, "QUEUED": 1, "SUCCEEDED": 2},
                LATE,
                LATE,
            ),
        ),
    )


def test_it_remembers_since_when_it_looks() -> None:
    before = Remediations(date(2026, 2, 3))
    assert collect(remediations, ANSWERS, stored={NAME: before}).since == date(2026, 2, 3)


def test_rules_are_asked_about_twenty_five_at_once() -> None:
    asked: list[Any] = []
    many = {**ANSWERS, "describe_config_rules": rules(*(f"rule-{n}" for n in range(60)))}
    collect(remediations, many, asked=asked)
    named = [p for name, p in asked if name == "describe_remediation_configurations"]
    assert [len(params["ConfigRuleNames"]) for params in named] == [25, 25, 10]


def test_without_rules_nothing_more_is_asked() -> None:
    asked: list[Any] = []
    found = collect(remediations, {"describe_config_rules": {"ConfigRules": []}}, asked=asked)
    assert (found.rules, found.remediations) == (0, ())
    assert [name for name, _ in asked] == ["describe_config_rules"]


def test_a_remediation_that_is_gone_never_ran() -> None:
    gone = Refusal("NoSuchRemediationConfigurationException", Outcome.API_ERROR)
    (found,) = collect(
        remediations, {**ANSWERS, "describe_remediation_execution_status": gone}
    ).remediations
    assert (found.states, found.last_success_at) == ({}, None)


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_having_none(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(remediations, {**ANSWERS, operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"configured": REMEDIATION, "status": status("SUCCEEDED", LATE)}))
def test_it_is_automatic_and_succeeded_only_if_aws_says_so(told: Any) -> None:
    configured, run = told.get("configured", {}), told.get("status", {})
    answers = {
        "describe_config_rules": rules("s3-public"),
        "describe_remediation_configurations": {"RemediationConfigurations": [configured]},
        "describe_remediation_execution_status": {"RemediationExecutionStatuses": [run]},
    }
    for found in collect(remediations, answers, is_checked=False).remediations:
        assert found.is_automatic is configured.get("Automatic", False)
        if found.last_success_at:
            assert run["State"] == "SUCCEEDED"


def test_parameters_of_a_remediation_are_not_kept() -> None:
    secret = {"Token": {"StaticValue": {"Values": ["hunter2"]}}}
    configured = {"RemediationConfigurations": [{**REMEDIATION, "Parameters": secret}]}
    found = collect(remediations, {**ANSWERS, "describe_remediation_configurations": configured})
    assert "hunter2" not in repr(found)


def test_each_rule_is_asked_how_it_went() -> None:
    two = [REMEDIATION, {**REMEDIATION, "ConfigRuleName": "other", "Automatic": False}]
    runs = by(
        "ConfigRuleName",
        {
            "s3-public": {"RemediationExecutionStatuses": [status("SUCCEEDED", LATE)]},
            "other": {"RemediationExecutionStatuses": []},
        },
    )
    answers = {
        **ANSWERS,
        "describe_remediation_configurations": {"RemediationConfigurations": two},
        "describe_remediation_execution_status": runs,
    }
    found = collect(remediations, answers).remediations
    assert [(one.rule, one.is_automatic, one.last_success_at) for one in found] == [
        ("s3-public", True, LATE),
        ("other", False, None),
    ]
