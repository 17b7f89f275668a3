"""AWS IAM Identity Center: which permission sets reach an account, and who is assigned to them.

Asked from the management account in the Region of the organization's instance.
https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignments.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_INSTANCES = Operation("sso-admin", "list_instances", "sso:ListInstances", "Instances")
LIST_PERMISSION_SETS_PROVISIONED_TO_ACCOUNT = Operation(
    "sso-admin",
    "list_permission_sets_provisioned_to_account",
    "sso:ListPermissionSetsProvisionedToAccount",
    "PermissionSets",
)
DESCRIBE_PERMISSION_SET = Operation(
    "sso-admin", "describe_permission_set", "sso:DescribePermissionSet"
)
LIST_MANAGED_POLICIES_IN_PERMISSION_SET = Operation(
    "sso-admin",
    "list_managed_policies_in_permission_set",
    "sso:ListManagedPoliciesInPermissionSet",
    "AttachedManagedPolicies",
)
LIST_ACCOUNT_ASSIGNMENTS = Operation(
    "sso-admin", "list_account_assignments", "sso:ListAccountAssignments", "AccountAssignments"
)

ACTIVE = "ACTIVE"
GROUP, USER = "GROUP", "USER"


@dataclass(frozen=True)
class PermissionSet:
    """A permission set in an account. ``managed_policies`` are names; ``groups`` and ``users`` the
    ids of those assigned to it there."""

    arn: str
    name: str = ""
    managed_policies: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    @property
    def principals(self) -> tuple[str, ...]:
        return (*self.groups, *self.users)


@dataclass(frozen=True)
class Access:
    """How Identity Center leads into an account. ``instance`` is the organization's active one,
    empty where there is none; ``own_instances`` those that a member account itself has made."""

    instance: str = ""
    region: str = ""
    permission_sets: tuple[PermissionSet, ...] = ()
    own_instances: tuple[str, ...] = ()


def fetch_access(aws: Aws) -> Answer:
    instances = aws.shared(
        ("sso-admin.instances",),
        lambda: aws.pages(LIST_INSTANCES, RegionScope="ALL_REGIONS") or [],
    )
    member = aws.target if aws.target != aws.account_id else None
    found: dict[str, Any] = {"member": member, "instances": instances}
    instance = _of_organization(instances, aws.account_id)
    if instance is None:
        return found
    region = instance.get("PrimaryRegion") or aws.region
    arn = instance["InstanceArn"]
    provisioned = aws.pages(
        LIST_PERMISSION_SETS_PROVISIONED_TO_ACCOUNT,
        region=region,
        InstanceArn=arn,
        AccountId=aws.target,
    )
    sets = [_fetch_set(aws, region, arn, name) for name in provisioned or ()]
    return {**found, "instance": instance, "region": region, "sets": sets}


def _of_organization(instances: list[Answer], management: str) -> Answer | None:
    """Member accounts may have instances of their own, which lead into no account."""
    return next(
        (
            instance
            for instance in instances
            if instance.get("InstanceArn")
            and instance.get("OwnerAccountId") == management
            and instance.get("Status") == ACTIVE
        ),
        None,
    )


def _fetch_set(aws: Aws, region: str, instance: str, arn: str) -> Answer:
    about: Any = {"InstanceArn": instance, "PermissionSetArn": arn}
    described = aws.shared(
        ("sso-admin.permission_set", arn),
        lambda: aws.call(DESCRIBE_PERMISSION_SET, region=region, **about),
    )
    policies = aws.shared(
        ("sso-admin.managed_policies", arn),
        lambda: aws.pages(LIST_MANAGED_POLICIES_IN_PERMISSION_SET, region=region, **about),
    )
    assigned = aws.pages(LIST_ACCOUNT_ASSIGNMENTS, region=region, AccountId=aws.target, **about)
    return {"arn": arn, "described": described, "policies": policies, "assigned": assigned}


def transform_access(answer: Answer) -> Access:
    instance = answer.get("instance") or {}
    member = answer.get("member")
    own = {
        one["InstanceArn"]
        for one in answer.get("instances") or ()
        if member and one.get("OwnerAccountId") == member and one.get("InstanceArn")
    }
    return Access(
        instance=instance.get("InstanceArn") or "",
        region=answer.get("region") or "",
        permission_sets=tuple(_set(one) for one in answer.get("sets") or ()),
        own_instances=tuple(sorted(own)),
    )


def _set(answer: Answer) -> PermissionSet:
    assigned: dict[str, set[str]] = {GROUP: set(), USER: set()}
    for one in answer.get("assigned") or ():
        kind, principal = one.get("PrincipalType"), one.get("PrincipalId")
        if kind not in assigned or not principal:
            # Whoever this is may be an administrator, so leaving it out would be a guess.
            message = f"An assignment of {answer['arn']} names nobody that Cairn can tell."
            raise Missing(Outcome.API_ERROR, message)
        assigned[kind].add(principal)
    return PermissionSet(
        arn=answer["arn"],
        name=((answer.get("described") or {}).get("PermissionSet") or {}).get("Name") or "",
        managed_policies=tuple(sorted(map(_policy_name, answer.get("policies") or ()))),
        groups=tuple(sorted(assigned[GROUP])),
        users=tuple(sorted(assigned[USER])),
    )


def _policy_name(policy: Answer) -> str:
    name = policy.get("Name") or (policy.get("Arn") or "").rpartition("/")[2]
    if not name:
        raise Missing(Outcome.API_ERROR, "A policy of a permission set has no name.")
    return str(name)


access = Collector(
    "sso_admin.access",
    Access,
    Scope.TARGET,
    Reach.GLOBAL,
    (
        LIST_INSTANCES,
        LIST_PERMISSION_SETS_PROVISIONED_TO_ACCOUNT,
        DESCRIBE_PERMISSION_SET,
        LIST_MANAGED_POLICIES_IN_PERMISSION_SET,
        LIST_ACCOUNT_ASSIGNMENTS,
    ),
    fetch_access,
    transform_access,
)
