"""Guardrails of many accounts: what was decided for each, and what another policy would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from inventory.models import Account, AccountState, Organization
from inventory.models.accounts import AccountQuerySet
from roadmap.evaluation.judging import Seat, apply_rule
from roadmap.evaluation.subjects import RELATED, room_of
from roadmap.guardrails.documents import Document
from roadmap.guardrails.supposing import with_policy
from roadmap.models import AccountVerdict
from roadmap.registry import Item, children
from roadmap.verdicts import Status, Verdict

PARENT = "surface.scps"
BATCH = 200  # accounts


@dataclass(frozen=True)
class Decided:
    """A guardrail's stored verdict. ``decisions`` say per group of probes what was decided, for
    whom, where and by which policy; ``chain`` are the levels with their policies from the root
    down; ``exemptions`` whom the deciding policies let off."""

    status: Status
    reason: str
    sentence: str
    chain: Sequence[Mapping[str, Any]] = ()
    decisions: Sequence[Mapping[str, Any]] = ()
    exemptions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountGuardrails:
    """``by_key`` are guardrail → what was decided, in the order of the roadmap."""

    account: Account
    by_key: Mapping[str, Decided]


def guardrails() -> list[Item]:
    """The ten, in the order of the roadmap."""
    return children(PARENT)


def decided(accounts: AccountQuerySet) -> Iterator[AccountGuardrails]:
    """What was last decided for each of the accounts, by id. Two queries for a batch of them."""
    order = [item.key for item in guardrails()]
    chosen = list(accounts.order_by("partition", "account_id"))
    for start in range(0, len(chosen), BATCH):
        batch = chosen[start : start + BATCH]
        stored: dict[tuple[int, str], AccountVerdict] = {
            (verdict.account_id, verdict.item): verdict
            for verdict in AccountVerdict.objects.filter(account__in=batch, item__in=order)
        }
        for account in batch:
            mine = {key: stored[account.pk, key] for key in order if (account.pk, key) in stored}
            yield AccountGuardrails(account, {key: _decided(one) for key, one in mine.items()})


def _decided(verdict: AccountVerdict) -> Decided:
    facts = verdict.evidence.get("facts") or {}
    return Decided(
        Status(verdict.status),
        verdict.reason,
        verdict.sentence,
        _listed(facts.get("chain")),
        _listed(facts.get("decisions")),
        facts.get("exemptions") or {},
    )


def _listed(kept: Any) -> Sequence[Mapping[str, Any]]:
    """A list of the evidence; of one that was too long, its first entries."""
    found = kept.get("first") if isinstance(kept, Mapping) else kept
    return found or ()


@dataclass(frozen=True)
class Change:
    """One guardrail of one account before and after."""

    account: Account
    key: str
    before: Verdict
    after: Verdict

    @property
    def is_change(self) -> bool:
        return self.before.status != self.after.status


def supposing(
    organization: Organization,
    document: Document,
    target: str,
    *,
    name: str = "the policy",
    now: datetime | None = None,
) -> Iterator[Change]:
    """What every guardrail would say of the accounts below a root or OU, or of one account, were
    the document attached there. Nothing is stored and AWS is not called. Accounts that no policy
    tells apart are evaluated once. Raises Missing where the policies were not seen."""
    at = now or datetime.now(UTC)
    room = room_of(organization, at)
    below = _below(organization, target)
    for start in range(0, len(below), BATCH):
        batch = below[start : start + BATCH]
        by_pk = {account.pk: account for account in batch}
        for seat in room.seats(batch, at):
            facts = with_policy(seat.facts, document, target, name)
            yield from _changes(by_pk[seat.pk], seat, replace(seat, facts=facts))


def _below(organization: Organization, target: str) -> list[Account]:
    accounts = (
        Account.objects.filter(observed_organization=organization, state=AccountState.ACTIVE)
        .exclude(account_id=organization.management_account_id)
        .select_related(*RELATED)
        .order_by("account_id")
    )
    if accounts.filter(account_id=target).exists():
        return list(accounts.filter(account_id=target))
    units = organization.units.values_list("pk", "ou_id", "ancestors")
    wanted = [pk for pk, ou_id, above in units if target in (ou_id, *above)]
    return list(accounts.filter(Q(ou__in=wanted)))


def _changes(account: Account, before: Seat, after: Seat) -> Iterator[Change]:
    known: dict[str, Verdict] = {}
    then: dict[str, Verdict] = {}
    for item in guardrails():
        known[item.key] = apply_rule(item, before.subject(item, known))
        then[item.key] = apply_rule(item, after.subject(item, then))
        yield Change(account, item.key, known[item.key], then[item.key])
