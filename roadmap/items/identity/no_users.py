"""The account has no IAM users, and its root user no access key.

Reads the credential report with the keys of users that have one (iam:GetCredentialReport,
ListAccessKeys, GetAccessKeyLastUsed), and iam:GetAccountSummary for the root user. Where there is
no report, the users are listed; of their passwords nothing is known then.

Break-glass users, honey tokens and excepted users do not count. Honey tokens are not told apart
from the others in the evidence: who may see this item need not know which they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collectors.outcomes import Missing
from collectors.services import iam
from roadmap.readings.iam_users import counted, users_of, without_telling
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed, number
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown_for,
)

HONEY_TOKENS = "refinement.honey_tokens"


@dataclass(frozen=True)
class _Seen:
    """What was seen; ``missing`` is why the users or their passwords, or the summary, were not."""

    users: Sequence[iam.User] = ()
    exempt: int = 0
    root_has_key: bool | None = None
    summary: iam.AccountSummary | None = None
    missing: Missing | None = None

    @property
    def open_users(self) -> list[iam.User]:
        return [user for user in self.users if user.has_password or user.active_keys]

    @property
    def is_incomplete(self) -> bool:
        """A summary may tell of the root user's keys and not of its password and MFA."""
        told = self.summary.counts if self.summary else {}
        mfa, password = told.get("AccountMFAEnabled"), told.get("AccountPasswordPresent")
        is_told = mfa == 1 or password == 0 or None not in (mfa, password)
        return self.missing is not None or not is_told

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "users": [_kept(user) for user in self.users],
            "exempt": self.exempt,
            "summary": dict(self.summary.counts) if self.summary else None,
        }


def judge(subject: Subject) -> Verdict:
    seen = _look(subject)
    more: dict[str, Any] = {
        "facts": seen.facts,
        "problems": [*_of_root(seen), *_of_users(subject, seen)],
        "incomplete": seen.is_incomplete,
    }
    if seen.root_has_key:
        sentence = f"The root user has an access key.{_and_users(seen)}"
        return failed(sentence, "root user has an access key", **more)
    if any(user.active_keys for user in seen.users):
        return failed(_open(seen.open_users), "user with active key", **more)
    if seen.open_users:
        return failed(_open(seen.open_users), "user with password", **more)
    if seen.missing is not None:
        return unknown_for(seen.missing, rule="not everything was seen", **more)
    if seen.users:
        names = listed(user.name for user in seen.users)
        sentence = f"{_users(len(seen.users))} without active password or key: {names}."
        return partly(sentence, "idle users only", **more)
    if seen.exempt:
        sentence = f"{_users(seen.exempt)}, exempt by settings, registration or exception."
        return passed(sentence, "exempt users only", **more)
    return passed("The account has no IAM users.", "no user", **more)


def _look(subject: Subject) -> _Seen:
    missing: Missing | None = None
    users: Sequence[iam.User] = ()
    exempt = 0
    try:
        found = users_of(subject)
        users = [u for u in counted(subject, found.users) if not _is_honey_token(subject, u)]
        exempt = len(found.users) - len(users)
        missing = without_telling(found, users)
    except Missing as caught:
        missing = caught
    summary: iam.AccountSummary | None = None
    root_has_key: bool | None = None
    try:
        summary = subject.facts.get(iam.account_summary)
        root_has_key = bool(summary.count("AccountAccessKeysPresent"))
    except Missing as caught:
        missing = missing or caught
    return _Seen(users, exempt, root_has_key, summary, missing)


def _is_honey_token(subject: Subject, user: iam.User) -> bool:
    return any(user.arn in _named(said) for said in subject.registered(HONEY_TOKENS))


def _named(said: Attested) -> list[Any]:
    """All that an answer names: one thing, or a list of them."""
    values = (said.about, *said.details.values())
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def _open(users: Sequence[iam.User]) -> str:
    names = [f"{user.name} ({_credentials(user)})" for user in users]
    return f"{_users(len(users))} can still get in: {listed(names)}."


def _credentials(user: iam.User) -> str:
    active = len(user.active_keys)
    keys = f"{active} active keys" if active > 1 else "an active key" if active else ""
    return " and ".join(filter(None, ("a password" if user.has_password else "", keys)))


