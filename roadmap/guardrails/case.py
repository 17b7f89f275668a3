"""An account and the policies above it, ready to be asked; made of a rule's subject. Pure.

Policies are read and prepared once for all accounts that have the same ones on each level.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

from collectors.outcomes import Missing, Outcome
from collectors.services import account, organizations, sso_admin
from collectors.services.organizations import Listing, Policies, Policy
from roadmap.guardrails.documents import (
    Document,
    Refused,
    policy_of,
    resource_control_policy_of,
)
from roadmap.guardrails.evaluation import Attached, Chain, Level, compile_chain
from roadmap.guardrails.probes import (
    CLOCK,
    P1,
    P2,
    SOME_TIME,
    Answer,
    Place,
    Principal,
    Probe,
    ask,
    sso_administrator,
)
from roadmap.subject import Subject

T = TypeVar("T")

# The account's own level has no id, so that accounts below the same OUs may share a chain.
ACCOUNT_LEVEL = "account"
CHAINS_KEPT = 128

READERS: Mapping[str, Callable[[Any, str], Document]] = {
    organizations.SERVICE_CONTROL_POLICY: policy_of,
    organizations.RESOURCE_CONTROL_POLICY: resource_control_policy_of,
}


@dataclass(frozen=True)
class _ByContent:
    """Policies as a key: equal where their ids, documents and places are."""

    digest: bytes
    policies: Policies

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByContent) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


_seen: dict[int, tuple[Any, Any]] = {}
_SEEN_AT_MOST = 16


def _once(value: Any, make: Callable[[Any], Any]) -> Any:
    """What ``make`` makes of a large fact, made once while the fact is about: all accounts of an
    organization read the same one."""
    known = _seen.get(id(value))
    if known is None or known[0] is not value:
        while len(_seen) >= _SEEN_AT_MOST:
            _seen.pop(next(iter(_seen)), None)
        known = _seen[id(value)] = (value, make(value))
    return known[1]


def _by_content(policies: Policies) -> _ByContent:
    written = [
        [(p.id, p.name, p.type, p.content) for p in policies.policies],
        {place: list(ids) for place, ids in policies.attached.items()},
    ]
    text = json.dumps(written, sort_keys=True, default=str)
    return _ByContent(blake2b(text.encode(), digest_size=16).digest(), policies)


def _places(listing: Listing) -> Mapping[str, tuple[str, ...]]:
    """Account id → root and OUs above it."""
    return {found.id: tuple(found.ou_ids) for found in listing.accounts}


@lru_cache(maxsize=CHAINS_KEPT)
def _chain(kept: _ByContent, kind: str, above: tuple[str, ...], own: tuple[str, ...]) -> Chain:
    policies = kept.policies
    known = {policy.id: policy for policy in policies.policies if policy.type == kind}
    kinds = {policy.id: policy.type for policy in policies.policies}
    levels = []
    for entity in above:
        if entity not in policies.attached:
            message = f"Nobody saw which policies are attached to {entity}."
            raise Missing(Outcome.NEVER_COLLECTED, message)
        ids = [p for p in policies.attached[entity] if kinds.get(p, kind) == kind]
        levels.append(Level(entity, _attached(known, kind, ids)))
    return compile_chain([*levels, Level(ACCOUNT_LEVEL, _attached(known, kind, own))])


def _attached(known: Mapping[str, Policy], kind: str, ids: Sequence[str]) -> tuple[Attached, ...]:
    return tuple(_read(known.get(one), kind, one) for one in ids)


def _read(policy: Policy | None, kind: str, policy_id: str) -> Attached:
    """Raises Missing: what stands in a policy that nobody may read is not known."""
    name = policy.name if policy and policy.name else policy_id
    if policy is None or policy.content is None:
        raise Missing(Outcome.ACCESS_DENIED, f"The policy {name} could not be read.")
    try:
        return Attached(policy_id, READERS[kind](policy.content, name), name)
    except Refused as refused:
        message = f"The policy {name} could not be read: {refused.message}"
        raise Missing(Outcome.ACCESS_DENIED, message) from None


def forget() -> None:
    """Everything that was read and prepared."""
    _seen.clear()
    _chain.cache_clear()


def above_of(listing: Listing, account_id: str) -> tuple[str, ...]:
    """The root and the OUs above an account. Raises Missing."""
    found: tuple[str, ...] = _once(listing, _places).get(account_id, ())
    if not found:
        message = f"{account_id} is not in the organization's listing."
        raise Missing(Outcome.NEVER_COLLECTED, message)
    return found


def chain_of(
    policies: Policies,
    above: tuple[str, ...],
    own: Sequence[str],
    kind: str = organizations.SERVICE_CONTROL_POLICY,
) -> Chain:
    """The policies of a kind on each level. Raises Missing."""
    return _chain(_once(policies, _by_content), kind, above, tuple(own))


@dataclass(frozen=True)
class Case:
    """``place`` may have another account's id that stands for this one."""

    subject: Subject
    chain: Chain
    place: Place

    @property
    def account_id(self) -> str:
        return self.subject.account.account_id

    @property
    def settings(self) -> Any:
        return self.subject.settings

    @cached_property
    def ordinary(self) -> tuple[Principal, ...]:
        return (P1, P2, sso_administrator(self.place))

    @cached_property
    def roles(self) -> tuple[Principal, ...]:
        """P1 and P3."""
        return (P1, sso_administrator(self.place))

    @cached_property
    def enabled(self) -> tuple[str, ...]:
        """Raises Missing."""
        return tuple(sorted(self.subject.facts.get(account.regions).enabled))

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Those in scope; the main one where policies block each of them. Raises Missing."""
        return tuple(self.subject.facts.regions) or (self.place.main_region,)

    def ask(
        self,
        probes: Sequence[Probe],
        principals: Sequence[Principal],
        regions: Sequence[str] | None = None,
    ) -> tuple[Answer, ...]:
        where = self.regions if regions is None else regions
        return ask(self.chain, self.place, probes, principals, where)

    def remembered(
        self, what: Hashable, answers: Sequence[Answer], make: Callable[[Sequence[Answer]], T]
    ) -> T:
        """What ``make`` makes of answers to ``ask``; made once for all accounts that have the same
        ones."""
        key = (what, array("Q", map(id, answers)).tobytes())
        known = self.chain.memory.get(key)
        if known is None:
            # The answers are kept along: while they are about, no others have their ids.
            known = (answers, make(answers))
            self.chain.remember(key, known)
        found: T = known[1]
        return found

    def template(self, arn: str) -> str:
        """An existing resource's ARN as a probe's resource, the same for all alike accounts."""
        return arn.replace(self.account_id, "{a}")


def case_of(subject: Subject) -> Case:
    """Raises Missing."""
    policies = subject.facts.management(organizations.policies)
    listing = subject.facts.management(organizations.listing)
    above = above_of(listing, subject.account.account_id)
    own = subject.facts.get(organizations.attached_scps)
    chain = chain_of(policies, above, own)
    return Case(subject, chain, place_of(subject, chain, above))


def place_of(subject: Subject, chain: Chain, above: Sequence[str]) -> Place:
    about, seen = subject.account, subject.facts.observation(sso_admin.access)
    return Place(
        account=chain.stands_for(about.account_id),
        partition=about.partition,
        organization=about.organization_id,
        path=path_of(about.organization_id, above),
        sso_region=seen.get().region if seen.outcome == Outcome.COLLECTED else "",
        now=moment(chain, subject.now),
    )


def path_of(organization: str, above: Sequence[str]) -> str:
    """As aws:PrincipalOrgPaths has it."""
    return "/".join([organization, *above, ""])


def moment(chain: Chain, now: datetime) -> datetime:
    """When requests are made: to the minute where a policy looks at the clock, else always the
    same, so that answers are remembered."""
    return now.replace(second=0, microsecond=0) if chain.keys & CLOCK else SOME_TIME
