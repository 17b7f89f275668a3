"""Stage 9: private places and inspected traffic."""

from __future__ import annotations

from inventory.policy_settings.setting import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "INSPECTION_VPCS",
        [],
        "Ids of VPCs in which outbound traffic is inspected.",
        ("network.private_subnets", "network.egress"),
    ),
    Setting(
        "PRIVATE_PARTIAL_PCT",
        80,
        "Percent of resources in private places for a partial.",
        ("network.private_subnets",),
    ),
)
