"""Security Hub for an organization: who administers it and how it is set up there.

Who is delegated is what AWS Organizations says. The newer Security Hub is off unless a world turns
it on.
"""

from __future__ import annotations

from typing import Any, Final

from moto.securityhub.models import securityhub_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import is_delegated, organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, error="InvalidInputException")
PRINCIPAL: Final = "securityhub.amazonaws.com"
# (account, region) -> ARN of the newer Security Hub.
HUBS_V2: Final[dict[tuple[str, str], str]] = {}
# (account, region) -> what DescribeOrganizationConfiguration says besides its defaults.
CONFIGURATIONS: Final[dict[tuple[str, str], dict[str, Any]]] = {}
# (account, region) -> associations of configuration policies, in its home Region.
ASSOCIATIONS: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}


@answers("securityhub", "DescribeSecurityHubV2")
def describe_security_hub_v2(call: Call) -> Result:
    arn = HUBS_V2.get((call.account, call.region))
    if arn is None:
        raise AwsError("ResourceNotFoundException", "Security Hub is not enabled.", 404)
    return {"HubV2Arn": arn, "SubscribedAt": "2026-01-12T08:00:00.000Z"}


@answers("securityhub", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(call: Call) -> Result:
    organization = organization_of(call.account)
    if organization is None or organization.account_id != call.account:
        raise AwsError(
            "InvalidAccessException", f"Account {call.account} is not the management account", 401
        )
    administrators = [
        {"AccountId": str(admin.account.id), "Status": "ENABLED"}
        for admin in organization.admins
        if PRINCIPAL in admin.services
    ]
    return PAGES.page(call, "AdminAccounts", administrators)


@answers("securityhub", "DescribeOrganizationConfiguration")
def describe_organization_configuration(call: Call) -> Result:
    _require_administrator(call)
    return {
        "AutoEnable": False,
        "MemberAccountLimitReached": False,
        "AutoEnableStandards": "NONE",
        **CONFIGURATIONS.get((call.account, call.region), {}),
    }


@answers("securityhub", "ListConfigurationPolicyAssociations")
def list_configuration_policy_associations(call: Call) -> Result:
    _require_administrator(call)
    associations = ASSOCIATIONS.get((call.account, call.region), [])
    return PAGES.page(call, "ConfigurationPolicyAssociationSummaries", associations)


def _require_administrator(call: Call) -> None:
    enabled = securityhub_backends[call.account][call.region].enabled
    if not enabled or not is_delegated(call.account, PRINCIPAL):
        raise AwsError(
            "InvalidAccessException",
            f"Account {call.account} is not an administrator for this organization",
            401,
        )