def _and_users(seen: _Seen) -> str:
    return f" {_open(seen.open_users)}" if seen.open_users else ""


def _users(count: int) -> str:
    return number(count, "IAM user")


def _kept(user: iam.User) -> dict[str, Any]:
    return {
        "name": user.name,
        "password": user.has_password,
        "mfa": user.has_mfa,
        "keys": [
            {
                "ending": key.ending,
                "status": key.status,
                "created_on": _day(key.created_at),
                "last_used_on": _day(key.last_used_at),
                "last_used_region": key.last_used_region,
            }
            for key in user.keys
        ],
    }


def _day(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d}" if at else None


def _of_root(seen: _Seen) -> Iterator[Problem]:
    if seen.root_has_key:
        yield Problem("root_access_key")
    counts = seen.summary.counts if seen.summary else {}
    if counts.get("AccountMFAEnabled") == 0 and counts.get("AccountPasswordPresent") == 1:
        yield Problem("root_without_mfa")


def _of_users(subject: Subject, seen: _Seen) -> Iterator[Problem]:
    oldest = subject.now - timedelta(days=subject.settings["ACCESS_KEY_MAX_AGE_DAYS"])
    for user in seen.users:
        if user.active_keys:
            yield _of_keys(subject, user)
        if user.has_password:
            yield Problem("iam_user_password", user.arn, user.name)
        if user.has_password is False and not user.active_keys:
            yield Problem("iam_user_idle", user.arn, user.name)
        old = [key for key in user.active_keys if key.created_at and key.created_at < oldest]
        if old:
            made = listed(f"{_called(key)} of {key.created_at:%Y-%m-%d}" for key in old)
            yield Problem("key_older_than_limit", user.arn, user.name, detail=f"Key {made}.")


def _of_keys(subject: Subject, user: iam.User) -> Problem:
    """Worse where a key was last used where the company does nothing."""
    approved = subject.settings["APPROVED_REGIONS"]
    abroad = [
        key
        for key in user.active_keys
        if approved and key.last_used_region and key.last_used_region not in approved
    ]
    if not abroad:
        names = listed(_called(key) for key in user.active_keys)
        return Problem("iam_user_key", user.arn, user.name, detail=f"Key {names}.")
    uses = listed(f"{_called(key)} was last used in {key.last_used_region}" for key in abroad)
    detail = f"Key {uses}, where the company does nothing."
    return Problem("iam_user_key", user.arn, user.name, detail=detail, severity=Severity.CRITICAL)


def _called(key: iam.AccessKey) -> str:
    return f"…{key.ending}" if key.ending else "(id not told)"


item = Item(
    __name__,
    order="5.2",
    title="No IAM users",
    guidance=(
        "A key of an IAM user works until somebody deletes it, from anywhere, and most leaks are "
        "of such keys. Roles give keys that end within hours. What is left are break-glass users "
        "and planted honey tokens, both named in the settings."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(iam.users, iam.account_summary),
    findings={
        "iam_user_key": FindingKind("User with active access key", Severity.HIGH),
        "iam_user_password": FindingKind("User with password", Severity.HIGH),
        "iam_user_idle": FindingKind("User without use", Severity.MEDIUM),
        "key_older_than_limit": FindingKind("Access key too old", Severity.MEDIUM),
        "root_access_key": FindingKind("Root user has an access key", Severity.CRITICAL),
        "root_without_mfa": FindingKind("Root user without MFA", Severity.HIGH),
    },
    imports={
        "prowler": (
            "iam_no_root_access_key",
            "iam_root_mfa_enabled",
            "iam_user_accesskey_unused",
            "iam_rotate_access_key_90_days",
            "iam_user_with_temporary_credentials",
        ),
        "securityhub": ("IAM.3", "IAM.4", "IAM.8", "IAM.9", "IAM.22"),
        "scoutsuite": (
            "iam-root-account-with-active-keys",
            "iam-user-no-key-rotation",
            "iam-unused-credentials-not-disabled",
        ),
        "cloudmapper": ("ROOT_USER_HAS_ACCESS_KEYS", "USER_HAS_NOT_USED_ACCESS_KEY_FOR_MAX_DAYS"),
    },
    fix=Fix(
        "Replace users with roles, IAM Identity Center or Roles Anywhere, oldest keys first.",
        "Security best practices in IAM",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
