"""Roles that nobody has used for months are gone."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="5.3",
    title="No unused IAM roles",
    guidance=(
        "An unused role is a door nobody watches, and its policies are as wide as on the day it "
        "was made. IAM knows when each role was last used. Roles for emergencies and of "
        "automation are left out by pattern."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    findings={
        "unused_role": FindingKind("Role not used", Severity.MEDIUM),
    },
    imports={
        "scoutsuite": ("iam-ec2-role-without-instances",),
    },
    fix=Fix(
        "Delete roles that are not used, or take away their policies for a while first.",
        "Refine permissions in AWS using last accessed information",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
)
