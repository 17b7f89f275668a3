"""ECS: running tasks with the images of their containers, which moto's tasks do not have."""

from __future__ import annotations

from typing import Final

from moto.ecs.models import ecs_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(
    limit=100, size="maxResults", cursor="nextToken", error="InvalidParameterException"
)
# (account, region, name of the cluster) -> the images of each running task.
TASKS: Final[dict[tuple[str, str, str], list[tuple[str, ...]]]] = {}


def _tasks(call: Call) -> dict[str, tuple[str, ...]]:
    """The images of the cluster's tasks, by the tasks' ARNs."""
    name = str(call.parameters.get("cluster") or "default").rpartition("/")[2]
    if name not in ecs_backends[call.account][call.region].clusters:
        raise AwsError("ClusterNotFoundException", "Cluster not found.", 400)
    start = f"arn:aws:ecs:{call.region}:{call.account}:task/{name}"
    running = TASKS.get((call.account, call.region, name), [])
    return {f"{start}/{number:032x}": images for number, images in enumerate(running)}


@answers("ecs", "ListTasks")
def list_tasks(call: Call) -> Result:
    return PAGES.page(call, "taskArns", list(_tasks(call)))


@answers("ecs", "DescribeTasks")
def describe_tasks(call: Call) -> Result:
    running = _tasks(call)
    asked = call.parameters["tasks"]
    return {
        "tasks": [
            {
                "taskArn": arn,
                "clusterArn": call.parameters.get("cluster"),
                "lastStatus": "RUNNING",
                "containers": [
                    {"name": f"container-{at}", "image": image, "lastStatus": "RUNNING"}
                    for at, image in enumerate(running[arn])
                ],
            }
            for arn in asked
            if arn in running
        ],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in asked if arn not in running],
    }
