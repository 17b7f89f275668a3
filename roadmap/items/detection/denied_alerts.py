"""Refused calls raise an alert: they are often the first sign of somebody trying doors."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.2.2",
    title="Access-denied errors raise alerts",
    guidance=(
        "Who has stolen a key does not know what it opens and tries. The refused calls are in the"
        " trail; a metric filter with an alarm on its log group, or an event rule that sees read "
        "calls too, turns them into an alert."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "no_denied_alert": FindingKind("No alert on refused calls", Severity.MEDIUM),
        "denied_alert_writes_only": FindingKind("Alert sees write calls only", Severity.LOW),
        "denied_filter_no_alarm": FindingKind("Filter without alarm", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Which rule of the monitoring system alerts on refused calls, of which accounts, "
                "and when was it tested?"
            ),
            days_setting="ALERT_TEST_DAYS",
        ),
    ),
    parent="detection.investigation",
    imports={
        "prowler": ("cloudwatch_log_metric_filter_unauthorized_api_calls",),
        "scoutsuite": ("logs-no-alarm-unauthorized-api-calls",),
    },
    fix=Fix(
        (
            "Add the metric filter for unauthorized calls and its alarm to the log group of the "
            "trail."
        ),
        "Creating CloudWatch alarms for CloudTrail events: examples",
    ),
    source_url="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html",
)
