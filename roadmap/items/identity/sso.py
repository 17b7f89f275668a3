"""People reach the account through single sign-on, and no user has a console password."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="5.1",
    title="People sign in through single sign-on",
    guidance=(
        "Who leaves the company should lose every account on the same day. That works when people"
        " come in through one identity provider, by IAM Identity Center or SAML, and no console "
        "password of an IAM user is left beside it."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "console_user": FindingKind("User with console password", Severity.HIGH),
        "no_federation": FindingKind("No federated way in", Severity.HIGH),
        "saml_expired": FindingKind("SAML provider expired", Severity.HIGH),
        "account_identity_center_instance": FindingKind(
            "Identity Center instance of a member account", Severity.INFO
        ),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Does nobody sign in to this account?",
        ),
    ),
    imports={
        "prowler": (
            "iam_check_saml_providers_sts",
            "iam_user_mfa_enabled_console_access",
            "iam_user_console_access_unused",
        ),
        "securityhub": ("IAM.5",),
        "scoutsuite": ("iam-user-without-mfa",),
        "cloudmapper": ("USER_WITH_PASSWORD_LOGIN_BUT_NO_MFA",),
    },
    fix=Fix(
        "Assign permission sets to groups, then remove console passwords.",
        "What is IAM Identity Center?",
    ),
    source_url="https://docs.aws.amazon.com/singlesignon/latest/userguide/what-is.html",
)
