"""What each theme of the demo world claims to demonstrate.

A claim says which verdict an item must reach, given the settings of `SETTINGS`, the sample
spreadsheet as the inventory, and every attestation or confirmation the item asks a person for:
so it speaks of AWS's state alone. verdict None: AWS's state alone does not decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from simulated_aws.world.demo import company

ITEMS: Final = (
    "inventory.contacts",
    "inventory.organization",
    "inventory.root_email",
    "inventory.ai_optout",
    "inventory.security_account",
    "inventory.cost_alarms",
    "backups.regular",
    "visibility.cloudtrail",
    "visibility.guardduty",
    "visibility.access_analyzer",
    "visibility.security_role",
    "visibility.initial_scan",
    "visibility.s3_block_public",
    "visibility.account_baseline",
    "detection.ticketing",
    "detection.investigation",
    "detection.guardduty_notify",
    "detection.denied_alerts",
    "detection.principal_search",
    "refinement.realtime",
    "detection.regular_scans",
    "detection.extra_logs",
    "detection.log_dns",
    "detection.log_flow",
    "detection.log_data_events",
    "detection.log_s3_access",
    "detection.log_load_balancer",
    "detection.log_cloudfront",
    "identity.sso",
    "identity.no_users",
    "identity.unused_roles",
    "identity.role_services",
    "identity.connection_plan",
    "refinement.iam_policies",
    "refinement.honey_tokens",
    "incident.blast_radius",
    "surface.scps",
    "surface.scp_root",
    "surface.scp_regions",
    "surface.scp_services",
    "surface.scp_access_keys",
    "surface.scp_imdsv2",
    "surface.scp_leave_org",
    "surface.scp_internet_vpc",
    "surface.scp_security_services",
    "surface.scp_monitoring",
    "surface.scp_protected_roles",
    "surface.no_public",
    "surface.imdsv2",
    "network.private_subnets",
    "network.egress",
    "ownership.iac",
    "ownership.image_sources",
    "ownership.tagging",
    "refinement.auto_remediation",
)


@dataclass(frozen=True)
class Claim:
    verdict: str | None
    why: str


@dataclass(frozen=True)
class Theme:
    """An item's claim for most accounts, and by account name those that differ.

    Accounts that are closed or being closed differ by themselves, unless `judged_when_closed`.
    """

    item: str
    default: Claim
    differing: Mapping[str, Claim]
    judged_when_closed: bool = False

    def __post_init__(self) -> None:
        if self.item not in ITEMS:
            raise ValueError(f"{self.item} is no item of stages 1 and 3.")
        if unknown := self.differing.keys() - company.BY_NAME.keys():
            raise ValueError(f"{self.item} speaks of unknown accounts: {sorted(unknown)}.")

    def claim(self, account: company.Account) -> Claim:
        if account.name in self.differing:
            return self.differing[account.name]
        if not account.is_active and not self.judged_when_closed:
            return Claim("not_applicable", f"the account is {account.state}")
        return self.default
