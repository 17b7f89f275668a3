"""AWS Security Hub: connectors to ticket systems, and the automation rules that use them.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-integrations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.securityhub.standards import OFF

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_CONNECTORS = Operation(
    "securityhub", "list_connectors_v2", "securityhub:ListConnectorsV2", "Connectors"
)
LIST_AUTOMATION_RULES = Operation(
    "securityhub", "list_automation_rules_v2", "securityhub:ListAutomationRulesV2", "Rules"
)
GET_AUTOMATION_RULE = Operation(
    "securityhub", "get_automation_rule_v2", "securityhub:GetAutomationRuleV2"
)

TICKET_SYSTEMS = ("JIRA_CLOUD", "SERVICENOW")
CONNECTED = "CONNECTED"
EXTERNAL = "EXTERNAL_INTEGRATION"


@dataclass(frozen=True)
class Connector:
    """A connection to a ticket system. ``rules`` are the names of the enabled automation rules
    that send findings through it."""

    arn: str
    name: str = ""
    provider: str = ""
    status: str = ""
    rules: tuple[str, ...] = ()

    @property
    def opens_tickets(self) -> bool:
        return self.provider in TICKET_SYSTEMS and self.status == CONNECTED and bool(self.rules)


def fetch_connectors(aws: Aws) -> Answer:
    connectors = aws.pages(LIST_CONNECTORS, absent=OFF) or []
    if not connectors:
        return {}
    rules = aws.pages(LIST_AUTOMATION_RULES, absent=OFF) or []
    sending = [rule for rule in rules if _sends(rule) and rule.get("RuleId")]
    found = [aws.call(GET_AUTOMATION_RULE, absent=OFF, Identifier=r["RuleId"]) for r in sending]
    return {"connectors": connectors, "rules": [rule for rule in found if rule is not None]}


def _sends(rule: Answer) -> bool:
    """Whether the rule is enabled and sends findings somewhere."""
    kinds = {action.get("Type") for action in rule.get("Actions") or ()}
    return rule.get("RuleStatus") == "ENABLED" and EXTERNAL in kinds


def transform_connectors(answer: Answer) -> tuple[Connector, ...]:
    rules: dict[str, set[str]] = {}
    for rule in answer.get("rules") or ():
        if not _sends(rule):
            continue
        for action in rule.get("Actions") or ():
            used = (action.get("ExternalIntegrationConfiguration") or {}).get("ConnectorArn")
            if used:
                rules.setdefault(used, set()).add(rule.get("RuleName") or rule.get("RuleId") or "")
    return tuple(
        _connector(one, rules) for one in answer.get("connectors") or () if one.get("ConnectorArn")
    )


def _connector(one: Answer, rules: Mapping[str, set[str]]) -> Connector:
    provider = one.get("ProviderSummary") or {}
    return Connector(
        arn=one["ConnectorArn"],
        name=one.get("Name") or "",
        provider=provider.get("ProviderName") or "",
        status=provider.get("ConnectorStatus") or "",
        rules=tuple(sorted(rules.get(one["ConnectorArn"], ()))),
    )


connectors: Collector[tuple[Connector, ...]] = Collector(
    "securityhub.connectors",
    tuple[Connector, ...],
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_CONNECTORS, LIST_AUTOMATION_RULES, GET_AUTOMATION_RULE),
    fetch_connectors,
    transform_connectors,
)
