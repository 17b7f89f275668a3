"""May this principal make this call? Identity policies, service control policies, role trust.

Resource policies, permission boundaries and session policies are not looked at, and the resource
of a call is known only for sts:AssumeRole. The refusals are worded as AWS words them, because
Cairn reads from the text whether a service control policy stopped a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from moto.iam.models import iam_backends

from simulated_aws import errors
from simulated_aws.identity import Principal
from simulated_aws.organization import chain_to, organization_of
from simulated_aws.policies import ANYTHING, Request, Statement, decide, statements_of
from simulated_aws.wire import Call

# An action is boto3's name of the client and the name of the operation, but for these.
PREFIX_OF_CLIENT: Final = {
    "accessanalyzer": "access-analyzer",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "sso-admin": "sso",
    "stepfunctions": "states",
}
ACTION_OF_OPERATION: Final = {
    ("accessanalyzer", "GetFindingV2"): "GetFinding",
    ("accessanalyzer", "ListFindingsV2"): "ListFindings",
    ("budgets", "CreateBudget"): "ModifyBudget",
    ("budgets", "DescribeBudgetNotificationsForAccount"): "ViewBudget",
    ("budgets", "DescribeBudgets"): "ViewBudget",
    ("budgets", "DescribeNotificationsForBudget"): "ViewBudget",
    ("budgets", "DescribeSubscribersForNotification"): "ViewBudget",
    ("s3", "GetBucketReplication"): "GetReplicationConfiguration",
    ("s3", "GetObjectLockConfiguration"): "GetBucketObjectLockConfiguration",
    ("s3", "GetPublicAccessBlock"): "GetBucketPublicAccessBlock",
    ("s3", "ListBuckets"): "ListAllMyBuckets",
    ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "GetAccountPublicAccessBlock",
    ("s3control", "PutPublicAccessBlock"): "PutAccountPublicAccessBlock",
}
# Anyone may ask who they are; no policy takes this away (STS API reference).
ALWAYS_ALLOWED: Final = frozenset({"sts:GetCallerIdentity"})


def check(call: Call, principal: Principal) -> None:
    """Raise AWS's refusal when the caller's policies, or its organization's, do not allow it."""
    action = action_of(call)
    if action in ALWAYS_ALLOWED:
        return
    resource = str(call.parameters["RoleArn"]) if action == "sts:AssumeRole" else ANYTHING
    reason = refusal(principal, Request(action, resource, context_of(principal, call.region)))
    if reason is None:
        return
    message = f"User: {principal.session_arn} is not authorized to perform: {action}{reason}"
    if call.error_family == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    raise errors.denied(call.error_family, message)


def action_of(call: Call) -> str:
    prefix = PREFIX_OF_CLIENT.get(call.service, call.service)
    operation = ACTION_OF_OPERATION.get((call.service, call.operation), call.operation)
    return f"{prefix}:{operation}"


def refusal(principal: Principal, request: Request) -> str | None:
    """Why the request is refused, in AWS's words, or None when it is allowed."""
    identity = decide(identity_statements(principal), request)
    where = f" on resource: {request.resource}"
    if identity == "Deny":
        return f"{where} with an explicit deny in an identity-based policy"
    for level in service_control_policies(principal.account):
        verdict = decide(level, request)
        if verdict == "Deny":
            return f"{where} with an explicit deny in a service control policy"
        if verdict is None:
            return f"{where} because no service control policy allows the {request.action} action"
    if identity is None:
        return f" because no identity-based policy allows the {request.action} action"
    return None


def context_of(principal: Principal, region: str) -> dict[str, str]:
    context = {
        "aws:requestedregion": region,
        "aws:principalarn": principal.arn,
        "aws:principalaccount": principal.account,
        "aws:principalisawsservice": "false",
    }
    organization = organization_of(principal.account)
    if organization and organization.org:
        context["aws:principalorgid"] = organization.org.id
    return context


def identity_statements(principal: Principal) -> list[Statement]:
    """Statements of the policies attached to the user or role; an account's root may do all."""
    if principal.arn.endswith(":root"):
        return list(statements_of('{"Statement": {"Effect": "Allow", "Action": "*"}}'))
    holder = _policy_holder(principal)
    if holder is None:
        return []
    managed = [
        version.document
        for policy in holder.managed_policies.values()
        for version in policy.versions
        if version.is_default
    ]
    return [s for text in (*holder.policies.values(), *managed) for s in statements_of(text)]


def _policy_holder(principal: Principal) -> Any:
    backend = iam_backends[principal.account]["aws"]
    if ":user/" in principal.arn:
        return backend.users.get(principal.arn.rpartition("/")[2])
    return next((role for role in backend.roles.values() if role.arn == principal.arn), None)


def service_control_policies(account: str) -> Iterator[list[Statement]]:
    """The statements of each level from the root to the account; none for a management account."""
    kind = "SERVICE_CONTROL_POLICY"
    organization = organization_of(account)
    if organization is None or organization.account_id == account:
        return
    chain = chain_to(organization, account)
    if all(policy_type["Type"] != kind for policy_type in chain[0].policy_types):
        return
    for entity in chain:
        documents = [str(p.content) for p in entity.attached_policies if p.type == kind]
        yield [statement for text in documents for statement in statements_of(text)]


def trusts(document: str, principal: Principal, context: Mapping[str, str]) -> bool:
    """Whether a role's trust policy lets the principal assume it; context adds to its own."""
    names = {ANYTHING, principal.arn, principal.account, f"arn:aws:iam::{principal.account}:root"}
    request = Request("sts:AssumeRole", ANYTHING, {**context_of(principal, ""), **context})
    statements = [s for s in statements_of(document) if s.principals & names]
    return decide(statements, request) == "Allow"


def caller(call: Call) -> Principal:
    if call.principal is None:
        raise LookupError("The call has not been authenticated yet.")
    return call.principal
