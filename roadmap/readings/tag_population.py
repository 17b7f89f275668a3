"""How many of an account's resources carry the tags the company requires, and which do not. Pure.

tag:GetResources lists whatever has a tag, Region by Region. It never lists what was never tagged:
that is resource-explorer-2:Search for tag:none, or what an AWS Config aggregator counts besides.
Without either nobody knows how many resources there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from collectors.outcomes import Missing, Outcome
from collectors.services import config_queries, resource_explorer_2
from collectors.services import resourcegroupstaggingapi as tagging
from roadmap.readings.central import of_security
from roadmap.readings.gaps import seen
from roadmap.sentences import listed
from roadmap.subject import Subject

# Tag key → what its value may be: one pattern of each list has to fit.
Allowed = Mapping[str, Sequence[Sequence[str]]]

READS = (tagging.tagged, resource_explorer_2.untagged, config_queries.tag_counts)


@dataclass
class Population:
    """What there is of each type: ``total`` resources, ``good`` of them, ``untold`` ones that carry
    every key, one with a value that was not kept, and by type and key those ``with_key``.
    ``lacking`` and ``invalid`` are ARNs of others, each with what is wrong, and ``unnamed`` counts
    by type the lacking ones whose ARN was not kept; ``excepted`` those that were left out.
    ``gaps`` are why resources may not have been counted."""

    source: str = ""
    indexed: Sequence[str] = ()
    truncated: Sequence[str] = ()
    total: dict[str, int] = field(default_factory=dict)
    good: dict[str, int] = field(default_factory=dict)
    untold: dict[str, int] = field(default_factory=dict)
    with_key: dict[tuple[str, str], int] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)
    invalid: dict[str, str] = field(default_factory=dict)
    unnamed: dict[str, int] = field(default_factory=dict)
    excepted: dict[str, int] = field(default_factory=dict)
    gaps: list[Missing] = field(default_factory=list)

    def add(self, subject: Subject, kind: str, count: int, arns: Sequence[str]) -> list[str]:
        """Count resources that are alike, without excepted ones; the ARNs of those that stay."""
        left = [arn for arn in arns if not subject.is_excepted(arn)]
        excepted = len(arns) - len(left)
        self.total[kind] = self.total.get(kind, 0) + count - excepted
        self.excepted[kind] = self.excepted.get(kind, 0) + excepted
        return left

    def lack(self, kind: str, count: int, arns: Sequence[str], why: str) -> None:
        """Note resources without the tags; ``count`` are those beyond the named ones."""
        self.lacking.update(dict.fromkeys(arns, why))
        if count > 0:
            self.unnamed[kind] = self.unnamed.get(kind, 0) + count

    def complete(self, counts: Mapping[str, int]) -> None:
        """Add what somebody else counted besides: it carries no tag, or it would be listed."""
        for kind, count in counts.items():
            listed_already = self.total.get(kind, 0) + self.excepted.get(kind, 0)
            more = count - listed_already
            if more > 0:
                self.total[kind] = self.total.get(kind, 0) + more
                self.lack(kind, more, (), "")


def population(subject: Subject, allowed: Allowed) -> Population | None:
    """``allowed`` has every required key. None where nothing lists what was never tagged. Raises
    Missing where nobody looked."""
    tagged = seen(subject.facts, tagging.tagged)
    counts = _counts(subject)
    explorer = _explorer(subject, must=counts is None)
    if counts is None and not explorer.indexed:
        return None
    found = Population(
        source="resource explorer" if counts is None else "config aggregator",
        indexed=explorer.indexed,
        truncated=explorer.truncated,
        gaps=[*tagged.missing],
    )
    types = set(subject.settings["TAG_RESOURCE_TYPES"])
    for region, resources in tagged.values.items():
        for alike in resources.sets:
            # The explorer lists what has no tag left, where it has an index.
            is_listed_twice = not alike.tags.keys and region in explorer.indexed
            if alike.resource_type in types and not is_listed_twice:
                _count_tagged(subject, found, alike, allowed)
    for untagged in explorer.untagged:
        kind, count = untagged.resource_type, untagged.count
        if untagged.region in (*subject.facts.regions, "global") and kind in types:
            left = found.add(subject, kind, count, untagged.arns)
            found.lack(kind, count - len(untagged.arns), left, "It has no tag.")
    found.complete(counts or {})
    if counts is None:
        found.gaps += _unlisted(subject, explorer)
    return found


def _explorer(subject: Subject, *, must: bool) -> resource_explorer_2.Explorer:
    """What Resource Explorer knows; raises Missing where nobody saw it and it ``must`` be seen."""
    try:
        return subject.facts.get(resource_explorer_2.untagged)
    except Missing:
        if must:
            raise
        return resource_explorer_2.Explorer()


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


def _unlisted(subject: Subject, explorer: resource_explorer_2.Explorer) -> Iterator[Missing]:
    """What Resource Explorer leaves open."""
    outside = sorted(set(subject.facts.regions) - set(explorer.indexed))
    if outside:
        message = f"Resource Explorer has no index in {listed(outside)}."
        yield Missing(Outcome.NEVER_COLLECTED, message)
    types = set(subject.settings["TAG_RESOURCE_TYPES"])
    unasked = sorted(types - set(explorer.types))
    if unasked:
        message = (
            f"Resource Explorer is asked for {listed(unasked)} without tags at the next collection."
        )
        yield Missing(Outcome.NEVER_COLLECTED, message)
    truncated = sorted(types & set(explorer.truncated))
    if truncated:
        kinds = listed(truncated)
        message = f"There are more untagged resources of {kinds} than Resource Explorer shows."
        yield Missing(Outcome.NEVER_COLLECTED, message)


def _count_tagged(
    subject: Subject, found: Population, alike: tagging.TagSet, allowed: Allowed
) -> None:
    kind, tags = alike.resource_type, alike.tags
    before = found.total.get(kind, 0)
    left = found.add(subject, kind, alike.count, alike.arns)
    counted = found.total[kind] - before
    missing = [key for key in allowed if key not in tags.keys]
    values = {key: tags.value(key) for key in allowed if allowed[key] and key in tags.keys}
    wrong = [
        f"{key}={value}"
        for key, value in values.items()
        if value is not None and not _is_allowed(value, allowed[key])
    ]
    for key in set(allowed) & set(tags.keys):
        found.with_key[kind, key] = found.with_key.get((kind, key), 0) + counted
    if not missing and not wrong:
        told = found.untold if None in values.values() else found.good
        told[kind] = told.get(kind, 0) + counted
    if missing:
        why = f"It lacks {listed(missing)}."
        found.lack(kind, alike.count - len(alike.arns), left, why)
    if wrong:
        found.invalid.update(dict.fromkeys(left, f"It has {listed(wrong)}."))


def _is_allowed(value: str, rules: Sequence[Sequence[str]]) -> bool:
    return all(any(fnmatchcase(value, pattern) for pattern in patterns) for patterns in rules)
