"""Connecting an AWS organization: everything that is needed is tried first, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from collectors.aws import MAIN_REGION, Aws, CallFailed, Role, caller_arn, credentials
from collectors.models import Connection
from collectors.outcomes import Outcome
from collectors.registry import Operation
from collectors.services.organizations.tree import (
    DESCRIBE_ORGANIZATION,
    LIST_ACCOUNTS,
    LIST_ROOTS,
    NOT_IN_USE,
    state_of,
)
from inventory import audit
from inventory.audit import Event
from inventory.changes import Edit, write
from inventory.columns import ORGANIZATIONS
from inventory.models import Organization, Origin, User
from inventory.policy import Policy, Values

ROLE_ARN = re.compile(r"arn:(aws|aws-us-gov|aws-cn):iam::(\d{12}):role/([\w+=,.@/-]{1,512})")
ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}")
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
MEMBERS_TRIED = 3
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True)
class Wish:
    """What a person entered. Raises nothing; ``errors`` has field → what to change."""

    role_arn: str
    external_id: str = ""
    member_role: str = "CairnReadOnly"
    name: str = ""
    regions: Sequence[str] = ()

    @property
    def errors(self) -> dict[str, str]:
        found = {}
        if not ROLE_ARN.fullmatch(self.role_arn):
            found["role_arn"] = (
                "Is not the ARN of a role; write one such as "
                "arn:aws:iam::111122223333:role/CairnManagement."
            )
        if self.external_id and not EXTERNAL_ID.fullmatch(self.external_id):
            found["external_id"] = "Needs 2 to 1224 letters, digits and +=,.@:/- characters."
        if not ROLE_NAME.fullmatch(self.member_role):
            found["member_role"] = "Is not the name of a role; write it without path or ARN."
        if wrong := [region for region in self.regions if not REGION.fullmatch(region)]:
            found["regions"] = f"{wrong[0]} is not a Region; write them such as eu-central-1."
        return found

    @property
    def role(self) -> Role:
        return Role(self.role_arn, "M", self.external_id)

    def member(self, account_id: str) -> Role:
        partition = self.role.partition
        arn = f"arn:{partition}:iam::{account_id}:role/{self.member_role}"
        return Role(arn, "A", self.external_id)


@dataclass(frozen=True)
class Step:
    """``denied`` is the IAM action that AWS refused, and ``cure`` what to do about it."""

    title: str
    is_good: bool
    message: str
    denied: str = ""
    cure: str = ""


@dataclass
class Found:
    """What the steps learnt of the organization."""

    organization_id: str = ""
    management_account_id: str = ""
    feature_set: str = ""
    management_name: str = ""
    caller_arn: str = ""


def check(wish: Wish, found: Found) -> Iterator[Step]:
    """Try the connection step by step; the first that fails is the last. ``found`` is filled."""
    step = _become(wish.role, "Management role", "sts:AssumeRole on this role")
    yield step
    if not step.is_good:
        return
    found.caller_arn = caller_arn(wish.role)
    aws = Aws(wish.role, MAIN_REGION[wish.role.partition], Values(Policy()), datetime.now(UTC))
    for title, operation, read in (
        ("Organization", DESCRIBE_ORGANIZATION, _read_organization),
        ("Roots and organizational units", LIST_ROOTS, _read_roots),
        ("Accounts", LIST_ACCOUNTS, _read_accounts),
    ):
        try:
            message, members = read(aws, found)
        except CallFailed as failed:
            yield _failed(title, operation, failed)
            return
        is_good = bool(message)
        yield Step(title, is_good, message or _NOT_USABLE[title], cure="" if is_good else _CURE)
        if not is_good:
            return
    yield _any_member(wish, [one for one in members if one != wish.role.account_id])


def is_usable(steps: Sequence[Step]) -> bool:
    """Whether an organization can be connected: all but the last step, a member role, is needed."""
    return len(steps) == len(_NOT_USABLE) + 2 and all(step.is_good for step in steps[:-1])


def _any_member(wish: Wish, account_ids: Sequence[str]) -> Step:
    """One member role is enough: single accounts may lack it, and a run says which do."""
    step = Step("Member role", True, "The organization has no other active account.")
    for account_id in account_ids[:MEMBERS_TRIED]:
        title = f"Member role in {account_id}"
        step = _become(wish.member(account_id), title, "sts:AssumeRole on member roles")
        if step.is_good:
            break
    return step


_NOT_USABLE = {
    "Organization": "The account is not the management account of an organization.",
    "Roots and organizational units": "AWS named no root of the organization.",
    "Accounts": "The list of accounts does not hold the management account.",
}
_CURE = "Enter a role of the organization's management account."


def _become(role: Role, title: str, denied: str) -> Step:
    try:
        credentials(role, renew=True)
    except CallFailed as failed:
        if failed.outcome == Outcome.ASSUME_ROLE_DENIED:
            cure = (
                "Create the role with the template, and check that its trust policy names "
                "Cairn's principal and this external id."
            )
            return Step(title, False, failed.message, denied, cure)
        return Step(title, False, failed.message)
    return Step(title, True, f"Assumed {role.arn}, and it answers for {role.account_id}.")


def _failed(title: str, operation: Operation, failed: CallFailed) -> Step:
    if failed.outcome == Outcome.ACCESS_DENIED:
        cure = f"Add {operation.action} to the policy of the management role."
        return Step(title, False, failed.message, operation.action, cure)
    return Step(title, False, failed.message)


def _read_organization(aws: Aws, found: Found) -> tuple[str, list[str]]:
    described = (aws.call(DESCRIBE_ORGANIZATION, absent=(NOT_IN_USE,)) or {}).get("Organization")
    if not described or described.get("MasterAccountId") != aws.account_id:
        return "", []
    found.organization_id = described["Id"]
    found.management_account_id = described["MasterAccountId"]
    found.feature_set = described.get("FeatureSet") or ""
    return f"{found.organization_id}, managed by {found.management_account_id}.", []


def _read_roots(aws: Aws, found: Found) -> tuple[str, list[str]]:
    roots = aws.pages(LIST_ROOTS) or []
    return (f"{len(roots)} root." if roots else ""), []


def _read_accounts(aws: Aws, found: Found) -> tuple[str, list[str]]:
    accounts = aws.pages(LIST_ACCOUNTS) or []
    by_id = {account["Id"]: account for account in accounts}
    if found.management_account_id not in by_id:
        return "", []
    found.management_name = by_id[found.management_account_id].get("Name") or ""
    active = [number for number, account in by_id.items() if state_of(account) == "ACTIVE"]
    return f"{len(accounts)} accounts, {len(active)} of them active.", sorted(active)


def connect(wish: Wish, found: Found, *, user: User | None = None) -> Connection:
    """Keep a connection whose management role and organization were checked."""
    key = found.organization_id
    known = Organization.objects.filter(organization_id=key).first()
    values: dict[str, object] = {
        "partition": wish.role.partition,
        "management_account_id": found.management_account_id,
        "feature_set": found.feature_set,
    }
    if wish.name or known is None:
        values["name"] = wish.name or found.management_name or key
    with transaction.atomic(), audit.written_last():
        write([Edit(ORGANIZATIONS, key, values)], origin=Origin.EDIT, source="Connect", user=user)
        connection, _ = Connection.objects.update_or_create(
            organization=Organization.objects.get(organization_id=key),
            defaults={
                "management_role_arn": wish.role_arn,
                "member_role_name": wish.member_role,
                "external_id": wish.external_id,
                "caller_arn": found.caller_arn,
                "regions": sorted(wish.regions),
            },
        )
        audit.record(
            Event.CONNECTED,
            connection.organization,
            role=wish.role_arn,
            member_role=wish.member_role,
            regions=sorted(wish.regions),
        )
    return connection
