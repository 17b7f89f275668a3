"""IAM Access Analyzer: analyzers, and what they have found."""

from collectors.services.accessanalyzer.analyzers import (
    ACCOUNT,
    ACTIVE,
    ORGANIZATION,
    Analyzer,
    analyzers,
    management_analyzers,
    security_analyzers,
)
from collectors.services.accessanalyzer.external import (
    ExternalAccess,
    ExternalFinding,
    external_access,
)
from collectors.services.accessanalyzer.unused import UnusedAccess, unused_access
from collectors.services.accessanalyzer.validation import (
    PolicyCheck,
    PolicyChecks,
    Validation,
    policy_checks,
)

__all__ = [
    "ACCOUNT",
    "ACTIVE",
    "ORGANIZATION",
    "Analyzer",
    "ExternalAccess",
    "ExternalFinding",
    "PolicyCheck",
    "PolicyChecks",
    "UnusedAccess",
    "Validation",
    "analyzers",
    "external_access",
    "management_analyzers",
    "policy_checks",
    "security_analyzers",
    "unused_access",
]
