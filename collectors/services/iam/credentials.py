"""AWS Identity and Access Management: users with their passwords and keys, the root user, and the
identity providers an account trusts.

The credential report tells of all users at once. It may be four hours old, and names neither keys
nor more than two of them, so the keys of users that have one are asked for.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GENERATE_CREDENTIAL_REPORT = Operation(
    "iam", "generate_credential_report", "iam:GenerateCredentialReport"
)
GET_CREDENTIAL_REPORT = Operation("iam", "get_credential_report", "iam:GetCredentialReport")
LIST_USERS = Operation("iam", "list_users", "iam:ListUsers", "Users")
LIST_ACCESS_KEYS = Operation("iam", "list_access_keys", "iam:ListAccessKeys", "AccessKeyMetadata")
GET_ACCESS_KEY_LAST_USED = Operation("iam", "get_access_key_last_used", "iam:GetAccessKeyLastUsed")
GET_ACCOUNT_SUMMARY = Operation("iam", "get_account_summary", "iam:GetAccountSummary")
LIST_SAML_PROVIDERS = Operation(
    "iam", "list_saml_providers", "iam:ListSAMLProviders", "SAMLProviderList"
)

COMPLETE = "COMPLETE"
ACTIVE = "Active"
NO_SUCH_USER = ("NoSuchEntity",)
ROOT = "<root_account>"
# A report that AWS will not prepare, or not in time; the users can be listed all the same.
WITHOUT_REPORT = frozenset({Outcome.ACCESS_DENIED, Outcome.API_ERROR, Outcome.JOB_TIMEOUT})
# Of so many users the keys are asked for one by one; of others the report has to do.
ASKED_AT_MOST = 100
# How AWS writes a Region or a time that there is none of.
NONE = frozenset({"", "N/A", "not_supported", "no_information"})


@dataclass(frozen=True)
class AccessKey:
    """``ending`` is the last four characters of its id, empty where only the report told.
    ``status`` is AWS's: Active, Inactive or Expired."""

    ending: str = ""
    status: str = ""
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_region: str = ""

    @property
    def is_active(self) -> bool:
        """A status that nobody knows may let somebody in."""
        return self.status not in ("Inactive", "Expired")


@dataclass(frozen=True)
class User:
    """``has_password`` and ``has_mfa`` are None where nobody told."""

    name: str
    arn: str
    created_at: datetime | None = None
    has_password: bool | None = None
    password_last_used_at: datetime | None = None
    has_mfa: bool | None = None
    keys: tuple[AccessKey, ...] = ()

    @property
    def active_keys(self) -> tuple[AccessKey, ...]:
        return tuple(key for key in self.keys if key.is_active)


@dataclass(frozen=True)
class Users:
    """All IAM users. ``reported_at`` is the time of the credential report; without one, ``gap``
    says why there was none, and nobody knows of passwords and MFA."""

    users: tuple[User, ...] = ()
    reported_at: datetime | None = None
    gap: str = ""
    gap_outcome: Outcome | None = None


@dataclass(frozen=True)
class AccountSummary:
    """AWS's map of counts, such as AccountAccessKeysPresent; what it leaves out is not zero."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """Raises Missing."""
        if name not in self.counts:
            raise Missing(Outcome.API_ERROR, f"AWS's account summary does not tell {name}.")
        return self.counts[name]


@dataclass(frozen=True)
class SamlProvider:
    arn: str
    valid_until: datetime | None = None

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]


def fetch_users(aws: Aws) -> Answer:
    try:
        report = _report(aws)
    except Missing as missing:
        if missing.outcome not in WITHOUT_REPORT:
            raise
        listed = aws.pages(LIST_USERS) or []
        asked = [user["UserName"] for user in listed if user.get("UserName")]
        gap = {"outcome": missing.outcome, "message": missing.message}
        return {"listed": listed, "keys": _keys(aws, asked), "gap": gap}
    rows = _rows(report)
    return {"report": report, "keys": _keys(aws, _worth_asking(rows))}


def _report(aws: Aws) -> Answer:
    """Raises Missing: job_timeout where it was not ready in time."""

    def is_ready() -> bool | None:
        state = (aws.call(GENERATE_CREDENTIAL_REPORT) or {}).get("State")
        return True if state == COMPLETE else None

    aws.when_ready(is_ready, "The credential report")
    return aws.call(GET_CREDENTIAL_REPORT) or {}


def _worth_asking(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Users with an active key, those first of whom the report leaves keys out."""
    more = [row["user"] for row in rows if _word(row.get("additional_credentials_info"))]
    active = [
        row["user"]
        for row in rows
        if any(_flag(row, f"access_key_{number}_active") is not False for number in (1, 2))
    ]
    return list(dict.fromkeys([*more, *active]))[: max(ASKED_AT_MOST, len(more))]


def _keys(aws: Aws, names: Iterable[str]) -> dict[str, list[Answer] | None]:
    """User → keys with their last use; None for a user that is no longer there."""
    found: dict[str, list[Answer] | None] = {}
    for name in names:
        keys = aws.pages(LIST_ACCESS_KEYS, absent=NO_SUCH_USER, UserName=name)
        found[name] = None if keys is None else [_with_use(aws, key) for key in keys]
    return found


