"""Amazon EFS: the file systems of a Region.

https://docs.aws.amazon.com/efs/latest/ug/API_DescribeFileSystems.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

DESCRIBE_FILE_SYSTEMS = Operation(
    "efs",
    "describe_file_systems",
    "elasticfilesystem:DescribeFileSystems",
    "FileSystems",
)

LEAVING = ("deleting", "deleted")


@dataclass(frozen=True)
class FileSystem:
    file_system_id: str
    arn: str = ""
    name: str = ""


def transform_file_systems(answer: Iterable[Mapping[str, Any]] | None) -> tuple[FileSystem, ...]:
    return tuple(
        FileSystem(found["FileSystemId"], found.get("FileSystemArn") or "", found.get("Name") or "")
        for found in answer or ()
        if found.get("FileSystemId") and found.get("LifeCycleState") not in LEAVING
    )


file_systems: Collector[tuple[FileSystem, ...]] = Collector(
    "efs.file_systems",
    tuple[FileSystem, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_FILE_SYSTEMS,),
    lambda aws: aws.pages(DESCRIBE_FILE_SYSTEMS),
    transform_file_systems,
)
