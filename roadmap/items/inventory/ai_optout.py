"""AWS's AI services may not keep the account's content to improve themselves.

Reads the effective AISERVICES_OPT_OUT_POLICY of organizations:DescribeEffectivePolicy, and the
policies attached to the root.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import organizations
from collectors.services.organizations import AISERVICES_OPT_OUT_POLICY, EffectivePolicy, Policy
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    not_applicable,
    not_in_organization,
    partly,
    passed,
    unknown_for,
)

OPT_OUT = "optOut"
# Partitions in which AWS Organizations has no such policies.
WITHOUT = frozenset({"aws-cn"})
CHILD_OPERATORS = "@@operators_allowed_for_child_policies"


def judge(subject: Subject) -> Verdict:
    if not subject.account.organization_id:
        return not_in_organization(problems=[Problem("ai_not_opted_out")])
    if not subject.account.is_management:
        return _of_account(subject)
    try:
        verdict = _of_account(subject)
    except Missing as missing:
        verdict = unknown_for(missing)
    return _with_overridable(subject, verdict)


def _of_account(subject: Subject) -> Verdict:
    listing = subject.facts.management(organizations.listing)
    types = {kind: status for root in listing.roots for kind, status in root.policy_types.items()}
    if not listing.enables(AISERVICES_OPT_OUT_POLICY):
        if subject.account.partition in WITHOUT:
            return not_applicable(
                Reason.SERVICE_UNAVAILABLE, "AWS does not offer opt-out policies in its partition."
            )
        return failed(
            "AI services opt-out policies are not enabled at the organization's root.",
            "policy type not enabled",
            facts={"root_policy_types": types},
            problems=[Problem("ai_not_opted_out")],
        )
    effective = subject.facts.get(organizations.effective_policies).get(AISERVICES_OPT_OUT_POLICY)
    facts = {
        "effective": effective.content,
        "last_updated": effective.last_updated_timestamp,
        "validation_errors": list(effective.validation_errors),
        "root_policy_types": types,
    }
    if effective.content is None:
        return failed(
            "No opt-out policy applies to it.",
            "no effective policy",
            facts=facts,
            problems=[Problem("ai_not_opted_out")],
        )
    return replace(
        _of_choices(_choices(effective), subject.settings["AI_OPTIN_ALLOWED"]), facts=facts
    )


def _choices(effective: EffectivePolicy) -> dict[str, str]:
    """Service → optOut, optIn or what else the policy says; ``default`` among them."""
    services = (effective.content or {}).get("services")
    found = services if isinstance(services, Mapping) else {}
    return {
        name: str(choice.get("opt_out_policy", "")) if isinstance(choice, Mapping) else ""
        for name, choice in found.items()
        if not name.startswith("@@")
    }


def _of_choices(choices: Mapping[str, str], allowed: Sequence[str]) -> Verdict:
    default = choices.get("default", "")
    services = {name: choice for name, choice in choices.items() if name != "default"}
    opted_in = sorted(n for n, c in services.items() if c != OPT_OUT and n not in allowed)
    opted_out = sorted(n for n, c in services.items() if c == OPT_OUT)
    not_out = Problem("ai_not_opted_out")
    inside = [Problem("ai_service_opted_in", name, name) for name in opted_in]
    if default == OPT_OUT and not opted_in:
        return passed("All AI services are opted out by default.", "default opted out")
    if default == OPT_OUT:
        return partly(
            f"AI services are opted out by default, but not {listed(opted_in)}.",
            "default opted out, services opted in",
            problems=inside,
        )
    if not default and opted_out:
        return partly(
            f"Opted out of {listed(opted_out)} only; there is no default.",
            "services opted out, no default",
            problems=[not_out, *inside],
        )
    return failed(
        f"The default for AI services is {default}."
        if default
        else "The policy that applies opts out of no AI service.",
        "default not opted out",
        problems=[not_out, *inside],
    )


def _with_overridable(subject: Subject, verdict: Verdict) -> Verdict:
    """The management account's verdict with the organization's finding: root policies that
    policies below may override. It informs, so being denied them changes nothing else."""
    try:
        attached = subject.facts.management(organizations.policies)
    except Missing:
        return replace(verdict, incomplete=True)
    loose = [p for p in attached.attached_to_roots(AISERVICES_OPT_OUT_POLICY) if not is_locked(p)]
    problems = [
        Problem("ai_optout_overridable", policy.arn, policy.name, organization=True)
        for policy in loose
    ]
    return replace(
        verdict,
        facts={**verdict.facts, "overridable_policies": [policy.id for policy in loose]},
        problems=[*verdict.problems, *problems],
    )


def is_locked(policy: Policy) -> bool:
    """Whether policies below can neither add a service nor change the default."""
    services = _part(policy.content, "services")
    default = _part(services, "default")
    chosen = _part(default, "opt_out_policy")
    return _is_closed(services) and (_is_closed(default) or _is_closed(chosen))


def _part(content: Any, name: str) -> Mapping[str, Any]:
    found = content.get(name) if isinstance(content, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _is_closed(part: Mapping[str, Any]) -> bool:
    return part.get(CHILD_OPERATORS) == ["@@none"]


item = Item(
    __name__,
    order="1.4",
    title="AI services data use opted out",
    guidance=(
        "Some AI services of AWS may keep what they are given, also in other Regions, to improve "
        "themselves. An opt-out policy at the root with a default of optOut ends that for every "
        "account, the management account included, and for services that do not exist yet."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(
        organizations.listing,
        organizations.effective_policies,
        organizations.policies,
    ),
    findings={
        "ai_not_opted_out": FindingKind("AI services not opted out", Severity.MEDIUM),
        "ai_service_opted_in": FindingKind("AI service opted in", Severity.LOW),
        "ai_optout_overridable": FindingKind("Opt-out can be overridden", Severity.INFO),
    },
    imports={"prowler": ("organizations_opt_out_ai_services_policy",)},
    fix=Fix(
        "Attach a policy with a default of optOut at the root.", "AI services opt-out policies"
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out.html",
)
