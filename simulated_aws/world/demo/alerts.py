"""Who hears of findings, refused calls and calls that matter, and where calls can be searched."""

from __future__ import annotations

import json
from typing import Any, Final

from moto.events.models import events_backends

from simulated_aws.services.securityhub_routes import AGGREGATORS, AUTOMATION_RULES, CONNECTORS
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import BY_NAME, MANAGEMENT, SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme
from simulated_aws.world.demo.trails import BUCKET, LOCAL, ORGANIZATION_TRAIL

HOME: Final = "us-east-1"
TICKETS: Final = f"arn:aws:lambda:{{region}}:{SECURITY}:function:open-ticket"
CENTRAL_BUS: Final = "larkfield-security"
FINDINGS: Final = {
    "source": ["aws.guardduty"],
    "detail-type": ["GuardDuty Finding"],
    "detail": {"severity": [{"numeric": [">=", 4]}]},
}
IMPORTED: Final = {
    "source": ["aws.securityhub"],
    "detail-type": ["Security Hub Findings - Imported"],
    "detail": {"findings": {"Severity": {"Label": ["MEDIUM", "HIGH", "CRITICAL"]}}},
}
REFUSED: Final = {
    "detail": {
        "errorCode": [{"prefix": "AccessDenied"}, {"wildcard": "*UnauthorizedOperation"}],
    }
}
CALLS: Final = {
    "detail-type": ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"],
    "detail": {"readOnly": [{"anything-but": True}], "errorCode": [{"exists": False}]},
}
SCALING: Final = {"source": ["aws.autoscaling"], "detail-type": [{"prefix": "EC2 Instance"}]}

# Where the security account has a rule of its own, and from where findings are drawn together.
WITH_RULE: Final = (HOME, "us-west-2", "eu-west-1")
AGGREGATED: Final = ("eu-central-1",)
WITHOUT_ANY: Final = ("management", "security-tooling", "payments-prod", "ledger-prod",
                      "data-lake-prod")  # fmt: skip
LOCAL_RULE: Final = "data-dev"
FORWARDS: Final = "storefront-prod"
FORWARDS_AT_HOME: Final = "payments-prod"
KEEPS_TO_ITSELF: Final = "search-prod"
ON_REFUSALS: Final = "storefront-prod"

ORGANIZATION_LOGS: Final = "larkfield-organization-trail"
OWN_LOGS: Final = ("payments-prod", "payments-audit-trail")
BY_IAM: Final = '{ $.errorCode = "AccessDenied*" }'
BOTH_CODES: Final = (
    '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }'
)
NO_ROLE: Final = ("tracking-prod", "fernhill-legacy")

UNSEEN: Final = dict.fromkeys(NO_ROLE, Claim("unknown", "there is no role to ask with"))
THEMES: Final = (
    Theme(
        "detection.ticketing",
        Claim("pass", "Security Hub's connector opens tickets in Jira"),
        {},
    ),
    Theme(
        "detection.guardduty_notify",
        Claim("pass", "a rule of security-tooling, or findings drawn together where one is"),
        {
            **dict.fromkeys(WITHOUT_ANY, Claim("partial", "nothing hears in eu-south-2")),
            **UNSEEN,
            "corporate-it": Claim("fail", "GuardDuty is off everywhere"),
            "sandbox-ml": Claim(
                "unknown", "nobody looks into its administrator, the management account"
            ),
            LOCAL_RULE: Claim("partial", "only rules of its own hear of findings"),
            "warehouse-prod": Claim("pass", "off in eu-central-1, where there is nothing to hear"),
            "fernhill-shop": Claim(None, "all but eu-west-1, which cannot be reached"),
        },
    ),
    Theme(
        "detection.denied_alerts",
        Claim("partial", "the alarm on the organization trail sees one error code only"),
        {
            "backup-vault": Claim("not_applicable", "refused calls are not watched in backups"),
            **dict.fromkeys(NO_ROLE, Claim("unknown", "there is no role to ask with")),
            "fernhill-shop": Claim(None, "eu-west-1 cannot be reached"),
            ON_REFUSALS: Claim("pass", "event rules that see all calls, in every region"),
            OWN_LOGS[0]: Claim("pass", "a metric filter and an alarm on a trail of its own"),
        },
    ),
    Theme(
        "detection.principal_search",
        Claim("pass", "a table of security-tooling over the organization trail's bucket"),
        {},
    ),
    Theme(
        "detection.investigation",
        Claim("partial", "refused calls raise an alarm in part only"),
        {
            ON_REFUSALS: Claim("pass", "all three abilities are there"),
            "backup-vault": Claim("pass", "GuardDuty is heard, and calls can be searched"),
            **dict.fromkeys(NO_ROLE, Claim("unknown", "two of the abilities are not known")),
            "fernhill-shop": Claim(None, "eu-west-1 cannot be reached"),
        },
    ),
    Theme(
        "refinement.realtime",
        Claim("fail", "no rule waits for calls that matter"),
        {
            **UNSEEN,
            FORWARDS: Claim("pass", "forwards calls to a central bus, in every region"),
            FORWARDS_AT_HOME: Claim("partial", "forwards calls in us-east-1 only"),
            KEEPS_TO_ITSELF: Claim("partial", "calls go to a function of its own"),
            "fernhill-shop": Claim(None, "all but eu-west-1, which cannot be reached"),
        },
    ),
)


def build(builder: Builder) -> None:
    organizations = builder.client("organizations", MANAGEMENT.id)
    organization = organizations.describe_organization()["Organization"]["Id"]
    _hear_findings()
    _open_tickets()
    _forward_calls(builder, organization)
    _watch_refusals(builder)
    _make_searchable(builder, organization)


