"""CloudFormation StackSets as an organization uses them; moto forgets OUs and auto-deployment.

Stack sets belong to the management account. A delegated administrator sees the service-managed
ones when it says CallAs DELEGATED_ADMIN. Other operations are moto's.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import chain_to, is_delegated, organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, error="ValidationError")
SERVICE: Final = "member.org.stacksets.cloudformation.amazonaws.com"


@dataclass
class StackInstance:
    """status, detailed_status and drift_status are the API's words."""

    account: str
    region: str
    ou_id: str | None = None
    status: str = "CURRENT"
    detailed_status: str = "SUCCEEDED"
    drift_status: str = "NOT_CHECKED"
    reason: str | None = None


@dataclass
class StackSet:
    name: str
    description: str = ""
    permission_model: str = "SERVICE_MANAGED"
    auto_deployment: bool = True
    ou_ids: list[str] = field(default_factory=list)
    drift_status: str = "NOT_CHECKED"
    instances: list[StackInstance] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{self.name}:{uuid.uuid5(uuid.NAMESPACE_URL, self.name)}"


# (account that owns them, region) -> stack sets by name.
STACK_SETS: Final[dict[tuple[str, str], dict[str, StackSet]]] = {}


def stack_sets_for(call: Call) -> dict[str, StackSet]:
    """Those the caller may see, in the call's region."""
    if call.parameters.get("CallAs", "SELF") != "DELEGATED_ADMIN":
        return STACK_SETS.setdefault((call.account, call.region), {})
    organization = organization_of(call.account)
    if organization is None or not is_delegated(call.account, SERVICE):
        raise AwsError(
            "ValidationError",
            "You must be the management account or delegated admin account of an organization "
            "before operating a SERVICE_MANAGED stack set",
            400,
        )
    owned = STACK_SETS.get((organization.account_id, call.region), {})
    return {name: s for name, s in owned.items() if s.permission_model == "SERVICE_MANAGED"}


def _found(call: Call) -> StackSet:
    asked = str(call.parameters["StackSetName"])
    for stack_set in stack_sets_for(call).values():
        if asked in (stack_set.name, stack_set.id):
            return stack_set
    raise AwsError("StackSetNotFoundException", f"StackSet {asked} not found", 404)


def _summary(stack_set: StackSet) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "StackSetName": stack_set.name,
        "StackSetId": stack_set.id,
        "Description": stack_set.description,
        "Status": "ACTIVE",
        "PermissionModel": stack_set.permission_model,
        "ManagedExecution": {"Active": False},
    }
    if stack_set.permission_model == "SERVICE_MANAGED":
        summary["AutoDeployment"] = {
            "Enabled": stack_set.auto_deployment,
            "RetainStacksOnAccountRemoval": False,
        }
    return summary


@answers("cloudformation", "ListStackSets")
def list_stack_sets(call: Call) -> Result:
    wanted = call.parameters.get("Status", "ACTIVE")
    summaries = [
        {**_summary(stack_set), "DriftStatus": stack_set.drift_status}
        for stack_set in stack_sets_for(call).values()
        if wanted == "ACTIVE"
    ]
    return PAGES.page(call, "Summaries", summaries)


@answers("cloudformation", "DescribeStackSet")
def describe_stack_set(call: Call) -> Result:
    stack_set = _found(call)
    return {
        "StackSet": {
            **_summary(stack_set),
            "StackSetARN": f"arn:aws:cloudformation:{call.region}:{call.account}:"
            f"stackset/{stack_set.id}",
            "OrganizationalUnitIds": stack_set.ou_ids,
            "Regions": sorted({instance.region for instance in stack_set.instances}),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Parameters": [],
            "Tags": [],
            "TemplateBody": '{"Resources": {}}',
            "StackSetDriftDetectionDetails": {
                "DriftStatus": stack_set.drift_status,
                "DriftDetectionStatus": "COMPLETED",
                "TotalStackInstancesCount": len(stack_set.instances),
            },
        }
    }


@answers("cloudformation", "ListStackInstances")
def list_stack_instances(call: Call) -> Result:
    stack_set = _found(call)
    account = call.parameters.get("StackInstanceAccount")
    region = call.parameters.get("StackInstanceRegion")
    summaries = [
        {
            "StackSetId": stack_set.id,
            "Account": instance.account,
            "Region": instance.region,
            "OrganizationalUnitId": instance.ou_id,
            "Status": instance.status,
            "StackInstanceStatus": {"DetailedStatus": instance.detailed_status},
            "DriftStatus": instance.drift_status,
            "StatusReason": instance.reason,
            "StackId": f"arn:aws:cloudformation:{instance.region}:{instance.account}:"
            f"stack/StackSet-{stack_set.name}",
        }
        for instance in stack_set.instances
        if account in (None, instance.account) and region in (None, instance.region)
    ]
    return PAGES.page(call, "Summaries", summaries)


@answers("cloudformation", "CreateStackSet")
def create_stack_set(call: Call) -> Result:
    asked = call.parameters
    stack_set = StackSet(
        str(asked["StackSetName"]),
        str(asked.get("Description", "")),
        str(asked.get("PermissionModel", "SELF_MANAGED")),
        bool(asked.get("AutoDeployment", {}).get("Enabled", False)),
    )
    owned = stack_sets_for(call)
    if stack_set.name in owned:
        raise AwsError("NameAlreadyExistsException", f"{stack_set.name} exists already.", 409)
    owned[stack_set.name] = stack_set
    return {"StackSetId": stack_set.id}


@answers("cloudformation", "UpdateStackSet")
def update_stack_set(call: Call) -> Result:
    stack_set = _found(call)
    if "AutoDeployment" in call.parameters:
        stack_set.auto_deployment = bool(call.parameters["AutoDeployment"]["Enabled"])
    return {"OperationId": str(uuid.uuid4())}


@answers("cloudformation", "CreateStackInstances")
def create_stack_instances(call: Call) -> Result:
    """Deployed at once, into the accounts, or into all accounts below the organizational units."""
    stack_set = _found(call)
    targets = call.parameters.get("DeploymentTargets", {})
    ous = targets.get("OrganizationalUnitIds", [])
    accounts = call.parameters.get("Accounts") or targets.get("Accounts") or _below(call, ous)
    stack_set.ou_ids.extend(ou for ou in ous if ou not in stack_set.ou_ids)
    for region in call.parameters["Regions"]:
        kept = [i for i in stack_set.instances if i.account not in accounts or i.region != region]
        new = [StackInstance(a, region, _parent(call, a)) for a in accounts]
        stack_set.instances = [*kept, *new]
    return {"OperationId": str(uuid.uuid4())}


def _below(call: Call, ou_ids: list[str]) -> list[str]:
    organization = organization_of(call.account)
    if organization is None:
        return []
    return [
        account.id
        for account in organization.accounts
        if {entity.id for entity in chain_to(organization, account.id)} & set(ou_ids)
    ]


def _parent(call: Call, account: str) -> str | None:
    organization = organization_of(call.account)
    chain = chain_to(organization, account) if organization else []
    return str(chain[-2].id) if len(chain) > 1 else None


@answers("cloudformation", "DeleteStackInstances")
def delete_stack_instances(call: Call) -> Result:
    stack_set = _found(call)
    targets = call.parameters.get("DeploymentTargets", {})
    accounts = call.parameters.get("Accounts") or targets.get("Accounts", [])
    regions = call.parameters["Regions"]
    stack_set.instances = [
        i for i in stack_set.instances if i.account not in accounts or i.region not in regions
    ]
    return {"OperationId": str(uuid.uuid4())}
