"""The organization has a member account that does security work and nothing else.

Reads the setting SECURITY_ACCOUNTS, the delegated administrators, the organization trail's bucket,
and what runs in the named accounts. Judged once for the organization.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import cloudtrail, organizations, s3
from roadmap.readings.workload import READS, find_workload
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import account_name, listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    not_in_organization,
    partly,
    passed,
    unknown,
    unknown_for,
    verdict_of,
)


@dataclass(frozen=True)
class Organization:
    """What is known of the whole. ``states`` are those of its members, ``gaps`` why they may not be
    all; ``services`` are account id → the security services delegated to it; ``buckets`` those of
    organization trails, or why they could not be seen."""

    states: Mapping[str, str]
    gaps: Sequence[str]
    services: Mapping[str, Sequence[str]]
    buckets: frozenset[str] | Missing


def judge(subject: Subject) -> Verdict:
    row = subject.account
    if not row.organization_id:
        return not_in_organization(problems=[Problem("no_security_account")])
    named: Mapping[str, Sequence[str]] = subject.settings["SECURITY_ACCOUNTS"]
    known = _organization(subject)
    judged = {
        one: _of_account(subject, one, known)
        for one, roles in named.items()
        if one != row.management_account_id and set(roles) != {"backup"}
    }
    misplaced = known.services.get(row.management_account_id, ())
    facts = {
        "security_accounts": {one: list(roles) for one, roles in named.items()},
        "accounts": {one: dict(verdict.facts) for one, verdict in judged.items()},
        "delegated_to_management": list(misplaced),
    }
    problems = [p for verdict in judged.values() for p in verdict.problems]
    if misplaced:
        detail = f"Delegated to the management account: {', '.join(misplaced)}."
        problems.append(_problem(subject, "delegated_to_management", row.account_id, detail))
    if not judged:
        return _none_named(subject, named, facts, problems)
    return replace(_of_named(judged, misplaced), facts=facts, problems=problems)


def _organization(subject: Subject) -> Organization:
    """Raises Missing when the members or the delegations could not be read."""
    listing = subject.facts.management(organizations.listing)
    watched = set(subject.settings["SECURITY_SERVICE_PRINCIPALS"])
    services = {
        administrator.account_id: sorted(watched & set(administrator.services))
        for administrator in subject.facts.management(organizations.delegated_administrators)
    }
    buckets: frozenset[str] | Missing
    try:
        trails = subject.facts.management(cloudtrail.organization_trails)
        buckets = frozenset(t.bucket for t in trails if t.is_organization_trail and t.bucket)
    except Missing as missing:
        buckets = missing
    states = {account.id: account.state for account in listing.accounts}
    return Organization(states, listing.gaps, services, buckets)


def _none_named(
    subject: Subject,
    named: Mapping[str, Sequence[str]],
    facts: Mapping[str, Any],
    problems: Sequence[Problem],
) -> Verdict:
    only = [one for one in named if one == subject.account.management_account_id]
    return failed(
        "Only the management account is named as a security account."
        if only
        else "No account is named for security tooling or logs.",
        "only the management account" if only else "none named",
        facts=facts,
        problems=[*problems, _problem(subject, "no_security_account", "")],
    )


def _of_account(subject: Subject, account_id: str, known: Organization) -> Verdict:
    """One named account: pass, partial, or unknown where evidence is missing."""
    state = known.states.get(account_id, "")
    name = account_name(subject, account_id)
    services = known.services.get(account_id, ())
    facts: dict[str, Any] = {"state": state, "delegated_services": list(services)}
    if account_id not in known.states and known.gaps:
        return unknown(
            Reason.PARTIAL_COLLECTION,
            f"{name} was not seen in the organization, but the list may not be complete: "
            f"{known.gaps[0]}",
            facts=facts,
        )
    if state != "ACTIVE":
        why = f"is {state}" if state else "is no member of the organization"
        idle = _problem(subject, "security_account_idle", account_id, f"It {why}.")
        return partly(f"{name} {why}.", "not active", facts=facts, problems=[idle])
    try:
        owned = () if services else _trail_buckets(subject, account_id, known)
    except Missing as missing:
        return unknown_for(missing, facts=facts)
    facts["trail_buckets"] = list(owned)
    if not services and not owned:
        idle = _problem(subject, "security_account_idle", account_id)
        sentence = f"{name} runs no security service and keeps no trail."
        return partly(sentence, "no function", facts=facts, problems=[idle])
    function = f"administers {listed(services)}" if services else "keeps the trail's logs"
    return _of_workload(subject, account_id, function, facts)


def _trail_buckets(subject: Subject, account_id: str, known: Organization) -> Sequence[str]:
    """Buckets of organization trails that the account owns. Raises Missing."""
    if isinstance(known.buckets, Missing):
        raise known.buckets
    if not known.buckets:
        return ()
    owned = {bucket.name for bucket in subject.facts.at(account_id).get(s3.buckets)}
    return sorted(owned & known.buckets)


def _of_workload(
    subject: Subject, account_id: str, function: str, facts: Mapping[str, Any]
) -> Verdict:
    allowed = subject.settings["SECURITY_RESOURCE_ALLOWLIST"]
    found = find_workload(subject, account_id, allowed)
    name = account_name(subject, account_id)
    unseen = f"What runs in {name} could not be seen."
    verdict = verdict_of(found.parts, unseen, "workload not seen")
    sentence = f"{name} {function} and holds no workload."
    if verdict.status == Status.PARTIAL:
        sentence = f"{name} {function}, but holds {found}."
    return replace(
        verdict,
        sentence=unseen if verdict.status == Status.UNKNOWN else sentence,
        facts={**facts, "workload": found.as_facts()},
        problems=[
            replace(problem, organization=True)
            for problem in found.problems("security_account_workload")
        ],
    )


def _of_named(judged: Mapping[str, Verdict], misplaced: Sequence[str]) -> Verdict:
    """One account that does it all is enough; security services delegated to the management
    account spoil it."""
    best = [v for v in judged.values() if v.status == Status.PASS]
    unseen = [v for v in judged.values() if v.status == Status.UNKNOWN]
    incomplete = bool(unseen) or any(v.incomplete for v in judged.values())
    chosen = best or unseen or list(judged.values())
    sentence = " ".join(verdict.sentence for verdict in chosen)
    if misplaced:
        return partly(
            f"{sentence} Delegated to the management account: {listed(misplaced)}.",
            "delegated to management",
            incomplete=incomplete,
        )
    if best:
        return passed(sentence, "active, working, no workload", incomplete=incomplete)
    if unseen:
        reasons = {verdict.reason for verdict in unseen} - {None}
        reason = reasons.pop() if len(reasons) == 1 else Reason.PARTIAL_COLLECTION
        return unknown(reason or Reason.PARTIAL_COLLECTION, sentence, "evidence missing")
    return partly(sentence, "named, but idle or with workload", incomplete=incomplete)


def _problem(subject: Subject, code: str, account_id: str, detail: str = "") -> Problem:
    """A finding of the organization about one of its accounts, or about itself."""
    about = account_id or subject.account.management_account_id
    arn = f"arn:{subject.account.partition}:iam::{about}:root"
    return Problem(code, arn, account_id, detail=detail, organization=True)


item = Item(
    __name__,
    order="1.5",
    title="Dedicated security account exists",
    guidance=(
        "Security services are run from, and logs are kept in, a member account where nobody else "
        "works and nothing else runs: what happens in the accounts it watches cannot reach it. Two "
        "accounts, one for tooling and one for logs, are better still; those that Control Tower "
        "makes count. Name them in the setting SECURITY_ACCOUNTS."
    ),
    scope="organization",
    flow=Flow.INHERIT,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(
        organizations.listing,
        organizations.delegated_administrators,
        cloudtrail.organization_trails,
        *READS,
    ),
    findings={
        "no_security_account": FindingKind("No security account", Severity.HIGH),
        "security_account_idle": FindingKind(
            "Security account without a function", Severity.MEDIUM
        ),
        "security_account_workload": FindingKind("Workload in a security account", Severity.LOW),
        "delegated_to_management": FindingKind(
            "Security service delegated to the management account", Severity.MEDIUM
        ),
    },
    fix=Fix(
        "Create a security tooling account and delegate the security services to it.",
        "Security OU – Security Tooling account",
    ),
    source_url="https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html",
)
