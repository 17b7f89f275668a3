"""Amazon GuardDuty: an account's detector, and what the account that runs GuardDuty sees.

The delegated administrator is chosen Region by Region, and is no member of its own.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_ORGANIZATION_ADMIN_ACCOUNTS = Operation(
    "guardduty",
    "list_organization_admin_accounts",
    "guardduty:ListOrganizationAdminAccounts",
    "AdminAccounts",
)
LIST_DETECTORS = Operation("guardduty", "list_detectors", "guardduty:ListDetectors", "DetectorIds")
GET_DETECTOR = Operation("guardduty", "get_detector", "guardduty:GetDetector")
GET_ADMINISTRATOR_ACCOUNT = Operation(
    "guardduty", "get_administrator_account", "guardduty:GetAdministratorAccount"
)
LIST_MEMBERS = Operation("guardduty", "list_members", "guardduty:ListMembers", "Members")
GET_MEMBER_DETECTORS = Operation(
    "guardduty", "get_member_detectors", "guardduty:GetMemberDetectors"
)
DESCRIBE_ORGANIZATION_CONFIGURATION = Operation(
    "guardduty",
    "describe_organization_configuration",
    "guardduty:DescribeOrganizationConfiguration",
)

MEMBERS_A_CALL = 50  # what GetMemberDetectors accepts
# GuardDuty has one code for "not the delegated administrator" and "no such detector".
REFUSED = "BadRequestException"
S3_PROTECTION = "S3_DATA_EVENTS"


@dataclass(frozen=True)
class Feature:
    """``managed_by`` names the organization policy that decides, if one does."""

    name: str
    status: str = ""
    managed_by: str = ""


@dataclass(frozen=True)
class Detector:
    """The account's detector in a Region; all empty where there is none. ``relationship`` is that
    with the administrator account: Enabled, or Disabled where monitoring is suspended."""

    id: str = ""
    status: str = ""
    administrator: str = ""
    relationship: str = ""
    features: tuple[Feature, ...] = ()

    @property
    def is_enabled(self) -> bool:
        return bool(self.id) and self.status == "ENABLED"

    @property
    def has_s3_protection(self) -> bool:
        return any(f.name == S3_PROTECTION and f.status == "ENABLED" for f in self.features)


@dataclass(frozen=True)
class Member:
    """``has_s3_protection`` is None where GuardDuty did not say."""

    account_id: str
    relationship: str = ""
    has_s3_protection: bool | None = None


@dataclass(frozen=True)
class Administration:
    """GuardDuty as a security account runs it in a Region; no detector id where it is off there.

    ``auto_enable`` is ALL, NEW or NONE; it and the limit are only told to the delegated
    administrator.
    """

    detector_id: str = ""
    is_delegated_administrator: bool = False
    auto_enable: str = ""
    is_member_limit_reached: bool = False
    members: tuple[Member, ...] = ()

    def member(self, account_id: str) -> Member | None:
        return next((m for m in self.members if m.account_id == account_id), None)


def fetch_detector(aws: Aws) -> Answer:
    for detector_id in aws.pages(LIST_DETECTORS) or []:
        detector = aws.call(GET_DETECTOR, absent=(REFUSED,), DetectorId=detector_id)
        if detector is not None:
            administrator = aws.call(GET_ADMINISTRATOR_ACCOUNT, DetectorId=detector_id)
            return {"id": detector_id, "detector": detector, "administrator": administrator}
    return {}


def transform_detector(answer: Answer) -> Detector:
    detector = answer.get("detector") or {}
    administrator = (answer.get("administrator") or {}).get("Administrator") or {}
    return Detector(
        id=answer.get("id") or "",
        status=detector.get("Status") or "",
        administrator=administrator.get("AccountId") or "",
        relationship=administrator.get("RelationshipStatus") or "",
        features=tuple(
            Feature(f["Name"], f.get("Status") or "", f.get("ManagedBy") or "")
            for f in detector.get("Features") or ()
            if f.get("Name")
        ),
    )


def fetch_administration(aws: Aws) -> Answer:
    detectors = aws.pages(LIST_DETECTORS) or []
    if not detectors:
        return {}
    detector_id = detectors[0]
    members = aws.pages(LIST_MEMBERS, DetectorId=detector_id, OnlyAssociated="false") or []
    ids = [m["AccountId"] for m in members if m.get("AccountId")]
    return {
        "id": detector_id,
        "configuration": aws.call(
            DESCRIBE_ORGANIZATION_CONFIGURATION, absent=(REFUSED,), DetectorId=detector_id
        ),
        "members": members,
        "detectors": _fetch_member_detectors(aws, detector_id, ids),
    }


def _fetch_member_detectors(aws: Aws, detector_id: str, ids: Iterable[str]) -> list[Answer]:
    found: list[Answer] = []
    rest = iter(ids)
    while batch := list(islice(rest, MEMBERS_A_CALL)):
        answer = aws.call(GET_MEMBER_DETECTORS, DetectorId=detector_id, AccountIds=batch) or {}
        found += answer.get("MemberDataSourceConfigurations") or ()
    return found


def transform_administration(answer: Answer) -> Administration:
    configuration = answer.get("configuration")
    told = configuration or {}
    protection = {
        d["AccountId"]: _s3_protection(d)
        for d in answer.get("detectors") or ()
        if d.get("AccountId")
    }
    return Administration(
        detector_id=answer.get("id") or "",
        is_delegated_administrator=configuration is not None,
        auto_enable=told.get("AutoEnableOrganizationMembers") or "",
        is_member_limit_reached=told.get("MemberAccountLimitReached") is True,
        members=tuple(
            Member(
                m["AccountId"], m.get("RelationshipStatus") or "", protection.get(m["AccountId"])
            )
            for m in answer.get("members") or ()
            if m.get("AccountId")
        ),
    )


def _s3_protection(answer: Answer) -> bool | None:
    stated = [f for f in answer.get("Features") or () if f.get("Name") == S3_PROTECTION]
    return stated[0].get("Status") == "ENABLED" if stated else None


def fetch_delegated_administrators(aws: Aws) -> list[Answer]:
    return aws.pages(LIST_ORGANIZATION_ADMIN_ACCOUNTS) or []


def transform_delegated_administrators(answer: Iterable[Answer]) -> tuple[str, ...]:
    """Account ids; one that is being removed no longer counts."""
    return tuple(
        admin["AdminAccountId"]
        for admin in answer
        if admin.get("AdminAccountId") and admin.get("AdminStatus") == "ENABLED"
    )


detector = Collector(
    "guardduty.detector",
    Detector,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_DETECTORS, GET_DETECTOR, GET_ADMINISTRATOR_ACCOUNT),
    fetch_detector,
    transform_detector,
)

administration = Collector(
    "guardduty.administration",
    Administration,
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_DETECTORS, LIST_MEMBERS, GET_MEMBER_DETECTORS, DESCRIBE_ORGANIZATION_CONFIGURATION),
    fetch_administration,
    transform_administration,
)

delegated_administrators = Collector(
    "guardduty.delegated_administrators",
    tuple[str, ...],
    Scope.ORGANIZATION,
    Reach.REGIONAL,
    (LIST_ORGANIZATION_ADMIN_ACCOUNTS,),
    fetch_delegated_administrators,
    transform_delegated_administrators,
)
