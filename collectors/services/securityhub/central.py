"""AWS Security Hub for the whole organization: who runs it, and what is configured centrally; and
the newer Security Hub that stands beside Security Hub CSPM.

https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-intro.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.securityhub.standards import OFF

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_HUB_V2 = Operation(
    "securityhub", "describe_security_hub_v2", "securityhub:DescribeSecurityHubV2"
)
DESCRIBE_ORGANIZATION_CONFIGURATION = Operation(
    "securityhub",
    "describe_organization_configuration",
    "securityhub:DescribeOrganizationConfiguration",
)
LIST_POLICY_ASSOCIATIONS = Operation(
    "securityhub",
    "list_configuration_policy_associations",
    "securityhub:ListConfigurationPolicyAssociations",
    "ConfigurationPolicyAssociationSummaries",
)
LIST_ORGANIZATION_ADMIN_ACCOUNTS = Operation(
    "securityhub",
    "list_organization_admin_accounts",
    "securityhub:ListOrganizationAdminAccounts",
    "AdminAccounts",
)

CENTRAL = "CENTRAL"
SUCCESS = "SUCCESS"
SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"  # in the place of a policy's id
FAILED_AT_MOST = 100


@dataclass(frozen=True)
class Central:
    """What the delegated administrator has set in a Region; all empty in other accounts. ``kind``
    is CENTRAL or LOCAL, ``auto_enable_standards`` NONE or DEFAULT. ``associations`` counts
    configuration policies by how applying them went, ``failed`` are the first targets where it did
    not succeed, ``managed`` those that a policy governs, self-managed ones aside; all three are
    told in the home Region only."""

    kind: str = ""
    status: str = ""
    auto_enable: bool = False
    auto_enable_standards: str = ""
    associations: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()


def _fetch_central(aws: Aws) -> Answer:
    configuration = aws.call(DESCRIBE_ORGANIZATION_CONFIGURATION, absent=OFF)
    if configuration is None:
        return {}
    associations = None
    if _kind(configuration) == CENTRAL:
        associations = aws.pages(LIST_POLICY_ASSOCIATIONS, absent=OFF)
    return {"configuration": configuration, "associations": associations}


def _kind(configuration: Answer) -> str:
    return (configuration.get("OrganizationConfiguration") or {}).get("ConfigurationType") or ""


def _central(answer: Answer) -> Central:
    configuration = answer.get("configuration") or {}
    organization = configuration.get("OrganizationConfiguration") or {}
    associations = answer.get("associations") or ()
    status = [
        (one.get("TargetId") or "", one.get("AssociationStatus") or "") for one in associations
    ]
    failed = sorted(target for target, word in status if word != SUCCESS)
    managed = sorted(
        one["TargetId"]
        for one in associations
        if one.get("TargetId")
        and one.get("AssociationStatus") == SUCCESS
        and one.get("ConfigurationPolicyId", SELF_MANAGED) != SELF_MANAGED
    )
    return Central(
        kind=_kind(configuration),
        status=organization.get("Status") or "",
        auto_enable=configuration.get("AutoEnable") is True,
        auto_enable_standards=configuration.get("AutoEnableStandards") or "",
        associations=dict(sorted(Counter(word for _, word in status).items())),
        failed=tuple(failed[:FAILED_AT_MOST]),
        managed=tuple(managed),
    )


def _hub_v2(answer: Any) -> str:
    return (answer or {}).get("HubV2Arn") or ""


def _administrators(answers: Any) -> tuple[str, ...]:
    enabled = (one for one in answers or () if one.get("Status") == "ENABLED")
    return tuple(sorted(one["AccountId"] for one in enabled if one.get("AccountId")))


# The ARN of the newer Security Hub, empty where it is off.
hub_v2: Collector[str] = Collector(
    "securityhub.hub_v2",
    str,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_HUB_V2,),
    lambda aws: aws.call(DESCRIBE_HUB_V2, absent=OFF),
    _hub_v2,
)

central: Collector[Central] = Collector(
    "securityhub.central",
    Central,
    Scope.SECURITY,
    Reach.REGIONAL,
    (DESCRIBE_ORGANIZATION_CONFIGURATION, LIST_POLICY_ASSOCIATIONS),
    _fetch_central,
    _central,
)

delegated_administrators: Collector[tuple[str, ...]] = Collector(
    "securityhub.delegated_administrators",
    tuple[str, ...],
    Scope.ORGANIZATION,
    Reach.REGIONAL,
    (LIST_ORGANIZATION_ADMIN_ACCOUNTS,),
    lambda aws: aws.pages(LIST_ORGANIZATION_ADMIN_ACCOUNTS),
    _administrators,
)
