"""AWS Security Hub CSPM: into which Region a security account draws the findings of others.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.securityhub.standards import OFF

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_FINDING_AGGREGATORS = Operation(
    "securityhub",
    "list_finding_aggregators",
    "securityhub:ListFindingAggregators",
    "FindingAggregators",
)
GET_FINDING_AGGREGATOR = Operation(
    "securityhub", "get_finding_aggregator", "securityhub:GetFindingAggregator"
)

ALL = "ALL_REGIONS"
ALL_BUT = "ALL_REGIONS_EXCEPT_SPECIFIED"
SOME = "SPECIFIED_REGIONS"


@dataclass(frozen=True)
class Aggregator:
    """Findings of the Regions linked to it appear in its home ``region`` too. ``mode`` says what
    ``regions`` are: those left out, or those linked."""

    arn: str
    region: str = ""
    mode: str = ""
    regions: tuple[str, ...] = ()

    def links(self, region: str) -> bool:
        if not self.region:
            return False
        if self.mode == ALL or region == self.region:
            return True
        if self.mode == ALL_BUT:
            return region not in self.regions
        return self.mode == SOME and region in self.regions


def fetch_aggregators(aws: Aws) -> list[Answer]:
    listed = aws.pages(LIST_FINDING_AGGREGATORS, absent=OFF) or []
    found = [
        aws.call(
            GET_FINDING_AGGREGATOR, absent=OFF, FindingAggregatorArn=one["FindingAggregatorArn"]
        )
        for one in listed
        if one.get("FindingAggregatorArn")
    ]
    return [one for one in found if one is not None]


def transform_aggregators(answer: Iterable[Answer]) -> tuple[Aggregator, ...]:
    return tuple(
        Aggregator(
            arn=one["FindingAggregatorArn"],
            region=one.get("FindingAggregationRegion") or "",
            mode=one.get("RegionLinkingMode") or "",
            regions=tuple(sorted(one.get("Regions") or ())),
        )
        for one in answer
        if one.get("FindingAggregatorArn")
    )


# Asked in every Region: a linked Region shows the aggregator of the home Region.
aggregators: Collector[tuple[Aggregator, ...]] = Collector(
    "securityhub.aggregators",
    tuple[Aggregator, ...],
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_FINDING_AGGREGATORS, GET_FINDING_AGGREGATOR),
    fetch_aggregators,
    transform_aggregators,
)
