"""AWS Security Hub: rules that change findings by themselves; they repair nothing.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ListAutomationRules.html
"""

from __future__ import annotations

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.securityhub.standards import OFF

LIST_AUTOMATION_RULES = Operation(
    "securityhub",
    "list_automation_rules",
    "securityhub:ListAutomationRules",
    "AutomationRulesMetadata",
)

# Names of those that are enabled.
automation_rules: Collector[tuple[str, ...]] = Collector(
    "securityhub.automation_rules",
    tuple[str, ...],
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_AUTOMATION_RULES,),
    lambda aws: aws.pages(LIST_AUTOMATION_RULES, absent=OFF) or [],
    lambda answer: tuple(
        sorted(
            rule["RuleName"]
            for rule in answer
            if rule.get("RuleStatus") == "ENABLED" and rule.get("RuleName")
        )
    ),
)
