"""Stage 7: infrastructure as code, trusted images, tags."""

from __future__ import annotations

from inventory.policy_settings.setting import CLASS, Entry, Setting, share

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "IAC_TAG_KEYS",
        ["aws:cloudformation:stack-name", "terraform", "managed-by", "iac"],
        "Tag keys that show a resource was made from code.",
        ("ownership.iac",),
    ),
    Setting(
        "IAC_IGNORE_TAGS",
        ["aws:servicecatalog:*", "aws:controltower"],
        "Tag keys of resources that do not count.",
        ("ownership.iac",),
    ),
    Setting("IAC_SAMPLE_DAYS", 7, "Days of console changes that are counted.", ("ownership.iac",)),
    Setting(
        "LOOKUP_MAX_PAGES",
        20,
        "Pages of events read for that, per account and Region.",
        ("ownership.iac",),
    ),
    share("IAC_PASS_PCT", 90, "Percent of resources made from code for a pass.", "ownership.iac"),
    share(
        "IAC_PARTIAL_PCT", 50, "Percent of resources made from code for a partial.", "ownership.iac"
    ),
    Setting(
        "IAC_CONSOLE_MAX",
        20,
        "Changes by hand in the console that are let pass.",
        ("ownership.iac",),
        levels=CLASS,
        by_class={"production": 0},
    ),
    Setting(
        "APPROVED_IMAGE_OWNERS",
        [],
        "Accounts whose machine images may be used.",
        ("ownership.image_sources",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "APPROVED_IMAGE_ALIASES",
        ["amazon"],
        "Owner aliases whose machine images may be used.",
        ("ownership.image_sources",),
    ),
    Setting(
        "APPROVED_LAYER_ACCOUNTS",
        [],
        "Accounts whose Lambda layers may be used.",
        ("ownership.image_sources",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "APPROVED_REGISTRIES",
        ["*.dkr.ecr.*.amazonaws.com", "public.ecr.aws/aws-*"],
        "Registries of container images; of ECR's only those of the organization's accounts.",
        ("ownership.image_sources",),
    ),
    Setting(
        "IMAGE_PARTIAL_PCT",
        80,
        "Percent of resources from trusted sources for a partial.",
        ("ownership.image_sources",),
    ),
    Setting(
        "REQUIRED_TAGS",
        {},
        "Tag key → allowed values, any if none is named.",
        ("ownership.tagging",),
    ),
    Setting(
        "TAG_RESOURCE_TYPES",
        [
            "ec2:instance",
            "ec2:volume",
            "ec2:vpc",
            "s3:bucket",
            "rds:db",
            "rds:cluster",
            "lambda:function",
            "dynamodb:table",
            "ecs:cluster",
            "elasticloadbalancing:loadbalancer",
            "secretsmanager:secret",
            "kms:key",
        ],
        "Types of resources that need the tags.",
        ("ownership.tagging",),
    ),
    share(
        "TAG_PASS_PCT", 95, "Percent of resources with all tags for a pass.", "ownership.tagging"
    ),
    share(
        "TAG_PARTIAL_PCT",
        60,
        "Percent of resources with all tags for a partial.",
        "ownership.tagging",
    ),
)
