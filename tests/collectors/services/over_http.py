"""Facts of the simulated AWS, read over HTTP as a collection reads them, and what rules make of
them: each claim of the demo world about an item has to hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from collectors.aws import MAIN_REGION, Aws, Role, clients, forget_all, requests
from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Reach, Scope, collectors
from collectors.services import sso_admin
from inventory.policy import Policy, Values
from inventory.policy_settings import SETTINGS
from roadmap.registry import items
from roadmap.subject import AccountRow, Attested, Company, ReadSettings, Subject
from roadmap.verdicts import Verdict, unknown_for
from simulated_aws import SimulatedAws

World = dict[str, Any]
Asked = tuple[str, Collector[Any]]  # an account's id and what is observed of it


@contextmanager
def connected(simulation: SimulatedAws) -> Iterator[World]:
    """The demo organization behind AWS_ENDPOINT_URL, without AWS's rates, with little patience."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in simulation.environment().items():
            patch.setenv(name, value)
        patch.setattr(requests, "wait_for_turn", lambda limit: None)
        patch.setattr(requests, "LONGEST_PAUSE", 0.01)
        _forget_clients()
        yield dict(simulation.world)
    _forget_clients()
    simulation.reset()


def _forget_clients() -> None:
    clients.members.cache_clear()
    clients.own.cache_clear()
    forget_all()


def observe(
    world: World,
    collector: Collector[Any],
    about: str,
    region: str = "",
    stored: Mapping[str, Observation[Any]] | None = None,
) -> Observation[Any]:
    """One fact, with the settings of the world; ``stored`` are those it builds on, by name."""
    member = Role(
        f"arn:aws:iam::{about}:role/{world['member_role_name']}", "A", world["external_id"]
    )
    is_central = collector.scope in (Scope.ORGANIZATION, Scope.TARGET)
    rows = {(name, "installation", ""): value for name, value in world["settings"].items()}
    aws = Aws(
        role=Role(world["management_role_arn"], "M", world["external_id"])
        if is_central
        else member,
        region=region or MAIN_REGION["aws"],
        settings=Values(Policy(rows)),
        now=datetime.now(UTC),
        target=about if collector.scope == Scope.TARGET else "",
        is_regional=collector.reach == Reach.REGIONAL,
        own_role=member if is_central else None,
        stored=stored or {},
    )
    try:
        value = collector.transform(collector.fetch(aws))
    except Missing as missing:
        return Observation(collector.name, about, region, missing.outcome, message=missing.message)
    stored = msgspec.convert(msgspec.to_builtins(value), collector.value)
    return Observation(
        collector.name, about, region, Outcome.COLLECTED, stored, "", aws.now, aws.calls
    )


def is_open(about: World) -> bool:
    return bool(about["state"] == "ACTIVE")


def named(world: World, name: str) -> World:
    return next(one for one in world["accounts"] if one["name"] == name)


def asked(world: World, keys: Iterable[str], names: Collection[str] = ()) -> list[Asked]:
    """What the items read: of the open accounts, or those of these names, and of the accounts that
    see and do things for the others."""
    management = world["management_account"]
    security = list(world["settings"]["SECURITY_ACCOUNTS"])
    about = [o["id"] for o in world["accounts"] if (o["name"] in names if names else is_open(o))]
    of = {
        Scope.ORGANIZATION: [management],
        Scope.SECURITY: security,
        Scope.TARGET: about,
        Scope.ACCOUNT: [*about, *security],
    }
    read = dict.fromkeys(collector for key in keys for collector in items()[key].reads)
    return list(
        dict.fromkeys((one, collector) for collector in read for one in of[collector.scope])
    )


