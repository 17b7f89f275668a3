"""Amazon ECS: the clusters of a Region, and the images that tasks run in them.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_CLUSTERS = Operation("ecs", "list_clusters", "ecs:ListClusters", "clusterArns")
LIST_TASKS = Operation("ecs", "list_tasks", "ecs:ListTasks", "taskArns")
DESCRIBE_TASKS = Operation("ecs", "describe_tasks", "ecs:DescribeTasks", "tasks")

# How ECS says that a cluster was deleted meanwhile.
CLUSTER_GONE = ("ClusterNotFoundException",)
DESCRIBED_AT_ONCE = 100


@dataclass(frozen=True)
class Cluster:
    cluster_arn: str

    @property
    def cluster_name(self) -> str:
        return self.cluster_arn.rpartition("/")[2]


@dataclass(frozen=True)
class TaskSet:
    """Running tasks of a cluster whose containers have the same images."""

    cluster_arn: str
    images: tuple[str, ...] = ()
    tasks: int = 0


def _clusters(arns: Any) -> tuple[Cluster, ...]:
    return tuple(Cluster(arn) for arn in arns or () if arn)


def fetch_tasks(aws: Aws) -> list[Any]:
    tasks: list[Any] = []
    for cluster in aws.pages(LIST_CLUSTERS) or []:
        arns = aws.pages(LIST_TASKS, absent=CLUSTER_GONE, cluster=cluster) or []
        for at in range(0, len(arns), DESCRIBED_AT_ONCE):
            some = arns[at : at + DESCRIBED_AT_ONCE]
            described = aws.pages(DESCRIBE_TASKS, absent=CLUSTER_GONE, cluster=cluster, tasks=some)
            tasks += [{**task, "clusterArn": cluster} for task in described or []]
    return tasks


def transform_tasks(answer: Iterable[Mapping[str, Any]]) -> tuple[TaskSet, ...]:
    alike: dict[tuple[str, tuple[str, ...]], int] = {}
    for task in answer:
        images = {container.get("image") or "" for container in task.get("containers") or ()}
        key = (task["clusterArn"], tuple(sorted(images)))
        alike[key] = alike.get(key, 0) + 1
    return tuple(TaskSet(*key, tasks) for key, tasks in sorted(alike.items()))


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

tasks: Collector[tuple[TaskSet, ...]] = Collector(
    "ecs.tasks",
    tuple[TaskSet, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_CLUSTERS, LIST_TASKS, DESCRIBE_TASKS),
    fetch_tasks,
    transform_tasks,
)
