"""Every instance answers metadata requests only with a token, and new ones do so by default."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.3",
    title="IMDSv2 enforced on all EC2 instances",
    guidance=(
        "Through a flaw in a web application, an intruder lets the instance fetch its own "
        "credentials; a required token stops that. Existing instances are changed one by one, new"
        " ones by the account's default in each Region."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    findings={
        "imdsv1_instance": FindingKind("Instance answers without token", Severity.MEDIUM),
        "imdsv2_default_off": FindingKind("Default does not require tokens", Severity.MEDIUM),
        "launch_template_imdsv1": FindingKind(
            "Launch template does not require tokens", Severity.MEDIUM
        ),
        "launch_configuration_imdsv1": FindingKind(
            "Launch configuration does not require tokens", Severity.MEDIUM
        ),
        "imds_hop_limit": FindingKind("Hop limit above 2", Severity.INFO),
    },
    imports={
        "prowler": (
            "ec2_instance_imdsv2_enabled",
            "ec2_instance_account_imdsv2_enabled",
            "ec2_launch_template_imdsv2_required",
            "autoscaling_group_launch_configuration_requires_imdsv2",
        ),
        "securityhub": ("EC2.8", "AutoScaling.3"),
        "cloudmapper": ("EC2_IMDSV2_NOT_ENFORCED",),
    },
    fix=Fix(
        (
            "Set the account default to required and enforce it, then change the instances that "
            "are left."
        ),
        "Transition to using Instance Metadata Service Version 2",
    ),
    source_url="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-transition-to-version-2.html",
)
