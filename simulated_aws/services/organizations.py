"""AWS Organizations: pages of at most 20, members' views, effective policies, invitations.

What is stored is moto's; only the management account, and for reading a delegated administrator,
gets to see it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.organizations.models import FakeAccount, OrganizationsBackend

from simulated_aws import effective_policies
from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import chain_to, organization_of, seen_by
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

ANYTHING: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)
PAGES: Final = Paging(limit=20, error="InvalidInputException")

# Parents whose accounts start with an empty page that carries a token.
EMPTY_FIRST_PAGE: Final[set[str]] = set()
HANDSHAKES: Final[dict[str, list[dict[str, Any]]]] = {}


def described(organization: OrganizationsBackend, account: FakeAccount) -> dict[str, Any]:
    """An account as AWS describes it since September 2026: with a State, without a Status."""
    description = account.describe()
    description.pop("Status")
    path = "/".join(entity.id for entity in chain_to(organization, account.id))
    return {**description, "Paths": [f"{account.organization_id}/{path}/"]}


@answers("organizations", "DescribeOrganization")
def describe_organization(call: Call) -> Result:
    """The one operation that every member may call."""
    organization = organization_of(call.account) or seen_by(call.account)
    return organization.describe_organization()


@answers("organizations", "ListAccounts")
def list_accounts(call: Call) -> Result:
    organization = seen_by(call.account)
    accounts = sorted(organization.accounts, key=lambda a: (a.create_time, a.id))
    return PAGES.page(call, "Accounts", [described(organization, a) for a in accounts])


@answers("organizations", "DescribeAccount")
def describe_account(call: Call) -> Result:
    organization = seen_by(call.account)
    account = organization.get_account_by_id(str(call.parameters["AccountId"]))
    return {"Account": described(organization, account)}


@answers("organizations", "ListAccountsForParent")
def list_accounts_for_parent(call: Call) -> Result:
    organization = seen_by(call.account)
    parent = organization.validate_parent_id(str(call.parameters["ParentId"]))
    accounts = [described(organization, a) for a in organization.accounts if a.parent_id == parent]
    return PAGES.page(call, "Accounts", accounts, empty_first=parent in EMPTY_FIRST_PAGE)


@answers("organizations", "ListOrganizationalUnitsForParent")
def list_organizational_units_for_parent(call: Call) -> Result:
    organization = seen_by(call.account)
    parent = organization.validate_parent_id(str(call.parameters["ParentId"]))
    units = [
        {"Id": ou.id, "Arn": ou.arn, "Name": ou.name, "Path": _ou_path(organization, ou.id)}
        for ou in organization.ou
        if ou.parent_id == parent
    ]
    return PAGES.page(call, "OrganizationalUnits", units)


def _ou_path(organization: OrganizationsBackend, ou_id: str) -> str:
    organization_id = organization.org.id if organization.org else ""
    return "/".join([organization_id, *(e.id for e in chain_to(organization, ou_id)), ""])


@answers("organizations", "ListChildren")
def list_children(call: Call) -> Result:
    organization = seen_by(call.account)
    children = organization.list_children(**call.parameters)["Children"]
    return PAGES.page(call, "Children", children)


@answers("organizations", "ListPolicies", "ListPoliciesForTarget")
def list_policies(call: Call) -> Result:
    organization = seen_by(call.account)
    kind = str(call.parameters["Filter"])
    if call.operation == "ListPolicies":
        policies = organization.policies
    else:
        target = str(call.parameters["TargetId"])
        chain = chain_to(organization, target)
        if not chain:
            raise AwsError("TargetNotFoundException", f"There is no target {target}.")
        policies = chain[-1].attached_policies
    summaries = [p.describe()["Policy"]["PolicySummary"] for p in policies if p.type == kind]
    return PAGES.page(call, "Policies", summaries)


@answers("organizations", "ListTargetsForPolicy")
def list_targets_for_policy(call: Call) -> Result:
    targets = seen_by(call.account).list_targets_for_policy(**call.parameters)["Targets"]
    return PAGES.page(call, "Targets", targets)


@answers("organizations", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Result:
    resource = str(call.parameters["ResourceId"])
    tags = seen_by(call.account).list_tags_for_resource(ResourceId=resource)["Tags"]
    return PAGES.page(call, "Tags", tags)


@answers("organizations", "ListDelegatedAdministrators")
def list_delegated_administrators(call: Call) -> Result:
    organization = seen_by(call.account)
    service = call.parameters.get("ServicePrincipal")
    administrators = [
        {**described(organization, a.account), "DelegationEnabledDate": a.enabled_date}
        for a in organization.admins
        if service is None or service in a.services
    ]
    return PAGES.page(call, "DelegatedAdministrators", administrators)


@answers("organizations", "ListDelegatedServicesForAccount")
def list_delegated_services_for_account(call: Call) -> Result:
    account = str(call.parameters["AccountId"])
    services = seen_by(call.account).list_delegated_services_for_account(AccountId=account)
    return PAGES.page(call, "DelegatedServices", services["DelegatedServices"])


@answers("organizations", "ListAWSServiceAccessForOrganization")
def list_aws_service_access_for_organization(call: Call) -> Result:
    return PAGES.page(call, "EnabledServicePrincipals", seen_by(call.account).services)


@answers("organizations", "CreateAccount")
def create_account(call: Call) -> Result:
    """At once, with a role that may do anything for the management account: moto's may nothing."""
    organization = seen_by(call.account, reading=False)
    answer = organization.create_account(**call.parameters)
    account = organization.accounts[-1]
    role = str(call.parameters.get("RoleName") or "OrganizationAccountAccessRole")
    iam_backends[account.id]["aws"].put_role_policy(role, "AdministratorAccess", ANYTHING)
    return answer


