"""Amazon EventBridge: which events reach somebody, told by EventBridge's own pattern matching."""

from collectors.services.events.remediation import (
    RemediationRule,
    RemediationRules,
    remediation_rules,
)
from collectors.services.events.rules import (
    ALL_CALLS,
    ANYBODY,
    DEFAULT_BUS,
    ENABLED,
    Bus,
    Rule,
    Rules,
    rules,
    security_rules,
)
from collectors.services.events.samples import (
    ACCESS_ANALYZER,
    DENIED_BY_EC2,
    DENIED_BY_IAM,
    GLOBAL_REGIONS,
    SEVERE,
    Setting,
    arises_in,
    event_of,
    guardduty,
    securityhub,
)

__all__ = [
    "ACCESS_ANALYZER",
    "ALL_CALLS",
    "ANYBODY",
    "DEFAULT_BUS",
    "DENIED_BY_EC2",
    "DENIED_BY_IAM",
    "ENABLED",
    "GLOBAL_REGIONS",
    "SEVERE",
    "Bus",
    "RemediationRule",
    "RemediationRules",
    "Rule",
    "Rules",
    "Setting",
    "arises_in",
    "event_of",
    "guardduty",
    "remediation_rules",
    "rules",
    "security_rules",
    "securityhub",
]
