"""The view role: nearly everywhere, and the ways in which it may be wrong."""

from __future__ import annotations

from typing import Final

from simulated_aws.world import principals
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import ACTIVE, MANAGEMENT, SECURITY
from simulated_aws.world.demo.expectations import Claim, Theme

COLLECTOR: Final = principals.Keys(SECURITY, principals.COLLECTOR)
COLLECTOR_ARN: Final = COLLECTOR.described()["Arn"]
MANAGEMENT_ROLE_ARN: Final = f"arn:aws:iam::{MANAGEMENT.id}:role/{principals.MANAGEMENT_ROLE}"
USUAL: Final = principals.trust(COLLECTOR_ARN, MANAGEMENT_ROLE_ARN)

MISSING: Final = "tracking-prod"
TRUSTS: Final = {
    "analytics-prod": principals.trust(
        COLLECTOR_ARN, MANAGEMENT_ROLE_ARN, f"arn:aws:iam::{company.VENDOR[1]}:root"
    ),
    "sandbox-platform": principals.trust(f"arn:aws:iam::{SECURITY}:root", external_id=None),
    "fernhill-legacy": principals.trust(COLLECTOR_ARN, external_id="fernhill-2024"),
}
POLICIES: Final = {"payments-staging": ("SecurityAudit",)}

THEMES: Final = (
    Theme(
        "visibility.security_role",
        Claim("pass", "CairnReadOnly with both policies, trusting the collector only"),
        {
            MISSING: Claim(
                "unknown", "there is no role: AssumeRole refused (fail after some days)"
            ),
            "fernhill-legacy": Claim(
                "unknown", "the role wants another external id: AssumeRole refused"
            ),
            "analytics-prod": Claim("partial", "the role trusts a vendor's account as well"),
            "payments-staging": Claim("partial", "ViewOnlyAccess is not attached"),
            "sandbox-platform": Claim(
                "pass", "trusts the whole security account without a condition (finding)"
            ),
        },
    ),
)


def build(builder: Builder) -> None:
    principals.create_collector(builder, COLLECTOR)
    principals.create_management_role(builder, MANAGEMENT.id, COLLECTOR_ARN)
    principals.create_contacts_role(builder, MANAGEMENT.id, COLLECTOR_ARN)
    for account in ACTIVE:
        if account.name == MISSING:
            continue
        principals.create_member_role(
            builder,
            account.id,
            TRUSTS.get(account.name, USUAL),
            POLICIES.get(account.name, tuple(principals.VIEW_ROLE_POLICIES)),
        )
