"""GuardDuty: members and their administrators, organization settings, all features of a detector.

Detectors and organization administrators are moto's; moto has no relation between accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from moto.guardduty.models import Detector, guardduty_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import member, organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=50, error="BadRequestException")
FOUNDATION: Final = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
PROTECTIONS: Final = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)
SINCE: Final = "2025-03-03T09:00:00.000Z"


@dataclass
class Membership:
    """status is GuardDuty's relationship status: Enabled, Disabled, Removed, Invited …"""

    administrator: str
    status: str = "Enabled"


# (member account, region) -> its administrator.
MEMBERSHIPS: Final[dict[tuple[str, str], Membership]] = {}
# (administrator account, region) -> AutoEnableOrganizationMembers: ALL, NEW or NONE.
AUTO_ENABLE: Final[dict[tuple[str, str], str]] = {}


def detectors_of(account: str, region: str) -> dict[str, Detector]:
    return guardduty_backends[account][region].detectors


def _detector(call: Call) -> Detector:
    detector = detectors_of(call.account, call.region).get(str(call.parameters["DetectorId"]))
    if detector is None:
        raise AwsError(
            "BadRequestException",
            "The request is rejected because the input detectorId is not owned by the current "
            "account.",
            400,
        )
    return detector


@answers("guardduty", "ListDetectors")
def list_detectors(call: Call) -> Result:
    return PAGES.page(call, "DetectorIds", list(detectors_of(call.account, call.region)))


@answers("guardduty", "GetDetector")
def get_detector(call: Call) -> Result:
    detector = _detector(call)
    created = detector.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "CreatedAt": created,
        "UpdatedAt": created,
        "FindingPublishingFrequency": detector.finding_publish_freq,
        "ServiceRole": detector.service_role,
        "Status": "ENABLED" if detector.enabled else "DISABLED",
        "Tags": detector.tags,
        "DataSources": _data_sources(detector),
        "Features": features(detector),
    }


def features(detector: Detector) -> list[dict[str, Any]]:
    """All features, as AWS lists them; those nobody set are on, as for a new detector."""
    chosen = {f["name"]: f["status"] for f in detector.features}
    now = datetime.now(UTC)
    return [
        {"Name": name, "Status": chosen.get(name, "ENABLED"), "UpdatedAt": now}
        for name in (*FOUNDATION, *PROTECTIONS)
        if detector.enabled or name in FOUNDATION
    ]


def _data_sources(detector: Detector) -> dict[str, Any]:
    on = {f["Name"]: {"Status": f["Status"]} for f in features(detector)}
    off = {"Status": "DISABLED"}
    return {
        "CloudTrail": on["CLOUD_TRAIL"],
        "DNSLogs": on["DNS_LOGS"],
        "FlowLogs": on["FLOW_LOGS"],
        "S3Logs": on.get("S3_DATA_EVENTS", off),
        "Kubernetes": {"AuditLogs": on.get("EKS_AUDIT_LOGS", off)},
    }


@answers("guardduty", "GetAdministratorAccount")
def get_administrator_account(call: Call) -> Result:
    """Nothing for the administrator itself and for an account without one."""
    _detector(call)
    membership = MEMBERSHIPS.get((call.account, call.region))
    if membership is None or membership.status == "Removed":
        return {}
    return {
        "Administrator": {
            "AccountId": membership.administrator,
            "RelationshipStatus": membership.status,
            "InvitedAt": SINCE,
        }
    }


def _members(call: Call) -> list[str]:
    _detector(call)
    return sorted(
        account
        for (account, region), membership in MEMBERSHIPS.items()
        if membership.administrator == call.account and region == call.region
    )


@answers("guardduty", "ListMembers")
def list_members(call: Call) -> Result:
    """The administrator itself is not among them."""
    associated = str(call.parameters.get("OnlyAssociated", "true")).lower() == "true"
    listed = []
    for account in _members(call):
        membership = MEMBERSHIPS[account, call.region]
        if associated and membership.status not in ("Enabled", "Disabled"):
            continue
        owner = member(account)
        listed.append(
            {
                "AccountId": account,
                "DetectorId": next(iter(detectors_of(account, call.region)), None),
                "MasterId": call.account,
                "AdministratorId": call.account,
                "Email": owner.email if owner else f"{account}@example.com",
                "RelationshipStatus": membership.status,
                "InvitedAt": SINCE,
                "UpdatedAt": SINCE,
            }
        )
    return PAGES.page(call, "Members", listed)


@answers("guardduty", "GetMemberDetectors")
def get_member_detectors(call: Call) -> Result:
    """Of at most 50 accounts; those that are no members come back unprocessed."""
    asked = list(call.parameters["AccountIds"])
    if len(asked) > PAGES.limit:
        raise AwsError("BadRequestException", "At most 50 account ids are accepted.", 400)
    members = set(_members(call))
    found = {
        account: detector
        for account in asked
        if account in members
        for detector in detectors_of(account, call.region).values()
    }
    return {
        "MemberDataSourceConfigurations": [
            {
                "AccountId": account,
                "DataSources": _data_sources(detector),
                "Features": [f for f in features(detector) if f["Name"] in PROTECTIONS],
            }
            for account, detector in found.items()
        ],
        "UnprocessedAccounts": [
            {"AccountId": account, "Result": "The request is rejected: not a member."}
            for account in asked
            if account not in found
        ],
    }


@answers("guardduty", "CreateMembers")
def create_members(call: Call) -> Result:
    """An organization's administrator enables the accounts it adds, without invitations."""
    _detector(call)
    for details in call.parameters["AccountDetails"]:
        account = str(details["AccountId"])
        MEMBERSHIPS[account, call.region] = Membership(call.account)
        if not detectors_of(account, call.region):
            guardduty_backends[account][call.region].create_detector(True, "SIX_HOURS", {}, {}, [])
    return {"UnprocessedAccounts": []}


@answers("guardduty", "DescribeOrganizationConfiguration")
def describe_organization_configuration(call: Call) -> Result:
    _detector(call)
    _require_administrator(call)
    mode = AUTO_ENABLE.get((call.account, call.region), "NEW")
    return {
        "AutoEnable": mode != "NONE",
        "AutoEnableOrganizationMembers": mode,
        "MemberAccountLimitReached": False,
        "Features": [{"Name": name, "AutoEnable": mode} for name in PROTECTIONS],
    }


@answers("guardduty", "UpdateOrganizationConfiguration")
def update_organization_configuration(call: Call) -> Result:
    _detector(call)
    _require_administrator(call)
    AUTO_ENABLE[call.account, call.region] = call.parameters["AutoEnableOrganizationMembers"]
    return {}


def _require_administrator(call: Call) -> None:
    if call.account not in administrators(call):
        raise AwsError(
            "BadRequestException",
            "The request is rejected because the caller is not the GuardDuty delegated "
            "administrator of the organization.",
            400,
        )


def administrators(call: Call) -> list[str]:
    """Set per region, and kept by moto with the management account."""
    organization = organization_of(call.account)
    if organization is None:
        return []
    return list(guardduty_backends[organization.account_id][call.region].admin_account_ids)


@answers("guardduty", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(call: Call) -> Result:
    organization = organization_of(call.account)
    if organization is None or organization.account_id != call.account:
        raise AwsError(
            "BadRequestException",
            "The request is rejected because the caller is not the management account of an "
            "organization.",
            400,
        )
    listed = [{"AdminAccountId": a, "AdminStatus": "ENABLED"} for a in administrators(call)]
    return PAGES.page(call, "AdminAccounts", listed)
