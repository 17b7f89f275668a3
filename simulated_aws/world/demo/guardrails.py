"""Guardrails: service control policies that hold, hold in part, let somebody off, or are missing.

They deny nothing that the view role reads, but for Corporate, where it is let off by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import ACCOUNTS, MANAGEMENT, account_id

ROOT_USER: Final = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
PRODUCTION: Final = "Workloads/Production"
PAYMENTS: Final = "Workloads/Production/Payments"
DATA: Final = "Workloads/Production/Data"
NON_PRODUCTION: Final = "Workloads/Non-production"
SERVICES: Final = (
    "access-analyzer", "apigateway", "athena", "autoscaling", "backup", "cloudformation",
    "cloudfront", "dlm", "dynamodb", "ec2", "ecr", "ecs", "elasticfilesystem",
    "elasticloadbalancing", "events", "fsx", "glue", "guardduty", "inspector2", "lambda",
    "macie2", "network-firewall", "ram", "rds", "redshift", "resource-explorer-2",
    "resource-groups", "route53", "route53resolver", "s3", "secretsmanager", "securityhub",
    "shield", "sns", "sqs", "ssm", "wafv2", "codeartifact", "securitylake", "controltower",
)  # fmt: skip
ALWAYS: Final = (
    "account", "aws-portal", "billing", "budgets", "ce", "cloudtrail", "cloudwatch", "config",
    "health", "iam", "kms", "logs", "notifications", "organizations", "servicequotas", "sso",
    "sts", "support", "tag", "trustedadvisor",
)  # fmt: skip


def _deny(
    *actions: str, condition: Mapping[str, Any] | None = None, resource: str = "*", sid: str = ""
) -> dict[str, Any]:
    return {
        **({"Sid": sid} if sid else {}),
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def _but(*services: str, condition: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "NotAction": [f"{service}:*" for service in services],
        "Resource": "*",
        "Condition": condition,
    }


# (name, statements, units by path and accounts by name)
POLICIES: Final = (
    ("NoRootUser", [_deny("*", condition=ROOT_USER, sid="NoRootUser")], (PRODUCTION,)),
    (
        "NoAccessKeys",
        [
            _deny(
                "iam:CreateAccessKey",
                "iam:CreateServiceSpecificCredential",
                condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/KeyRescue"}},
                sid="KeysOnlyInNeed",
            )
        ],
        ("Workloads",),
    ),
    (
        "KeysNeedMfa",
        [
            _deny(
                "iam:CreateAccessKey",
                condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            )
        ],
        ("Sandbox",),
    ),
    (
        "TokensAtLaunch",
        [
            _deny(
                "ec2:RunInstances",
                condition={"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}},
                resource="arn:aws:ec2:*:*:instance/*",
            ),
            _deny("ec2:ModifyInstanceMetadataOptions"),
        ],
        ("storefront-prod",),
    ),
    ("TokensStay", [_deny("ec2:ModifyInstanceMetadataOptions")], (NON_PRODUCTION,)),
    (
        "NoWayOut",
        [
            _deny(
                "ec2:CreateInternetGateway",
                "ec2:AttachInternetGateway",
                "ec2:CreateEgressOnlyInternetGateway",
                "ec2:CreateVpcPeeringConnection",
                "ec2:AcceptVpcPeeringConnection",
                "globalaccelerator:*",
            )
        ],
        (DATA,),
    ),
    ("NoGateways", [_deny("ec2:AttachInternetGateway")], (NON_PRODUCTION,)),
    (
        "WatchersStay",
        [
            _deny(
                "guardduty:DeleteDetector",
                "guardduty:UpdateDetector",
                "guardduty:Disassociate*",
                "access-analyzer:DeleteAnalyzer",
                "cloudtrail:StopLogging",
                "cloudtrail:DeleteTrail",
                "cloudtrail:UpdateTrail",
                "cloudtrail:PutEventSelectors",
                "s3:PutAccountPublicAccessBlock",
                "config:StopConfigurationRecorder",
                "config:DeleteConfigurationRecorder",
                "config:DeleteDeliveryChannel",
                "securityhub:DisableSecurityHub",
                "securityhub:Disassociate*",
                "macie2:DisableMacie",
                "macie2:Disassociate*",
                "inspector2:Disable",
            )
        ],
        (PAYMENTS,),
    ),
    (
        "PipelineStays",
        [_deny("events:*Rule", "events:*Targets", resource="arn:aws:events:*:*:rule/security-*")],
        (PAYMENTS,),
    ),
    (
        "RulesStay",
        [_deny("events:DeleteRule", "events:DisableRule", "events:RemoveTargets")],
        (DATA,),
    ),
    (
        "RolesStay",
        [
            _deny(
                *(f"iam:{verb}Role*" for verb in ("Delete", "Update", "Attach", "Detach", "Put")),
                "iam:UpdateAssumeRolePolicy",
                resource=f"arn:aws:iam::*:role/{name}",
            )
            for name in (
                "CairnReadOnly", "OrganizationAccountAccessRole", "AWSControlTowerExecution",
                "stacksets-exec-*", "aws-controltower-*",
            )
        ],
        (PRODUCTION,),
    ),
    (
        "ViewRoleStays",
        [
            _deny(
                *(f"iam:{verb}Role*" for verb in ("Delete", "Update", "Attach", "Detach", "Put")),
                "iam:UpdateAssumeRolePolicy",
                resource="arn:aws:iam::*:role/CairnReadOnly",
            )
        ],
        (NON_PRODUCTION,),
    ),
    (
        "ApprovedServices",
        [
            _but(
                *SERVICES,
                *ALWAYS,
                condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/CairnReadOnly"}},
            )
        ],
        ("Corporate",),
    ),
    ("NoGames", [_deny("gamelift:*", "lightsail:*")], ("sandbox-ml",)),
    (
        "QueuesAtHome",
        [
            _deny(
                "sqs:CreateQueue",
                "sagemaker:*",
                condition={
                    "StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}
                },
            )
        ],
        ("Acquired",),
    ),
)  # fmt: skip

SETTINGS: Final = {
    "APPROVED_REGIONS": ["us-east-1", "eu-west-1"],
    "APPROVED_SERVICES": list(SERVICES),
    "MONITORING_RESOURCES": ["arn:{p}:events:{r}:{a}:rule/security-*"],
    "INTERNET_VPC_ALLOWED_ACCOUNTS": [account_id("network-hub")],
}

THEMES: Final = ()


def build(builder: Builder) -> None:
    client = builder.client("organizations", MANAGEMENT.id)
    root = client.list_roots()["Roots"][0]["Id"]
    targets = {**_units(client, root), **{account.name: account.id for account in ACCOUNTS}}
    for name, statements, places in POLICIES:
        created = client.create_policy(
            Name=name,
            Description=name,
            Type="SERVICE_CONTROL_POLICY",
            Content=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )
        for place in places:
            client.attach_policy(
                PolicyId=created["Policy"]["PolicySummary"]["Id"], TargetId=targets[place]
            )


def _units(client: Any, parent: str, above: str = "") -> dict[str, str]:
    """Path → id of every unit below."""
    found: dict[str, str] = {}
    pages = client.get_paginator("list_organizational_units_for_parent")
    for page in pages.paginate(ParentId=parent):
        for unit in page["OrganizationalUnits"]:
            path = f"{above}/{unit['Name']}".lstrip("/")
            found |= {path: unit["Id"], **_units(client, unit["Id"], path)}
    return found
