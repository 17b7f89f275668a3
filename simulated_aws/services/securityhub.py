"""Security Hub CSPM: the standards a hub runs and what they find; whether there is a hub is moto's.

A ready standard finds nothing wrong but what FAILED says, and tells of EC2.1 in every account and
Region, as AWS does. The delegated administrator sees the findings of all members.
"""

from __future__ import annotations

from typing import Any, Final

from moto.securityhub.models import securityhub_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import is_delegated, organization_of
from simulated_aws.paging import Paging
from simulated_aws.services.securityhub_routes import AGGREGATORS
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, error="InvalidInputException")
FOUNDATIONAL: Final = "standards/aws-foundational-security-best-practices/v/1.0.0"
DEFAULT_STANDARDS: Final = (FOUNDATIONAL, "standards/cis-aws-foundations-benchmark/v/1.4.0")
# (account, region) -> subscriptions as GetEnabledStandards describes them.
STANDARDS: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}
# (account, region) -> controls that fail there, as (control, type and id of the resource).
FAILED: Final[dict[tuple[str, str], list[tuple[str, str, str]]]] = {}
# (account, control) whose failures somebody has suppressed.
SUPPRESSED: Final[set[tuple[str, str]]] = set()
WITNESS: Final = "EC2.1"
SEEN: Final = "2026-11-20T06:00:00.000Z"
# Filter -> where its value stands in a finding.
FILTERS: Final[dict[str, tuple[str, ...]]] = {
    "AwsAccountId": ("AwsAccountId",),
    "ProductName": ("ProductName",),
    "RecordState": ("RecordState",),
    "ComplianceStatus": ("Compliance", "Status"),
    "ComplianceSecurityControlId": ("Compliance", "SecurityControlId"),
}


def subscription(account: str, region: str, standard: str, status: str) -> dict[str, Any]:
    """standard is the part of its ARN after the region's "::"."""
    name = standard.removeprefix("standards/")
    return {
        "StandardsArn": f"arn:aws:securityhub:{region}::{standard}",
        "StandardsSubscriptionArn": f"arn:aws:securityhub:{region}:{account}:subscription/{name}",
        "StandardsInput": {},
        "StandardsStatus": status,
        "StandardsControlsUpdatable": "READY_FOR_UPDATES",
    }


def _require_hub(call: Call) -> None:
    if not securityhub_backends[call.account][call.region].enabled:
        raise AwsError(
            "InvalidAccessException",
            f"Account {call.account} is not subscribed to AWS Security Hub",
            401,
        )


@answers("securityhub", "GetEnabledStandards")
def get_enabled_standards(call: Call) -> Result:
    _require_hub(call)
    subscribed = STANDARDS.get((call.account, call.region), [])
    return PAGES.page(call, "StandardsSubscriptions", subscribed)


@answers("securityhub", "EnableSecurityHub")
def enable_security_hub(call: Call) -> None:
    """moto enables the hub; its default standards are READY at once, in AWS after minutes."""
    if call.parameters.get("EnableDefaultStandards") is not False:
        STANDARDS[call.account, call.region] = [
            subscription(call.account, call.region, standard, "READY")
            for standard in DEFAULT_STANDARDS
        ]


@answers("securityhub", "DisableSecurityHub")
def disable_security_hub(call: Call) -> None:
    STANDARDS.pop((call.account, call.region), None)


@answers("securityhub", "BatchEnableStandards")
def batch_enable_standards(call: Call) -> Result:
    _require_hub(call)
    subscribed = STANDARDS.setdefault((call.account, call.region), [])
    added = [
        subscription(
            call.account, call.region, str(asked["StandardsArn"]).partition("::")[2], "READY"
        )
        for asked in call.parameters["StandardsSubscriptionRequests"]
    ]
    subscribed.extend(added)
    return {"StandardsSubscriptions": added}


@answers("securityhub", "GetFindings")
def get_findings(call: Call) -> Result:
    """What was imported (moto's) and what the standards found, in the region asked; in the home
    region of an aggregator, in those linked to it too."""
    _require_hub(call)
    filters = call.parameters.get("Filters") or {}
    found = [
        finding
        for account, region in _seen_from(call)
        for finding in (
            *(f.as_dict() for f in securityhub_backends[account][region].findings),
            *_of_standards(account, region),
        )
        if _passes(finding, filters)
    ]
    for criterion in reversed(call.parameters.get("SortCriteria") or []):
        field, is_reversed = str(criterion["Field"]), criterion["SortOrder"] == "desc"
        found.sort(key=lambda one: str(one.get(field, "")), reverse=is_reversed)
    return PAGES.page(call, "Findings", found)


def _seen_from(call: Call) -> list[tuple[str, str]]:
    """Accounts and regions."""
    organization = organization_of(call.account)
    accounts = [call.account]
    if organization and is_delegated(call.account, "securityhub.amazonaws.com"):
        accounts = [str(account.id) for account in organization.accounts]
    regions = {call.region}
    for aggregator in AGGREGATORS.get(call.account, []):
        if aggregator["FindingAggregationRegion"] == call.region:
            regions.update(aggregator["Regions"])
    return [
        (account, region)
        for account in accounts
        for region in sorted(regions)
        if securityhub_backends[account][region].enabled
    ]


def _of_standards(account: str, region: str) -> list[dict[str, Any]]:
    subscriptions = STANDARDS.get((account, region), [])
    if not any(s["StandardsStatus"] == "READY" for s in subscriptions):
        return []
    failed = FAILED.get((account, region), [])
    found = [finding(account, region, *what, status="FAILED") for what in failed]
    if all(control != WITNESS for control, _, _ in failed):
        about = ("AwsAccount", f"AWS::::Account:{account}")
        found.append(finding(account, region, WITNESS, *about, status="PASSED"))
    return found


def finding(
    account: str, region: str, control: str, kind: str, resource: str, *, status: str
) -> dict[str, Any]:
    """As Security Hub writes one about a control."""
    product = f"arn:aws:securityhub:{region}::product/aws/securityhub"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{region}:{account}:security-control/{control}/finding/1",
        "ProductArn": product,
        "ProductName": "Security Hub",
        "GeneratorId": f"security-control/{control}",
        "AwsAccountId": account,
        "Region": region,
        "CreatedAt": SEEN,
        "UpdatedAt": SEEN,
        "Title": f"{control} is checked",
        "Description": f"The resource is checked by {control}.",
        "Severity": {"Label": "CRITICAL" if status == "FAILED" else "INFORMATIONAL"},
        "Compliance": {"Status": status, "SecurityControlId": control},
        "Workflow": {"Status": _workflow(account, control, status)},
        "RecordState": "ACTIVE",
        "Resources": [{"Type": kind, "Id": resource, "Region": region}],
    }


def _workflow(account: str, control: str, status: str) -> str:
    if status != "FAILED":
        return "RESOLVED"
    return "SUPPRESSED" if (account, control) in SUPPRESSED else "NEW"


def _passes(found: Any, filters: dict[str, list[dict[str, str]]]) -> bool:
    """Filters are all to hold; of the values of one, any."""
    for name, tests in filters.items():
        if name not in FILTERS or any(t.get("Comparison") != "EQUALS" for t in tests):
            raise AwsError("InvalidInputException", f"The simulation knows no filter {name}.", 400)
        value = found
        for key in FILTERS[name]:
            value = (value or {}).get(key)
        if value not in {t["Value"] for t in tests}:
            return False
    return True
