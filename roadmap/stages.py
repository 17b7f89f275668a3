"""The ten stages of the roadmap, in order.

The order follows the public "AWS Security Maturity Roadmap" (2021); the words are Cairn's own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    number: int
    slug: str
    title: str
    goal: str


STAGES = (
    Stage(1, "inventory", "Inventory", "Know every account, whose it is and who pays for it."),
    Stage(2, "backups", "Backups", "Lose an account and still have its data."),
    Stage(
        3,
        "visibility",
        "Visibility and first remediation",
        "See into every account and close what is wide open.",
    ),
    Stage(4, "detection", "Detection", "Hear of trouble, and be able to look into it."),
    Stage(5, "identity", "Secure IAM access", "People and workloads hold only keys that expire."),
    Stage(
        6,
        "surface",
        "Attack surface and containment",
        "Forbid what nobody needs and hide what nobody should reach.",
    ),
    Stage(
        7, "ownership", "Reproducibility and ownership", "Everything can be rebuilt and has a name."
    ),
    Stage(8, "refinement", "Better detection, least privilege", "Notice faster and grant less."),
    Stage(9, "network", "Secure network communications", "Traffic goes where it is meant to."),
    Stage(10, "incident", "Incident preparation", "The bad day has been practised."),
)

BY_SLUG = {stage.slug: stage for stage in STAGES}
