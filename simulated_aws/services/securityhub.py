"""Security Hub CSPM: the standards a hub runs; whether there is a hub is moto's."""

from __future__ import annotations

from typing import Any, Final

from moto.securityhub.models import securityhub_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, error="InvalidInputException")
FOUNDATIONAL: Final = "standards/aws-foundational-security-best-practices/v/1.0.0"
DEFAULT_STANDARDS: Final = (FOUNDATIONAL, "standards/cis-aws-foundations-benchmark/v/1.4.0")
# (account, region) -> subscriptions as GetEnabledStandards describes them.
STANDARDS: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}


def subscription(account: str, region: str, standard: str, status: str) -> dict[str, Any]:
    """standard is the part of its ARN after the region's "::"."""
    name = standard.removeprefix("standards/")
    return {
        "StandardsArn": f"arn:aws:securityhub:{region}::{standard}",
        "StandardsSubscriptionArn": f"arn:aws:securityhub:{region}:{account}:subscription/{name}",
        "StandardsInput": {},
        "StandardsStatus": status,
        "StandardsControlsUpdatable": "READY_FOR_UPDATES",
    }


def _require_hub(call: Call) -> None:
    if not securityhub_backends[call.account][call.region].enabled:
        raise AwsError(
            "InvalidAccessException",
            f"Account {call.account} is not subscribed to AWS Security Hub",
            401,
        )


@answers("securityhub", "GetEnabledStandards")
def get_enabled_standards(call: Call) -> Result:
    _require_hub(call)
    subscribed = STANDARDS.get((call.account, call.region), [])
    return PAGES.page(call, "StandardsSubscriptions", subscribed)


@answers("securityhub", "EnableSecurityHub")
def enable_security_hub(call: Call) -> None:
    """moto enables the hub; its default standards are READY at once, in AWS after minutes."""
    if call.parameters.get("EnableDefaultStandards") is not False:
        STANDARDS[call.account, call.region] = [
            subscription(call.account, call.region, standard, "READY")
            for standard in DEFAULT_STANDARDS
        ]


@answers("securityhub", "DisableSecurityHub")
def disable_security_hub(call: Call) -> None:
    STANDARDS.pop((call.account, call.region), None)


@answers("securityhub", "BatchEnableStandards")
def batch_enable_standards(call: Call) -> Result:
    _require_hub(call)
    subscribed = STANDARDS.setdefault((call.account, call.region), [])
    added = [
        subscription(
            call.account, call.region, str(asked["StandardsArn"]).partition("::")[2], "READY"
        )
        for asked in call.parameters["StandardsSubscriptionRequests"]
    ]
    subscribed.extend(added)
    return {"StandardsSubscriptions": added}
