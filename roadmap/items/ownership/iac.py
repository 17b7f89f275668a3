"""Networks, roles and other core resources come from code, and nobody changes them by hand."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="7.1",
    title="Infrastructure as code",
    guidance=(
        "What is in code can be reviewed, rebuilt and compared; what somebody clicked together "
        "cannot. Core resources belong to a stack or carry the tag of a tool, and the trail shows"
        " few changes from the console."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    findings={
        "unmanaged_resource": FindingKind("Resource not from code", Severity.LOW),
        "console_change": FindingKind("Changed from the console", Severity.MEDIUM),
        "stack_drifted": FindingKind("Stack drifted", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.TEAM,
            (
                "Which repository and pipeline make the infrastructure, who approves changes, and"
                " are they scanned?"
            ),
            days=180,
        ),
    ),
    fix=Fix(
        "Begin with networks, security groups and IAM, then forbid changes from the console.",
        "CloudFormation best practices",
    ),
    source_url="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/best-practices.html",
)
