"""CloudMapper: ``audit --json``, one finding a line, and the data behind its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import ijson

from collectors.scanners.head import HEAD_BYTES, Head
from collectors.scanners.records import json_records
from collectors.scanners.results import (
    GLOBAL,
    CheckResult,
    CheckStatus,
    Scanner,
    Unreadable,
    entries,
    part,
    text,
)

LABEL = "CloudMapper audit"


def _recognises(head: Head) -> bool:
    return {"account_id", "issue", "resource"} <= head.first.keys() or _is_report(head)


def _is_report(head: Head) -> bool:
    """Group → issue → {title, severity, accounts}."""
    groups = [group for group in head.first.values() if isinstance(group, Mapping)]
    issues = [issue for group in groups for issue in group.values()]
    return bool(issues) and all(
        isinstance(issue, Mapping) and {"severity", "accounts"} <= issue.keys() for issue in issues
    )


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    head = Head(file.read(HEAD_BYTES))
    file.seek(0)
    if _is_report(head):
        yield from _of_report(file)
        return
    for record in json_records(file, head.prefix, LABEL):
        yield _result(
            account_id=text(record.get("account_id")),
            issue=text(record.get("issue")),
            kind=part(record, "finding_type_metadata"),
            region=text(record.get("region")),
            resource=_resource(record.get("resource")),
        )


def _of_report(file: BinaryIO) -> Iterator[CheckResult]:
    try:
        for _, group in ijson.kvitems(file, "", use_float=True):
            for issue in group:
                yield from _of_issue(issue, part(group, issue))
    except ijson.JSONError as error:
        raise Unreadable(
            f"{LABEL}: the report's data break off: {str(error).splitlines()[0]}. "
            "Nothing was taken."
        ) from None


def _of_issue(issue: str, kind: Mapping[str, Any]) -> Iterator[CheckResult]:
    accounts = part(kind, "accounts")
    for account_id in accounts:
        regions = part(part(accounts, account_id), "regions")
        for region in regions:
            for hit in entries(part(regions, region).get("hits")):
                if isinstance(hit, Mapping):
                    resource = _resource(hit.get("resource"))
                    yield _result(account_id, issue, kind, region, resource)


def _resource(value: Any) -> str:
    """CloudMapper names most resources; some by what they consist of."""
    return text(value) if isinstance(value, str) else "" if value is None else str(value)


def _result(
    account_id: str, issue: str, kind: Mapping[str, Any], region: str, resource: str
) -> CheckResult:
    """CloudMapper writes only what is wrong, and not when it looked."""
    return CheckResult(
        tool="cloudmapper",
        account_id=account_id,
        check=issue,
        status=CheckStatus.FAIL,
        region=region or GLOBAL,
        resource=resource,
        title=text(kind.get("title")),
        detail=text(kind.get("description")),
        severity=text(kind.get("severity")).lower(),
    )


SCANNER = Scanner("cloudmapper", LABEL, _recognises, _read, ("cloudmapper",))
