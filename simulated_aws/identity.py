"""Whose credentials signed a call. Unknown credentials are refused, whoever they once were.

Users and their access keys are moto's; sessions of assumed roles are kept here, because moto
neither checks session tokens nor lets sessions end. Signatures are not verified.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from moto.core.utils import utcnow
from moto.iam.models import Role, User, iam_backends
from moto.iam.utils import ACCOUNT_OFFSET, generate_access_key_id_from_account_id

from simulated_aws import errors
from simulated_aws.wire import Call


@dataclass(frozen=True)
class Principal:
    """arn is what policies name: a user, a role, an account's root; session_arn is STS's word."""

    account: str
    arn: str
    session_arn: str
    user_id: str


@dataclass(frozen=True)
class Session:
    principal: Principal
    secret: str
    token: str
    expires_at: datetime


SESSIONS: Final[dict[str, Session]] = {}


def root_of(account: str) -> Principal:
    arn = f"arn:aws:iam::{account}:root"
    return Principal(account, arn, arn, account)


def authenticate(call: Call) -> Principal:
    session = SESSIONS.get(call.access_key_id)
    if session:
        if not secrets.compare_digest(session.token, call.session_token or ""):
            raise errors.invalid_credentials(call.error_family)
        if session.expires_at <= datetime.now(UTC):
            raise errors.expired(call.error_family)
        return session.principal
    user = user_of_key(call.access_key_id)
    if user is None or call.session_token:
        raise errors.invalid_credentials(call.error_family)
    return Principal(user.account_id, user.arn, user.arn, user.id)


def account_of_key(access_key_id: str) -> str | None:
    """AWS access key ids carry the number of their account; moto's do as well."""
    try:
        half = int.from_bytes(base64.b32decode(access_key_id[4:12]), "big") - ACCOUNT_OFFSET
        odd = access_key_id[12] >= "Q" or access_key_id[12].isdigit()
    except (binascii.Error, IndexError):
        return None
    return f"{half * 2 + odd:012d}" if half >= 0 else None


def user_of_key(access_key_id: str) -> User | None:
    account = account_of_key(access_key_id)
    if account is None or account not in iam_backends:
        return None
    backend = iam_backends[account]["aws"]
    key = backend.access_keys.get(access_key_id)
    if key is None or key.status != "Active" or not key.user_name:
        return None
    return backend.users.get(key.user_name)


def role_named(account: str, name: str) -> Role | None:
    if account not in iam_backends:
        return None
    roles = iam_backends[account]["aws"].roles.values()
    return next((role for role in roles if role.name == name), None)


def open_session(role: Role, session_name: str, seconds: int) -> tuple[str, Session]:
    """A session of the role, and the access key id it answers to."""
    now = datetime.now(UTC)
    for ended in [k for k, s in SESSIONS.copy().items() if s.expires_at <= now]:
        SESSIONS.pop(ended, None)
    account = role.account_id
    session = Session(
        Principal(
            account,
            role.arn,
            f"arn:aws:sts::{account}:assumed-role/{role.name}/{session_name}",
            f"{role.id}:{session_name}",
        ),
        secrets.token_urlsafe(30),
        secrets.token_urlsafe(120),
        now + timedelta(seconds=seconds),
    )
    key = generate_access_key_id_from_account_id(account, prefix="ASIA")
    SESSIONS[key] = session
    role.last_used = utcnow()
    return key, session


def expire_sessions() -> None:
    for key, session in SESSIONS.copy().items():
        SESSIONS[key] = replace(session, expires_at=datetime.now(UTC))
