"""The organization: units in four levels, accounts, tags, delegated administrators, policies."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from simulated_aws import regions
from simulated_aws.backdating import backdate
from simulated_aws.services import iam, organizations
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import ACCOUNTS, LOG_ARCHIVE, MANAGEMENT, SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme
from simulated_aws.world.empty import create_organization

UNITS: Final = (
    "Security",
    "Infrastructure",
    "Corporate",
    "Workloads",
    "Workloads/Production",
    "Workloads/Production/Storefront",
    "Workloads/Production/Payments",
    "Workloads/Production/Data",
    "Workloads/Non-production",
    "Workloads/Non-production/Development",
    "Workloads/Non-production/Staging",
    "Sandbox",
    "Acquired",
    "Suspended",
)
# The first page of accounts below this unit is empty and carries a token.
EMPTY_FIRST_PAGE: Final = "Workloads/Production/Storefront"

POLICY_TYPES: Final = (
    "SERVICE_CONTROL_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "S3_POLICY",
    "TAG_POLICY",
)
TRUSTED_SERVICES: Final = (
    "access-analyzer", "account", "cloudtrail", "config", "config-multiaccountsetup", "guardduty",
    "inspector2", "macie", "member.org.stacksets.cloudformation", "securityhub", "sso",
)  # fmt: skip
DELEGATED: Final = {
    SECURITY: (
        "access-analyzer", "config", "config-multiaccountsetup", "detective", "guardduty",
        "macie", "securityhub", "member.org.stacksets.cloudformation",
    ),
    account_id("shared-services"): ("inspector2", "sso"),
}  # fmt: skip

REGION_GUARDRAIL: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OnlyApprovedRegions",
            "Effect": "Deny",
            "NotAction": [
                "account:*", "budgets:*", "ce:*", "cloudfront:*", "iam:*", "organizations:*",
                "route53:*", "s3:GetAccountPublicAccessBlock", "s3:ListAllMyBuckets", "sts:*",
                "support:*",
            ],
            "Resource": "*",
            "Condition": {
                "StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}
            },
        }
    ],
}  # fmt: skip
KEEP_MEMBERS: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}],
}


def _ai_choices(**services: str) -> dict[str, Any]:
    return {"services": {name: {"opt_out_policy": {"@@assign": v}} for name, v in services.items()}}


# (name, type, content, targets: "" is the root, a unit's path or an account's name)
POLICIES: Final = (
    ("DenyLeaving", "SERVICE_CONTROL_POLICY", KEEP_MEMBERS, ("Workloads", "Security")),
    ("ApprovedRegions", "SERVICE_CONTROL_POLICY", REGION_GUARDRAIL, ("sandbox-platform",)),
    ("OptOutOfAi", "AISERVICES_OPT_OUT_POLICY", _ai_choices(default="optOut"), ("",)),
    (
        "RekognitionForData",
        "AISERVICES_OPT_OUT_POLICY",
        _ai_choices(rekognition="optIn"),
        ("Workloads/Production/Data",),
    ),
    ("AiExperiments", "AISERVICES_OPT_OUT_POLICY", _ai_choices(default="optIn"), ("sandbox-ml",)),
    (
        "BlockPublicS3",
        "S3_POLICY",
        {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}},
        ("Workloads/Production/Payments",),
    ),
)

THEMES: Final = (
    Theme(
        "inventory.organization",
        Claim("pass", "active member of an organization with all features"),
        {
            "management": Claim("partial", "holds a Lambda function and a bucket of its own"),
            "old-intranet": Claim("fail", "SUSPENDED"),
            "promo-site": Claim("fail", "PENDING_CLOSURE"),
        },
        judged_when_closed=True,
    ),
    Theme(
        "inventory.root_email",
        Claim("pass", "unique plus-address of the company's domain"),
        {
            "payments-dev": Claim(
                None, "the address of payments-staging in other letters: not unique"
            ),
            "payments-staging": Claim(
                None, "the address of payments-dev in other letters: not unique"
            ),
            "corporate-it": Claim(None, "one person's address: fail once somebody says so"),
            "fernhill-shop": Claim("fail", "foreign domain"),
            "fernhill-legacy": Claim("fail", "domain of the acquired company"),
        },
        judged_when_closed=True,
    ),
    Theme(
        "inventory.ai_optout",
        Claim("pass", "opted out by the root's policy"),
        {
            "data-lake-prod": Claim("partial", "its unit opts in to rekognition"),
            "analytics-prod": Claim("partial", "its unit opts in to rekognition"),
            "ml-prod": Claim("partial", "its unit opts in to rekognition"),
            "sandbox-ml": Claim("fail", "its own policy makes optIn the default"),
        },
    ),
    Theme(
        "inventory.security_account",
        Claim("pass", "security-tooling is delegated administrator and holds no workload"),
        {},
    ),
)

REMARKS: Final = {
    "sandbox-platform": "a service control policy allows us-east-1 and eu-west-1 only",
    "shared-services": "delegated administrator of inspector2 and of Identity Center",
}


def build(builder: Builder) -> None:
    root = create_organization(builder, MANAGEMENT.id, MANAGEMENT.name, MANAGEMENT.root_email)
    client = builder.client("organizations", MANAGEMENT.id)
    units = _create_units(builder, client, root)
    for account in ACCOUNTS:
        if account is not MANAGEMENT:
            _create_account(builder, client, account, root, units[account.ou])
        _finish_account(account)
    _delegate(client)
    targets = {"": root, **units, **{account.name: account.id for account in ACCOUNTS}}
    _attach_policies(client, root, targets)
    organizations.EMPTY_FIRST_PAGE.add(units[EMPTY_FIRST_PAGE])
    iam.ORGANIZATIONS_FEATURES[MANAGEMENT.id] = ["RootCredentialsManagement"]
    client.invite_account_to_organization(Target={"Id": company.INVITED[1], "Type": "ACCOUNT"})


def _create_units(builder: Builder, client: Any, root: str) -> dict[str, str]:
    """The ids of the units by their paths; an id is the same as long as the path is."""
    ids: dict[str, str] = {}
    for path in UNITS:
        parent, _, name = path.rpartition("/")
        suffix = hashlib.sha256(path.encode()).hexdigest()[:8]
        with builder.identifier(f"ou-{root.removeprefix('r-')}-{suffix}"):
            unit = client.create_organizational_unit(
                ParentId=ids[parent] if parent else root, Name=name
            )
        ids[path] = unit["OrganizationalUnit"]["Id"]
    return ids


def _create_account(
    builder: Builder, client: Any, account: company.Account, root: str, unit: str
) -> None:
    owner = company.TEAMS[account.team]
    tags = {"owner": f"{owner}@{company.DOMAIN}", "team": account.team}
    with builder.identifier(account.id):
        client.create_account(
            AccountName=account.name,
            Email=account.root_email,
            Tags=[{"Key": k, "Value": v} for k, v in tags.items()] if account.owner_tags else [],
        )
    client.move_account(AccountId=account.id, SourceParentId=root, DestinationParentId=unit)


def _finish_account(account: company.Account) -> None:
    regions.OPTED_IN[account.id] = set(account.regions) - set(company.ORGANIZATION_REGIONS)
    backdate(
        account.id,
        "member",
        {
            "create_time": f"{account.joined}T08:30:00+00:00",
            "joined_method": "INVITED" if account.invited else "CREATED",
            "state": account.state,
            "status": account.state,
        },
    )


def _delegate(client: Any) -> None:
    for service in TRUSTED_SERVICES:
        client.enable_aws_service_access(ServicePrincipal=f"{service}.amazonaws.com")
    for account, services in DELEGATED.items():
        for service in services:
            client.register_delegated_administrator(
                AccountId=account, ServicePrincipal=f"{service}.amazonaws.com"
            )


def _attach_policies(client: Any, root: str, targets: dict[str, str]) -> None:
    for kind in POLICY_TYPES:
        client.enable_policy_type(RootId=root, PolicyType=kind)
    for name, kind, content, names in POLICIES:
        created = client.create_policy(
            Name=name, Description=name, Type=kind, Content=json.dumps(content)
        )
        for target in names:
            client.attach_policy(
                PolicyId=created["Policy"]["PolicySummary"]["Id"], TargetId=targets[target]
            )


SETTINGS: Final = {
    "COMPANY_EMAIL_DOMAINS": [company.DOMAIN],
    "ROOT_EMAIL_LIST_PATTERNS": [r"^aws\+[a-z-]+@example\.com$"],
    "SECURITY_ACCOUNTS": {
        SECURITY: ["tooling"],
        LOG_ARCHIVE: ["log_archive"],
        company.account_id("backup-vault"): ["backup"],
    },
}
