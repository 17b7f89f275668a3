"""What the security and the management account say, of a Region that another account uses or of
all of their own. Pure.

An opt-in Region that such an account has not enabled cannot be asked there, and nothing can run
there for others either: that is an answer, not a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import account
from roadmap.readings.gaps import is_doubt
from roadmap.subject import Subject

T = TypeVar("T")


def of_security(
    subject: Subject, collector: Collector[T], region: str
) -> dict[str, Observation[T]]:
    """Security account id → its observation, for those that have the Region."""
    return {
        about: observation
        for about, observation in subject.facts.security(collector, region).items()
        if _may_have(subject, about, region)
    }


def of_management(subject: Subject, collector: Collector[T], region: str) -> T | None:
    """The management account's fact; None where it has not enabled the Region, and for an account
    outside any organization. Raises Missing."""
    management = subject.account.management_account_id
    if not management or not _may_have(subject, management, region):
        return None
    return subject.facts.management(collector, region)


def all_of_security(
    subject: Subject, collector: Collector[T], missing: list[Missing]
) -> Iterator[tuple[str, str, T]]:
    """Account, Region and fact, of the security accounts in all their Regions. Why there may be
    more than was seen is added to ``missing``: without a security account nobody looked at all."""
    owners = subject.facts.organization.security_account_ids
    if not owners:
        message = "SECURITY_ACCOUNTS names no account, so nobody looked into one."
        missing.append(Missing(Outcome.NEVER_COLLECTED, message))
    for owner in owners:
        yield from all_of(subject, owner, collector, missing)


def all_of(
    subject: Subject, owner: str, collector: Collector[T], missing: list[Missing]
) -> Iterator[tuple[str, str, T]]:
    """The same of one account."""
    try:
        found = subject.facts.at(owner).by_region(collector)
    except Missing as caught:
        missing.append(caught)
        return
    for region, observation in found.items():
        try:
            yield owner, region, observation.get()
        except Missing as caught:
            if is_doubt(caught):
                missing.append(caught)


def _may_have(subject: Subject, account_id: str, region: str) -> bool:
    """Whether the account has enabled the Region, as far as anybody told."""
    told = subject.facts.observation(account.regions, account_id=account_id)
    return told.outcome != Outcome.COLLECTED or region in told.get().enabled
