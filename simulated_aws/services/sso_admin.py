"""IAM Identity Center: instances, permission sets and assignments.

moto gives every account an instance of its own and never provisions a permission set. Here the
data below is all there is. It is told to the management account, the delegated administrator and
the owner of an instance, in the instance's own Region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import is_delegated, organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100)
SERVICE: Final = "sso.amazonaws.com"


@dataclass(frozen=True)
class Instance:
    arn: str
    owner: str
    region: str


@dataclass(frozen=True)
class PermissionSet:
    """``policies`` are names of AWS managed policies."""

    name: str
    instance: str
    policies: tuple[str, ...] = ()


INSTANCES: Final[list[Instance]] = []
# By ARN.
PERMISSION_SETS: Final[dict[str, PermissionSet]] = {}
# (permission set's ARN, account) -> kind and id of everybody assigned.
ASSIGNMENTS: Final[dict[tuple[str, str], list[tuple[str, str]]]] = {}


@answers("sso-admin", "ListInstances")
def list_instances(call: Call) -> Result:
    everywhere = call.parameters.get("RegionScope") == "ALL_REGIONS"
    found = [
        {
            "InstanceArn": one.arn,
            "IdentityStoreId": f"d-{one.arn[-10:]}",
            "OwnerAccountId": one.owner,
            "Status": "ACTIVE",
            "PrimaryRegion": one.region,
        }
        for one in INSTANCES
        if _sees(call, one) and (everywhere or one.region == call.region)
    ]
    return PAGES.page(call, "Instances", found)


@answers("sso-admin", "ListPermissionSetsProvisionedToAccount")
def list_permission_sets_provisioned_to_account(call: Call) -> Result:
    instance = _instance(call)
    account = str(call.parameters["AccountId"])
    found = [
        arn
        for arn, one in PERMISSION_SETS.items()
        if one.instance == instance.arn and (arn, account) in ASSIGNMENTS
    ]
    return PAGES.page(call, "PermissionSets", found)


@answers("sso-admin", "DescribePermissionSet")
def describe_permission_set(call: Call) -> Result:
    arn, one = _permission_set(call)
    return {"PermissionSet": {"Name": one.name, "PermissionSetArn": arn}}


@answers("sso-admin", "ListManagedPoliciesInPermissionSet")
def list_managed_policies_in_permission_set(call: Call) -> Result:
    _, one = _permission_set(call)
    policies = [{"Name": n, "Arn": f"arn:aws:iam::aws:policy/{n}"} for n in one.policies]
    return PAGES.page(call, "AttachedManagedPolicies", policies)


@answers("sso-admin", "ListAccountAssignments")
def list_account_assignments(call: Call) -> Result:
    arn, _ = _permission_set(call)
    account = str(call.parameters["AccountId"])
    assigned: list[dict[str, Any]] = [
        {
            "AccountId": account,
            "PermissionSetArn": arn,
            "PrincipalType": kind,
            "PrincipalId": principal,
        }
        for kind, principal in ASSIGNMENTS.get((arn, account), ())
    ]
    return PAGES.page(call, "AccountAssignments", assigned)


def _sees(call: Call, instance: Instance) -> bool:
    organization = organization_of(call.account)
    is_central = organization is not None and (
        organization.account_id == call.account or is_delegated(call.account, SERVICE)
    )
    return is_central or instance.owner == call.account


def _instance(call: Call) -> Instance:
    asked = call.parameters["InstanceArn"]
    found = next((i for i in INSTANCES if i.arn == asked and i.region == call.region), None)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"There is no instance {asked} here.", 400)
    if not _sees(call, found):
        raise AwsError("AccessDeniedException", "You do not have sufficient access.", 400)
    return found


def _permission_set(call: Call) -> tuple[str, PermissionSet]:
    instance = _instance(call)
    arn = str(call.parameters["PermissionSetArn"])
    found = PERMISSION_SETS.get(arn)
    if found is None or found.instance != instance.arn:
        raise AwsError("ResourceNotFoundException", f"There is no permission set {arn}.", 400)
    return arn, found
