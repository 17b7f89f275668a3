"""Guardrails: service control policies that hold, hold in part, let somebody off, or are missing.

They deny nothing that the view role reads, but for Corporate, where it is let off by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import ACCOUNTS, MANAGEMENT, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

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

_DATA_ACCOUNTS: Final = ("data-lake-prod", "analytics-prod", "ml-prod")
_PAYMENTS_ACCOUNTS: Final = ("payments-prod", "ledger-prod", "fraud-prod")
_UNSEEN: Final = Claim("unknown", "there is no role to ask with")
_OPEN: Final = Claim(None, "there is no role to ask with: what else may protect it is not seen")


def _in(*units: str) -> tuple[str, ...]:
    """Accounts of these units and those below."""
    return tuple(
        account.name
        for account in ACCOUNTS
        if account.is_active
        and any(account.ou == unit or account.ou.startswith(f"{unit}/") for unit in units)
    )


def _theme(guardrail: str, default: Claim, differing: Mapping[str, Claim]) -> Theme:
    exempt = Claim("not_applicable", "no policy binds the management account")
    return Theme(f"surface.{guardrail}", default, {"management": exempt, **differing})


THEMES: Final = (
    _theme("scps", Claim("partial", "some guardrails hold"), {}),
    _theme(
        "scp_root",
        Claim("pass", "denied by policy, or without credentials and managed centrally"),
        {
            **dict.fromkeys(
                ("corporate-it", "fernhill-shop"),
                Claim("partial", "managed centrally, but the root user has credentials"),
            ),
            "fernhill-legacy": _UNSEEN,
        },
    ),
    _theme(
        "scp_regions",
        Claim("fail", "no Region is blocked"),
        {
            "sandbox-platform": Claim("pass", "all but two Regions are blocked"),
            **dict.fromkeys(
                ("fernhill-shop", "fernhill-legacy"),
                Claim("partial", "queues and training alone are denied elsewhere"),
            ),
            "storefront-prod": Claim("partial", "launches that name no token are denied anywhere"),
            "corporate-it": Claim("partial", "SageMaker is denied anywhere"),
        },
    ),
    _theme(
        "scp_services",
        Claim("fail", "no service is blocked"),
        {
            "corporate-it": Claim("pass", "all services but a list are denied"),
            "sandbox-ml": Claim("partial", "two services are denied"),
            **dict.fromkeys(
                _DATA_ACCOUNTS, Claim("partial", "Global Accelerator is denied as a whole")
            ),
        },
    ),
    _theme(
        "scp_access_keys",
        Claim("fail", "nobody is kept from making keys"),
        {
            **dict.fromkeys(
                _in("Workloads"), Claim("pass", "denied to all but an undeclared role")
            ),
            **dict.fromkeys(_in("Sandbox"), Claim("partial", "denied without MFA alone")),
        },
    ),
    _theme(
        "scp_imdsv2",
        Claim("fail", "nothing requires tokens"),
        {
            "storefront-prod": Claim("pass", "tokens are required at launch and stay so"),
            **dict.fromkeys(_in(NON_PRODUCTION), Claim("partial", "tokens stay where they are")),
        },
    ),
    _theme(
        "scp_leave_org",
        Claim("fail", "the account can leave"),
        dict.fromkeys(_in("Workloads", "Security"), Claim("pass", "leaving is denied")),
    ),
    _theme(
        "scp_internet_vpc",
        Claim("fail", "gateways can be made"),
        {
            **dict.fromkeys(_DATA_ACCOUNTS, Claim("pass", "every way out is denied")),
            **dict.fromkeys(_in(NON_PRODUCTION), Claim("partial", "gateways cannot be attached")),
            "network-hub": Claim("not_applicable", "it may face the internet"),
            "tracking-prod": _UNSEEN,
            "fernhill-legacy": _UNSEEN,
        },
    ),
    _theme(
        "scp_security_services",
        Claim("partial", "Access Analyzer and CloudTrail are out of reach, the rest is not"),
        {
            **dict.fromkeys(_PAYMENTS_ACCOUNTS, Claim("pass", "every service is protected")),
            **dict.fromkeys(("tracking-prod", "fernhill-legacy", "fernhill-shop"), _OPEN),
        },
    ),
    _theme(
        "scp_monitoring",
        Claim("fail", "rules can be changed"),
        {
            **dict.fromkeys(
                _PAYMENTS_ACCOUNTS, Claim("pass", "rules of a reserved name are protected")
            ),
            "payments-prod": Claim("partial", "the log group of its own trail is not protected"),
            **dict.fromkeys(_DATA_ACCOUNTS, Claim("partial", "rules cannot be deleted or stopped")),
        },
    ),
    _theme(
        "scp_protected_roles",
        Claim("fail", "every role can be changed"),
        {
            **dict.fromkeys(
                _in(PRODUCTION), Claim("pass", "roles of reserved names are protected")
            ),
            **dict.fromkeys(_in(NON_PRODUCTION), Claim("partial", "the view role alone is")),
        },
    ),
)


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
