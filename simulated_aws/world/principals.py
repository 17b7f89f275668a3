"""The principals of every world: the collector with its roles, and an operator who may do all.

Access keys and the external id are fixed and public; they open nothing but a simulation.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.iam.utils import ACCOUNT_OFFSET

from simulated_aws.world.builder import Builder

COLLECTOR: Final = "cairn-collector"
OPERATOR: Final = "operator"
MANAGEMENT_ROLE: Final = "CairnManagement"
MEMBER_ROLE: Final = "CairnReadOnly"
CONTACTS_ROLE: Final = "CairnContacts"
EXTERNAL_ID: Final = "cairn-demo-external-id"
SECRETS: Final = {
    COLLECTOR: "simulated/collector/secret/not/a/real/key",
    OPERATOR: "simulated/operator/secret/not/a/real/key0",
}
KEY_ENDINGS: Final = {COLLECTOR: "COLLECT", OPERATOR: "OPERATE"}

Policy = Mapping[str, Any]


def policy(*actions: str, effect: str = "Allow", resources: Sequence[str] = ("*",)) -> Policy:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Action": list(actions), "Resource": list(resources)}],
    }


def reading(*prefixes: str) -> list[str]:
    return [f"{prefix}:{verb}*" for prefix in prefixes for verb in ("Describe", "Get", "List")]


# Shortened copies of AWS's managed policies, which moto loads slowly. The names count: a customer
# managed copy under AWS's name satisfies `visibility.security_role`.
VIEW_ROLE_POLICIES: Final[Mapping[str, Policy]] = {
    "SecurityAudit": policy(
        *reading(
            "access-analyzer", "account", "autoscaling", "cloudformation", "cloudfront",
            "cloudtrail", "cloudwatch", "config", "ec2", "ecr", "ecs", "eks",
            "elasticfilesystem", "elasticloadbalancing", "es", "events", "guardduty", "iam",
            "inspector2", "kms", "logs", "network-firewall", "organizations", "ram", "redshift",
            "route53", "route53resolver", "securityhub", "securitylake", "shield", "sns", "sqs",
            "ssm", "sso", "tag", "wafv2",
        ),
        "events:TestEventPattern",
        "iam:Generate*",
        "inspector2:BatchGetAccountStatus",
        "s3:GetBucket*",
        "s3:GetAccount*",
        "s3:ListAllMyBuckets",
        "s3:ListAccessPoints",
        "s3:GetAccessPointPolicyStatus",
    ),
    "ViewOnlyAccess": policy(
        *reading("backup", "dlm", "fsx", "lambda", "rds"),
        "dynamodb:Describe*",
        "dynamodb:List*",
    ),
}  # fmt: skip
# What those two lack (evidence-rules B.2), and what only a security account is asked (B.3).
VIEW_ROLE_EXTRAS: Final = policy(
    "access-analyzer:ValidatePolicy",
    "budgets:ViewBudget",
    *reading("macie2"),
    "s3:GetReplicationConfiguration",
    "athena:ListWorkGroups",
    "glue:GetDatabases",
    "glue:GetTables",
    "resource-explorer-2:ListIndexes",
    "resource-explorer-2:Search",
    "cloudtrail:LookupEvents",
    "codeartifact:ListRepositories",
    "config:SelectAggregateResourceConfig",
)
MANAGEMENT_ROLE_POLICY: Final = policy(
    *reading(
        "access-analyzer", "account", "ce", "cloudformation", "cloudtrail", "controltower",
        "guardduty", "iam", "macie2", "organizations", "securityhub", "sso",
    ),
    "budgets:Describe*",
    "budgets:ViewBudget",
    "cloudwatch:DescribeAlarmsForMetric",
    "logs:Describe*",
    "tag:GetComplianceSummary",
)  # fmt: skip
CONTACTS_ROLE_POLICY: Final = policy("account:GetAlternateContact", "account:PutAlternateContact")
MANAGEMENT_MAY_ASSUME: Final = policy(
    "sts:AssumeRole", resources=[f"arn:aws:iam::*:role/{MEMBER_ROLE}"]
)


@dataclass(frozen=True)
class Keys:
    """Long-lived credentials of a user, under STS's names for them."""

    account: str
    user: str

    @property
    def access_key_id(self) -> str:
        """It carries the account's number, as AWS's access key ids do."""
        number = int(self.account)
        part = base64.b32encode((number // 2 + ACCOUNT_OFFSET).to_bytes(5, "big")).decode()
        return f"AKIA{part}{'Q' if number % 2 else 'A'}{KEY_ENDINGS[self.user]}"

    def described(self) -> dict[str, str]:
        return {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": SECRETS[self.user],
            "Arn": f"arn:aws:iam::{self.account}:user/{self.user}",
        }


def create_user(builder: Builder, keys: Keys, document: Policy) -> None:
    iam = builder.client("iam", keys.account)
    iam.create_user(UserName=keys.user)
    iam.put_user_policy(
        UserName=keys.user, PolicyName=keys.user, PolicyDocument=json.dumps(document)
    )
    iam.create_access_key(UserName=keys.user)
    backend = iam_backends[keys.account]["aws"]
    key = backend.users[keys.user].access_keys[0]
    del backend.access_keys[key.access_key_id]
    key.access_key_id, key.secret_access_key = keys.access_key_id, SECRETS[keys.user]
    backend.access_keys[key.access_key_id] = key


def trust(*principals: str, external_id: str | None = EXTERNAL_ID) -> Policy:
    """One statement per principal; external_id None leaves out its condition."""
    condition = {"StringEquals": {"sts:ExternalId": external_id}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                **({"Condition": condition} if external_id is not None else {}),
            }
            for principal in principals
        ],
    }


