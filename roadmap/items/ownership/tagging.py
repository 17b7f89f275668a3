"""Resources carry the tags the company requires.

Good resources are counted from tag:GetResources, which lists whatever has a tag, Region by Region.
It never lists what was never tagged: that is resource-explorer-2:Search for tag:none, or what an
AWS Config aggregator counts besides. Without either the share of good ones is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import config_queries, organizations, resource_explorer_2
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.organizations import SERVICE_CONTROL_POLICY
from roadmap.guardrails.case import case_of
from roadmap.guardrails.judging import READS as CHAIN
from roadmap.guardrails.probes import demands_tags
from roadmap.readings.central import of_security
from roadmap.readings.gaps import despite, seen
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

Allowed = Mapping[str, Sequence[str]]


@dataclass
class Population:
    """What there is of each type: ``total`` resources, ``good`` of them, and by type and key those
    ``with_key``; ``lacking`` and ``invalid`` are ARNs of others, each with what is wrong, and
    ``unnamed`` counts by type the lacking ones whose ARN was not kept; ``excepted`` those that were
    left out."""

    total: dict[str, int] = field(default_factory=dict)
    good: dict[str, int] = field(default_factory=dict)
    with_key: dict[tuple[str, str], int] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)
    invalid: dict[str, str] = field(default_factory=dict)
    unnamed: dict[str, int] = field(default_factory=dict)
    excepted: dict[str, int] = field(default_factory=dict)

    def add(self, subject: Subject, kind: str, count: int, arns: Sequence[str]) -> list[str]:
        """Count resources that are alike, without excepted ones; the ARNs of those that stay."""
        left = [arn for arn in arns if not subject.is_excepted(arn)]
        excepted = len(arns) - len(left)
        self.total[kind] = self.total.get(kind, 0) + count - excepted
        self.excepted[kind] = self.excepted.get(kind, 0) + excepted
        return left

    def complete(self, counts: Mapping[str, int]) -> None:
        """Add what somebody else counted besides: it carries no tag, or it would be listed."""
        for kind, count in counts.items():
            listed_already = self.total.get(kind, 0) + self.excepted.get(kind, 0)
            more = count - listed_already
            if more > 0:
                self.total[kind] = self.total.get(kind, 0) + more
                self.unnamed[kind] = self.unnamed.get(kind, 0) + more

    @property
    def sums(self) -> tuple[int, int]:
        return sum(self.good.values()), sum(self.total.values())


def judge(subject: Subject) -> Verdict:
    required: Allowed = subject.settings["REQUIRED_TAGS"]
    if not required:
        return unknown(
            Reason.NOT_CONFIGURED,
            "The company has not said which tags it requires (setting REQUIRED_TAGS).",
            "no tags are required",
        )
    tagged = seen(subject.facts, tagging.tagged)
    for found in tagged.values.values():
        _require_asked(found.required, required, "required tag")
        _require_asked(found.types, subject.settings["TAG_RESOURCE_TYPES"], "resource type")
    counts = _counts(subject)
    explorer = _explorer(subject, must=counts is None)
    if counts is None and not explorer.indexed:
        return unknown(
            Reason.NOT_CONFIGURED,
            "Neither Resource Explorer nor an AWS Config aggregator lists what was never tagged.",
            "no list of resources",
            problems=[Problem("no_tag_population")],
        )
    policy, told = _tag_policy(subject)
    unlisted = _unlisted(subject, explorer) if counts is None else ()
    gaps = [*tagged.missing, *unlisted, *told]
    population = _population(subject, tagged.values, explorer, _allowed(required, policy))
    population.complete(counts or {})
    facts = {
        "source": "resource explorer" if counts is None else "config aggregator",
        "indexed": list(explorer.indexed),
        "truncated": list(explorer.truncated),
        "required": dict(required),
        "types": {
            kind: {
                "total": total,
                "good": population.good.get(kind, 0),
                "with_key": {key: population.with_key.get((kind, key), 0) for key in required},
            }
            for kind, total in sorted(population.total.items())
        },
        "effective_policy": policy,
        "required_by_policy": _required_by_policy(subject),
        "summary": _summary(subject),
    }
    return despite(_verdict(subject, population, policy, facts), gaps)


def _explorer(subject: Subject, *, must: bool) -> resource_explorer_2.Explorer:
    """What Resource Explorer knows; raises Missing where nobody saw it and it ``must`` be seen."""
    try:
        explorer = subject.facts.get(resource_explorer_2.untagged)
        if explorer.indexed:
            types = subject.settings["TAG_RESOURCE_TYPES"]
            _require_asked(explorer.types, types, "resource type")
    except Missing:
        if must:
            raise
        return resource_explorer_2.Explorer()
    return explorer


def _counts(subject: Subject) -> Mapping[str, int] | None:
    """How many resources of each type Config counts in the account; None where it counts none,
    because the account may not record. Of several aggregators the largest numbers hold."""
    wanted = set(subject.settings["TAG_RESOURCE_TYPES"])
    found: dict[str, int] = {}
    for region in subject.facts.regions:
        for observation in of_security(subject, config_queries.tag_counts, region).values():
            if observation.outcome != Outcome.COLLECTED:
                continue
            told = observation.get()
            if wanted <= set(told.types):
                own = told.accounts.get(subject.account.account_id, {})
                found |= {k: max(n, found.get(k, 0)) for k, n in own.items() if k in wanted}
    return found or None


def _require_asked(asked: Sequence[str], wanted: Sequence[str] | Allowed, what: str) -> None:
    """Settings may have changed since the resources were listed. Raises Missing."""
    unasked = sorted(set(wanted) - set(asked))
    if unasked:
        message = f"The {what} {listed(unasked)} was set later than resources were last listed."
        raise Missing(Outcome.NEVER_COLLECTED, message)


def _unlisted(subject: Subject, explorer: resource_explorer_2.Explorer) -> Iterator[Missing]:
    """What Resource Explorer leaves open."""
    outside = sorted(set(subject.facts.regions) - set(explorer.indexed))
    if outside:
        message = f"Resource Explorer has no index in {listed(outside)}."
        yield Missing(Outcome.NEVER_COLLECTED, message)
    if explorer.truncated:
        kinds = listed(explorer.truncated)
        message = f"There are more untagged resources of {kinds} than Resource Explorer shows."
        yield Missing(Outcome.NEVER_COLLECTED, message)


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


def _allowed(required: Allowed, policy: Mapping[str, Any]) -> dict[str, list[Sequence[str]]]:
    """Patterns of the values each key may have, by setting and by policy; all have to allow it."""
    return {
        key: [
            patterns
            for patterns in (values, _entry(policy, key).get("tag_value") or ())
            if patterns
        ]
        for key, values in required.items()
    }


def _population(
    subject: Subject,
    tagged: Mapping[str, tagging.Tagged],
    explorer: resource_explorer_2.Explorer,
    allowed: Mapping[str, list[Sequence[str]]],
) -> Population:
    population = Population()
    types = set(subject.settings["TAG_RESOURCE_TYPES"])
    for region, found in tagged.items():
        for alike in found.sets:
            # The explorer lists what has no tag left, where it has an index.
            is_listed_twice = not alike.is_tagged and region in explorer.indexed
            if alike.resource_type in types and not is_listed_twice:
                _count_tagged(subject, population, alike, allowed)
    for untagged in explorer.untagged:
        kind, count = untagged.resource_type, untagged.count
        if untagged.region in (*subject.facts.regions, "global") and kind in types:
            left = population.add(subject, kind, count, untagged.arns)
            population.lacking.update(dict.fromkeys(left, "It has no tag."))
            _count_unnamed(population, kind, count - len(untagged.arns))
    return population


def _count_tagged(
    subject: Subject,
    population: Population,
    alike: tagging.TagSet,
    allowed: Mapping[str, list[Sequence[str]]],
) -> None:
    kind = alike.resource_type
    before = population.total.get(kind, 0)
    left = population.add(subject, kind, alike.count, alike.arns)
    counted = population.total[kind] - before
    missing = [key for key in allowed if key not in alike.tags]
    for key in set(allowed) & set(alike.tags):
        population.with_key[kind, key] = population.with_key.get((kind, key), 0) + counted
    wrong = [
        f"{key}={alike.tags[key]}"
        for key in allowed
        if key in alike.tags and not _is_allowed(alike.tags[key], allowed[key])
    ]
    if not missing and not wrong:
        population.good[kind] = population.good.get(kind, 0) + counted
        return
    if missing:
        population.lacking.update(dict.fromkeys(left, f"It lacks {listed(missing)}."))
        _count_unnamed(population, kind, alike.count - len(alike.arns))
    if wrong:
        population.invalid.update(dict.fromkeys(left, f"It has {listed(wrong)}."))


def _count_unnamed(population: Population, kind: str, count: int) -> None:
    if count > 0:
        population.unnamed[kind] = population.unnamed.get(kind, 0) + count


def _is_allowed(value: str, rules: Sequence[Sequence[str]]) -> bool:
    return all(any(fnmatchcase(value, pattern) for pattern in patterns) for patterns in rules)


def _verdict(
    subject: Subject,
    population: Population,
    policy: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> Verdict:
    good, total = population.sums
    status = ratio(
        good, total, subject.settings["TAG_PASS_PCT"], subject.settings["TAG_PARTIAL_PCT"]
    )
    if status == Status.NOT_APPLICABLE:
        return not_applicable(
            Reason.NO_RESOURCES,
            "It has no resource of a type that is to be tagged.",
            "no resource to tag",
            facts=facts,
        )
    more: dict[str, Any] = {"facts": facts, "problems": list(_problems(subject, population))}
    required = listed(subject.settings["REQUIRED_TAGS"])
    share = f"{good} of {total} resources carry {required}"
    has_strategy = _has_strategy(subject)
    if status == Status.PASS and has_strategy:
        return passed(f"{share}, as the tagging strategy asks.", "tagged, with a strategy", **more)
    if status == Status.PASS:
        sentence = f"{share}, but nobody says where the tagging strategy is."
        return partly(sentence, "tagged, without a strategy", **more)
    if status == Status.PARTIAL:
        return partly(f"{share}.", "tagged in part", **more)
    enforced = [key for key in facts["required"] if _entry(policy, key).get("enforced_for")]
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


def _has_strategy(subject: Subject) -> bool:
    attested = subject.attested()
    return attested is not None and attested.claim == "done" and attested.holds(subject.now)


def _problems(subject: Subject, population: Population) -> Iterator[Problem]:
    """Each resource by itself up to a limit, then one finding for the others of a type."""
    limit = subject.settings["EVIDENCE_LIST_LIMIT"]
    unnamed = dict(population.unnamed)
    for at, (arn, why) in enumerate(sorted(population.lacking.items())):
        if at < limit:
            yield Problem("untagged_resource", arn, region=_region(arn), detail=why)
        else:
            _count_one(unnamed, tagging.type_of(arn))
    for kind, count in sorted(unnamed.items()):
        yield Problem("untagged_resource", kind, f"{count} more of {kind}")
    for arn, why in sorted(population.invalid.items())[:limit]:
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
        tagging.tagged,
        tagging.required_tags,
        tagging.compliance,
        resource_explorer_2.untagged,
        config_queries.tag_counts,
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
