"""Images, layers and packages come from sources the company trusts."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="7.2",
    title="Images and packages from trusted sources",
    guidance=(
        "An image from a stranger brings along whatever the stranger put in. Machine images, "
        "function layers and container images come from owners and registries on a list, and "
        "builds take packages from a mirror or a lock file."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "unapproved_ami": FindingKind("Image of an unapproved owner", Severity.MEDIUM),
        "unknown_ami": FindingKind("Image no longer known", Severity.MEDIUM),
        "foreign_layer": FindingKind("Layer of another account", Severity.MEDIUM),
        "unapproved_registry": FindingKind(
            "Container image from an unapproved registry", Severity.MEDIUM
        ),
        "allowed_amis_off": FindingKind("Allowed AMIs off", Severity.LOW),
        "mutable_tags": FindingKind("Repository with mutable tags", Severity.INFO),
    },
    attests=(
        Attestable(
            Level.TEAM,
            (
                "Do builds take packages from a mirror or lock file, does production pull nothing"
                " at run time, and which systems are supported?"
            ),
        ),
    ),
    imports={
        "prowler": (
            "awslambda_function_using_cross_account_layers",
            "ec2_instance_with_outdated_ami",
            "ecr_repositories_tag_immutability",
            "ecr_repositories_scan_images_on_push_enabled",
            "ecr_registry_scan_images_on_push_enabled",
        ),
        "securityhub": ("ECR.1", "ECR.2"),
    },
    fix=Fix(
        "Turn on Allowed AMIs in audit mode, clean up, then enforce it.",
        "Control the discovery and use of AMIs in Amazon EC2 with Allowed AMIs",
    ),
    source_url="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-allowed-amis.html",
)
