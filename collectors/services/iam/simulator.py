"""AWS Identity and Access Management: what its policy simulator says of a few requests.

Of its answers only what service control policies do to a request is kept. It is asked for Cairn's
own role, about requests that guardrails are about too, and only where the company wants it.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

SIMULATE_PRINCIPAL_POLICY = Operation(
    "iam", "simulate_principal_policy", "iam:SimulatePrincipalPolicy", "EvaluationResults"
)

NO_SUCH_ROLE = ("NoSuchEntity",)

# Resource → actions; AWS answers once for an action, so one resource is asked about at a time.
ASKED: Mapping[str, tuple[str, ...]] = {
    "*": ("organizations:LeaveOrganization", "s3:PutAccountPublicAccessBlock"),
    "arn:{p}:iam::{a}:user/cairn-probe": ("iam:CreateAccessKey", "iam:CreateUser"),
    "arn:{p}:guardduty:{r}:{a}:detector/cairn-probe": ("guardduty:DeleteDetector",),
    "arn:{p}:cloudtrail:{r}:{a}:trail/cairn-probe": ("cloudtrail:StopLogging",),
    "arn:{p}:sqs:{r}:{a}:cairn-probe": ("sqs:CreateQueue",),
}


@dataclass(frozen=True)
class Simulated:
    """Whether service control policies let an action on a resource through."""

    action: str
    resource: str
    is_allowed: bool


@dataclass(frozen=True)
class Simulation:
    """``principal`` is the role's ARN, empty where nothing was asked; ``context`` what AWS was told
    of every request: key in lower case → values. What AWS gave no answer to is left out."""

    principal: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: tuple[Simulated, ...] = ()


def fetch_simulation(aws: Aws) -> Answer | None:
    """None where the company does not want it; then nothing is asked."""
    if not aws.settings["SCP_SIMULATOR_CROSSCHECK"]:
        return None
    context = _context(aws)
    answers = []
    for template, actions in ASKED.items():
        resource = _filled(aws, template)
        results = aws.pages(
            SIMULATE_PRINCIPAL_POLICY,
            absent=NO_SUCH_ROLE,
            PolicySourceArn=aws.role.arn,
            ActionNames=list(actions),
            ResourceArns=[resource],
            ContextEntries=context,
        )
        answers.append({"resource": resource, "actions": actions, "results": results or []})
    return {"principal": aws.role.arn, "context": context, "answers": answers}


def _filled(aws: Aws, template: str) -> str:
    values = {"{p}": aws.partition, "{a}": aws.account_id, "{r}": aws.region}
    for name, value in values.items():
        template = template.replace(name, value)
    return template


def _context(aws: Aws) -> list[Answer]:
    """What is known of a request by a role without MFA. Nothing is said of the organization and of
    the role's tags, which the account does not tell."""
    return [
        {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": kind}
        for name, value, kind in (
            ("aws:PrincipalArn", aws.role.arn, "string"),
            ("aws:PrincipalAccount", aws.account_id, "string"),
            ("aws:PrincipalType", "AssumedRole", "string"),
            ("aws:RequestedRegion", aws.region, "string"),
            ("aws:ResourceAccount", aws.account_id, "string"),
            ("aws:SecureTransport", "true", "boolean"),
            ("aws:SourceIp", "198.51.100.7", "ip"),
            ("aws:CurrentTime", aws.now.strftime("%Y-%m-%dT%H:%M:%SZ"), "date"),
            ("aws:ViaAWSService", "false", "boolean"),
            ("aws:PrincipalIsAWSService", "false", "boolean"),
        )
    ]


def transform_simulation(answer: Answer | None) -> Simulation:
    if answer is None:
        return Simulation()
    context = {
        entry["ContextKeyName"].lower(): tuple(entry["ContextKeyValues"])
        for entry in answer["context"]
    }
    return Simulation(answer["principal"], context, tuple(_answered(answer["answers"])))


def _answered(answers: list[Answer]) -> Iterator[Simulated]:
    for one in answers:
        for result in one["results"]:
            detail = result.get("OrganizationsDecisionDetail") or {}
            is_allowed = detail.get("AllowedByOrganizations")
            action = result.get("EvalActionName")
            if action in one["actions"] and isinstance(is_allowed, bool):
                yield Simulated(action, one["resource"], is_allowed)


simulation = Collector(
    "iam.simulation",
    Simulation,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (SIMULATE_PRINCIPAL_POLICY,),
    fetch_simulation,
    transform_simulation,
)
