"""The accounts of an organization, and the tree of organizational units they are in.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

NOT_IN_USE = "AWSOrganizationsNotInUseException"

DESCRIBE_ORGANIZATION = Operation(
    "organizations", "describe_organization", "organizations:DescribeOrganization"
)
LIST_ROOTS = Operation("organizations", "list_roots", "organizations:ListRoots", "Roots")
LIST_OUS = Operation(
    "organizations",
    "list_organizational_units_for_parent",
    "organizations:ListOrganizationalUnitsForParent",
    "OrganizationalUnits",
)
LIST_ACCOUNTS_FOR_PARENT = Operation(
    "organizations",
    "list_accounts_for_parent",
    "organizations:ListAccountsForParent",
    "Accounts",
)
LIST_ACCOUNTS = Operation(
    "organizations", "list_accounts", "organizations:ListAccounts", "Accounts"
)


@dataclass(frozen=True)
class Organization:
    id: str = ""
    arn: str = ""
    feature_set: str = ""
    management_account_id: str = ""
    management_account_email: str = ""


@dataclass(frozen=True)
class Root:
    """``policy_types`` are type → status, such as ENABLED; types never enabled are left out."""

    id: str
    arn: str = ""
    name: str = ""
    policy_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OrganizationalUnit:
    id: str
    parent_id: str
    arn: str = ""
    name: str = ""


@dataclass(frozen=True)
class Account:
    """``ou_ids`` lead from the root down to the OU the account is in; empty when the walk did not
    meet it. ``state`` is AWS's word, also one that Cairn does not know yet."""

    id: str
    arn: str = ""
    name: str = ""
    email: str = ""
    state: str = ""
    joined_method: str = ""
    joined_timestamp: datetime | None = None
    ou_ids: Sequence[str] = ()


@dataclass(frozen=True)
class Listing:
    """Everything in the organization. ``gaps`` say why it may not be everything; only a listing
    without gaps proves that an account is gone."""

    organization: Organization = Organization()
    roots: Sequence[Root] = ()
    organizational_units: Sequence[OrganizationalUnit] = ()
    accounts: Sequence[Account] = ()
    gaps: Sequence[str] = ()

    @property
    def is_complete(self) -> bool:
        return not self.gaps

    def account(self, account_id: str) -> Account | None:
        return next((a for a in self.accounts if a.id == account_id), None)

    def ou_path(self, account: Account) -> str:
        """Names from the root down, such as Root/Workloads/Prod."""
        names = {root.id: root.name for root in self.roots}
        names |= {unit.id: unit.name for unit in self.organizational_units}
        return "/".join(names.get(place) or place for place in account.ou_ids)

    def enables(self, policy_type: str) -> bool:
        return any(root.policy_types.get(policy_type) == "ENABLED" for root in self.roots)


def _fetch_listing(aws: Aws) -> Any:
    described = aws.call(DESCRIBE_ORGANIZATION, absent=(NOT_IN_USE,))
    if described is None:
        return None
    roots = aws.pages(LIST_ROOTS) or []
    units = walk(aws, roots)
    places = [place["Id"] for place in (*roots, *units) if place.get("Id")]
    return {
        "Organization": described.get("Organization"),
        "Roots": roots,
        "OrganizationalUnits": units,
        "Members": {
            place: aws.pages(LIST_ACCOUNTS_FOR_PARENT, ParentId=place) or [] for place in places
        },
        "Accounts": aws.pages(LIST_ACCOUNTS) or [],
    }


def walk(aws: Aws, roots: Iterable[Answer]) -> list[dict[str, Any]]:
    """All OUs, parents before their children, each with its ParentId; one that is met again below
    itself is not followed."""
    units: list[dict[str, Any]] = []
    parents = [root["Id"] for root in roots if root.get("Id")]
    met = set(parents)
    while parents:
        parent = parents.pop(0)
        found = [
            {**unit, "ParentId": parent}
            for unit in aws.pages(LIST_OUS, ParentId=parent) or []
            if unit.get("Id") and unit["Id"] not in met
        ]
        met |= {unit["Id"] for unit in found}
        units += found
        parents += [unit["Id"] for unit in found]
    return units


def _listing(answer: Any) -> Listing:
    if answer is None:
        return Listing(gaps=["The connected account is in no organization."])
    organization = _organization(answer.get("Organization") or {})
    roots = [_root(root) for root in answer["Roots"] if root.get("Id")]
    units = [
        OrganizationalUnit(
            id=unit["Id"],
            parent_id=unit["ParentId"],
            arn=unit.get("Arn") or "",
            name=unit.get("Name") or "",
        )
        for unit in answer["OrganizationalUnits"]
    ]
    parent_of = {
        member["Id"]: place
        for place, members in answer["Members"].items()
        for member in members
        if member.get("Id")
    }
    lines = {root.id: [root.id] for root in roots}
    for unit in units:
        lines[unit.id] = [*lines.get(unit.parent_id, ()), unit.id]
    accounts = [
        _account(account, lines.get(parent_of.get(account["Id"], ""), ()))
        for account in answer["Accounts"]
        if account.get("Id")
    ]
    gaps = _gaps(organization, {account.id for account in accounts}, set(parent_of))
    if len(accounts) < len(answer["Accounts"]):
        gaps.append("AWS listed an account without its id.")
    return Listing(organization, roots, units, accounts, gaps)


def _gaps(organization: Organization, listed: set[str], walked: set[str]) -> list[str]:
    """Reasons to doubt that ``listed`` is everything. A delegated administrator that may not list
    gets an empty answer instead of an error, so the management account has to be in it."""
    gaps = []
    if not organization.management_account_id:
        gaps.append("AWS did not name the management account.")
    elif organization.management_account_id not in listed:
        gaps.append("The list of accounts lacks the management account.")
    if only_listed := sorted(listed - walked):
        gaps.append(f"Listed, but in no OU: {', '.join(only_listed)}.")
    if only_walked := sorted(walked - listed):
        gaps.append(f"In an OU, but not listed: {', '.join(only_walked)}.")
    return gaps


def _organization(answer: Answer) -> Organization:
    return Organization(
        id=answer.get("Id") or "",
        arn=answer.get("Arn") or "",
        feature_set=answer.get("FeatureSet") or "",
        management_account_id=answer.get("MasterAccountId") or "",
        management_account_email=answer.get("MasterAccountEmail") or "",
    )


def _root(answer: Answer) -> Root:
    return Root(
        id=answer["Id"],
        arn=answer.get("Arn") or "",
        name=answer.get("Name") or "",
        policy_types={
            kind["Type"]: kind.get("Status") or ""
            for kind in answer.get("PolicyTypes") or ()
            if kind.get("Type")
        },
    )


def _account(answer: Answer, ou_ids: Sequence[str]) -> Account:
    return Account(
        id=answer["Id"],
        arn=answer.get("Arn") or "",
        name=answer.get("Name") or "",
        email=answer.get("Email") or "",
        state=state_of(answer),
        joined_method=answer.get("JoinedMethod") or "",
        joined_timestamp=answer.get("JoinedTimestamp"),
        ou_ids=ou_ids,
    )


def state_of(answer: Answer) -> str:
    """``State``; answers recorded before September 2026 may have only ``Status``."""
    return answer.get("State") or answer.get("Status") or ""


listing = Collector(
    "organizations.listing",
    Listing,
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (DESCRIBE_ORGANIZATION, LIST_ROOTS, LIST_OUS, LIST_ACCOUNTS_FOR_PARENT, LIST_ACCOUNTS),
    _fetch_listing,
    _listing,
    Phase.REGIONS,
)
