"""Prowler 4 and 5, ``*.ocsf.json``: OCSF Detection Findings, in a list or one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from collectors.scanners.head import HEAD_BYTES, Head
from collectors.scanners.prowler import refuse_other_clouds
from collectors.scanners.records import json_records
from collectors.scanners.results import (
    GLOBAL,
    CheckResult,
    Scanner,
    entries,
    moment,
    part,
    status_of,
    text,
)

LABEL = "Prowler OCSF JSON"


def _recognises(head: Head) -> bool:
    first = head.first
    return "event_code" in part(first, "metadata") and "finding_info" in first


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    prefix = Head(file.read(HEAD_BYTES)).prefix
    file.seek(0)
    for record in json_records(file, prefix, LABEL):
        yield from _results(record)


def _results(record: Mapping[str, Any]) -> Iterator[CheckResult]:
    """One for each resource; a finding without one is about the account."""
    cloud = part(record, "cloud")
    refuse_other_clouds(text(cloud.get("provider")))
    account = part(cloud, "account")
    info = part(record, "finding_info")
    resources = [one for one in entries(record.get("resources")) if isinstance(one, Mapping)]
    for resource in resources or [{}]:
        yield CheckResult(
            tool="prowler",
            account_id=text(account.get("uid")),
            check=text(part(record, "metadata").get("event_code")),
            status=status_of(text(record.get("status_code"))),
            region=text(resource.get("region")) or text(cloud.get("region")) or GLOBAL,
            resource=text(resource.get("uid")) or text(resource.get("name")),
            title=text(info.get("title")),
            detail=text(record.get("status_detail")) or text(record.get("message")),
            severity=text(record.get("severity")).lower(),
            at=_at(record, info),
            partition=text(resource.get("cloud_partition")) or "aws",
            muted=text(record.get("status")) == "Suppressed",
            version=text(part(part(record, "metadata"), "product").get("version")),
            scan_id=text(part(record, "unmapped").get("scan_id")),
        )


def _at(record: Mapping[str, Any], info: Mapping[str, Any]) -> Any:
    """Prowler 4 wrote ``event_time`` before OCSF's own ``time`` and ``time_dt``."""
    told = (
        record.get("time_dt"),
        record.get("time"),
        record.get("event_time"),
        info.get("created_time_dt"),
        info.get("created_time"),
    )
    return next((found for found in map(moment, told) if found), None)


SCANNER = Scanner("prowler_ocsf", LABEL, _recognises, _read, ("prowler",))
