"""Amazon Redshift: the clusters of a Region, and for how long AWS keeps their snapshots.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeClusters.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

DESCRIBE_CLUSTERS = Operation(
    "redshift", "describe_clusters", "redshift:DescribeClusters", "Clusters"
)


@dataclass(frozen=True)
class Cluster:
    """``automated_snapshot_retention_days`` is 0 where automated snapshots are off, None where AWS
    does not say; so with ``publicly_accessible``."""

    cluster_identifier: str
    automated_snapshot_retention_days: int | None = None
    publicly_accessible: bool | None = None


def transform_clusters(answer: Iterable[Mapping[str, Any]] | None) -> tuple[Cluster, ...]:
    return tuple(
        Cluster(
            found["ClusterIdentifier"],
            found.get("AutomatedSnapshotRetentionPeriod"),
            found.get("PubliclyAccessible"),
        )
        for found in answer or ()
        if found.get("ClusterIdentifier")
    )


clusters: Collector[tuple[Cluster, ...]] = Collector(
    "redshift.clusters",
    tuple[Cluster, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_CLUSTERS,),
    lambda aws: aws.pages(DESCRIBE_CLUSTERS),
    transform_clusters,
)
