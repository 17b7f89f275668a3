"""Amazon CloudWatch Logs: the log groups that trails write to, their metric filters with alarms on
the metrics, and who else reads along.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/monitor-cloudtrail-log-files-with-cloudwatch-logs.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.cloudtrail import DESCRIBE_TRAILS
from collectors.services.cloudwatch import DESCRIBE_ALARMS_FOR_METRIC, Alarm, described_alarms

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_METRIC_FILTERS = Operation(
    "logs", "describe_metric_filters", "logs:DescribeMetricFilters", "metricFilters"
)
DESCRIBE_SUBSCRIPTION_FILTERS = Operation(
    "logs",
    "describe_subscription_filters",
    "logs:DescribeSubscriptionFilters",
    "subscriptionFilters",
)
DESCRIBE_LOG_GROUPS = Operation(
    "logs", "describe_log_groups", "logs:DescribeLogGroups", "logGroups"
)

NO_SUCH_GROUP = ("ResourceNotFoundException",)


@dataclass(frozen=True)
class MetricFilter:
    """``metric`` is namespace and name, ``alarms`` those on exactly this metric."""

    name: str
    pattern: str = ""
    metric: str = ""
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True)
class TrailLogs:
    """What becomes of a trail's records besides its bucket. ``log_group`` is an ARN, empty where
    there is none; ``is_read`` false where another account owns it. ``retention_days`` is None for
    ever; it and ``subscriptions`` (ARNs of destinations) are only asked of an organization's."""

    trail: str
    is_organization_trail: bool = False
    sns_topic: str = ""
    log_group: str = ""
    is_read: bool = True
    retention_days: int | None = None
    filters: tuple[MetricFilter, ...] = ()
    subscriptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Group:
    arn: str
    region: str
    owner: str
    name: str


def _group(arn: str) -> _Group | None:
    """From ``arn:aws:logs:region:account:log-group:name:*``."""
    parts = arn.split(":")
    if len(parts) < 7 or not parts[6]:
        return None
    return _Group(arn, parts[3], parts[4], parts[6])


def fetch_trail_logs(aws: Aws) -> list[Answer]:
    """Of the account's own trails of this Region."""
    return list(_fetch(aws, includeShadowTrails=False))


def fetch_organization_trail_logs(aws: Aws) -> list[Answer]:
    """Of the management account's trails: the main Region shows those of all Regions."""
    return [{**one, **_fetch_group(aws, one)} for one in _fetch(aws, includeShadowTrails=True)]


def _fetch(aws: Aws, **how: Any) -> Iterator[Answer]:
    described = aws.call(DESCRIBE_TRAILS, **how) or {}
    for trail in described.get("trailList") or ():
        owner = (trail.get("TrailARN") or "").split(":")[4:5]
        if owner == [aws.account_id]:
            yield {"trail": trail, "account": aws.account_id, **_fetch_filters(aws, trail)}


def _readable(aws: Aws, trail: Answer) -> _Group | None:
    group = _group(trail.get("CloudWatchLogsLogGroupArn") or "")
    return group if group and group.owner == aws.account_id else None


def _fetch_filters(aws: Aws, trail: Answer) -> Answer:
    group = _readable(aws, trail)
    if group is None:
        return {}
    filters = aws.pages(
        DESCRIBE_METRIC_FILTERS,
        absent=NO_SUCH_GROUP,
        region=group.region,
        logGroupName=group.name,
    )
    if filters is None:
        return {"is_gone": True}
    return {
        "filters": [
            {"filter": one, "alarms": list(_fetch_alarms(aws, one, group.region))}
            for one in filters
        ]
    }


def _fetch_alarms(aws: Aws, one: Answer, region: str) -> Iterator[Answer]:
    for metric in one.get("metricTransformations") or ():
        if metric.get("metricName") and metric.get("metricNamespace"):
            yield (
                aws.call(
                    DESCRIBE_ALARMS_FOR_METRIC,
                    region=region,
                    MetricName=metric["metricName"],
                    Namespace=metric["metricNamespace"],
                )
                or {}
            )


def _fetch_group(aws: Aws, one: Answer) -> Answer:
    group = _readable(aws, one["trail"])
    if group is None or one.get("is_gone"):
        return {}
    named = aws.pages(
        DESCRIBE_LOG_GROUPS,
        absent=NO_SUCH_GROUP,
        region=group.region,
        logGroupNamePrefix=group.name,
    )
    subscriptions = aws.pages(
        DESCRIBE_SUBSCRIPTION_FILTERS,
        absent=NO_SUCH_GROUP,
        region=group.region,
        logGroupName=group.name,
    )
    return {
        "group": next((g for g in named or () if g.get("logGroupName") == group.name), {}),
        "subscriptions": subscriptions or [],
    }


def transform_trail_logs(answer: Iterable[Answer]) -> tuple[TrailLogs, ...]:
    return tuple(_trail_logs(one) for one in answer)


def _trail_logs(one: Answer) -> TrailLogs:
    trail = one["trail"]
    arn = trail.get("CloudWatchLogsLogGroupArn") or ""
    group = _group(arn)
    return TrailLogs(
        trail=trail["TrailARN"],
        is_organization_trail=trail.get("IsOrganizationTrail") is True,
        sns_topic=trail.get("SnsTopicARN") or "",
        log_group="" if group is None or one.get("is_gone") else arn,
        is_read=group is None or group.owner == one.get("account"),
        retention_days=(one.get("group") or {}).get("retentionInDays"),
        filters=tuple(_filter(parts) for parts in one.get("filters") or ()),
        subscriptions=tuple(
            sorted(
                s["destinationArn"]
                for s in one.get("subscriptions") or ()
                if s.get("destinationArn")
            )
        ),
    )


def _filter(parts: Answer) -> MetricFilter:
    one = parts["filter"]
    metrics = [
        f"{m['metricNamespace']} {m['metricName']}"
        for m in one.get("metricTransformations") or ()
        if m.get("metricName") and m.get("metricNamespace")
    ]
    return MetricFilter(
        name=one.get("filterName") or "",
        pattern=one.get("filterPattern") or "",
        metric=", ".join(metrics),
        alarms=tuple(alarm for answer in parts["alarms"] for alarm in described_alarms(answer)),
    )


trail_logs: Collector[tuple[TrailLogs, ...]] = Collector(
    "logs.trail_logs",
    tuple[TrailLogs, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_TRAILS, DESCRIBE_METRIC_FILTERS, DESCRIBE_ALARMS_FOR_METRIC),
    fetch_trail_logs,
    transform_trail_logs,
)

organization_trail_logs: Collector[tuple[TrailLogs, ...]] = Collector(
    "logs.organization_trail_logs",
    tuple[TrailLogs, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (
        DESCRIBE_TRAILS,
        DESCRIBE_METRIC_FILTERS,
        DESCRIBE_SUBSCRIPTION_FILTERS,
        DESCRIBE_LOG_GROUPS,
        DESCRIBE_ALARMS_FOR_METRIC,
    ),
    fetch_organization_trail_logs,
    transform_trail_logs,
)
