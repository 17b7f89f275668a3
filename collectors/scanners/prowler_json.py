"""Prowler's own JSON: one object a line in version 2, a list in version 3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from collectors.scanners.head import HEAD_BYTES, Head
from collectors.scanners.records import json_records
from collectors.scanners.results import (
    GLOBAL,
    CheckResult,
    Scanner,
    Unreadable,
    moment,
    status_of,
    text,
)

LABEL = "Prowler JSON"
_ID_IN_TITLE = re.compile(r"\[(\w+)\]\s*")


def _recognises(head: Head) -> bool:
    first = head.first
    return {"Account Number", "Control", "Status"} <= first.keys() or (
        {"CheckID", "StatusExtended", "Status"} <= first.keys()
    )


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    prefix = "item" if Head(file.read(HEAD_BYTES)).is_list else ""
    file.seek(0)
    for record in json_records(file, prefix, LABEL):
        yield _of_version_3(record) if "CheckID" in record else _of_version_2(record)


def _of_version_2(record: Mapping[str, Any]) -> CheckResult:
    title = text(record.get("Control"))
    in_title = _ID_IN_TITLE.match(title)
    return CheckResult(
        tool="prowler",
        account_id=text(record.get("Account Number")),
        check=in_title.group(1) if in_title else text(record.get("Control ID")),
        status=status_of(text(record.get("Status"))),
        region=text(record.get("Region")) or GLOBAL,
        resource=text(record.get("Resource ID")),
        title=_ID_IN_TITLE.sub("", title, count=1),
        detail=text(record.get("Message")),
        severity=text(record.get("Severity")).lower(),
        at=moment(record.get("Timestamp")),
    )


def _of_version_3(record: Mapping[str, Any]) -> CheckResult:
    provider = text(record.get("Provider")).lower() or "aws"
    if provider != "aws":
        raise Unreadable(
            f"This is a Prowler scan of {provider}, and Cairn keeps AWS accounts. "
            "Nothing was taken."
        )
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


SCANNER = Scanner("prowler_json", LABEL, _recognises, _read)
