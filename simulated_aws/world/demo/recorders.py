"""AWS Config: recorders beneath the standards of Security Hub, rules, and gaps in both."""

from __future__ import annotations

from typing import Final

from moto.config.models import config_backends

from simulated_aws.services import config, securityhub_central
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import BY_NAME, SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme
from simulated_aws.world.demo.scans import COMPLETE, ONE_REGION

# Complete standards without a recorder beneath them.
WITHOUT_RECORDER: Final = "warehouse-prod"
RECORDED: Final = tuple(name for name in COMPLETE if name != WITHOUT_RECORDER)
# Account -> how many Config rules there are in each Region, beside its recorder.
RULES: Final = {"data-dev": 12, "storefront-staging": 3, "logistics-dev": 12}
CANNOT_DELIVER: Final = "logistics-dev"
AGGREGATOR: Final = "larkfield-organization"
NO_ROLE: Final = ("tracking-prod", "fernhill-legacy")

THEMES: Final = (
    Theme(
        "detection.regular_scans",
        Claim("fail", "nothing scans it: no recorder"),
        {
            **dict.fromkeys(RECORDED, Claim("pass", "standards READY, and Config records")),
            **dict.fromkeys(NO_ROLE, Claim("unknown", "there is no role to ask with")),
            WITHOUT_RECORDER: Claim("fail", "standards READY, but nothing records beneath them"),
            ONE_REGION: Claim("partial", "a recorder and standards in us-east-1 only"),
            "data-dev": Claim("pass", "twelve Config rules in every Region"),
            "storefront-staging": Claim("partial", "a recorder with three rules"),
            CANNOT_DELIVER: Claim("fail", "twelve rules, but the recorder cannot deliver"),
        },
    ),
)


def build(builder: Builder) -> None:
    for name in (*RECORDED, *RULES):
        for region in BY_NAME[name].regions:
            _record(account_id(name), region, RULES.get(name, 0))
    _record(account_id(ONE_REGION), HOME_REGION, 0)
    config.FAILING.update((account_id(CANNOT_DELIVER), r) for r in BY_NAME[CANNOT_DELIVER].regions)
    role = f"arn:aws:iam::{SECURITY}:role/aws-service-role/organizations.amazonaws.com/Config"
    builder.client("config", SECURITY).put_configuration_aggregator(
        ConfigurationAggregatorName=AGGREGATOR,
        OrganizationAggregationSource={"RoleArn": role, "AllAwsRegions": True},
    )
    securityhub_central.CONFIGURATIONS[SECURITY, HOME_REGION] = {
        "OrganizationConfiguration": {"ConfigurationType": "CENTRAL", "Status": "ENABLED"}
    }
    securityhub_central.ASSOCIATIONS[SECURITY, HOME_REGION] = [
        {
            "ConfigurationPolicyId": "a1b2c3d4-0000-0000-0000-000000000001",
            "TargetId": account_id(name),
            "TargetType": "ACCOUNT",
            "AssociationType": "APPLIED",
            "AssociationStatus": "SUCCESS",
        }
        for name in COMPLETE
    ]


def _record(account: str, region: str, rules: int) -> None:
    """Past the API, since there are many."""
    backend = config_backends[account][region]
    backend.put_configuration_recorder(
        {
            "name": "default",
            "roleARN": f"arn:aws:iam::{account}:role/ConfigRole",
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
        }
    )
    backend.put_delivery_channel({"name": "default", "s3BucketName": "larkfield-config-logs"})
    backend.start_configuration_recorder("default")
    for number in range(rules):
        source = {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"}
        backend.put_config_rule({"ConfigRuleName": f"company-{number + 1}", "Source": source})
