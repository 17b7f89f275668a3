"""AWS Security Hub: what checks an account, what was found, and where findings go."""

from collectors.services.securityhub.aggregation import Aggregator, aggregators
from collectors.services.securityhub.automation import automation_rules
from collectors.services.securityhub.central import (
    Central,
    central,
    delegated_administrators,
    hub_v2,
)
from collectors.services.securityhub.connectors import Connector, connectors
from collectors.services.securityhub.findings import active_findings, newest_update
from collectors.services.securityhub.standards import (
    URGENT_CONTROLS,
    Hub,
    Standard,
    UrgentFinding,
    UrgentFindings,
    hub,
    urgent_findings,
)

__all__ = [
    "URGENT_CONTROLS",
    "Aggregator",
    "Central",
    "Connector",
    "Hub",
    "Standard",
    "UrgentFinding",
    "UrgentFindings",
    "active_findings",
    "aggregators",
    "automation_rules",
    "central",
    "connectors",
    "delegated_administrators",
    "hub",
    "hub_v2",
    "newest_update",
    "urgent_findings",
]
