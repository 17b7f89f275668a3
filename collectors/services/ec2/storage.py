"""Amazon EBS: the volumes in use in a Region, each with its newest snapshot.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.ec2.presence import name_tag

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_VOLUMES = Operation("ec2", "describe_volumes", "ec2:DescribeVolumes", "Volumes")
DESCRIBE_SNAPSHOTS = Operation("ec2", "describe_snapshots", "ec2:DescribeSnapshots", "Snapshots")

IN_USE = "in-use"
COMPLETED = "completed"


@dataclass(frozen=True)
class Volume:
    """``latest_snapshot_at`` is the time that the newest completed snapshot shows the volume of.
    ``instance_ids`` are those it is attached to: a backup of the instance holds the volume."""

    volume_id: str
    name: str = ""
    latest_snapshot_at: datetime | None = None
    instance_ids: tuple[str, ...] = ()


def fetch_volumes(aws: Aws) -> dict[str, Any]:
    """The account's own snapshots, asked for only where there are volumes: accounts that have used
    many keep thousands of snapshots, and others' public ones are countless."""
    volumes = aws.pages(DESCRIBE_VOLUMES, Filters=[{"Name": "status", "Values": [IN_USE]}]) or []
    if not volumes:
        return {}
    completed = {"Name": "status", "Values": [COMPLETED]}
    snapshots = aws.pages(DESCRIBE_SNAPSHOTS, OwnerIds=["self"], Filters=[completed]) or []
    return {"volumes": volumes, "snapshots": snapshots}


def transform_volumes(answer: Answer) -> tuple[Volume, ...]:
    newest = _newest(answer.get("snapshots") or ())
    return tuple(
        Volume(
            volume["VolumeId"],
            name_tag(volume),
            newest.get(volume["VolumeId"]),
            tuple(a["InstanceId"] for a in volume.get("Attachments") or () if a.get("InstanceId")),
        )
        for volume in answer.get("volumes") or ()
        if volume.get("VolumeId") and volume.get("State") == IN_USE
    )


def _newest(snapshots: Iterable[Answer]) -> dict[str, datetime]:
    """Volume id → start of its newest completed snapshot."""
    newest: dict[str, datetime] = {}
    for snapshot in snapshots:
        volume, time = snapshot.get("VolumeId"), snapshot.get("StartTime")
        if snapshot.get("State") == COMPLETED and volume and time:
            newest[volume] = max(time, newest.get(volume, time))
    return newest


volumes = Collector(
    "ec2.volumes",
    tuple[Volume, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_VOLUMES, DESCRIBE_SNAPSHOTS),
    fetch_volumes,
    transform_volumes,
)
