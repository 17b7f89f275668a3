"""Automated remediation: by Config and by an event, with and without a run that succeeded lately.

Nobody is asked here: somebody's word that a run was seen would pass every account.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from moto.config.models import config_backends

from simulated_aws.services.config_remediation import REMEDIATIONS, Remediation
from simulated_aws.services.securityhub_automation import RULES
from simulated_aws.services.ssm import EXECUTIONS
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

CLOSE_BUCKET: Final = "AWS-DisableS3BucketPublicReadWrite"
CLOSE_GROUP: Final = "Larkfield-CloseSecurityGroup"
# (account, region, is it automatic?, its last runs as state and days ago)
OF_CONFIG: Final = (
    ("data-dev", "us-east-1", True, (("SUCCEEDED", 12), ("SUCCEEDED", 40))),
    ("logistics-dev", "eu-west-1", True, (("SUCCEEDED", 200), ("FAILED", 3))),
    ("storefront-staging", "eu-west-1", False, (("SUCCEEDED", 5),)),
)
BY_EVENT: Final = ("network-hub", "eu-west-1")
PATTERN: Final = '{"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}'

SETTINGS: Final = {
    "REMEDIATION_TARGET_PATTERNS": ["arn:aws:ssm:*:automation-definition/Larkfield-*"]
}
_NO_ROLE: Final = Claim("unknown", "there is no role to ask with")
THEMES: Final = (
    Theme(
        "refinement.auto_remediation",
        Claim("unknown", "nothing puts things right by itself, and nobody has said more"),
        {
            "data-dev": Claim("pass", "a Config remediation succeeded lately"),
            "network-hub": Claim("pass", "an automation that an event starts succeeded lately"),
            "logistics-dev": Claim("partial", "a Config remediation that fails"),
            "storefront-staging": Claim("partial", "a Config remediation to start by hand"),
            "tracking-prod": _NO_ROLE,
            "fernhill-legacy": _NO_ROLE,
        },
    ),
)


def build(builder: Builder) -> None:
    now = datetime.now(UTC)
    for name, region, is_automatic, runs in OF_CONFIG:
        account = account_id(name)
        rule = next(iter(config_backends[account][region].config_rules))
        remediation = Remediation(rule, CLOSE_BUCKET, is_automatic)
        remediation.runs = [
            (f"bucket-{at}", state, now - timedelta(days=days))
            for at, (state, days) in enumerate(runs)
        ]
        REMEDIATIONS[account, region] = [remediation]
    name, region = BY_EVENT
    account = account_id(name)
    events = builder.client("events", account, region)
    events.put_rule(Name="close-security-groups", EventPattern=PATTERN)
    target = f"arn:aws:ssm:{region}:{account}:automation-definition/{CLOSE_GROUP}:$DEFAULT"
    events.put_targets(Rule="close-security-groups", Targets=[{"Id": "1", "Arn": target}])
    EXECUTIONS[account, region] = [(CLOSE_GROUP, "Success", now - timedelta(days=6))]
    RULES[SECURITY, HOME_REGION] = ["suppress-sandbox-findings"]