@answers("organizations", "MoveAccount")
def move_account(call: Call) -> Result:
    organization = seen_by(call.account, reading=False)
    asked = call.parameters
    if organization.get_account_by_id(asked["AccountId"]).parent_id != asked["SourceParentId"]:
        raise AwsError("SourceParentNotFoundException", "The account is not in that parent.")
    organization.move_account(**asked)
    return {}


@answers("organizations", "DescribeEffectivePolicy")
def describe_effective_policy(call: Call) -> Result:
    """Of any account for who sees the organization; of itself, named or not, for a member."""
    target = str(call.parameters.get("TargetId") or call.account)
    organization = organization_of(call.account) if target == call.account else None
    organization = organization or seen_by(call.account)
    kind = str(call.parameters["PolicyType"])
    content = effective_policies.content(organization, target, kind)
    if content is None:
        raise AwsError(
            "EffectivePolicyNotFoundException", f"There is no effective {kind} for {target}."
        )
    return {
        "EffectivePolicy": {
            "PolicyContent": json.dumps(content),
            "LastUpdatedTimestamp": datetime.now(UTC) - timedelta(days=3),
            "TargetId": target,
            "PolicyType": kind,
        }
    }


@answers("organizations", "ListEffectivePolicyValidationErrors")
def list_effective_policy_validation_errors(call: Call) -> Result:
    """Of an AI opt-out policy, values other than its two (which are case-sensitive)."""
    organization = seen_by(call.account)
    account, kind = str(call.parameters["AccountId"]), str(call.parameters["PolicyType"])
    chain = chain_to(organization, account)
    problems = effective_policies.validation_errors(organization, account, kind)
    return {
        "AccountId": account,
        "PolicyType": kind,
        "Path": "/".join([chain[-1].organization_id, *(entity.id for entity in chain), ""]),
        "EvaluationTimestamp": datetime.now(UTC),
        **PAGES.page(call, "EffectivePolicyValidationErrors", problems),
    }


@answers("organizations", "InviteAccountToOrganization")
def invite_account_to_organization(call: Call) -> Result:
    organization = seen_by(call.account, reading=False)
    if organization.org is None:
        raise LookupError("seen_by answers organizations only.")
    open_ones = HANDSHAKES.setdefault(organization.account_id, [])
    handshake_id = f"h-{len(open_ones) + 1:010x}"
    handshake = {
        "Id": handshake_id,
        "Arn": f"arn:aws:organizations::{organization.account_id}:handshake/"
        f"{organization.org.id}/invite/{handshake_id}",
        "Parties": [
            {"Id": organization.org.id.removeprefix("o-"), "Type": "ORGANIZATION"},
            {"Id": call.parameters["Target"]["Id"], "Type": call.parameters["Target"]["Type"]},
        ],
        "State": "OPEN",
        "RequestedTimestamp": datetime.now(UTC),
        "ExpirationTimestamp": datetime.now(UTC) + timedelta(days=15),
        "Action": "INVITE",
        "Resources": [],
    }
    open_ones.append(handshake)
    return {"Handshake": handshake}


@answers("organizations", "CancelHandshake")
def cancel_handshake(call: Call) -> Result:
    organization = seen_by(call.account, reading=False)
    for handshake in HANDSHAKES.get(organization.account_id, []):
        if handshake["Id"] == call.parameters["HandshakeId"]:
            handshake["State"] = "CANCELED"
            return {"Handshake": handshake}
    raise AwsError("HandshakeNotFoundException", "There is no such handshake.")


@answers("organizations", "ListHandshakesForOrganization")
def list_handshakes_for_organization(call: Call) -> Result:
    organization = seen_by(call.account)
    wanted = call.parameters.get("Filter", {}).get("ActionType")
    handshakes = [
        handshake
        for handshake in HANDSHAKES.get(organization.account_id, [])
        if wanted in (None, handshake["Action"])
    ]
    return PAGES.page(call, "Handshakes", handshakes)
