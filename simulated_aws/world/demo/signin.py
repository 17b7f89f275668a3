"""How people and programs sign in: users with passwords and keys, and root users' credentials."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.iam.models import AccessKeyLastUsed, iam_backends

from simulated_aws.services.iam_credentials import REPORTED, ROOTS, Root
from simulated_aws.world import principals
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import ACTIVE, MANAGEMENT, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

# Region of the company's own work, and one where it has none.
HOME: Final = "eu-west-1"
ABROAD: Final = "ap-southeast-1"

# (account, user, password, MFA, keys); a key is its status, its age in days, and where it was last
# used, empty for never.
Key = tuple[str, int, str]
USERS: Final[tuple[tuple[str, str, bool, bool, tuple[Key, ...]], ...]] = (
    ("network-hub", "vpn-monitor", False, False, (("Inactive", 900, HOME),)),
    ("payments-dev", "load-test", False, False, ()),
    ("storefront-dev", "deploy", False, False, (("Active", 430, ABROAD),)),
    (
        "warehouse-prod",
        "label-printer",
        False,
        False,
        (("Active", 40, HOME), ("Active", 700, HOME)),
    ),
    ("corporate-it", "jana.novak", True, True, ()),
    ("corporate-it", "backup-operator", True, False, (("Inactive", 1200, ""),)),
    ("fernhill-shop", "webmaster", True, False, (("Active", 800, HOME),)),
)
# Root users with credentials of their own: (password, MFA, access key).
ROOT_USERS: Final = {
    "management": (True, True, False),
    "corporate-it": (True, False, False),
    "fernhill-shop": (True, False, True),
}
BREAK_GLASS: Final = f"arn:aws:iam::{MANAGEMENT.id}:user/{principals.OPERATOR}"
SETTINGS: Final = {"BREAK_GLASS_USERS": [BREAK_GLASS]}

_NO_ROLE: Final = Claim("unknown", "there is no role to ask with")
THEMES: Final = (
    Theme(
        "identity.no_users",
        Claim("pass", "no IAM user, and no key of the root user"),
        {
            "management": Claim("pass", "its only user is kept for emergencies"),
            "security-tooling": Claim("fail", "the demo's collector signs in with a user's key"),
            "network-hub": Claim("partial", "a user whose only key is inactive"),
            "payments-dev": Claim("partial", "a user without password and keys"),
            "storefront-dev": Claim("fail", f"an old key, last used in {ABROAD}"),
            "warehouse-prod": Claim("fail", "a user with two active keys, one of them old"),
            "corporate-it": Claim("fail", "two people with console passwords"),
            "fernhill-shop": Claim("fail", "the root user has an access key"),
            "tracking-prod": _NO_ROLE,
            "fernhill-legacy": _NO_ROLE,
        },
    ),
)


def build(builder: Builder) -> None:
    for account in ACTIVE:
        REPORTED.add(account.id)
        if account.name in ROOT_USERS:
            ROOTS[account.id] = Root(*ROOT_USERS[account.name])
    for account_name, name, has_password, has_mfa, keys in USERS:
        _create_user(builder, account_id(account_name), name, has_password, has_mfa)
        for number, key in enumerate(keys):
            _create_key(builder, account_id(account_name), name, number, key)


def _create_user(
    builder: Builder, account: str, name: str, has_password: bool, has_mfa: bool
) -> None:
    iam = builder.client("iam", account)
    iam.create_user(UserName=name)
    if has_password:
        iam.create_login_profile(UserName=name, Password="Invented-for-the-demo-1")  # noqa: S106
    if has_mfa:
        serial = f"arn:aws:iam::{account}:mfa/{name}"
        iam.enable_mfa_device(
            UserName=name,
            SerialNumber=serial,
            AuthenticationCode1="123456",
            AuthenticationCode2="654321",
        )
    _user(account, name).create_date = _days_ago(1300)


def _create_key(builder: Builder, account: str, name: str, number: int, key: Key) -> None:
    status, age_days, used_in = key
    builder.client("iam", account).create_access_key(UserName=name)
    made = _user(account, name).access_keys[number]
    made.status, made.create_date = status, _days_ago(age_days)
    if used_in:
        made.last_used = AccessKeyLastUsed(_days_ago(min(age_days, 3)), "ec2", used_in)


def _user(account: str, name: str) -> Any:
    return iam_backends[account]["aws"].users[name]


def _days_ago(days: int) -> datetime:
    # moto keeps naive UTC.
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=days)
