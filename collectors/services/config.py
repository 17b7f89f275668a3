"""AWS Config: recorders and rules of an account, and aggregators of the security accounts.

https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorders.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_RECORDERS = Operation(
    "config",
    "describe_configuration_recorders",
    "config:DescribeConfigurationRecorders",
    "ConfigurationRecorders",
)
DESCRIBE_RECORDER_STATUS = Operation(
    "config",
    "describe_configuration_recorder_status",
    "config:DescribeConfigurationRecorderStatus",
    "ConfigurationRecordersStatus",
)
DESCRIBE_RULES = Operation(
    "config", "describe_config_rules", "config:DescribeConfigRules", "ConfigRules"
)
DESCRIBE_AGGREGATORS = Operation(
    "config",
    "describe_configuration_aggregators",
    "config:DescribeConfigurationAggregators",
    "ConfigurationAggregators",
)
DESCRIBE_SOURCES_STATUS = Operation(
    "config",
    "describe_configuration_aggregator_sources_status",
    "config:DescribeConfigurationAggregatorSourcesStatus",
    "AggregatedSourceStatusList",
)
DESCRIBE_ORGANIZATION_RULES = Operation(
    "config",
    "describe_organization_config_rules",
    "config:DescribeOrganizationConfigRules",
    "OrganizationConfigRules",
)

GONE = ("NoSuchConfigurationRecorderException",)
AGGREGATOR_GONE = ("NoSuchConfigurationAggregatorException",)
# How AWS says that an account does not manage the organization's rules.
NOT_IN_CHARGE = ("OrganizationAccessDeniedException", "NoAvailableOrganizationException")

A_PAGE = 100
FAILED_AT_MOST = 100


@dataclass(frozen=True)
class Recorder:
    """``status`` is AWS's word for how the last delivery went, ``frequency`` CONTINUOUS or DAILY,
    ``scope`` PAID, or INTERNAL for what a service records for itself alone."""

    name: str
    arn: str = ""
    is_recording: bool = False
    status: str = ""
    records_all_types: bool = False
    has_global_types: bool = False
    frequency: str = ""
    scope: str = ""
    service_principal: str = ""

    @property
    def is_on(self) -> bool:
        """AWS writes the status in capitals at times."""
        counts = self.scope in ("", "PAID")
        return counts and self.is_recording and self.status.lower() == "success"

    @property
    def is_service_linked(self) -> bool:
        """Whether a service made it for itself."""
        return bool(self.service_principal)


@dataclass(frozen=True)
class Rules:
    """How many rules there are; ``active`` ones are in force, ``of_services`` made by a service."""

    active: int = 0
    total: int = 0
    of_services: int = 0


@dataclass(frozen=True)
class Aggregator:
    """``sources`` counts accounts and Regions by AWS's word for their last update; ``failed`` are
    the first of those that did not succeed, as ``account/Region``."""

    name: str
    arn: str = ""
    is_organization: bool = False
    is_all_regions: bool = False
    regions: tuple[str, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()

    def reaches(self, region: str) -> bool:
        return self.is_all_regions or region in self.regions


@dataclass(frozen=True)
class Aggregation:
    """What a security account gathers in a Region, and the rules it has set for everybody."""

    aggregators: tuple[Aggregator, ...] = ()
    organization_rules: int = 0


def _fetch_recorders(aws: Aws) -> Answer:
    recorders = aws.pages(DESCRIBE_RECORDERS) or []
    if not recorders:
        return {}
    return {"recorders": recorders, "status": aws.pages(DESCRIBE_RECORDER_STATUS, absent=GONE)}


def _recorders(answer: Answer) -> tuple[Recorder, ...]:
    by_name = {status.get("name"): status for status in answer.get("status") or ()}
    return tuple(
        _recorder(recorder, by_name.get(recorder["name"]) or {})
        for recorder in answer.get("recorders") or ()
        if recorder.get("name")
    )


def _recorder(recorder: Answer, status: Answer) -> Recorder:
    group = recorder.get("recordingGroup") or {}
    return Recorder(
        name=recorder["name"],
        arn=recorder.get("arn") or "",
        is_recording=status.get("recording") is True,
        status=status.get("lastStatus") or "",
        records_all_types=group.get("allSupported") is True,
        has_global_types=group.get("includeGlobalResourceTypes") is True,
        frequency=(recorder.get("recordingMode") or {}).get("recordingFrequency") or "",
        scope=recorder.get("recordingScope") or "",
        service_principal=recorder.get("servicePrincipal") or "",
    )


def _rules(answers: Any) -> Rules:
    found: Sequence[Answer] = answers or ()
    return Rules(
        active=sum(rule.get("ConfigRuleState") == "ACTIVE" for rule in found),
        total=len(found),
        of_services=sum(bool(rule.get("CreatedBy")) for rule in found),
    )


def _fetch_aggregation(aws: Aws) -> Answer:
    described = aws.pages(DESCRIBE_AGGREGATORS, Limit=A_PAGE) or []
    return {
        "aggregators": [_with_sources(aws, a) for a in described if _name(a)],
        "rules": aws.pages(DESCRIBE_ORGANIZATION_RULES, absent=NOT_IN_CHARGE, Limit=A_PAGE),
    }


def _name(aggregator: Answer) -> str:
    return aggregator.get("ConfigurationAggregatorName") or ""


def _with_sources(aws: Aws, aggregator: Answer) -> Answer:
    """Only of those of the whole organization."""
    if not aggregator.get("OrganizationAggregationSource"):
        return {"aggregator": aggregator}
    sources = aws.pages(
        DESCRIBE_SOURCES_STATUS,
        absent=AGGREGATOR_GONE,
        ConfigurationAggregatorName=_name(aggregator),
        Limit=A_PAGE,
    )
    return {"aggregator": aggregator, "sources": sources}


def _aggregation(answer: Answer) -> Aggregation:
    return Aggregation(
        aggregators=tuple(
            _aggregator(parts["aggregator"], parts.get("sources") or ())
            for parts in answer["aggregators"]
        ),
        organization_rules=len(answer.get("rules") or ()),
    )


def _aggregator(aggregator: Answer, sources: Iterable[Answer]) -> Aggregator:
    organization = aggregator.get("OrganizationAggregationSource") or {}
    status = [(_source(one), one.get("LastUpdateStatus") or "") for one in sources]
    failed = sorted(source for source, word in status if word != "SUCCEEDED")
    return Aggregator(
        name=_name(aggregator),
        arn=aggregator.get("ConfigurationAggregatorArn") or "",
        is_organization=bool(organization),
        is_all_regions=organization.get("AllAwsRegions") is True,
        regions=tuple(sorted(organization.get("AwsRegions") or ())),
        sources=dict(sorted(Counter(word for _, word in status).items())),
        failed=tuple(failed[:FAILED_AT_MOST]),
    )


def _source(one: Answer) -> str:
    return f"{one.get('SourceId') or ''}/{one.get('AwsRegion') or ''}"


recorders: Collector[tuple[Recorder, ...]] = Collector(
    "config.recorders",
    tuple[Recorder, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_RECORDERS, DESCRIBE_RECORDER_STATUS),
    _fetch_recorders,
    _recorders,
)

rules: Collector[Rules] = Collector(
    "config.rules",
    Rules,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_RULES,),
    lambda aws: aws.pages(DESCRIBE_RULES),
    _rules,
)

aggregation: Collector[Aggregation] = Collector(
    "config.aggregation",
    Aggregation,
    Scope.SECURITY,
    Reach.REGIONAL,
    (DESCRIBE_AGGREGATORS, DESCRIBE_SOURCES_STATUS, DESCRIBE_ORGANIZATION_RULES),
    _fetch_aggregation,
    _aggregation,
)
