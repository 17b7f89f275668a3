"""Amazon Athena: the work groups in which queries can be run; none is ever run by Cairn.

https://docs.aws.amazon.com/athena/latest/APIReference/API_ListWorkGroups.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_WORK_GROUPS = Operation("athena", "list_work_groups", "athena:ListWorkGroups", "WorkGroups")


def fetch_work_groups(aws: Aws) -> list[Mapping[str, Any]]:
    return aws.pages(LIST_WORK_GROUPS) or []


def transform_work_groups(answer: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Names of the enabled ones."""
    enabled = (one.get("Name") for one in answer if one.get("State") == "ENABLED")
    return tuple(sorted(name for name in enabled if name))


work_groups: Collector[tuple[str, ...]] = Collector(
    "athena.work_groups",
    tuple[str, ...],
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_WORK_GROUPS,),
    fetch_work_groups,
    transform_work_groups,
)
