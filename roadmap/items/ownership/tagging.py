"""Resources carry the tags the company requires.

Whatever has a tag is judged by tag:GetResources, whatever never had one by Resource Explorer or an
AWS Config aggregator; without either the share of good ones is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import organizations
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.organizations import SERVICE_CONTROL_POLICY
from roadmap.guardrails.case import case_of
from roadmap.guardrails.judging import READS as CHAIN
from roadmap.guardrails.probes import demands_tags
from roadmap.readings.gaps import despite
from roadmap.readings.tag_population import READS, Allowed, Population, population
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
    unknown,
)

ENFORCED = "enforced_for"


def judge(subject: Subject) -> Verdict:
    required: Mapping[str, Sequence[str]] = subject.settings["REQUIRED_TAGS"]
    if not required:
        return unknown(
            Reason.NOT_CONFIGURED,
            "The company has not said which tags it requires (setting REQUIRED_TAGS).",
            "no tags are required",
        )
    policy, untold = _tag_policy(subject)
    found = population(subject, _allowed(required, policy))
    if found is None:
        return unknown(
            Reason.NOT_CONFIGURED,
            "Neither Resource Explorer nor an AWS Config aggregator lists what was never tagged.",
            "no list of resources",
            problems=[Problem("no_tag_population")],
        )
    more: dict[str, Any] = {
        "facts": {
            "source": found.source,
            "indexed": list(found.indexed),
            "truncated": list(found.truncated),
            "required": dict(required),
            "types": {kind: _shares(found, kind, required) for kind in sorted(found.total)},
            "effective_policy": policy,
            "required_by_policy": _required_by_policy(subject),
            "summary": _summary(subject),
        },
        "problems": list(_problems(subject, found)),
    }
    return despite(_verdict(subject, found, policy, more), [*found.gaps, *untold])


def _shares(found: Population, kind: str, required: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "total": found.total[kind],
        "good": found.good.get(kind, 0),
        "with_key": {key: found.with_key.get((kind, key), 0) for key in required},
    }


def _tag_policy(subject: Subject) -> tuple[Mapping[str, Any], list[Missing]]:
    """The entries of the effective tag policy; none outside an organization."""
    if not subject.account.organization_id:
        return {}, []
    try:
        policies = subject.facts.get(organizations.effective_policies)
        content = policies.content(organizations.TAG_POLICY) or {}
    except Missing as missing:
        return {}, [missing]
    entries = content.get("tags")
    return (entries if isinstance(entries, Mapping) else {}), []


def _entry(policy: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The policy's entry about a tag key, whose name is in whatever letters."""
    for name, entry in policy.items():
        if isinstance(entry, Mapping) and key in (entry.get("tag_key"), name):
            return entry
    return {}


def _allowed(required: Mapping[str, Sequence[str]], policy: Mapping[str, Any]) -> Allowed:
    """By setting and by policy; both have to allow a value."""
    return {
        key: [
            patterns
            for patterns in (values, _entry(policy, key).get("tag_value") or ())
            if patterns
        ]
        for key, values in required.items()
    }


def _verdict(
    subject: Subject, found: Population, policy: Mapping[str, Any], more: dict[str, Any]
) -> Verdict:
    good, total = sum(found.good.values()), sum(found.total.values())
    untold = sum(found.untold.values())
    status = _ratio(subject, good, total)
    if status == Status.NOT_APPLICABLE:
        sentence = "It has no resource of a type that is to be tagged."
        return not_applicable(Reason.NO_RESOURCES, sentence, "no resource to tag", **more)
    share = f"{good} of {total} resources carry {listed(subject.settings['REQUIRED_TAGS'])}"
    if _ratio(subject, good + untold, total) != status:
        sentence = f"{share}; the values of {untold} more are read at the next collection."
        return unknown(Reason.NEVER_COLLECTED, sentence, "values not read yet", **more)
    verdict = _by_share(subject, status, share, policy, more)
    return replace(verdict, incomplete=True) if untold else verdict


def _ratio(subject: Subject, good: int, total: int) -> Status:
    settings = subject.settings
    return ratio(good, total, settings["TAG_PASS_PCT"], settings["TAG_PARTIAL_PCT"])