def observed(
    world: World, wanted: Iterable[Asked], regions: Mapping[str, Sequence[str]] | None = None
) -> OrganizationFacts:
    """What is asked for, each with what it builds on. ``regions`` are those of each account in
    scope, by default those in which the world has something of it."""
    in_scope = regions or {one["id"]: one["regions"] for one in world["accounts"]}
    found: dict[tuple[str, str, str], Observation[Any]] = {}

    def look(about: str, collector: Collector[Any], region: str) -> Observation[Any]:
        key = (about, collector.name, region)
        if key not in found:
            others = [collectors()[name] for name in collector.builds_on if name != collector.name]
            stored = {
                one.name: look(about, one, region if one.reach == collector.reach else "")
                for one in others
            }
            found[key] = _patiently(world, collector, about, region, stored)
        return found[key]

    for about, collector in wanted:
        for region in _regions(world, collector, in_scope.get(about, ())):
            look(about, collector, region)
    return OrganizationFacts(
        management_account_id=world["management_account"],
        security_account_ids=tuple(world["settings"]["SECURITY_ACCOUNTS"]),
        observations=found,
        regions=in_scope,
    )


def _patiently(
    world: World, collector: Collector[Any], about: str, region: str, stored: Mapping[str, Any]
) -> Observation[Any]:
    """One account throttles for longer than one call is tried again; a run returns to it."""
    found = observe(world, collector, about, region, stored)
    if found.outcome == Outcome.THROTTLED:
        return observe(world, collector, about, region, stored)
    return found


def _regions(world: World, collector: Collector[Any], in_scope: Sequence[str]) -> Sequence[str]:
    if collector.reach == Reach.HOME:
        return list(world["settings"][collector.home_setting])
    return in_scope if collector.reach == Reach.REGIONAL else [""]


def judge(
    world: World,
    facts: OrganizationFacts,
    key: str,
    name: str,
    *,
    attestations: Sequence[Attested] = (),
    verdicts: Mapping[str, Verdict] | None = None,
    **settings: Any,
) -> Verdict:
    about = named(world, name)
    rows = {one["id"]: _row(world, one) for one in world["accounts"]}
    emails = [row.email for row in rows.values()]
    rule = items()[key].judge
    assert rule is not None
    subject = Subject(
        account=rows[about["id"]],
        facts=facts.of(about["id"]),
        settings=ReadSettings(
            {one.name: one.default for one in SETTINGS.values()} | world["settings"] | settings
        ),
        now=datetime.now(UTC),
        company=Company(
            accounts={one["id"]: rows[one["id"]] for one in world["accounts"] if is_open(one)},
            root_emails={email: emails.count(email) for email in emails},
            access={one: facts.find(one, sso_admin.access.name) for one in rows},
            collector_principals=(world["collector"]["Arn"], world["management_role_arn"]),
        ),
        attestations=attestations,
        verdicts=verdicts or {},
    )
    try:
        return rule(subject)
    except Missing as missing:
        return unknown_for(missing)


def _row(world: World, about: World) -> AccountRow:
    return AccountRow(
        about["id"],
        name=about["name"],
        email=about["email"].lower(),
        state=about["state"],
        classes=about["classes"],
        organization_id=world["organization_id"],
        management_account_id=world["management_account"],
    )


def outcomes(facts: OrganizationFacts, about: str) -> set[Outcome]:
    """How it ended what was asked with the account's own role."""
    return {
        one.outcome
        for (account, kind, _), one in facts.observations.items()
        if account == about and collectors()[kind].scope == Scope.ACCOUNT
    }


def claims(world: World, key: str, names: Collection[str] = ()) -> dict[str, str]:
    """What the world claims of the accounts that the item judges, or of those of these names."""
    return {
        one["name"]: one["claims"][key]["verdict"]
        for one in world["accounts"]
        if (is_open(one) or items()[key].always_judged)
        and (not names or one["name"] in names)
        and one["claims"][key]["verdict"] is not None
    }


def check(claimed: Mapping[str, str], judged: Callable[[str], Verdict]) -> None:
    verdicts = {name: judged(name) for name in claimed}
    differing = {
        name: f"claimed {claimed[name]}, {verdict.status}: {verdict.sentence}"
        for name, verdict in verdicts.items()
        if verdict.status != claimed[name]
    }
    assert claimed
    assert not differing, differing
