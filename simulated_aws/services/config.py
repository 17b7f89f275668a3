"""AWS Config: deliveries that succeed, and what an organization's aggregators and rules say.

Recorders, rules and aggregators are moto's, whose recorders wait for their first delivery for ever.
"""

from __future__ import annotations

from typing import Any, Final

from moto.config.models import config_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import is_delegated, organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, size="Limit", error="InvalidLimitException")
ADMINISTRATION: Final = "config-multiaccountsetup.amazonaws.com"
# (account, region) whose recorder cannot deliver.
FAILING: Final[set[tuple[str, str]]] = set()
# Account -> its rules for the whole organization, as DescribeOrganizationConfigRules says.
ORGANIZATION_RULES: Final[dict[str, list[dict[str, Any]]]] = {}


@answers("config", "DescribeConfigurationRecorderStatus")
def describe_configuration_recorder_status(call: Call) -> Result:
    backend = config_backends[call.account][call.region]
    failed = (call.account, call.region) in FAILING
    return {
        "ConfigurationRecordersStatus": [
            {
                "name": recorder.name,
                "recording": recorder.status.recording,
                **({"lastStatus": "Failure" if failed else "Success"} if _ran(recorder) else {}),
            }
            for recorder in backend.recorders.values()
        ]
    }


def _ran(recorder: Any) -> bool:
    return recorder.status.last_start_time is not None


@answers("config", "DescribeConfigurationAggregatorSourcesStatus")
def describe_configuration_aggregator_sources_status(call: Call) -> Result:
    """Every account of the organization in every Region where it records has been read."""
    name = str(call.parameters["ConfigurationAggregatorName"])
    aggregators = config_backends[call.account][call.region].config_aggregators
    if name not in aggregators:
        raise AwsError(
            "NoSuchConfigurationAggregatorException",
            "The configuration aggregator does not exist.",
            400,
        )
    organization = organization_of(call.account)
    members = [str(account.id) for account in organization.accounts] if organization else []
    sources = [
        {
            "SourceId": member,
            "SourceType": "ACCOUNT",
            "AwsRegion": region,
            "LastUpdateStatus": "SUCCEEDED",
        }
        for member in members
        for region, backend in sorted(config_backends[member].items())
        if backend.recorders
    ]
    return PAGES.page(call, "AggregatedSourceStatusList", sources)


@answers("config", "DescribeOrganizationConfigRules")
def describe_organization_config_rules(call: Call) -> Result:
    organization = organization_of(call.account)
    is_management = organization is not None and organization.account_id == call.account
    if not is_management and not is_delegated(call.account, ADMINISTRATION):
        raise AwsError(
            "OrganizationAccessDeniedException",
            "This action can only be performed by a delegated administrator.",
            400,
        )
    rules = ORGANIZATION_RULES.get(call.account, [])
    return PAGES.page(call, "OrganizationConfigRules", rules)