def _rule(
    account: str,
    region: str,
    name: str,
    pattern: Any,
    target: str,
    *,
    bus: str = "default",
    state: str = "ENABLED",
) -> None:
    """Without a client, of which every region would need one."""
    events = events_backends[account][region]
    events.put_rule(name, event_bus_arn=bus, event_pattern=json.dumps(pattern), state=state)
    events.put_targets(name, bus, [{"Id": "target", "Arn": target}])


def _hear_findings() -> None:
    for region in WITH_RULE:
        target = TICKETS.format(region=region)
        _rule(SECURITY, region, "guardduty-findings", FINDINGS, target)
    _rule(SECURITY, HOME, "imported", IMPORTED, TICKETS.format(region=HOME))
    arn = f"arn:aws:securityhub:{HOME}:{SECURITY}:finding-aggregator/larkfield"
    AGGREGATORS[SECURITY] = [
        {
            "FindingAggregatorArn": arn,
            "FindingAggregationRegion": HOME,
            "RegionLinkingMode": "SPECIFIED_REGIONS",
            "Regions": list(AGGREGATED),
        }
    ]
    account = BY_NAME[LOCAL_RULE]
    for region in account.regions:
        topic = f"arn:aws:sns:{region}:{account.id}:findings"
        _rule(account.id, region, "findings", FINDINGS, topic)


def _open_tickets() -> None:
    connector = f"arn:aws:securityhub:{HOME}:{SECURITY}:connectorv2/larkfield-jira"
    CONNECTORS[SECURITY, HOME] = [
        {
            "ConnectorArn": connector,
            "ConnectorId": "larkfield-jira",
            "Name": "larkfield-jira",
            "ProviderSummary": {"ProviderName": "JIRA_CLOUD", "ConnectorStatus": "CONNECTED"},
            "CreatedAt": "2026-02-02T09:00:00Z",
        }
    ]
    AUTOMATION_RULES[SECURITY, HOME] = [
        {
            "RuleArn": f"arn:aws:securityhub:{HOME}:{SECURITY}:automation-rulev2/critical",
            "RuleId": "critical",
            "RuleName": "critical-findings",
            "RuleStatus": "ENABLED",
            "Actions": [
                {
                    "Type": "EXTERNAL_INTEGRATION",
                    "ExternalIntegrationConfiguration": {"ConnectorArn": connector},
                }
            ],
        }
    ]


def _forward_calls(builder: Builder, organization: str) -> None:
    bus = f"arn:aws:events:{HOME}:{SECURITY}:event-bus/{CENTRAL_BUS}"
    events = builder.client("events", SECURITY, HOME)
    events.create_event_bus(Name=CENTRAL_BUS)
    events.put_permission(
        EventBusName=CENTRAL_BUS,
        Action="events:PutEvents",
        Principal="*",
        StatementId="organization",
        Condition={"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": organization},
    )
    target = TICKETS.format(region=HOME)
    _rule(SECURITY, HOME, "calls", CALLS, target, bus=CENTRAL_BUS)
    for region in BY_NAME[FORWARDS].regions:
        topic = f"arn:aws:sns:{region}:{account_id(FORWARDS)}:scaling"
        _rule(account_id(FORWARDS), region, "forward-calls", CALLS, bus)
        _rule(account_id(FORWARDS), region, "scaling", SCALING, topic)
    _rule(account_id(FORWARDS_AT_HOME), HOME, "forward-calls", CALLS, bus)
    account = BY_NAME[KEEPS_TO_ITSELF]
    for region in account.regions:
        function = f"arn:aws:lambda:{region}:{account.id}:function:look-at-calls"
        _rule(account.id, region, "calls", CALLS, function)


def _watch_refusals(builder: Builder) -> None:
    _log(builder, MANAGEMENT.id, ORGANIZATION_TRAIL, ORGANIZATION_LOGS, BY_IAM)
    name, log_group = OWN_LOGS
    _log(builder, account_id(name), LOCAL[name][0], log_group, BOTH_CODES)
    account = BY_NAME[ON_REFUSALS]
    for region in account.regions:
        topic = f"arn:aws:sns:{region}:{account.id}:refused"
        state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        _rule(account.id, region, "refused", REFUSED, topic, state=state)


def _log(builder: Builder, account: str, trail: str, log_group: str, pattern: str) -> None:
    """A trail that writes to a log group, and an alarm on what the pattern selects there."""
    logs = builder.client("logs", account)
    logs.create_log_group(logGroupName=log_group)
    logs.put_retention_policy(logGroupName=log_group, retentionInDays=90)
    logs.put_metric_filter(
        logGroupName=log_group,
        filterName="refused-calls",
        filterPattern=pattern,
        metricTransformations=[
            {"metricName": "RefusedCalls", "metricNamespace": "Larkfield", "metricValue": "1"}
        ],
    )
    builder.client("cloudwatch", account).put_metric_alarm(
        AlarmName="refused-calls",
        Namespace="Larkfield",
        MetricName="RefusedCalls",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        ActionsEnabled=True,
        AlarmActions=[f"arn:aws:sns:{HOME}:{account}:alarms"],
    )
    builder.client("cloudtrail", account).update_trail(
        Name=trail,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{account}:log-group:{log_group}:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account}:role/TrailToLogs",
    )


def _make_searchable(builder: Builder, organization: str) -> None:
    glue = builder.client("glue", SECURITY)
    glue.create_database(DatabaseInput={"Name": "logs"})
    columns = ("eventversion", "useridentity", "eventtime", "eventname", "sourceipaddress")
    glue.create_table(
        DatabaseName="logs",
        TableInput={
            "Name": "cloudtrail",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": "string"} for name in columns],
                "Location": f"s3://{BUCKET}/AWSLogs/{organization}/",
                "InputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
            },
        },
    )
