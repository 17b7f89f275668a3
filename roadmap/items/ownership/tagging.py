"""Resources carry the tags the company requires."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="7.3",
    title="Tagging strategy applied",
    guidance=(
        "In an incident the first question about a resource is whose it is and what it holds, and"
        " a tag answers it in a second. The company publishes which tags it requires, and nearly "
        "all resources carry them; better still, what lacks them cannot be made."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "untagged_resource": FindingKind("Resource without required tags", Severity.LOW),
        "tag_value_invalid": FindingKind("Tag value not allowed", Severity.INFO),
        "no_tag_population": FindingKind("Resources cannot be listed", Severity.INFO),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            "Where is the tagging strategy?",
        ),
    ),
    imports={
        "prowler": (
            "organizations_tags_policies_enabled_and_attached",
            "resourceexplorer2_indexes_found",
        ),
    },
    fix=Fix(
        (
            "Publish the required keys and a tag policy, then enforce them by service control "
            "policy."
        ),
        "Tag policies",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies.html",
)
