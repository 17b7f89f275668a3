"""Guardrails of many accounts: what was decided for each, and what another policy would change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Q

from collectors.models import Fact
from collectors.outcomes import Missing, Outcome
from collectors.services import organizations
from collectors.store import organization_facts
from inventory.models import Account, AccountState, Organization, OrganizationalUnit
from inventory.models.accounts import AccountQuerySet
from roadmap.evaluation.judging import Seat, apply_rule
from roadmap.evaluation.subjects import RELATED, room_of
from roadmap.guardrails.documents import Document
from roadmap.guardrails.probes import WHO
from roadmap.guardrails.supposing import with_policy
from roadmap.models import AccountVerdict
from roadmap.registry import Item, children
from roadmap.sentences import listed
from roadmap.verdicts import Status, Verdict

PARENT = "surface.scps"
BATCH = 50  # accounts


@dataclass(frozen=True)
class Asked:
    """Requests that were answered alike: by ``who``, in ``regions``, about ``requests``. ``level``
    and ``policy`` say which policy decided and where it is attached, if one did."""

    requests: Sequence[str]
    who: str
    regions: Sequence[str]
    effect: str
    policy: str = ""
    policy_id: str = ""
    sid: str = ""
    level: str = ""
    unknown_keys: str = ""
    bypasses_mfa: bool = False


@dataclass(frozen=True)
class Level:
    """A root, OU or account by its name, with (id, name) of the policies attached right there."""

    name: str
    policies: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Decided:
    """What a guardrail's verdict rests on. ``let_off`` are the principals that the deciding
    policies spare; ``declared`` are those the settings name: pattern → whether it is spared."""

    levels: Sequence[Level] = ()
    asked: Sequence[Asked] = ()
    let_off: Sequence[str] = ()
    declared: Mapping[str, bool] = field(default_factory=dict)


def guardrails() -> list[Item]:
    """The ten, in the order of the roadmap."""
    return children(PARENT)


def statuses(accounts: Collection[int]) -> dict[tuple[int, str], Status]:
    """(account, guardrail) → what was last decided. One query."""
    keys = [item.key for item in guardrails()]
    rows = AccountVerdict.objects.filter(account__in=accounts, item__in=keys)
    found = rows.values_list("account_id", "item", "status")
    return {(account, item): Status(status) for account, item, status in found}


def tallies(accounts: AccountQuerySet) -> dict[str, dict[Status, int]]:
    """Guardrail → how many of the accounts have which status. One query."""
    found: dict[str, dict[Status, int]] = {item.key: {} for item in guardrails()}
    rows = (
        AccountVerdict.objects.filter(account__in=accounts, item__in=found)
        .order_by()
        .values_list("item", "status")
        .annotate(number=Count("pk"))
    )
    for item, status, number in rows:
        found[item][Status(status)] = number
    return found


def attached_to(organization: Organization, policy_id: str) -> list[Account]:
    """The accounts to which a policy is attached directly, as last collected. One query."""
    rows = Fact.objects.filter(
        account__observed_organization=organization,
        kind=organizations.attached_scps.name,
        outcome=Outcome.COLLECTED,
    ).select_related("account")
    ordered = rows.order_by("account__account_id")
    return [row.account for row in ordered if policy_id in (row.value or ())]


def decided(evidence: Mapping[str, Any]) -> Decided:
    """What the facts of a guardrail's evidence say, in names; empty where no policy was asked. One
    query."""
    chain = _listed(evidence.get("chain"))
    units = OrganizationalUnit.objects.filter(ou_id__in=[level["entity"] for level in chain])
    names = dict(units.values_list("ou_id", "name"))
    levels = [
        Level(names.get(level["entity"], level["entity"]), [_policy(p) for p in level["policies"]])
        for level in chain
    ]
    account_id = chain[-1]["entity"] if chain else ""
    policies = dict(policy for level in levels for policy in level.policies)
    exemptions = evidence.get("exemptions") or {}
    return Decided(
        levels,
        [_asked(one, account_id, policies, names) for one in _listed(evidence.get("decisions"))],
        exemptions.get("let_off") or (),
        exemptions.get("exempt_allowed") or {},
    )


def _policy(told: str) -> tuple[str, str]:
    """(id, name) of ``p-7wisi9cn DenyLeaving``."""
    policy_id, _, name = told.partition(" ")
    return policy_id, name or policy_id


def _asked(
    one: Mapping[str, Any], account_id: str, policies: Mapping[str, str], names: Mapping[str, str]
) -> Asked:
    policy, level = one.get("policy", ""), one.get("level", "")
    return Asked(
        requests=[_request(told, account_id) for told in one["probes"]],
        who=listed([WHO.get(name, name) for name in one["principals"]], at_most=4),
        regions=one["regions"],
        effect=one["decision"],
        policy=policies.get(policy, policy),
        policy_id=policy,
        sid=one.get("sid", ""),
        level=names.get(level, level),
        unknown_keys=one.get("unknown_keys", ""),
        bypasses_mfa=one.get("note") == "mfa_bypass",
    )


def _request(told: str, account_id: str) -> str:
    """With what stands for the account and any Region filled in."""
    return told.replace("{a}", account_id).replace("{r}", "*")


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
    accounts = below(organization, target)
    for start in range(0, len(accounts), BATCH):
        batch = accounts[start : start + BATCH]
        seats = room.seats(batch, at)
        # All of a batch look at the same facts, so they are supposed, and prepared, once.
        facts = with_policy(seats[0].facts, document, target, name)
        for account, seat in zip(batch, seats, strict=True):
            yield from _changes(account, seat, replace(seat, facts=facts))


def attached_at(organization: Organization, target: str) -> int | None:
    """How many service control policies are attached to a root, an OU or an account; None where
    nobody saw."""
    account = Account.objects.filter(
        observed_organization=organization, account_id=target
    ).select_related("ou", "observed_organization")
    facts = organization_facts(organization, list(account))
    try:
        known = facts.find(facts.management_account_id, organizations.policies.name).get()
        own = facts.find(target, organizations.attached_scps.name) if account else None
        ids = own.get() if own else known.attached[target]
    except (Missing, KeyError):
        return None
    kinds = {policy.id: policy.type for policy in known.policies}
    scp = organizations.SERVICE_CONTROL_POLICY
    return sum(1 for one in ids if kinds.get(one, scp) == scp)


def below(organization: Organization, target: str) -> list[Account]:
    """The active accounts that a policy attached there binds: never the management account."""
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