def _with_use(aws: Aws, key: Answer) -> Answer:
    if not key.get("AccessKeyId") or key.get("Status") in ("Inactive", "Expired"):
        return key
    answer = aws.call(GET_ACCESS_KEY_LAST_USED, absent=NO_SUCH_USER, AccessKeyId=key["AccessKeyId"])
    return {**key, "LastUsed": (answer or {}).get("AccessKeyLastUsed") or {}}


def transform_users(answer: Answer) -> Users:
    keys = answer.get("keys") or {}
    if gap := answer.get("gap"):
        found = [_of_listing(user) for user in answer.get("listed") or ()]
        return Users(tuple(_with_keys(found, keys)), None, gap["message"], gap["outcome"])
    report = answer.get("report") or {}
    if not _is_report(report) or not report.get("GeneratedTime"):
        raise Missing(Outcome.API_ERROR, "The credential report is none that Cairn can read.")
    found = [_of_report(row) for row in _rows(report)]
    return Users(tuple(_with_keys(found, keys)), report["GeneratedTime"])


def _with_keys(users: Iterable[User], keys: Mapping[str, Any]) -> Iterator[User]:
    """The users that are still there, with their keys as AWS lists them now."""
    for user in users:
        listed = keys.get(user.name, ())
        if user.name not in keys:
            yield user
        elif listed is not None:
            yield replace(user, keys=tuple(_of_key(key) for key in listed))


def _of_key(key: Answer) -> AccessKey:
    used = key.get("LastUsed") or {}
    return AccessKey(
        ending=(key.get("AccessKeyId") or "")[-4:],
        status=key.get("Status") or "",
        created_at=key.get("CreateDate"),
        last_used_at=used.get("LastUsedDate"),
        last_used_region=_word(used.get("Region")),
    )


def _of_listing(user: Answer) -> User:
    return User(
        name=user.get("UserName") or "",
        arn=user.get("Arn") or "",
        created_at=user.get("CreateDate"),
        password_last_used_at=user.get("PasswordLastUsed"),
    )


def _text(report: Answer) -> str:
    content = report.get("Content") or ""
    return content.decode() if isinstance(content, bytes) else str(content)


def _is_report(report: Answer) -> bool:
    columns = _text(report).partition("\n")[0].strip().split(",")
    return {"user", "arn", "password_enabled", "access_key_1_active"} <= set(columns)


def _rows(report: Answer) -> list[Mapping[str, str]]:
    """A row for each user; the root user's, of whom the account summary tells, is left out."""
    if not _is_report(report):
        return []
    rows = csv.DictReader(io.StringIO(_text(report)))
    return [row for row in rows if row["user"] != ROOT]


def _of_report(row: Mapping[str, str]) -> User:
    keys = [_key_of_report(row, f"access_key_{number}_") for number in (1, 2)]
    return User(
        name=row["user"],
        arn=row.get("arn") or "",
        created_at=_time(row.get("user_creation_time")),
        has_password=_flag(row, "password_enabled"),
        password_last_used_at=_time(row.get("password_last_used")),
        has_mfa=_flag(row, "mfa_active"),
        keys=tuple(key for key in keys if key is not None),
    )


def _key_of_report(row: Mapping[str, str], prefix: str) -> AccessKey | None:
    """None where there is none; an inactive key still has the time of its creation."""
    is_active = _flag(row, f"{prefix}active")
    created_at = _time(row.get(f"{prefix}last_rotated"))
    if is_active is False and created_at is None:
        return None
    return AccessKey(
        status={True: ACTIVE, False: "Inactive", None: ""}[is_active],
        created_at=created_at,
        last_used_at=_time(row.get(f"{prefix}last_used_date")),
        last_used_region=_word(row.get(f"{prefix}last_used_region")),
    )


def _flag(row: Mapping[str, str], column: str) -> bool | None:
    """None for anything but true and false, such as not_supported."""
    return {"true": True, "false": False}.get((row.get(column) or "").lower())


def _time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def _word(text: str | None) -> str:
    return "" if text is None or text in NONE else text


def transform_summary(answer: Answer | None) -> AccountSummary:
    return AccountSummary(dict((answer or {}).get("SummaryMap") or {}))


def transform_saml_providers(answer: Any) -> tuple[SamlProvider, ...]:
    return tuple(
        SamlProvider(provider["Arn"], provider.get("ValidUntil"))
        for provider in answer or ()
        if provider.get("Arn")
    )


users = Collector(
    "iam.users",
    Users,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (
        GENERATE_CREDENTIAL_REPORT,
        GET_CREDENTIAL_REPORT,
        LIST_USERS,
        LIST_ACCESS_KEYS,
        GET_ACCESS_KEY_LAST_USED,
    ),
    fetch_users,
    transform_users,
)

account_summary = Collector(
    "iam.account_summary",
    AccountSummary,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (GET_ACCOUNT_SUMMARY,),
    lambda aws: aws.call(GET_ACCOUNT_SUMMARY),
    transform_summary,
)

saml_providers: Collector[tuple[SamlProvider, ...]] = Collector(
    "iam.saml_providers",
    tuple[SamlProvider, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (LIST_SAML_PROVIDERS,),
    lambda aws: aws.pages(LIST_SAML_PROVIDERS),
    transform_saml_providers,
)
