"""Facts as rules read them. Pure: built from stored observations, no database, no AWS.

Missing is not empty: reading a fact that was not collected raises ``Missing``, so no rule can pass
on what nobody saw. A view remembers what was read from it; that is the evidence of a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector

T = TypeVar("T")


@dataclass(frozen=True)
class Observation(Generic[T]):
    """One attempt to see something; ``value`` only if ``outcome`` is collected."""

    kind: str
    account_id: str
    region: str
    outcome: Outcome
    value: T | None = None
    message: str = ""
    observed_at: datetime | None = None
    calls: Sequence[Mapping[str, Any]] = ()

    def get(self) -> T:
        """The value; raises Missing with the reason there is none."""
        if self.outcome != Outcome.COLLECTED:
            raise Missing(self.outcome, self.message or f"{self.kind}: {self.outcome}.")
        return self.value  # type: ignore[return-value]  # collected observations have one


Key = tuple[str, str, str]  # account id, kind, region


@dataclass(frozen=True)
class OrganizationFacts:
    """All observations of one organization's accounts, by account id, kind and Region.

    ``regions`` are the Regions in scope of each account (0.4 of the evidence rules).
    """

    management_account_id: str = ""
    security_account_ids: Sequence[str] = ()
    observations: Mapping[Key, Observation[Any]] = field(default_factory=dict)
    regions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, account_id: str) -> AccountFacts:
        return AccountFacts(self, account_id)

    def find(self, account_id: str, kind: str, region: str = "") -> Observation[Any]:
        found = self.observations.get((account_id, kind, region))
        if found is not None:
            return found
        where = f" in {region}" if region else ""
        return Observation(
            kind,
            account_id,
            region,
            Outcome.NEVER_COLLECTED,
            message=f"{kind} of {account_id}{where} was never collected.",
        )


@dataclass(frozen=True)
class AccountFacts:
    """One account's facts, and those of its management and security accounts. ``read`` are the
    observations looked at so far."""

    organization: OrganizationFacts
    account_id: str
    read: list[Observation[Any]] = field(default_factory=list)

    def at(self, account_id: str) -> AccountFacts:
        """Another account's facts; what is read of them is remembered here too."""
        return AccountFacts(self.organization, account_id, self.read)

    def observation(
        self, collector: Collector[T], region: str = "", account_id: str = ""
    ) -> Observation[T]:
        """The observation, collected or not; reading it is remembered."""
        found = self.organization.find(account_id or self.account_id, collector.name, region)
        self.read.append(found)
        return found

    def get(self, collector: Collector[T], region: str = "") -> T:
        """The account's own fact. Raises Missing."""
        return self.observation(collector, region).get()

    @property
    def regions(self) -> Sequence[str]:
        """The Regions in scope. Raises Missing when they are not known."""
        known = self.organization.regions.get(self.account_id)
        if known is None:
            raise Missing(Outcome.NEVER_COLLECTED, "The account's Regions were never collected.")
        return known

    def by_region(self, collector: Collector[T]) -> dict[str, Observation[T]]:
        """An observation for every Region in scope, collected or not. Raises Missing."""
        return {region: self.observation(collector, region) for region in self.regions}

    def management(self, collector: Collector[T], region: str = "") -> T:
        """A fact of the organization, seen from its management account. Raises Missing."""
        account = self.organization.management_account_id
        if not account:
            raise Missing(Outcome.NEVER_COLLECTED, "The account is in no connected organization.")
        return self.observation(collector, region, account).get()

    def security(self, collector: Collector[T], region: str = "") -> dict[str, Observation[T]]:
        """Security account id → its observation."""
        return {
            account: self.observation(collector, region, account)
            for account in self.organization.security_account_ids
        }
