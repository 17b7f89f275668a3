"""How automations ran of late."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing
from collectors.services.ssm import FAILED, SUCCEEDED, Automation, automations
from tests.collectors.services.canned import Refusal, collect, thinned

SETTINGS = {"REMEDIATION_PROOF_DAYS": 90}
EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
RUN = "00000000-0000-4000-8000-000000000001"


def run(document: str, status: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "AutomationExecutionId": RUN,
        "DocumentName": document,
        "AutomationExecutionStatus": status,
        "ExecutionStartTime": EARLY,
        "ExecutionEndTime": at,
        "Outputs": {"secret": ["hunter2"]},
        **more,
    }


def seen(*pages: list[dict[str, Any]]) -> Any:
    answers = [{"AutomationExecutionMetadataList": page} for page in pages]
    return collect(automations, {"describe_automation_executions": answers}, settings=SETTINGS)


def test_runs_are_counted_by_document() -> None:
    found = seen(
        [run("Repair", "Success", EARLY), run("Repair", "Failed", LATE)],
        [run("Repair", "CompletedWithSuccess", LATE), run("Repair", "InProgress", LATE)],
        [run("Other", "TimedOut", EARLY)],
    )
    assert found == (
        Automation("Other", 1, 0, 1, None, EARLY),
        Automation("Repair", 4, 2, 1, LATE, LATE),
    )
    assert "hunter2" not in repr(found)


def test_it_asks_for_the_runs_of_the_days_that_prove() -> None:
    asked: list[Any] = []
    answers: Any = {"describe_automation_executions": {"AutomationExecutionMetadataList": []}}
    collect(automations, answers, settings=SETTINGS, asked=asked)
    filters = [{"Key": "StartTimeAfter", "Values": ["2026-08-26T09:00:00Z"]}]
    assert asked == [("describe_automation_executions", {"Filters": filters, "MaxResults": 50})]


def test_being_denied_is_not_having_run_nothing() -> None:
    with pytest.raises(Missing):
        collect(automations, {"describe_automation_executions": Refusal()}, settings=SETTINGS)


def test_no_status_is_good_and_bad() -> None:
    assert not set(SUCCEEDED) & set(FAILED)


THIN = {
    "describe_automation_executions": [
        {"AutomationExecutionMetadataList": [run("Repair", "Success", LATE)]}
    ]
}


@given(thinned(THIN))
def test_a_run_succeeded_only_if_aws_says_so(answers: Any) -> None:
    (told,) = answers["describe_automation_executions"][0]["AutomationExecutionMetadataList"]
    for found in collect(automations, answers, settings=SETTINGS, is_checked=False):
        assert (found.succeeded > 0) is (told.get("AutomationExecutionStatus") == "Success")
