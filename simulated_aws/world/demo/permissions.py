"""What roles may do and whether anybody uses them: well cut, too wide, idle, and far too strong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.iam.models import iam_backends

from simulated_aws.services.accessanalyzer import ANALYZERS
from simulated_aws.services.accessanalyzer_findings import add_finding
from simulated_aws.services.iam_access_advisor import CALLED
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme
from simulated_aws.world.principals import policy

ORDERS: Final = policy(
    "dynamodb:GetItem", "dynamodb:PutItem", resources=["arn:aws:dynamodb:*:*:table/orders"]
)
IMAGES: Final = policy("s3:GetObject", resources=["arn:aws:s3:::larkfield-images/*"])
WIDE: Final = policy("s3:*", "sqs:SendMessage")
EVERYTHING: Final = policy("*")


@dataclass(frozen=True)
class Work:
    """A role of the company's own. ``age_days`` and ``used_days`` ago it was made and last used;
    None for never. ``managed`` policies are customer managed ones."""

    name: str
    service: str = "lambda.amazonaws.com"
    age_days: int = 700
    used_days: int | None = 1
    inline: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    managed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


ROLES: Final[Mapping[str, tuple[Work, ...]]] = {
    "storefront-prod": (
        Work("storefront-web", "ec2.amazonaws.com", inline={"images": IMAGES}),
        Work("storefront-api", inline={"orders": ORDERS}),
    ),
    "search-prod": (
        *(Work(f"search-index-{n}", "ecs-tasks.amazonaws.com", inline={"images": IMAGES})
          for n in range(1, 10)),
        Work("search-import", used_days=140, managed={"search-import": WIDE}),
    ),
    "payments-prod": (
        Work("payments-api", inline={"orders": ORDERS}),
        Work("payments-batch", "ecs-tasks.amazonaws.com", managed={"batch": WIDE}),
    ),
    "warehouse-prod": (
        Work("label-service", "ec2.amazonaws.com", inline={"everything": EVERYTHING}),
        Work("migration-2021", "ec2.amazonaws.com", used_days=None,
             managed={"migration": EVERYTHING}),
    ),
}  # fmt: skip

UNUSED_ANALYZER: Final = "larkfield-unused-access"
# Account, role, and the services it may call with how many days ago it did, None for never.
UNUSED_SERVICES: Final = (
    "payments-prod",
    "payments-batch",
    {"s3": 1, "sqs": 200, **dict.fromkeys(("ec2", "kms", "rds", "ses", "sns", "ssm"))},
)
# As the organization's analyzer sees an account that nobody else can ask.
SEEN_BY_ANALYZER: Final = ("tracking-prod", "tracking-prototype")

# A key that nobody has reason to use, of a user without any right: account, user and key.
HONEY_ACCOUNT: Final = "corporate-it"
HONEY_USER: Final = "backup-archive"
HONEY_KEY: Final = "AKIAEXAMPLEHONEYTOKN"
HONEY_ARN: Final = f"arn:aws:iam::{account_id(HONEY_ACCOUNT)}:user/{HONEY_USER}"

_NO_ROLE: Final = dict.fromkeys(
    ("tracking-prod", "fernhill-legacy"), Claim("unknown", "there is no role to ask with")
)
_NOBODY: Final = Claim("not_applicable", "no role of its own that is old enough")
THEMES: Final = (
    Theme(
        "refinement.honey_tokens",
        Claim("pass", "a key without rights lies in corporate-it, and its alert is tested"),
        {},
    ),
    Theme(
        "identity.unused_roles",
        _NOBODY,
        {
            "storefront-prod": Claim("pass", "both roles were used yesterday"),
            "payments-prod": Claim("pass", "both roles were used yesterday"),
            "search-prod": Claim("partial", "one of ten roles was not used in months"),
            "warehouse-prod": Claim("fail", "one of two roles, an administrator, was never used"),
            "tracking-prod": Claim("partial", "the organization's analyzer knows an unused role"),
            "fernhill-legacy": Claim("pass", "the organization's analyzer knows no unused role"),
        },
    ),
    Theme(
        "identity.role_services",
        _NOBODY,
        {
            "storefront-prod": Claim("pass", "both roles call the services they may"),
            "search-prod": Claim("pass", "nine roles in use call the services they may"),
            "payments-prod": Claim("partial", "one of two roles never calls most of its services"),
            "warehouse-prod": Claim("fail", "instances run with an administrator's role"),
            **_NO_ROLE,
        },
    ),
    Theme(
        "refinement.iam_policies",
        Claim("not_applicable", "nobody has a policy of the account's own"),
        {
            "management": Claim(
                "fail", "Cairn's own roles read everything, in two of three policies"
            ),
            "security-tooling": Claim("pass", "the collector's user may only assume two roles"),
            "storefront-prod": Claim("pass", "policies name tables and buckets"),
            "search-prod": Claim("pass", "one of ten policies allows all of S3 (finding)"),
            "payments-prod": Claim("partial", "one of two policies allows all of S3"),
            "warehouse-prod": Claim("fail", "both policies allow everything"),
            **_NO_ROLE,
        },
    ),
)


def build(builder: Builder) -> None:
    _plant(builder, account_id(HONEY_ACCOUNT))
    for name, works in ROLES.items():
        for work in works:
            _create(builder, account_id(name), work)
    analyzer = ANALYZERS[SECURITY, HOME_REGION][UNUSED_ANALYZER]["arn"]
    owner = account_id(UNUSED_SERVICES[0])
    CALLED[f"arn:aws:iam::{owner}:role/{UNUSED_SERVICES[1]}"] = dict(UNUSED_SERVICES[2])
    account, role = SEEN_BY_ANALYZER
    owner = account_id(account)
    add_finding(analyzer, "UnusedIAMRole", f"arn:aws:iam::{owner}:role/{role}", owner)


def _plant(builder: Builder, account: str) -> None:
    iam = builder.client("iam", account)
    iam.create_user(UserName=HONEY_USER)
    iam.create_access_key(UserName=HONEY_USER)
    backend = iam_backends[account]["aws"]
    key = backend.users[HONEY_USER].access_keys[0]
    del backend.access_keys[key.access_key_id]
    key.access_key_id, key.create_date = HONEY_KEY, _days_ago(40)
    backend.access_keys[HONEY_KEY] = key


def _create(builder: Builder, account: str, work: Work) -> None:
    iam = builder.client("iam", account)
    trust = {"Effect": "Allow", "Principal": {"Service": work.service}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    iam.create_role(RoleName=work.name, AssumeRolePolicyDocument=json.dumps(document))
    for name, content in work.inline.items():
        iam.put_role_policy(RoleName=work.name, PolicyName=name, PolicyDocument=json.dumps(content))
    for name, content in work.managed.items():
        made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(content))
        iam.attach_role_policy(RoleName=work.name, PolicyArn=made["Policy"]["Arn"])
    roles = iam_backends[account]["aws"].roles.values()
    role = next(one for one in roles if one.name == work.name)
    role.create_date = _days_ago(work.age_days)
    role.last_used = None if work.used_days is None else _days_ago(work.used_days)


def _days_ago(days: int) -> datetime:
    # moto keeps naive UTC.
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(days=days)
