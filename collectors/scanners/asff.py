"""The AWS Security Finding Format: Security Hub's own findings, and Prowler's through it.

As the API and the CLI answer (``{"Findings": […]}``), a bare list, one object a line, a single
finding, and the events that EventBridge delivers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from collectors.scanners.head import HEAD_BYTES, Head
from collectors.scanners.records import json_records
from collectors.scanners.results import (
    GLOBAL,
    CheckResult,
    CheckStatus,
    Scanner,
    entries,
    moment,
    part,
    status_of,
    text,
)

LABEL = "AWS Security Finding Format"
FINDING = {"AwsAccountId", "GeneratorId", "ProductArn"}
PROWLER = "prowler-"
_CONTROL = re.compile(r"/([A-Za-z][A-Za-z0-9]*\.\d+)$")


def _recognises(head: Head) -> bool:
    return _prefix(head) is not None


def _prefix(head: Head) -> str | None:
    """Where ijson finds the findings; None for a file of another kind."""
    key, nested = head.nested
    if nested.keys() >= FINDING and key in ("Findings", "findings"):
        return (
            f"detail.{key}.item"
            if "detail-type" in head.text[: head.text.find(key)]
            else (f"{key}.item")
        )
    if "detail" in head.first:
        found = entries(part(head.first, "detail").get("findings"))
        return "detail.findings.item" if found else None
    if head.first.keys() >= FINDING:
        return head.prefix
    return None


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    prefix = _prefix(Head(file.read(HEAD_BYTES)))
    file.seek(0)
    for record in json_records(file, prefix or "", LABEL):
        if text(record.get("RecordState")) != "ARCHIVED":
            yield from results_of(record)


def results_of(finding: Mapping[str, Any]) -> Iterator[CheckResult]:
    """One for each resource; a finding without one is about the account."""
    generator = text(finding.get("GeneratorId"))
    told = text(part(finding, "Workflow").get("Status"))
    resources = [one for one in entries(finding.get("Resources")) if isinstance(one, Mapping)]
    for resource in resources or [{}]:
        yield CheckResult(
            tool="prowler" if generator.startswith(PROWLER) else "securityhub",
            account_id=text(finding.get("AwsAccountId")),
            check=_check(finding, generator),
            status=_status(finding, told),
            region=text(resource.get("Region")) or text(finding.get("Region")) or GLOBAL,
            resource=text(resource.get("Id")),
            title=text(finding.get("Title")),
            detail=text(finding.get("Description")),
            severity=text(part(finding, "Severity").get("Label")).lower(),
            at=moment(finding.get("UpdatedAt")),
            partition=text(resource.get("Partition")) or _partition(finding),
            muted=told == "SUPPRESSED",
        )


def _status(finding: Mapping[str, Any], workflow: str) -> CheckStatus:
    """A finding of no control, such as GuardDuty's, is there until somebody resolves it."""
    compliance = part(finding, "Compliance")
    if "Status" in compliance:
        return status_of(text(compliance["Status"]))
    return CheckStatus.UNDECIDED if workflow == "RESOLVED" else CheckStatus.FAIL


def _check(finding: Mapping[str, Any], generator: str) -> str:
    """The control as Security Hub names it today (EC2.2), by the older standards' rule where there
    is none, and for other products' findings their type."""
    if generator.startswith(PROWLER):
        return generator.removeprefix(PROWLER)
    compliance, fields = part(finding, "Compliance"), part(finding, "ProductFields")
    if text(compliance.get("SecurityControlId")):
        return text(compliance["SecurityControlId"])
    rule = text(fields.get("ControlId")) or text(fields.get("aws/config/ConfigRuleName"))
    if rule:
        return rule
    control = _CONTROL.search(generator)
    if control:
        return control.group(1)
    if compliance:
        return generator.rpartition("ruleset/")[2]
    types = [text(one) for one in entries(finding.get("Types"))]
    return types[0].rpartition("/")[2] if types and types[0] else generator


def _partition(finding: Mapping[str, Any]) -> str:
    parts = text(finding.get("ProductArn")).split(":")
    return parts[1] if len(parts) > 1 and parts[1] else "aws"


SCANNER = Scanner("asff", LABEL, _recognises, _read, ("securityhub", "prowler"))
