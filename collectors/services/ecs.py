"""Amazon ECS: the clusters of a Region.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

LIST_CLUSTERS = Operation("ecs", "list_clusters", "ecs:ListClusters", "clusterArns")


@dataclass(frozen=True)
class Cluster:
    cluster_arn: str

    @property
    def cluster_name(self) -> str:
        return self.cluster_arn.rpartition("/")[2]


def _clusters(arns: Any) -> tuple[Cluster, ...]:
    return tuple(Cluster(arn) for arn in arns or () if arn)


clusters: Collector[tuple[Cluster, ...]] = Collector(
    "ecs.clusters",
    tuple[Cluster, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_CLUSTERS,),
    lambda aws: aws.pages(LIST_CLUSTERS),
    _clusters,
    Phase.PRESENCE,
)
