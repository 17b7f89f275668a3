"""Prowler's own JSON: one object a line in version 2, a list in version 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from collectors.scanners.head import HEAD_BYTES, Head
from collectors.scanners.prowler import refuse_other_clouds, split_title
from collectors.scanners.records import json_records
from collectors.scanners.results import (
    GLOBAL,
    CheckResult,
    Scanner,
    moment,
    status_of,
    text,
)

LABEL = "Prowler JSON"


def _recognises(head: Head) -> bool:
    first = head.first
    return {"Account Number", "Control", "Status"} <= first.keys() or (
        {"CheckID", "StatusExtended", "Status"} <= first.keys()
    )


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    prefix = Head(file.read(HEAD_BYTES)).prefix
    file.seek(0)
    for record in json_records(file, prefix, LABEL):
        yield _of_version_3(record) if "CheckID" in record else _of_version_2(record)


def _of_version_2(record: Mapping[str, Any]) -> CheckResult:
    check, title = split_title(text(record.get("Control")))
    return CheckResult(
        tool="prowler",
        account_id=text(record.get("Account Number")),
        check=check or text(record.get("Control ID")),
        status=status_of(text(record.get("Status"))),
        region=text(record.get("Region")) or GLOBAL,
        resource=text(record.get("Resource ID")),
        title=title,
        detail=text(record.get("Message")),
        severity=text(record.get("Severity")).lower(),
        at=moment(record.get("Timestamp")),
    )


def _of_version_3(record: Mapping[str, Any]) -> CheckResult:
    refuse_other_clouds(text(record.get("Provider")) or "aws")
    return CheckResult(
        tool="prowler",
        account_id=text(record.get("AccountId")),
        check=text(record.get("CheckID")),
        status=status_of(text(record.get("Status"))),
        region=text(record.get("Region")) or GLOBAL,
        resource=text(record.get("ResourceArn")) or text(record.get("ResourceId")),
        title=text(record.get("CheckTitle")),
        detail=text(record.get("StatusExtended")),
        severity=text(record.get("Severity")).lower(),
        at=moment(record.get("AssessmentStartTime")),
    )


SCANNER = Scanner("prowler_json", LABEL, _recognises, _read, ("prowler",))