def create_collector(builder: Builder, keys: Keys) -> None:
    """The user Cairn signs in as, who may do nothing but assume the three roles."""
    names = (MANAGEMENT_ROLE, MEMBER_ROLE, CONTACTS_ROLE)
    roles = [f"arn:aws:iam::*:role/{name}" for name in names]
    create_user(builder, keys, policy("sts:AssumeRole", resources=roles))


def create_management_role(builder: Builder, account: str, collector_arn: str) -> None:
    iam = builder.client("iam", account)
    iam.create_role(
        RoleName=MANAGEMENT_ROLE, AssumeRolePolicyDocument=json.dumps(trust(collector_arn))
    )
    for name, document in (("Read", MANAGEMENT_ROLE_POLICY), ("Assume", MANAGEMENT_MAY_ASSUME)):
        iam.put_role_policy(
            RoleName=MANAGEMENT_ROLE, PolicyName=name, PolicyDocument=json.dumps(document)
        )


def create_contacts_role(builder: Builder, account: str, collector_arn: str) -> None:
    """The role that may write alternate contacts, and nothing else."""
    iam = builder.client("iam", account)
    iam.create_role(
        RoleName=CONTACTS_ROLE, AssumeRolePolicyDocument=json.dumps(trust(collector_arn))
    )
    iam.put_role_policy(
        RoleName=CONTACTS_ROLE,
        PolicyName="CairnContacts",
        PolicyDocument=json.dumps(CONTACTS_ROLE_POLICY),
    )


def create_member_role(
    builder: Builder,
    account: str,
    trusted: Policy,
    policies: Sequence[str] = tuple(VIEW_ROLE_POLICIES),
) -> None:
    iam = builder.client("iam", account)
    iam.create_role(
        RoleName=MEMBER_ROLE,
        AssumeRolePolicyDocument=json.dumps(trusted),
        Description="Read-only access for the account inventory",
    )
    for name in policies:
        created = iam.create_policy(
            PolicyName=name, PolicyDocument=json.dumps(VIEW_ROLE_POLICIES[name])
        )
        iam.attach_role_policy(RoleName=MEMBER_ROLE, PolicyArn=created["Policy"]["Arn"])
    iam.put_role_policy(
        RoleName=MEMBER_ROLE,
        PolicyName="CairnReadOnlyExtras",
        PolicyDocument=json.dumps(VIEW_ROLE_EXTRAS),
    )
