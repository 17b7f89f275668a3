"""AWS Security Hub CSPM: all findings of its controls about one account.

Read in the delegated administrator's account, a page at a time: they are too many for a fact.
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.services.securityhub.standards import GET_FINDINGS, time_of

if TYPE_CHECKING:
    from collectors.aws import Aws


def newest_update(aws: Aws, account_id: str) -> datetime | None:
    """When anything about the account last changed, archived findings included; None where there
    never was a finding. Raises CallFailed."""
    newest_first = [{"Field": "UpdatedAt", "SortOrder": "desc"}]
    answer = aws.call(
        GET_FINDINGS, Filters=_about(account_id), SortCriteria=newest_first, MaxResults=1
    )
    findings = (answer or {}).get("Findings") or [{}]
    return time_of(findings[0].get("UpdatedAt"))


def active_findings(aws: Aws, account_id: str) -> Iterator[Mapping[str, Any]]:
    """In the AWS Security Finding Format. Raises CallFailed."""
    filters = {**_about(account_id), "RecordState": _equals("ACTIVE")}
    for page in aws.each_page(GET_FINDINGS, Filters=filters, MaxResults=100):
        yield from page.get("Findings") or ()


def _about(account_id: str) -> dict[str, Any]:
    return {"AwsAccountId": _equals(account_id), "ProductName": _equals("Security Hub")}


def _equals(value: str) -> list[dict[str, str]]:
    return [{"Value": value, "Comparison": "EQUALS"}]
