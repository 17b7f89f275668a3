"""What the organization's analyzers have found, seen from the security accounts. Pure.

Only the account that an analyzer runs from sees it. None of them looks at an account outside the
organization.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import accessanalyzer
from collectors.services.accessanalyzer import UnusedAccess
from roadmap.readings.gaps import NOTHING_THERE
from roadmap.subject import Subject

T = TypeVar("T")


def unused_access(subject: Subject) -> Iterator[UnusedAccess]:
    """Of every active analyzer for unused access that could be asked."""
    for observation in everywhere(subject, accessanalyzer.unused_access):
        if observation.outcome == Outcome.COLLECTED:
            yield from observation.get()


def gap_in_unused_access(subject: Subject) -> Missing | None:
    """Why there may be an analyzer for unused access that nobody saw; None where one was seen, for
    it tells of all Regions."""
    missing: Missing | None = None
    for observation in everywhere(subject, accessanalyzer.unused_access):
        try:
            if observation.get():
                return None
        except Missing as caught:
            missing = missing or (None if caught.outcome in NOTHING_THERE else caught)
    return missing


def unused_permissions(subject: Subject) -> frozenset[str]:
    """ARNs of the account's users and roles that hold permissions nobody used."""
    account = subject.account.account_id
    return frozenset(
        arn for one in unused_access(subject) for arn in one.permissions.get(account, ())
    )


def everywhere(subject: Subject, collector: Collector[T]) -> Iterator[Observation[T]]:
    """The observations of each security account in all its Regions, collected or not; one without
    a Region where it is not known which it has."""
    if not subject.account.organization_id:
        return
    for owner in subject.facts.organization.security_account_ids:
        try:
            regions = subject.facts.at(owner).regions
        except Missing as missing:
            yield Observation(collector.name, owner, "", missing.outcome, message=missing.message)
            continue
        for region in regions:
            yield subject.facts.observation(collector, region, owner)
