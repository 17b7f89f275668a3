"""What the security and the management account say of a Region that another account uses. Pure.

An opt-in Region that such an account has not enabled cannot be asked there, and nothing can run
there for others either: that is an answer, not a gap.
"""

from __future__ import annotations

from typing import TypeVar

from collectors.facts import Observation
from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import account
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


def _may_have(subject: Subject, account_id: str, region: str) -> bool:
    """Whether the account has enabled the Region, as far as anybody told."""
    told = subject.facts.observation(account.regions, account_id=account_id)
    return told.outcome != Outcome.COLLECTED or region in told.get().enabled
