"""Amazon FSx: the file systems of a Region, each with its newest backup.

Backups of NetApp ONTAP and OpenZFS are of volumes; they name the file system all the same.
https://docs.aws.amazon.com/fsx/latest/APIReference/API_DescribeBackups.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_FILE_SYSTEMS = Operation(
    "fsx", "describe_file_systems", "fsx:DescribeFileSystems", "FileSystems"
)
DESCRIBE_BACKUPS = Operation("fsx", "describe_backups", "fsx:DescribeBackups", "Backups")

DELETING = "DELETING"
AVAILABLE = "AVAILABLE"


@dataclass(frozen=True)
class FileSystem:
    file_system_id: str
    arn: str = ""
    type: str = ""
    latest_backup_at: datetime | None = None


def fetch_file_systems(aws: Aws) -> dict[str, Any]:
    found = aws.pages(DESCRIBE_FILE_SYSTEMS) or []
    return {"file_systems": found, "backups": aws.pages(DESCRIBE_BACKUPS)} if found else {}


def transform_file_systems(answer: Answer) -> tuple[FileSystem, ...]:
    newest = _newest(answer.get("backups") or ())
    return tuple(
        FileSystem(
            file_system_id=found["FileSystemId"],
            arn=found.get("ResourceARN") or "",
            type=found.get("FileSystemType") or "",
            latest_backup_at=newest.get(found["FileSystemId"]),
        )
        for found in answer.get("file_systems") or ()
        if found.get("FileSystemId") and found.get("Lifecycle") != DELETING
    )


def _newest(backups: Iterable[Answer]) -> dict[str, datetime]:
    """File system id → time of its newest available backup."""
    newest: dict[str, datetime] = {}
    for backup in backups:
        about = (backup.get("FileSystem") or {}).get("FileSystemId")
        about = about or (backup.get("Volume") or {}).get("FileSystemId")
        time = backup.get("CreationTime")
        if backup.get("Lifecycle") == AVAILABLE and about and time:
            newest[about] = max(time, newest.get(about, time))
    return newest


file_systems = Collector(
    "fsx.file_systems",
    tuple[FileSystem, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_FILE_SYSTEMS, DESCRIBE_BACKUPS),
    fetch_file_systems,
    transform_file_systems,
)