def _by_share(
    subject: Subject, status: Status, share: str, policy: Mapping[str, Any], more: dict[str, Any]
) -> Verdict:
    has_strategy = subject.holding("done") is not None
    if status == Status.PASS and has_strategy:
        return passed(f"{share}, as the tagging strategy asks.", "tagged, with a strategy", **more)
    if status == Status.PASS:
        sentence = f"{share}, but nobody says where the tagging strategy is."
        return partly(sentence, "tagged, without a strategy", **more)
    if status == Status.PARTIAL:
        return partly(f"{share}.", "tagged in part", **more)
    enforced = [k for k in subject.settings["REQUIRED_TAGS"] if _entry(policy, k).get(ENFORCED)]
    if has_strategy and enforced:
        sentence = f"{share}; the tag policy enforces {listed(enforced)} from now on."
        return partly(sentence, "enforced by the tag policy, not yet tagged", **more)
    if has_strategy:
        return _unless_demanded(subject, share, more)
    return failed(f"{share}.", "too few tagged", **more)


def _unless_demanded(subject: Subject, share: str, more: dict[str, Any]) -> Verdict:
    """Too few are tagged; a service control policy may see to it that there will be more."""
    try:
        is_demanded = _is_demanded(subject)
    except Missing:
        return failed(f"{share}.", "too few tagged", incomplete=True, **more)
    if is_demanded:
        sentence = f"{share}; a service control policy refuses instances without them from now on."
        return partly(sentence, "enforced by a guardrail, not yet tagged", **more)
    return failed(f"{share}.", "too few tagged", **more)


def _is_demanded(subject: Subject) -> bool:
    """Whether no instance can be started without the required tags. Raises Missing."""
    row = subject.account
    if row.is_management or not row.organization_id:
        return False
    if not subject.facts.management(organizations.listing).enables(SERVICE_CONTROL_POLICY):
        return False
    case = case_of(subject)
    required = subject.settings["REQUIRED_TAGS"]
    return demands_tags(case.chain, case.place, required, case.regions)


def _problems(subject: Subject, found: Population) -> Iterator[Problem]:
    """Each resource by itself up to a limit, then one finding for the others of a type."""
    limit = subject.settings["EVIDENCE_LIST_LIMIT"]
    unnamed = dict(found.unnamed)
    for at, (arn, why) in enumerate(sorted(found.lacking.items())):
        if at < limit:
            yield Problem("untagged_resource", arn, region=_region(arn), detail=why)
        else:
            _count_one(unnamed, tagging.type_of(arn))
    for kind, count in sorted(unnamed.items()):
        yield Problem("untagged_resource", kind, f"{count} more of {kind}")
    for arn, why in sorted(found.invalid.items())[:limit]:
        yield Problem("tag_value_invalid", arn, region=_region(arn), detail=why)


def _count_one(counts: dict[str, int], kind: str) -> None:
    counts[kind] = counts.get(kind, 0) + 1


def _region(arn: str) -> str:
    return arn.split(":")[3] or "global"


def _required_by_policy(subject: Subject) -> Any:
    """What AWS itself reports as required. It decides nothing."""
    try:
        found = subject.facts.get(tagging.required_tags)
    except Missing:
        return None
    return {one.resource_type: list(one.keys) for one in found}


def _summary(subject: Subject) -> Any:
    """AWS's own count of resources that break the tag policy. It decides nothing."""
    try:
        found = subject.facts.management(tagging.compliance).get(subject.account.account_id)
    except Missing:
        return None
    return found and {"resources": found.resources, "last_updated": found.last_updated}


item = Item(
    __name__,
    order="7.3",
    title="Tagging strategy applied",
    guidance=(
        "In an incident the first question about a resource is whose it is and what it holds, and"
        " a tag answers it in a second. The company publishes which tags it requires, and nearly "
        "all resources carry them; better still, what lacks them cannot be made."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        *READS,
        tagging.required_tags,
        tagging.compliance,
        organizations.effective_policies,
        *CHAIN,
    ),
    findings={
        "untagged_resource": FindingKind("Resource without required tags", Severity.LOW),
        "tag_value_invalid": FindingKind("Tag value not allowed", Severity.INFO),
        "no_tag_population": FindingKind("Resources cannot be listed", Severity.INFO),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            "Where is the tagging strategy?",
        ),
    ),
    imports={
        "prowler": (
            "organizations_tags_policies_enabled_and_attached",
            "resourceexplorer2_indexes_found",
        ),
    },
    fix=Fix(
        (
            "Publish the required keys and a tag policy, then enforce them by service control "
            "policy."
        ),
        "Tag policies",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies.html",
)
