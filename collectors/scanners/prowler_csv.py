"""Prowler's CSV: comma-separated in version 2, semicolons and other columns from 3 on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from collectors.scanners.head import HEAD_BYTES, Head
from collectors.scanners.prowler import refuse_other_clouds, split_title
from collectors.scanners.records import csv_records
from collectors.scanners.results import (
    GLOBAL,
    CheckResult,
    Scanner,
    moment,
    status_of,
    text,
)

LABEL = "Prowler CSV"
# What each version calls a column, the newest first.
ACCOUNT = ("ACCOUNT_UID", "ACCOUNT_ID", "ACCOUNT_NUM")
CHECK = ("CHECK_ID",)
STATUS = ("STATUS", "CHECK_RESULT")
REGION = ("REGION",)
RESOURCE = ("RESOURCE_UID", "RESOURCE_ARN", "RESOURCE_ID", "CHECK_RESOURCE_ID", "RESOURCE_NAME")
TITLE = ("CHECK_TITLE", "TITLE_TEXT")
DETAIL = ("STATUS_EXTENDED", "CHECK_RESULT_EXTENDED")
SEVERITY = ("SEVERITY", "CHECK_SEVERITY")
TIME = ("TIMESTAMP", "ASSESSMENT_START_TIME", "CHECK_TIMESTAMP")


def _recognises(head: Head) -> bool:
    columns = {name.upper() for name in head.columns}
    of_version_2 = {"ACCOUNT_NUM", "TITLE_TEXT", "CHECK_RESULT"} <= columns
    of_later = {"PROVIDER", "CHECK_ID", "STATUS", "STATUS_EXTENDED"} <= columns
    return of_version_2 or (of_later and "REQUIREMENTS_ID" not in columns)


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    delimiter = Head(file.read(HEAD_BYTES)).delimiter
    file.seek(0)
    for row in csv_records(file, delimiter, LABEL):
        yield _result({name.upper(): text(value) for name, value in row.items()})


def _result(row: Mapping[str, str]) -> CheckResult:
    refuse_other_clouds(row.get("PROVIDER", "aws"))
    check, title = split_title(_first(row, TITLE))
    return CheckResult(
        tool="prowler",
        account_id=_first(row, ACCOUNT),
        check=_first(row, CHECK) or check or row.get("TITLE_ID", ""),
        status=status_of(_first(row, STATUS)),
        region=_first(row, REGION) or GLOBAL,
        resource=_first(row, RESOURCE),
        title=title,
        detail=_first(row, DETAIL),
        severity=_first(row, SEVERITY).lower(),
        at=moment(_first(row, TIME)),
        partition=row.get("PARTITION") or "aws",
        muted=row.get("MUTED", "").lower() == "true",
    )


def _first(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


SCANNER = Scanner("prowler_csv", LABEL, _recognises, _read, ("prowler",))
