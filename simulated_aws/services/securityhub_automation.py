"""Security Hub: rules that change findings by themselves, which moto lacks."""

from __future__ import annotations

from typing import Final

from moto.securityhub.models import securityhub_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, error="InvalidInputException")
# (account, region) -> names of enabled rules.
RULES: Final[dict[tuple[str, str], list[str]]] = {}


@answers("securityhub", "ListAutomationRules")
def list_automation_rules(call: Call) -> Result:
    if not securityhub_backends[call.account][call.region].enabled:
        raise AwsError(
            "InvalidAccessException",
            f"Account {call.account} is not subscribed to AWS Security Hub",
            401,
        )
    start = f"arn:aws:securityhub:{call.region}:{call.account}:automation-rule"
    rules = [
        {"RuleArn": f"{start}/{name}", "RuleName": name, "RuleStatus": "ENABLED", "RuleOrder": 1}
        for name in RULES.get((call.account, call.region), [])
    ]
    return PAGES.page(call, "AutomationRulesMetadata", rules)
