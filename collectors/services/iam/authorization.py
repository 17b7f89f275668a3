"""AWS Identity and Access Management: every user, group, role and policy of an account, and who may
do what by them.

One call tells all of it, page by page; roles with when they were last used, which ListRoles does
not tell. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.iam.security_roles import Trust, document_of, each, trusts_of
from collectors.services.iam.statements import Statement, statements_of

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_ACCOUNT_AUTHORIZATION_DETAILS = Operation(
    "iam", "get_account_authorization_details", "iam:GetAccountAuthorizationDetails"
)

PAGE_SIZE = 1000


@dataclass(frozen=True)
class Policy:
    """A managed policy that somebody has, or an inline one, whose ARN is empty. ``document`` is the
    JSON text of its default version, empty where nobody told. AWS's own policies may name a
    thousand actions: of them only services that can make an administrator are kept.
    ``attachments`` are users, groups and roles."""

    name: str
    arn: str = ""
    document: str = ""
    attachments: int = 0

    @property
    def is_aws_managed(self) -> bool:
        return is_aws_managed(self.arn)

    @property
    def statements(self) -> tuple[Statement, ...]:
        return statements_of(self.document)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.document.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Group:
    """``attached`` are ARNs of managed policies."""

    name: str
    arn: str
    attached: tuple[str, ...] = ()
    inline: tuple[Policy, ...] = ()


@dataclass(frozen=True)
class UserAccess:
    """``boundary`` is the ARN of the permissions boundary; ``groups`` are names."""

    name: str
    arn: str
    created_at: datetime | None = None
    groups: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    inline: tuple[Policy, ...] = ()
    boundary: str = ""
    tag_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """``last_used_at`` is None for a role that was not used in the 400 days that AWS remembers."""

    name: str
    arn: str
    path: str = "/"
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_region: str = ""
    trusts: tuple[Trust, ...] = ()
    attached: tuple[str, ...] = ()
    inline: tuple[Policy, ...] = ()
    boundary: str = ""
    tag_keys: tuple[str, ...] = ()

    @property
    def is_service_linked(self) -> bool:
        return self.path.startswith("/aws-service-role/")

    @property
    def is_of_aws(self) -> bool:
        """Made by AWS itself: for a service, or by IAM Identity Center."""
        return self.path.startswith(("/aws-service-role/", "/aws-reserved/"))


@dataclass(frozen=True)
class Authorization:
    """``policies`` are the managed policies that somebody has or is bounded by; of those of AWS,
    actions of ``services`` alone are kept."""

    users: tuple[UserAccess, ...] = ()
    groups: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()
    services: tuple[str, ...] = ("iam", "sts")

    @cached_property
    def by_arn(self) -> Mapping[str, Policy]:
        return {policy.arn: policy for policy in self.policies}

    def policies_of(self, principal: UserAccess | Group | Role) -> Iterator[Policy]:
        """Inline and managed policies, those of a user's groups included. A managed policy that
        AWS did not describe has no document."""
        yield from principal.inline
        yield from (self.by_arn.get(arn) or _undescribed(arn) for arn in principal.attached)
        if isinstance(principal, UserAccess):
            for group in self.groups:
                if group.name in principal.groups:
                    yield from self.policies_of(group)

    def boundary_of(self, principal: UserAccess | Role) -> Policy | None:
        if not principal.boundary:
            return None
        return self.by_arn.get(principal.boundary) or _undescribed(principal.boundary)


def is_aws_managed(arn: str) -> bool:
    return ":iam::aws:policy/" in arn


def _undescribed(arn: str) -> Policy:
    return Policy(arn.rpartition("/")[2], arn)


def fetch_authorization(aws: Aws) -> Answer:
    """The pages, and the services of which policies of AWS are read."""
    pages = aws.whole_pages(GET_ACCOUNT_AUTHORIZATION_DETAILS, MaxItems=PAGE_SIZE)
    near_admin = {_service(action) for action in aws.settings["NEAR_ADMIN_ACTIONS"]}
    return {"pages": pages, "services": {"iam", *near_admin}}


def transform_authorization(answer: Answer) -> Authorization:
    pages, services = answer["pages"], answer["services"]
    users = tuple(_user(one) for one in _joined(pages, "UserDetailList"))
    groups = tuple(_group(one) for one in _joined(pages, "GroupDetailList"))
    roles = tuple(_role(one) for one in _joined(pages, "RoleDetailList"))
    holders: tuple[UserAccess | Group | Role, ...] = (*users, *groups, *roles)
    held = {arn for one in holders for arn in one.attached}
    held |= {one.boundary for one in holders if not isinstance(one, Group)}
    policies = (_policy(one, services) for one in _joined(pages, "Policies") if one["Arn"] in held)
    return Authorization(users, groups, roles, tuple(policies), tuple(sorted(services)))


def _joined(pages: Iterable[Answer], name: str) -> Iterator[Answer]:
    for page in pages:
        yield from (one for one in page.get(name) or () if one.get("Arn"))


def _user(answer: Answer) -> UserAccess:
    return UserAccess(
        name=answer.get("UserName") or "",
        arn=answer["Arn"],
        created_at=answer.get("CreateDate"),
        groups=tuple(answer.get("GroupList") or ()),
        attached=_attached(answer),
        inline=_inline(answer, "UserPolicyList"),
        boundary=_boundary(answer),
        tag_keys=_tag_keys(answer),
    )


def _group(answer: Answer) -> Group:
    return Group(
        name=answer.get("GroupName") or "",
        arn=answer["Arn"],
        attached=_attached(answer),
        inline=_inline(answer, "GroupPolicyList"),
    )


def _role(answer: Answer) -> Role:
    used = answer.get("RoleLastUsed") or {}
    return Role(
        name=answer.get("RoleName") or "",
        arn=answer["Arn"],
        path=answer.get("Path") or "/",
        created_at=answer.get("CreateDate"),
        last_used_at=used.get("LastUsedDate"),
        last_used_region=used.get("Region") or "",
        trusts=trusts_of(document_of(answer.get("AssumeRolePolicyDocument"))),
        attached=_attached(answer),
        inline=_inline(answer, "RolePolicyList"),
        boundary=_boundary(answer),
        tag_keys=_tag_keys(answer),
    )


def _policy(answer: Answer, services: Collection[str]) -> Policy:
    versions = answer.get("PolicyVersionList") or ()
    default: Answer = next((one for one in versions if one.get("IsDefaultVersion")), {})
    document = document_of(default.get("Document"))
    if is_aws_managed(answer["Arn"]):
        document = _cut(document, services)
    return Policy(
        name=answer.get("PolicyName") or answer["Arn"].rpartition("/")[2],
        arn=answer["Arn"],
        document=_written(document),
        attachments=answer.get("AttachmentCount") or 0,
    )


def _cut(document: Answer, services: Collection[str]) -> Answer:
    """Without the actions of other services, if they are named. NotAction stays."""
    statements = [one for one in each(document.get("Statement")) if isinstance(one, Mapping)]
    cut = [_cut_statement(one, services) for one in statements]
    return {**document, "Statement": [one for one in cut if one is not None]} if document else {}


def _cut_statement(statement: Answer, services: Collection[str]) -> Answer | None:
    if "Action" not in statement:
        return statement
    actions = [str(action) for action in each(statement["Action"])]
    kept = [one for one in actions if _service(one) in services or "*" in _service(one)]
    return {**statement, "Action": kept} if kept else None


def _service(action: str) -> str:
    return action.partition(":")[0].lower()


def _attached(answer: Answer) -> tuple[str, ...]:
    listed = answer.get("AttachedManagedPolicies") or ()
    return tuple(one["PolicyArn"] for one in listed if one.get("PolicyArn"))


def _inline(answer: Answer, name: str) -> tuple[Policy, ...]:
    return tuple(
        Policy(
            one.get("PolicyName") or "", document=_written(document_of(one.get("PolicyDocument")))
        )
        for one in answer.get(name) or ()
    )


def _boundary(answer: Answer) -> str:
    return (answer.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or ""


def _tag_keys(answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(tag["Key"] for tag in answer.get("Tags") or () if tag.get("Key")))


def _written(document: Answer) -> str:
    return json.dumps(document, separators=(",", ":")) if document else ""


authorization = Collector(
    "iam.authorization",
    Authorization,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (GET_ACCOUNT_AUTHORIZATION_DETAILS,),
    fetch_authorization,
    transform_authorization,
)
