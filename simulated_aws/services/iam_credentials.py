"""IAM: the credential report and the account summary as AWS gives them.

moto's report has no row for the root user, is of 2015 and does not know where a key was used; its
summary says of no root user that it has a password, MFA or keys.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from moto.iam.models import iam_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.wire import Call

COLUMNS: Final = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used",
    "password_last_changed", "password_next_rotation", "mfa_active",
    "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
    "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service",
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
    "additional_credentials_info",
)  # fmt: skip
NO_KEY: Final = ("false", "N/A", "N/A", "N/A", "N/A")
NO_CERTIFICATES: Final = ("false", "N/A", "false", "N/A", "N/A")


@dataclass
class Root:
    """The root user's own credentials; members made by Organizations have none."""

    has_password: bool = False
    has_mfa: bool = False
    has_key: bool = False


ROOTS: Final[dict[str, Root]] = {}
# Accounts whose report exists, because somebody asked for one before.
REPORTED: Final[set[str]] = set()


@answers("iam", "GenerateCredentialReport")
def generate_credential_report(call: Call) -> Result:
    """STARTED at first, COMPLETE afterwards."""
    if call.account in REPORTED:
        return {"State": "COMPLETE"}
    REPORTED.add(call.account)
    return {
        "State": "STARTED",
        "Description": "No report exists. Starting a new report generation task",
    }


@answers("iam", "GetCredentialReport")
def get_credential_report(call: Call) -> Result:
    if call.account not in REPORTED:
        raise AwsError("ReportNotPresent", "No report is present.", 410)
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerow(_root(call.account))
    users = iam_backends[call.account]["aws"].users.values()
    rows.writerows(_user(user) for user in sorted(users, key=lambda user: str(user.name)))
    return {
        "Content": written.getvalue().rstrip("\n").encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": datetime.now(UTC).replace(microsecond=0),
    }


@answers("iam", "GetAccountSummary")
def get_account_summary(call: Call) -> Result:
    counts = dict(iam_backends[call.account]["aws"].get_account_summary().summary_map)
    root = ROOTS.get(call.account, Root())
    counts |= {
        "AccountPasswordPresent": int(root.has_password),
        "AccountMFAEnabled": int(root.has_mfa),
        "AccountAccessKeysPresent": int(root.has_key),
    }
    return {"SummaryMap": counts}


def _root(account: str) -> list[str]:
    root = ROOTS.get(account, Root())
    made = "2019-02-11T08:30:00+00:00"
    key = ("true", made, "N/A", "N/A", "N/A") if root.has_key else NO_KEY
    mfa = _flag(root.has_mfa)
    arn = f"arn:aws:iam::{account}:root"
    passwords = ("not_supported", "no_information", "not_supported", "not_supported")
    return ["<root_account>", arn, made, *passwords, mfa, *key, *NO_KEY, *NO_CERTIFICATES]


def _user(user: Any) -> list[str]:
    used = "N/A"
    if user.password:
        used = _time(user.password_last_used) if user.password_last_used else "no_information"
    password = (_flag(bool(user.password)), used, "N/A", "N/A")
    keys = [*(_key(key) for key in user.access_keys), NO_KEY, NO_KEY][:2]
    cells = [cell for key in keys for cell in key]
    mfa = _flag(bool(user.mfa_devices))
    return [user.name, user.arn, _time(user.create_date), *password, mfa, *cells, *NO_CERTIFICATES]


def _key(key: Any) -> tuple[str, ...]:
    return (_flag(key.status == "Active"), _time(key.create_date), *_use(key.last_used))


def _use(used: Any) -> Iterator[str]:
    if used is None:
        yield from ("N/A", "N/A", "N/A")
    else:
        yield from (_time(used.timestamp), used.region, used.service)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _time(moment: datetime) -> str:
    # moto keeps naive UTC.
    return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"
