"""IAM: pages of inline policy names, and the organization's root features; the rest is moto's."""

from __future__ import annotations

from typing import Final

from moto.iam.models import iam_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import organization_of, seen_by
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=1000, size="MaxItems", cursor="Marker", error="InvalidInput")

# Features of central root access, by management account.
ORGANIZATIONS_FEATURES: Final[dict[str, list[str]]] = {}


@answers("iam", "ListRolePolicies")
def list_role_policies(call: Call) -> Result:
    names = iam_backends[call.account]["aws"].list_role_policies(str(call.parameters["RoleName"]))
    page = PAGES.page(call, "PolicyNames", sorted(names))
    return {**page, "IsTruncated": "Marker" in page}


@answers("iam", "ListOrganizationsFeatures")
def list_organizations_features(call: Call) -> Result:
    organization = organization_of(call.account)
    if organization is None or organization.org is None:
        raise AwsError("AccountNotManagementOrDelegatedAdministratorException", "Not allowed.")
    seen_by(call.account)
    return {
        "OrganizationId": organization.org.id,
        "EnabledFeatures": ORGANIZATIONS_FEATURES.get(organization.account_id, []),
    }
