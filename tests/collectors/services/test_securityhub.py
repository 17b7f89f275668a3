"""Security Hub: its standards in an account, and urgent findings of all accounts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.securityhub import (
    URGENT_CONTROLS,
    Hub,
    Standard,
    UrgentFinding,
    UrgentFindings,
    hub,
    urgent_findings,
)
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

FSBP = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"


def subscription(arn: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "StandardsSubscriptionArn": f"{arn}/subscription",
        "StandardsArn": arn,
        "StandardsInput": {},
        "StandardsStatus": status,
        **more,
    }


ANSWERS = {
    "describe_hub": {
        "HubArn": "arn:aws:securityhub:us-east-1:222222222222:hub/default",
        "SubscribedAt": "2026-03-01T10:00:00.000Z",
    },
    "get_enabled_standards": [
        {"StandardsSubscriptions": [subscription(FSBP, "READY")], "NextToken": "more"},
        {
            "StandardsSubscriptions": [
                subscription(
                    "arn:cis",
                    "INCOMPLETE",
                    StandardsStatusReason={"StatusReasonCode": "INTERNAL_ERROR"},
                )
            ]
        },
    ],
}


def test_it_reads_the_standards_of_all_pages() -> None:
    assert collect(hub, ANSWERS) == Hub(
        arn="arn:aws:securityhub:us-east-1:222222222222:hub/default",
        subscribed_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
        standards=(Standard(FSBP, "READY"), Standard("arn:cis", "INCOMPLETE", "INTERNAL_ERROR")),
    )


OFF = ["InvalidAccessException", "ResourceNotFoundException"]


@pytest.mark.parametrize("code", OFF)
def test_being_off_is_a_fact(code: str) -> None:
    refusal = Refusal(code, Outcome.API_ERROR)
    assert collect(hub, {"describe_hub": refusal}) == Hub()
    assert collect(urgent_findings, {"describe_hub": refusal}) == UrgentFindings()


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_off(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(hub, {**ANSWERS, operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@pytest.mark.parametrize("text", ["", "yesterday", "2026-03-01T10:00:00"])
def test_a_time_that_is_none_is_unknown(text: str) -> None:
    described = {"HubArn": "arn:hub", "SubscribedAt": text}
    assert collect(hub, {**ANSWERS, "describe_hub": described}).subscribed_at is None


@given(thinned({**ANSWERS, "get_enabled_standards": ANSWERS["get_enabled_standards"]}))
def test_a_standard_is_ready_only_if_it_says_so(answers: Any) -> None:
    told = [s for page in answers["get_enabled_standards"] for s in page["StandardsSubscriptions"]]
    ready = [s for s in told if s.get("StandardsArn") and s.get("StandardsStatus") == "READY"]
    found = collect(hub, answers, is_checked=False)
    assert sum(standard.is_ready for standard in found.standards) == len(ready)


def finding(control: str, status: str, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    return {
        "AwsAccountId": account,
        "Region": "us-east-1",
        "RecordState": "ACTIVE",
        "Compliance": {"SecurityControlId": control, "Status": status},
        "Workflow": {"Status": "NEW"},
        "Severity": {"Label": "CRITICAL"},
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::leaky", "Region": "us-east-1"}],
        **more,
    }


def results(*findings: dict[str, Any]) -> dict[str, Any]:
    """An endpoint that ignores the filters, so that the collector has to apply them itself."""
    half = len(findings) // 2
    pages = [{"Findings": list(findings[:half])}, {"Findings": list(findings[half:])}]
    return {"describe_hub": ANSWERS["describe_hub"], "get_findings": pages}


def urgent(*findings: dict[str, Any]) -> Any:
    return collect(urgent_findings, results(*findings), is_checked=False)


def test_it_reads_what_failed_and_who_was_checked() -> None:
    found = urgent(
        finding("S3.2", "FAILED"),
        finding("S3.2", "PASSED", "333333333333"),
        finding("EC2.1", "PASSED"),
        finding("EC2.1", "PASSED", Resources=[{"Id": "x", "Region": "eu-west-1"}]),
        finding("EC2.1", "NOT_AVAILABLE", "444444444444"),
    )
    assert found == UrgentFindings(
        is_on=True,
        checked={ACCOUNT: ("eu-west-1", "us-east-1")},
        failed={
            ACCOUNT: (UrgentFinding("us-east-1", "S3.2", "arn:aws:s3:::leaky", "critical", False),)
        },
    )


def test_it_asks_for_the_urgent_controls_only() -> None:
    asked: list[Any] = []
    collect(urgent_findings, results(), asked=asked)

    witnesses, failed = (p["Filters"] for name, p in asked if name == "get_findings")
    assert [c["Value"] for c in witnesses["ComplianceSecurityControlId"]] == ["EC2.1"]
    assert "ComplianceStatus" not in witnesses
    assert [c["Value"] for c in failed["ComplianceSecurityControlId"]] == list(URGENT_CONTROLS)
    assert [s["Value"] for s in failed["ComplianceStatus"]] == ["FAILED"]


def test_archived_findings_and_other_controls_do_not_count() -> None:
    found = urgent(
        finding("S3.2", "FAILED", RecordState="ARCHIVED"),
        finding("IAM.4", "FAILED"),
        finding("S3.3", "WARNING"),
    )
    assert found == UrgentFindings(is_on=True)


def test_muted_findings_count_and_are_marked() -> None:
    (found,) = urgent(finding("S3.2", "FAILED", Workflow={"Status": "SUPPRESSED"})).failed[ACCOUNT]
    assert found.is_muted


def test_a_finding_without_a_resource_still_counts() -> None:
    (found,) = urgent(finding("S3.2", "FAILED", Resources=[])).failed[ACCOUNT]
    assert (found.resource, found.region) == ("", "us-east-1")


@given(thinned({"found": finding("EC2.1", "PASSED")}))
def test_an_account_is_checked_only_if_the_witness_says_so(answers: Any) -> None:
    told = answers.get("found", {})
    if urgent(told).checked:
        assert told["RecordState"] == "ACTIVE"
        assert told["Compliance"] == {"SecurityControlId": "EC2.1", "Status": "PASSED"}
