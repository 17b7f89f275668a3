"""Dates and states that AWS writes by itself and moto lets nobody set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from moto.iam.models import AccessKeyLastUsed, iam_backends
from moto.securityhub.models import securityhub_backends

from simulated_aws.identity import role_named
from simulated_aws.organization import member


def _role(account: str, name: str) -> Any:
    return role_named(account, name)


def _user(account: str, name: str) -> Any:
    return iam_backends[account]["aws"].users.get(name)


def _key(account: str, name: str) -> Any:
    return iam_backends[account]["aws"].access_keys.get(name)


def _member(account: str, _name: str) -> Any:
    return member(account)


def _hub(account: str, region: str) -> Any:
    return securityhub_backends[account][region]


# Kind -> where to find it, and which of moto's attributes may be set.
KINDS: Final[Mapping[str, tuple[Callable[[str, str], Any], frozenset[str]]]] = {
    "role": (_role, frozenset({"last_used", "create_date"})),
    "user": (_user, frozenset({"password_last_used", "create_date"})),
    "key": (_key, frozenset({"last_used", "create_date"})),
    "member": (
        _member,
        frozenset({"create_time", "state", "status", "joined_method", "email", "name"}),
    ),
    "security_hub": (_hub, frozenset({"enabled_at"})),
}
TEXTS: Final = frozenset({"state", "status", "joined_method", "email", "name", "enabled_at"})


def backdate(account: str, kind: str, fields: Mapping[str, str], name: str = "") -> None:
    """Set the fields; dates are ISO 8601 with an offset. name is a region for security_hub."""
    find, allowed = KINDS[kind]
    if unknown := fields.keys() - allowed:
        raise ValueError(f"A {kind} has no {', '.join(sorted(unknown))} to set.")
    target = find(account, name)
    if target is None:
        raise LookupError(f"There is no {kind} {name} in {account}.")
    for field, value in fields.items():
        setattr(target, field, value if field in TEXTS else _moment(kind, field, value))


def _moment(kind: str, field: str, value: str) -> object:
    # moto keeps naive UTC.
    moment = datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
    if (kind, field) == ("key", "last_used"):
        return AccessKeyLastUsed(timestamp=moment, service="s3", region="us-east-1")
    return moment
