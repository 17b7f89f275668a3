"""The account baseline as StackSets: deployed, outdated, failed, drifted, and missing."""

from __future__ import annotations

from typing import Final

from simulated_aws.services.cloudformation import STACK_SETS, StackInstance, StackSet
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import ACTIVE, BY_NAME, MANAGEMENT
from simulated_aws.world.demo.expectations import Claim, Theme

BASELINE: Final = "larkfield-baseline"
COVERED_UNITS: Final = ("Security", "Infrastructure", "Corporate", "Workloads", "Suspended")
MISSING: Final = "fraud-prod"
OUTDATED: Final = "logistics-dev"
FAILED: Final = "analytics-prod"
DRIFTED: Final = "shared-services"
SETTINGS: Final = {"BASELINE_STACKSETS": [BASELINE], "BASELINE_REGIONS": [HOME_REGION]}

_UNCOVERED: Final = Claim("partial", "outside of the units the baseline is deployed to")
THEMES: Final = (
    Theme(
        "visibility.account_baseline",
        Claim("pass", "baseline CURRENT by an auto-deploying stack set"),
        {
            "management": Claim(None, "no service-managed instance: needs an attestation"),
            MISSING: Claim("partial", "the stack set has not reached it"),
            OUTDATED: Claim("partial", "its instance is OUTDATED"),
            FAILED: Claim("partial", "its instance FAILED"),
            DRIFTED: Claim("partial", "its instance has drifted"),
            **dict.fromkeys(
                ("sandbox-platform", "sandbox-ml", "fernhill-shop", "fernhill-legacy"), _UNCOVERED
            ),
        },
    ),
)


def build(builder: Builder) -> None:
    units = _unit_ids(builder)
    baseline = StackSet(
        BASELINE,
        "Roles, trails and alarms every account has",
        ou_ids=[units[unit] for unit in COVERED_UNITS],
        drift_status="DRIFTED",
        instances=_baseline_instances(units),
    )
    notify = StackSet(
        "larkfield-guardduty-notify",
        "Findings to the security team's queue",
        auto_deployment=False,
        ou_ids=[units["Workloads"]],
        instances=[StackInstance(BY_NAME["storefront-prod"].id, HOME_REGION, units["Workloads"])],
    )
    legacy = StackSet(
        "legacy-config-rules",
        "From before the organization had all features",
        permission_model="SELF_MANAGED",
        instances=[StackInstance(BY_NAME["corporate-it"].id, HOME_REGION)],
    )
    STACK_SETS[MANAGEMENT.id, HOME_REGION] = {s.name: s for s in (baseline, notify, legacy)}


def _unit_ids(builder: Builder) -> dict[str, str]:
    """Ids of the organizational units directly below the root, by name."""
    client = builder.client("organizations", MANAGEMENT.id)
    root = client.list_roots()["Roots"][0]["Id"]
    units = client.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    return {unit["Name"]: unit["Id"] for unit in units}


def _baseline_instances(units: dict[str, str]) -> list[StackInstance]:
    instances = [
        StackInstance(account.id, HOME_REGION, units[account.ou.partition("/")[0]])
        for account in ACTIVE
        if account.ou.partition("/")[0] in COVERED_UNITS and account.name != MISSING
    ]
    suspended = BY_NAME["old-intranet"]
    instances.append(
        StackInstance(
            suspended.id,
            HOME_REGION,
            units["Suspended"],
            status="OUTDATED",
            detailed_status="SKIPPED_SUSPENDED_ACCOUNT",
        )
    )
    by_account = {instance.account: instance for instance in instances}
    by_account[BY_NAME[OUTDATED].id].status = "OUTDATED"
    by_account[BY_NAME[DRIFTED].id].drift_status = "DRIFTED"
    failed = by_account[BY_NAME[FAILED].id]
    failed.status, failed.detailed_status = "OUTDATED", "FAILED"
    failed.reason = "The bucket larkfield-analytics-config already exists."
    return instances
