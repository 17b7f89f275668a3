"""Single sign-on: Identity Center leads into most accounts, SAML into one, nothing into some."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Final

from moto.iam.models import iam_backends

from simulated_aws.services.sso_admin import (
    ASSIGNMENTS,
    INSTANCES,
    PERMISSION_SETS,
    Instance,
    PermissionSet,
)
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import ACTIVE, LOG_ARCHIVE, MANAGEMENT, SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

HOME: Final = "eu-west-1"
INSTANCE: Final = "arn:aws:sso:::instance/ssoins-6804c0ffee00b0a7"
OWN_INSTANCE: Final = ("data-dev", "arn:aws:sso:::instance/ssoins-7223feedbeef0042")

# Permission set -> the AWS managed policies in it.
SETS: Final = {
    "Administrator": ("AdministratorAccess",),
    "SecurityAudit": ("SecurityAudit", "ViewOnlyAccess"),
}
PLATFORM, AUDITORS, DEFENDERS, FOUNDERS = (
    f"a4b8c2d6-{number}000-4c0f-8e1a-5d9b7c3e2f10" for number in (1, 2, 3, 4)
)
SECURITY_ACCOUNTS: Final = (SECURITY, LOG_ARCHIVE, account_id("backup-vault"))
# They administer production and the log archive alike.
RUN_BY_FOUNDERS: Final = (account_id("payments-prod"), LOG_ARCHIVE)

BY_SAML: Final = "analytics-prod"
NO_WAY_IN: Final = ("sandbox-ml", "fernhill-shop", "fernhill-legacy", BY_SAML)
# Account -> its SAML provider, and for how many days its metadata is valid.
PROVIDERS: Final = {BY_SAML: ("Larkfield", 700), "warehouse-prod": ("LarkfieldOld", -90)}

THEMES: Final = (
    Theme(
        "identity.sso",
        Claim("pass", "Identity Center leads in, and no user has a console password"),
        {
            BY_SAML: Claim("pass", "a role trusts a valid SAML provider"),
            "warehouse-prod": Claim("pass", "besides, a SAML provider that has expired (finding)"),
            "data-dev": Claim("pass", "besides, an Identity Center of its own (finding)"),
            "corporate-it": Claim("partial", "two users with console passwords are left"),
            "fernhill-shop": Claim("fail", "a console password, and no single sign-on"),
            "sandbox-ml": Claim("not_applicable", "no way in: nobody works there, says its team"),
            "tracking-prod": Claim("unknown", "there is no role to ask with"),
            "fernhill-legacy": Claim("unknown", "there is no role to ask with"),
        },
    ),
    Theme(
        "incident.blast_radius",
        Claim("pass", "one workload, says its owner, and its administrators are not security's"),
        {
            "management": Claim("partial", "the role that writes contacts trusts another account"),
            "payments-prod": Claim("partial", "a group administers it and log-archive"),
            "log-archive": Claim("partial", "a group administers it and payments-prod"),
            "tracking-prod": Claim("unknown", "there is no role to ask with"),
            "fernhill-legacy": Claim("unknown", "there is no role to ask with"),
        },
    ),
)


def build(builder: Builder) -> None:
    INSTANCES.append(Instance(INSTANCE, MANAGEMENT.id, HOME))
    owner, own = OWN_INSTANCE
    INSTANCES.append(Instance(own, account_id(owner), HOME))
    sets = {name: f"{_stem(INSTANCE)}/ps-{number:016x}" for number, name in enumerate(SETS)}
    for name, arn in sets.items():
        PERMISSION_SETS[arn] = PermissionSet(name, INSTANCE, SETS[name])
    for account in ACTIVE:
        if account.name not in NO_WAY_IN:
            administrators = DEFENDERS if account.id in SECURITY_ACCOUNTS else PLATFORM
            groups = [administrators, *([FOUNDERS] if account.id in RUN_BY_FOUNDERS else [])]
            ASSIGNMENTS[sets["Administrator"], account.id] = [("GROUP", one) for one in groups]
            ASSIGNMENTS[sets["SecurityAudit"], account.id] = [("GROUP", AUDITORS)]
    for account_name, (provider, days) in PROVIDERS.items():
        _create_provider(account_id(account_name), provider, days)
    _trust_provider(builder, account_id(BY_SAML), PROVIDERS[BY_SAML][0])


def _stem(instance: str) -> str:
    return instance.replace(":instance/", ":permissionSet/")


def _create_provider(account: str, name: str, days: int) -> None:
    provider = iam_backends[account]["aws"].create_saml_provider(name, "<EntityDescriptor/>")
    # moto keeps naive UTC.
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    provider.valid_until = now + timedelta(days=days)


def _trust_provider(builder: Builder, account: str, name: str) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{account}:saml-provider/{name}"},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        ],
    }
    builder.client("iam", account).create_role(
        RoleName="Analyst", AssumeRolePolicyDocument=json.dumps(trust)
    )
