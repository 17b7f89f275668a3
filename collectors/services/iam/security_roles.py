"""AWS Identity and Access Management: the roles through which security looks into an account.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_ROLE = Operation("iam", "get_role", "iam:GetRole")
LIST_ATTACHED_ROLE_POLICIES = Operation(
    "iam", "list_attached_role_policies", "iam:ListAttachedRolePolicies", "AttachedPolicies"
)
LIST_ROLE_POLICIES = Operation("iam", "list_role_policies", "iam:ListRolePolicies", "PolicyNames")

NO_SUCH_ROLE = "NoSuchEntity"

ASKING = frozenset({"arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike"})
ORGANIZATION_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


@dataclass(frozen=True)
class Trust:
    """One statement of a trust policy that lets somebody in.

    ``principals`` are as written: an ARN, an account id or ``*`` for AWS principals, the kind in
    front of all others (``Service:ec2.amazonaws.com``). ``conditions`` are operator and key, in
    lower case, of what is asked besides. ``organizations`` are the ids of those that whoever comes
    in has to be of, empty where that is not asked.
    """

    principals: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...] = ()
    organizations: tuple[str, ...] = ()

    def asks_for(self, key: str) -> bool:
        """Whether nobody comes in who does not bring one of the values named for the key."""
        return any(key == asked and _is_asking(operator) for operator, asked in self.conditions)


@dataclass(frozen=True)
class ViewRole:
    """``policies`` are the names of attached and inline policies together; ``trust_policy`` is the
    document as AWS gave it."""

    name: str
    arn: str = ""
    trusts: tuple[Trust, ...] = ()
    trust_policy: str = ""
    policies: tuple[str, ...] = ()
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class ViewRoles:
    """``asked`` are the names looked for, ``found`` the roles that exist."""

    asked: tuple[str, ...] = ()
    found: tuple[ViewRole, ...] = ()


def fetch_view_roles(aws: Aws) -> Answer:
    names = list(aws.settings["SECURITY_ROLE_NAMES"])
    found = [_fetch_role(aws, name) for name in names]
    return {"asked": names, "found": [role for role in found if role is not None]}


def _fetch_role(aws: Aws, name: str) -> Answer | None:
    absent = (NO_SUCH_ROLE,)
    role = aws.call(GET_ROLE, absent=absent, RoleName=name)
    if role is None:
        return None
    attached = aws.pages(LIST_ATTACHED_ROLE_POLICIES, absent=absent, RoleName=name) or []
    inline = aws.pages(LIST_ROLE_POLICIES, absent=absent, RoleName=name) or []
    return {"name": name, "role": role.get("Role") or {}, "attached": attached, "inline": inline}


def transform_view_roles(answer: Answer) -> ViewRoles:
    return ViewRoles(
        tuple(answer.get("asked") or ()), tuple(_role(role) for role in answer.get("found") or ())
    )


def _role(answer: Answer) -> ViewRole:
    role = answer.get("role") or {}
    document = document_of(role.get("AssumeRolePolicyDocument"))
    attached = [p["PolicyName"] for p in answer.get("attached") or () if p.get("PolicyName")]
    return ViewRole(
        name=answer["name"],
        arn=role.get("Arn") or "",
        trusts=trusts_of(document),
        trust_policy=json.dumps(document, sort_keys=True) if document else "",
        policies=tuple(sorted({*attached, *(answer.get("inline") or ())})),
        last_used_at=(role.get("RoleLastUsed") or {}).get("LastUsedDate"),
    )


def document_of(given: Any) -> Mapping[str, Any]:
    """boto3 decodes the document of most answers, but not of all."""
    if isinstance(given, str):
        try:
            given = json.loads(unquote(given))
        except json.JSONDecodeError:
            return {}
    return given if isinstance(given, Mapping) else {}


def trusts_of(document: Mapping[str, Any]) -> tuple[Trust, ...]:
    """Every statement that is not a Deny; who is let in by exclusion, or cannot be told, is *."""
    statements = each(document.get("Statement"))
    return tuple(
        Trust(_principals(statement), conditions_of(statement), _organizations(statement))
        for statement in statements
        if isinstance(statement, Mapping) and statement.get("Effect") != "Deny"
    )


def _principals(statement: Answer) -> tuple[str, ...]:
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        return ("*",)
    found = [
        name if kind == "AWS" else f"{kind}:{name}"
        for kind, names in principal.items()
        for name in each(names)
    ]
    return tuple(found) or ("*",)


def _organizations(statement: Answer) -> tuple[str, ...]:
    """Of paths the organization alone; none where a pattern may be of any."""
    conditions = statement.get("Condition")
    if not isinstance(conditions, Mapping):
        return ()
    found = {
        str(value).partition("/")[0]
        for operator, tests in conditions.items()
        if isinstance(tests, Mapping) and _is_asking(operator.lower())
        for key, values in tests.items()
        if key.lower() in ORGANIZATION_KEYS
        for value in each(values)
    }
    return () if any("*" in one or "?" in one for one in found) else tuple(sorted(found))


def _is_asking(operator: str) -> bool:
    """Not those that leave values out, and that let in whoever brings none."""
    return operator.removeprefix("foranyvalue:") in ASKING


def conditions_of(statement: Answer) -> tuple[tuple[str, str], ...]:
    conditions = statement.get("Condition")
    if not isinstance(conditions, Mapping):
        return ()
    return tuple(
        (operator.lower(), key.lower())
        for operator, tests in conditions.items()
        if isinstance(tests, Mapping)
        for key in tests
    )


def each(value: Any) -> Iterable[Any]:
    """IAM writes a list of one as the one itself."""
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


view_roles = Collector(
    "iam.view_roles",
    ViewRoles,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (GET_ROLE, LIST_ATTACHED_ROLE_POLICIES, LIST_ROLE_POLICIES),
    fetch_view_roles,
    transform_view_roles,
)
