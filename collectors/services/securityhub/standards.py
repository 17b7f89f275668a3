"""AWS Security Hub CSPM: which standards check an account, and the urgent things they found.

The findings are read in the security accounts, which see those of all accounts they administer.
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_HUB = Operation("securityhub", "describe_hub", "securityhub:DescribeHub")
GET_ENABLED_STANDARDS = Operation(
    "securityhub",
    "get_enabled_standards",
    "securityhub:GetEnabledStandards",
    "StandardsSubscriptions",
)
GET_FINDINGS = Operation("securityhub", "get_findings", "securityhub:GetFindings", "Findings")

# How Security Hub says that it is off.
OFF = ("InvalidAccessException", "ResourceNotFoundException")

# Controls about what the whole internet can reach. The witness is checked once for each account
# and Region, so a result of it proves that the account is being checked.
URGENT_CONTROLS = (
    "S3.2", "S3.3", "ES.2", "OpenSearch.2", "EC2.1", "EC2.19", "RDS.1", "RDS.2", "Redshift.1",
    "DMS.1",
)  # fmt: skip
WITNESS = "EC2.1"


@dataclass(frozen=True)
class Standard:
    arn: str
    status: str = ""
    status_reason: str = ""

    @property
    def is_ready(self) -> bool:
        return self.status == "READY"


@dataclass(frozen=True)
class Hub:
    """Security Hub in a Region; no ``arn`` where it is off. AWS tells since when the hub exists,
    not since when a standard is ready."""

    arn: str = ""
    subscribed_at: datetime | None = None
    standards: tuple[Standard, ...] = ()


@dataclass(frozen=True)
class UrgentFinding:
    region: str
    control: str
    resource: str
    severity: str = ""
    is_muted: bool = False


@dataclass(frozen=True)
class UrgentFindings:
    """What a security account sees, by the id of the account it is about. ``checked`` are the
    Regions whose results it holds: an account that is not there is not known to be clean."""

    is_on: bool = False
    checked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failed: Mapping[str, tuple[UrgentFinding, ...]] = field(default_factory=dict)


def fetch_hub(aws: Aws) -> Answer:
    hub = aws.call(DESCRIBE_HUB, absent=OFF)
    if hub is None:
        return {}
    return {"hub": hub, "standards": aws.pages(GET_ENABLED_STANDARDS, absent=OFF) or []}


def transform_hub(answer: Answer) -> Hub:
    hub = answer.get("hub") or {}
    return Hub(
        arn=hub.get("HubArn") or "",
        subscribed_at=time_of(hub.get("SubscribedAt")),
        standards=tuple(
            Standard(
                standard["StandardsArn"],
                standard.get("StandardsStatus") or "",
                (standard.get("StandardsStatusReason") or {}).get("StatusReasonCode") or "",
            )
            for standard in answer.get("standards") or ()
            if standard.get("StandardsArn")
        ),
    )


def time_of(text: str | None) -> datetime | None:
    """Security Hub writes times as text. None where it is no time with a zone."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def fetch_urgent_findings(aws: Aws) -> Answer:
    if aws.call(DESCRIBE_HUB, absent=OFF) is None:
        return {}
    witnesses = aws.pages(GET_FINDINGS, absent=OFF, Filters=_filters((WITNESS,)))
    failed = aws.pages(GET_FINDINGS, absent=OFF, Filters=_filters(URGENT_CONTROLS, "FAILED"))
    if witnesses is None or failed is None:
        return {}
    return {"witnesses": witnesses, "failed": failed}


def _filters(controls: Iterable[str], status: str = "") -> dict[str, Any]:
    def equal(*values: str) -> list[dict[str, str]]:
        return [{"Value": value, "Comparison": "EQUALS"} for value in values]

    filters = {
        "ProductName": equal("Security Hub"),
        "RecordState": equal("ACTIVE"),
        "ComplianceSecurityControlId": equal(*controls),
    }
    return {**filters, "ComplianceStatus": equal(status)} if status else filters


def transform_urgent_findings(answer: Answer) -> UrgentFindings:
    """The filters are applied here again: a rule must not rest on an endpoint that ignores them."""
    if "failed" not in answer:
        return UrgentFindings()
    witnesses = [f for f in answer.get("witnesses") or () if _is_active(f, (WITNESS,))]
    checked: dict[str, set[str]] = {}
    for witness in witnesses:
        if _status(witness) in ("PASSED", "FAILED") and (region := _region(witness)):
            checked.setdefault(witness["AwsAccountId"], set()).add(region)
    failed: dict[str, set[UrgentFinding]] = {}
    for finding in answer["failed"]:
        if _is_active(finding, URGENT_CONTROLS) and _status(finding) == "FAILED":
            failed.setdefault(finding["AwsAccountId"], set()).update(_urgent(finding))
    return UrgentFindings(
        is_on=True,
        checked={account: tuple(sorted(regions)) for account, regions in checked.items()},
        failed={
            account: tuple(sorted(found, key=lambda f: (f.region, f.control, f.resource)))
            for account, found in failed.items()
        },
    )


def _urgent(finding: Answer) -> Iterator[UrgentFinding]:
    for resource in _resources(finding):
        yield UrgentFinding(
            region=_region(finding),
            control=_control(finding),
            resource=resource.get("Id") or "",
            severity=((finding.get("Severity") or {}).get("Label") or "").lower(),
            is_muted=(finding.get("Workflow") or {}).get("Status") == "SUPPRESSED",
        )


def _is_active(finding: Answer, controls: Iterable[str]) -> bool:
    return (
        bool(finding.get("AwsAccountId"))
        and finding.get("RecordState") == "ACTIVE"
        and _control(finding) in controls
    )


def _control(finding: Answer) -> str:
    return (finding.get("Compliance") or {}).get("SecurityControlId") or ""


def _status(finding: Answer) -> str:
    return (finding.get("Compliance") or {}).get("Status") or ""


def _region(finding: Answer) -> str:
    """Where the resource is: in an aggregation Region, findings of other Regions appear too."""
    return _resources(finding)[0].get("Region") or finding.get("Region") or ""


def _resources(finding: Answer) -> list[Answer]:
    """At least one, so that a finding that names no resource still counts."""
    return list(finding.get("Resources") or ()) or [{}]


hub = Collector(
    "securityhub.hub",
    Hub,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_HUB, GET_ENABLED_STANDARDS),
    fetch_hub,
    transform_hub,
)

urgent_findings = Collector(
    "securityhub.urgent_findings",
    UrgentFindings,
    Scope.SECURITY,
    Reach.REGIONAL,
    (DESCRIBE_HUB, GET_FINDINGS),
    fetch_urgent_findings,
    transform_urgent_findings,
)
