"""Becoming a role in an account: AssumeRole, with the identity checked before anything is read."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.credentials import ReadOnlyCredentials

from collectors.aws import clients, memory
from collectors.aws.errors import CallFailed, WrongIdentity
from collectors.aws.requests import send
from collectors.guard import ASSUME_ROLE, GET_CALLER_IDENTITY
from collectors.limits import limit_of
from collectors.outcomes import Outcome
from collectors.registry import Operation
from inventory.policy import Policy, Values

SESSION_NAME = "cairn"
SESSION_SECONDS = 3600  # what AWS allows at most where roles are chained
RENEW_BEFORE = timedelta(minutes=5)

Keys = ReadOnlyCredentials

SESSION_ARN = re.compile(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.*")


@dataclass(frozen=True)
class Role:
    """A role in an account. ``caller`` is M (management), D (security account) or A (account)."""

    arn: str
    caller: str
    external_id: str = ""

    @property
    def account_id(self) -> str:
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]

    @property
    def main_region(self) -> str:
        return clients.MAIN_REGION[self.partition]


@dataclass(frozen=True)
class _Session:
    keys: ReadOnlyCredentials
    expires_at: datetime


_lock = threading.Lock()
_sessions: dict[tuple[str, str], _Session] = {}
_making: dict[tuple[str, str], threading.Lock] = {}


def credentials(role: Role, *, renew: bool = False) -> ReadOnlyCredentials:
    """Credentials of the role, kept in this process until shortly before they expire.

    Raises CallFailed: assume_role_denied when AWS refuses the role; WrongIdentity when what it
    gave answers for another account.
    """
    key = (role.arn, role.external_id)
    with _lock:
        making = _making.setdefault(key, threading.Lock())
        before = _sessions.get(key)
    if before is not None and not renew and _is_good(before):
        return before.keys
    with making:
        found = _sessions.get(key)
        if found is None or not _is_good(found) or (renew and found is before):
            found = _assume(role)
            with _lock:
                _forget_expired()
                _sessions[key] = found
    return found.keys


def forget_all() -> None:
    """Drop every session, so that the next use of a role is a new AssumeRole, and what was learned
    with it."""
    memory.SHARED.forget()
    with _lock:
        _sessions.clear()
        _making.clear()


def _is_good(session: _Session) -> bool:
    return datetime.now(UTC) < session.expires_at - RENEW_BEFORE


def _forget_expired() -> None:
    for key in [key for key, session in _sessions.items() if not _is_good(session)]:
        del _sessions[key]
        _making.pop(key, None)


def _assume(role: Role) -> _Session:
    params: dict[str, Any] = {
        "RoleArn": role.arn,
        "RoleSessionName": SESSION_NAME,
        "DurationSeconds": SESSION_SECONDS,
    }
    if role.external_id:
        params["ExternalId"] = role.external_id
    try:
        answer = _sts(ASSUME_ROLE, role, params)
    except CallFailed as refused:
        if refused.outcome == Outcome.ACCESS_DENIED and refused.code.startswith("AccessDenied"):
            message = f"AWS refused {role.arn}. {refused.message}"
            raise CallFailed(
                Outcome.ASSUME_ROLE_DENIED, message, refused.code, refused.request_id
            ) from refused
        # Cairn's own credentials are at fault, or AWS is: that says nothing of the account.
        outcome = refused.outcome if refused.outcome == Outcome.THROTTLED else Outcome.API_ERROR
        raise CallFailed(outcome, refused.message, refused.code, refused.request_id) from refused
    given = answer["Credentials"]
    keys = ReadOnlyCredentials(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
    _check_identity(role, keys)
    return _Session(keys, given["Expiration"])


def caller_arn(role: Role) -> str:
    """Whom member roles see: the user or role that Cairn itself signs in as, in the partition of
    ``role``. A session's ARN is given as its role's, without the path, which STS does not tell.
    """
    arn: str = _sts(GET_CALLER_IDENTITY, role, {}).get("Arn") or ""
    session = SESSION_ARN.fullmatch(arn)
    return "arn:{}:iam::{}:role/{}".format(*session.groups()) if session else arn


def _check_identity(role: Role, keys: ReadOnlyCredentials) -> None:
    answer = _sts(GET_CALLER_IDENTITY, role, {}, keys)
    if answer.get("Account") != role.account_id:
        raise WrongIdentity(
            Outcome.API_ERROR,
            f"The credentials for {role.account_id} answer for account {answer.get('Account')}; "
            "nothing was read with them.",
            "WrongIdentity",
        )


def _sts(
    operation: Operation,
    role: Role,
    params: dict[str, Any],
    keys: ReadOnlyCredentials | None = None,
) -> dict[str, Any]:
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "")
    if not _is_of(region, role.partition):
        region = role.main_region
    source = clients.own() if keys is None else clients.members()
    return send(
        source.get("sts", region),
        operation.name,
        params,
        limit=limit_of(operation, role.account_id, region, Values(Policy())),
        credentials=(lambda _renew: keys) if keys is not None else None,
        is_regional=False,
    )


def _is_of(region: str, partition: str) -> bool:
    """Whether Regions with this one's prefix belong to the partition."""
    prefixes = {"aws-us-gov": "us-gov-", "aws-cn": "cn-"}
    if partition in prefixes:
        return region.startswith(prefixes[partition])
    return bool(region) and not region.startswith(tuple(prefixes.values()))
