"""The clusters of a Region, and what runs in them."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.ecs import TaskSet, clusters, tasks
from tests.collectors.services.canned import Refusal, collect, thinned

ARN = "arn:aws:ecs:eu-west-1:222222222222:cluster/main"


def test_it_reads_the_clusters_of_all_pages() -> None:
    found = collect(clusters, {"list_clusters": [{"clusterArns": []}, {"clusterArns": [ARN]}]})

    assert [(cluster.cluster_arn, cluster.cluster_name) for cluster in found] == [(ARN, "main")]


def task(*images: str) -> dict[str, Any]:
    return {
        "taskArn": "arn:task",
        "clusterArn": ARN,
        "containers": [{"name": image, "image": image} for image in images],
        "overrides": {"containerOverrides": [{"environment": [{"name": "A", "value": "s3cr3t"}]}]},
    }


def answers(*found: dict[str, Any], count: int = 1) -> dict[str, Any]:
    return {
        "list_clusters": {"clusterArns": [ARN]},
        "list_tasks": [{"taskArns": [f"arn:task/{n}" for n in range(count)]}, {"taskArns": []}],
        "describe_tasks": {"tasks": list(found)},
    }


def test_tasks_that_run_the_same_images_are_kept_together() -> None:
    found = collect(tasks, answers(task("b", "a"), task("a", "b"), task("a")))

    assert found == (TaskSet(ARN, ("a",), 1), TaskSet(ARN, ("a", "b"), 2))
    assert "s3cr3t" not in repr(found)


def test_tasks_are_described_a_hundred_at_once() -> None:
    asked: list[Any] = []
    collect(tasks, answers(count=250), asked=asked)
    assert [len(p["tasks"]) for name, p in asked if name == "describe_tasks"] == [100, 100, 50]


def test_a_cluster_that_is_gone_runs_nothing() -> None:
    gone = Refusal("ClusterNotFoundException", Outcome.API_ERROR)
    assert collect(tasks, {**answers(), "list_tasks": gone}) == ()
    assert collect(tasks, {**answers(), "describe_tasks": gone}) == ()


@pytest.mark.parametrize("operation", ["list_clusters", "list_tasks", "describe_tasks"])
def test_being_denied_is_not_having_none(operation: str) -> None:
    with pytest.raises(Missing):
        collect(tasks, {**answers(), operation: Refusal()})


@given(thinned({"describe_tasks": {"tasks": [task("a")]}}))
def test_a_task_with_fields_missing_still_counts(told: Any) -> None:
    described = told.get("describe_tasks", {"tasks": [{}]})
    found = collect(tasks, {**answers(), "describe_tasks": described}, is_checked=False)
    assert sum(one.tasks for one in found) == 1
