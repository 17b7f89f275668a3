"""Facts in the database: the latest observation of each kind, written by comparison, and read back
as the typed values that rules look at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
from django.db.models import Q
from django.utils import timezone

from collectors import regions
from collectors.facts import Key, Observation, OrganizationFacts
from collectors.models import Connection, Fact
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Phase, Reach, Scope, collectors
from collectors.services import organizations, sso_admin
from inventory.models import Account, Organization
from inventory.policy import Place, Policy, Values, load_policy

T = TypeVar("T")

BATCH = 500

# The fact that tells whether the member role lets Cairn in. Where it does not, it is the one fact
# written: what was seen before stays what was seen before.
IDENTITY = "sts.identity"

MESSAGE_LENGTH = 1000

KEY = ("account_id", "region", "kind")
CONTENT = ("outcome", "message", "value", "calls", "observed_at")


@dataclass(frozen=True)
class Seen:
    """What one attempt to observe a fact gave; ``value`` is plain JSON (see ``plain``)."""

    account: int
    kind: str
    region: str
    outcome: Outcome
    observed_at: datetime
    message: str = ""
    code: str = ""  # AWS's error code, for whoever looks for the cause
    value: Any = None
    calls: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def plain(value: object) -> Any:
    """A typed value as the JSON that is stored. Text loses NUL, which PostgreSQL cannot hold."""
    return json.loads(msgspec.json.encode(value).replace(b"\\u0000", b"\\ufffd"))


def save(seen: Sequence[Seen]) -> int:
    """Store observations; how many differ from what was stored. Two queries to read and write,
    and one more where something changed.

    The same value again only moves the time and the calls it was seen by: values are long.
    """
    before = _stored(seen)
    same: list[Seen] = []
    different: list[Seen] = []
    for one in seen:
        was = before.get((one.account, one.region, one.kind))
        is_same = was == (one.outcome, one.message[:MESSAGE_LENGTH], one.value)
        (same if is_same else different).append(one)
    _upsert([_row(one, with_value=False) for one in same], ("calls", "observed_at"))
    _upsert([_row(one, with_value=True) for one in different], CONTENT)
    return len(different)


def _stored(seen: Sequence[Seen]) -> dict[tuple[int, str, str], tuple[str, str, Any]]:
    rows = Fact.objects.filter(
        account__in={one.account for one in seen}, kind__in={one.kind for one in seen}
    )
    return {
        (account, region, kind): (outcome, message, value)
        for account, region, kind, outcome, message, value in rows.values_list(
            *KEY, "outcome", "message", "value"
        )
    }


def _row(one: Seen, *, with_value: bool) -> Fact:
    return Fact(
        account_id=one.account,
        region=one.region,
        kind=one.kind,
        outcome=one.outcome,
        message=one.message[:MESSAGE_LENGTH],
        value=one.value if with_value else None,
        calls=list(one.calls),
        observed_at=one.observed_at,
    )


def _upsert(rows: Sequence[Fact], columns: Sequence[str]) -> None:
    if rows:
        Fact.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["account", "region", "kind"],
            update_fields=columns,
        )


def place_of(account: Account) -> Place:
    """Where settings of an account are looked up; its OU must be at hand."""
    ou = account.ou
    return Place(
        account=account.key,
        classes=account.classes,
        ous=[*ou.ancestors, ou.ou_id] if ou else [],
        organization=account.observed_organization.organization_id
        if account.observed_organization
        else "",
    )


def organization_facts(
    organization: Organization | None, accounts: Iterable[Account] | None = None
) -> OrganizationFacts:
    """The facts of these accounts (default: all that were observed in the organization), of its
    management account, its security accounts and those that hold users of others. Four queries,
    however many accounts."""
    policy = load_policy()
    chosen = Account.objects.select_related("ou", "observed_organization")
    if accounts is not None:
        wanted = Q(pk__in=[account.pk for account in accounts])
    else:
        wanted = Q(observed_organization=organization)
    security = security_accounts(policy, organization)
    management = organization.management_account_id if organization else ""
    partition = organization.partition if organization else "aws"
    identity = policy.at(Place(organization=_name(organization)))["IDENTITY_ACCOUNTS"]
    shared = Q(partition=partition, account_id__in=[*security, *identity, management])
    rows = list(chosen.filter(wanted | shared))
    observations = _observations(rows)
    connection = Connection.objects.filter(organization=organization).first()
    in_scope = _regions_in_scope(rows, observations, policy, connection)
    _spread_refusals(observations, in_scope)
    return OrganizationFacts(
        management_account_id=management,
        security_account_ids=security,
        observations=observations,
        regions=in_scope,
    )


def _spread_refusals(
    observations: dict[Key, Observation[Any]], in_scope: Mapping[str, Sequence[str]]
) -> None:
    """Where AWS refuses the member role, that holds for all that would be seen with it. Only one
    fact says so; what was seen before is out of date, whatever its age."""
    refused = [
        observation
        for (_, kind, _), observation in observations.items()
        if kind == IDENTITY and observation.outcome == Outcome.ASSUME_ROLE_DENIED
    ]
    for refusal in refused:
        account_id = refusal.account_id
        for collector in collectors().values():
            if collector.scope not in (Scope.ACCOUNT, Scope.SECURITY):
                continue
            is_global = collector.reach == Reach.GLOBAL
            for region in ("",) if is_global else in_scope.get(account_id, ()):
                observations[account_id, collector.name, region] = Observation(
                    collector.name,
                    account_id,
                    region,
                    refusal.outcome,
                    message=refusal.message,
                    observed_at=refusal.observed_at,
                    calls=refusal.calls,
                )


def security_accounts(policy: Policy, organization: Organization | None) -> list[str]:
    """Account ids of the setting SECURITY_ACCOUNTS."""
    return sorted(policy.at(Place(organization=_name(organization)))["SECURITY_ACCOUNTS"])


def _name(organization: Organization | None) -> str:
    return organization.organization_id if organization else ""


def _observations(rows: Sequence[Account]) -> dict[Key, Observation[Any]]:
    known = collectors()
    found: dict[Key, Observation[Any]] = {}
    ids = {account.pk: account.account_id for account in rows}
    facts = Fact.objects.filter(account__in=ids, kind__in=known).values_list(*KEY, *CONTENT)
    for account, region, kind, *content in facts.iterator(chunk_size=2000):
        observation = _typed(known[kind], ids[account], region, *content)
        found[ids[account], kind, region] = observation
    return found


def _typed(
    collector: Collector[Any],
    account_id: str,
    region: str,
    outcome: str,
    message: str,
    value: Any,
    calls: Sequence[Mapping[str, Any]],
    observed_at: datetime,
) -> Observation[Any]:
    if outcome == Outcome.COLLECTED:
        try:
            value = msgspec.convert(value, collector.value)
        except msgspec.ValidationError:
            outcome, value = Outcome.NEVER_COLLECTED, None
            message = f"{collector.name} was collected by an older Cairn; collect it again."
    return Observation(
        collector.name, account_id, region, Outcome(outcome), value, message, observed_at, calls
    )


def observation_of(collector: Collector[T], account: Account, region: str = "") -> Observation[T]:
    """One stored observation; never_collected where there is none."""
    row = Fact.objects.filter(account=account, kind=collector.name, region=region).first()
    if row is None:
        message = f"{collector.name} of {account.account_id} was never collected."
        return Observation(
            collector.name, account.account_id, region, Outcome.NEVER_COLLECTED, message=message
        )
    return _typed(collector, account.account_id, region, *(getattr(row, n) for n in CONTENT))


def in_regions(collector: Collector[T], account: Account) -> dict[str, Observation[T]]:
    """The stored observations of a regional collector, by Region."""
    rows = Fact.objects.filter(account=account, kind=collector.name).values_list("region", *CONTENT)
    return {
        region: _typed(collector, account.account_id, region, *content)
        for region, *content in rows.order_by("region")
    }


def built_on(
    collector: Collector[Any], account: Account, region: str
) -> dict[str, Observation[Any]]:
    """The stored facts that the collector builds on, by name: of the Region, or global ones. One
    query, none for a collector that builds on nothing."""
    if not collector.builds_on:
        return {}
    known = collectors()
    rows = Fact.objects.filter(
        account=account, kind__in=collector.builds_on, region__in={region, ""}
    ).order_by("region")
    return {
        row.kind: _typed(
            known[row.kind], account.account_id, row.region, *(getattr(row, n) for n in CONTENT)
        )
        for row in rows
    }


@cache
def probes() -> tuple[Collector[Any], ...]:
    """The collectors that show which Regions are used."""
    return tuple(c for c in collectors().values() if c.phase == Phase.PRESENCE)


def _regions_in_scope(
    rows: Sequence[Account],
    observations: Mapping[Key, Observation[Any]],
    policy: Policy,
    connection: Connection | None,
) -> dict[str, list[str]]:
    """Account id → Regions; accounts whose enabled Regions are not known are left out."""
    names = {probe.name: probe for probe in probes()}
    seen: dict[str, list[tuple[Collector[Any], Observation[Any]]]] = {}
    for (account_id, kind, _), observation in observations.items():
        if kind in names:
            seen.setdefault(account_id, []).append((names[kind], observation))
    found: dict[str, list[str]] = {}
    for account in rows:
        enabled = enabled_regions(observations.get((account.account_id, regions.ENABLED, "")))
        if enabled is not None:
            found[account.account_id] = in_scope(
                policy.at(place_of(account)),
                enabled,
                seen.get(account.account_id, []),
                connection,
                _bound(account, observations),
            )
    return found


def enabled_regions(observation: Observation[Any] | None) -> list[str] | None:
    """The Regions enabled in an account; None where that was not observed."""
    if observation is None or observation.outcome != Outcome.COLLECTED:
        return None
    return sorted(observation.get().enabled)


def in_scope(
    values: Values,
    enabled: Sequence[str],
    seen: Sequence[tuple[Collector[Any], Observation[Any]]],
    connection: Connection | None,
    bound: regions.Bound | None,
) -> list[str]:
    """Blocked is what the policies deny, and where AWS says that they stopped Cairn itself."""
    blocked = regions.blocked(seen) | regions.denied(bound, enabled)
    scope = regions.scope_of(values, enabled, regions.used(seen), blocked)
    return regions.narrowed(scope, connection.regions if connection else [])


def _bound(account: Account, observations: Mapping[Key, Observation[Any]]) -> regions.Bound | None:
    """The policies above an account, its OU at hand; None where they bind it not or were not
    seen."""
    organization = account.observed_organization
    if organization is None or account.ou is None:
        return None
    management = organization.management_account_id
    policies = observations.get((management, organizations.policies.name, ""))
    attached = observations.get((account.account_id, organizations.attached_scps.name, ""))
    access = observations.get((account.account_id, sso_admin.access.name, ""))
    seen = (policies, attached)
    if management == account.account_id or not all(
        one is not None and one.outcome == Outcome.COLLECTED for one in seen
    ):
        return None
    return regions.Bound(
        account_id=account.account_id,
        partition=account.partition,
        organization_id=organization.organization_id,
        above=[*account.ou.ancestors, account.ou.ou_id],
        policies=policies.get(),  # type: ignore[union-attr]  # seen, as was just asked
        attached=attached.get(),  # type: ignore[union-attr]
        now=timezone.now(),
        sso_region=access.get().region if access and access.outcome == Outcome.COLLECTED else "",
    )


def regions_of(
    account: Account, values: Values, connection: Connection
) -> tuple[list[str], list[str]]:
    """The enabled Regions of one account (of those the connection names) and those in scope, from
    what is stored. Raises Missing. Two queries."""
    known = collectors()
    names = {probe.name for probe in probes()} | {regions.ENABLED}
    rows = Fact.objects.filter(account=account, kind__in=names).values_list(
        "kind", "region", *CONTENT
    )
    seen = [
        (known[kind], _typed(known[kind], account.account_id, region, *content))
        for kind, region, *content in rows
    ]
    listed = next((found for which, found in seen if which.name == regions.ENABLED), None)
    enabled = enabled_regions(listed)
    if enabled is None:
        outcome = listed.outcome if listed else Outcome.NEVER_COLLECTED
        why = f" {listed.message}" if listed else ""
        raise Missing(outcome, f"The enabled Regions of the account are not known.{why}")
    probed = [one for one in seen if one[0].phase == Phase.PRESENCE]
    narrowed = regions.narrowed(enabled, connection.regions)
    return narrowed, in_scope(values, enabled, probed, connection, _bound_now(account))


def _bound_now(account: Account) -> regions.Bound | None:
    """As ``_bound``, from what is stored. One query."""
    organization = account.observed_organization
    if organization is None:
        return None
    wanted = Q(
        account__partition=account.partition,
        account__account_id=organization.management_account_id,
        kind=organizations.policies.name,
    ) | Q(account=account, kind__in=(organizations.attached_scps.name, sso_admin.access.name))
    known = collectors()
    rows = Fact.objects.filter(wanted).values_list("account__account_id", "kind", *CONTENT)
    return _bound(
        account,
        {
            (owner, kind, ""): _typed(known[kind], owner, "", *content)
            for owner, kind, *content in rows
        },
    )
