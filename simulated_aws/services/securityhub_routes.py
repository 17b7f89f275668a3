"""Security Hub: where findings go, into one region and to ticket systems; moto has none of it."""

from __future__ import annotations

from typing import Any, Final

from moto.securityhub.models import securityhub_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, error="InvalidInputException")
# Account -> its finding aggregators, as GetFindingAggregator describes them; all regions tell.
AGGREGATORS: Final[dict[str, list[dict[str, Any]]]] = {}
# (account, region) -> connectors and automation rules of Security Hub (v2), as their lists say.
CONNECTORS: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}
AUTOMATION_RULES: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}


@answers("securityhub", "ListFindingAggregators")
def list_finding_aggregators(call: Call) -> Result:
    if not securityhub_backends[call.account][call.region].enabled:
        raise AwsError(
            "InvalidAccessException",
            f"Account {call.account} is not subscribed to AWS Security Hub",
            401,
        )
    arns = [
        {"FindingAggregatorArn": one["FindingAggregatorArn"]}
        for one in AGGREGATORS.get(call.account, [])
    ]
    return PAGES.page(call, "FindingAggregators", arns)


@answers("securityhub", "GetFindingAggregator")
def get_finding_aggregator(call: Call) -> Result:
    asked = str(call.parameters["FindingAggregatorArn"])
    return _found(AGGREGATORS.get(call.account, []), "FindingAggregatorArn", asked)


@answers("securityhub", "ListConnectorsV2")
def list_connectors(call: Call) -> Result:
    return PAGES.page(call, "Connectors", CONNECTORS.get((call.account, call.region), []))


@answers("securityhub", "ListAutomationRulesV2")
def list_automation_rules(call: Call) -> Result:
    """The list says of an action only of which type it is."""
    rules = AUTOMATION_RULES.get((call.account, call.region), [])
    listed = [{**rule, "Actions": [{"Type": a["Type"]} for a in rule["Actions"]]} for rule in rules]
    return PAGES.page(call, "Rules", listed)


@answers("securityhub", "GetAutomationRuleV2")
def get_automation_rule(call: Call) -> Result:
    rules = AUTOMATION_RULES.get((call.account, call.region), [])
    return _found(rules, "RuleId", str(call.parameters["Identifier"]))


def _found(kept: list[dict[str, Any]], key: str, asked: str) -> Result:
    for one in kept:
        if one[key] == asked:
            return one
    raise AwsError("ResourceNotFoundException", f"{asked} was not found.", 404)
