"""How people and programs sign in to the demo organization, called over HTTP as AWS is, and what
the rules make of it: each claim of the demo world about these items has to hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.aws import jobs
from collectors.aws.jobs import Clock
from collectors.facts import OrganizationFacts
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import iam, sso_admin
from inventory.policy_settings import SETTINGS
from roadmap.registry import items
from roadmap.subject import AccountRow, Attested, Company, ReadSettings, Subject
from roadmap.verdicts import Verdict, unknown_for
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import World, connected, is_open, observe

EACH: tuple[Collector[Any], ...] = (
    sso_admin.access,
    iam.users,
    iam.account_summary,
    iam.saml_providers,
    iam.authorization,
)
CLAIMED = ("identity.no_users", "identity.sso", "incident.blast_radius")


@pytest.fixture(scope="module")
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    open_accounts = [one["id"] for one in world["accounts"] if is_open(one)]
    found = [observe(world, collector, about) for about in open_accounts for collector in EACH]
    return OrganizationFacts(
        management_account_id=world["management_account"],
        security_account_ids=tuple(world["settings"]["SECURITY_ACCOUNTS"]),
        observations={(one.account_id, one.kind, one.region): one for one in found},
    )


def named(world: World, name: str) -> World:
    return next(one for one in world["accounts"] if one["name"] == name)


def _row(world: World, about: World) -> AccountRow:
    return AccountRow(
        about["id"],
        name=about["name"],
        state=about["state"],
        classes=about["classes"],
        organization_id="o-demo",
        management_account_id=world["management_account"],
    )


def judge(world: World, facts: OrganizationFacts, key: str, about: World) -> Verdict:
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    rule = items()[key].judge
    assert rule is not None
    rows = {one["id"]: _row(world, one) for one in world["accounts"] if is_open(one)}
    subject = Subject(
        account=rows[about["id"]],
        facts=facts.of(about["id"]),
        settings=ReadSettings(defaults | world["settings"]),
        now=datetime.now(UTC),
        company=Company(
            accounts=rows,
            access={one: facts.find(one, sso_admin.access.name) for one in rows},
            collector_principals=(world["collector"]["Arn"], world["management_role_arn"]),
        ),
        attestations=[Attested(key, "account", "done")],
    )
    try:
        return rule(subject)
    except Missing as missing:
        return unknown_for(missing)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    claimed = {
        one["name"]: one["claims"][key]["verdict"]
        for one in world["accounts"]
        if is_open(one) and one["claims"][key]["verdict"] is not None
    }

    verdicts = {name: judge(world, facts, key, named(world, name)) for name in claimed}

    assert {name: str(verdict.status) for name, verdict in verdicts.items()} == claimed


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("storefront-dev", "identity.no_users", "iam_user_key"),
        ("storefront-dev", "identity.no_users", "key_older_than_limit"),
        ("corporate-it", "identity.no_users", "iam_user_password"),
        ("corporate-it", "identity.no_users", "root_without_mfa"),
        ("payments-dev", "identity.no_users", "iam_user_idle"),
        ("fernhill-shop", "identity.no_users", "root_access_key"),
        ("fernhill-shop", "identity.sso", "no_federation"),
        ("corporate-it", "identity.sso", "console_user"),
        ("warehouse-prod", "identity.sso", "saml_expired"),
        ("data-dev", "identity.sso", "account_identity_center_instance"),
        ("payments-prod", "incident.blast_radius", "duty_overlap"),
        ("log-archive", "incident.blast_radius", "duty_overlap"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, key: str, code: str
) -> None:
    problems = judge(world, facts, key, named(world, name)).problems
    assert code in {problem.code for problem in problems}


def test_keys_are_told_by_their_ending_and_last_use(world: World, facts: OrganizationFacts) -> None:
    found = facts.find(named(world, "storefront-dev")["id"], iam.users.name).get()
    (user,) = found.users
    (key,) = user.keys
    assert (len(key.ending), key.status, key.last_used_region) == (4, "Active", "ap-southeast-1")
    assert (user.has_password, user.has_mfa) == (False, False)
    assert found.reported_at is not None


def test_permission_sets_are_asked_for_in_the_region_of_their_instance(
    world: World, facts: OrganizationFacts
) -> None:
    found = facts.find(named(world, "payments-prod")["id"], sso_admin.access.name)
    access = found.get()
    assert [(one.name, len(one.groups)) for one in access.permission_sets] == [
        ("Administrator", 2),
        ("SecurityAudit", 1),
    ]
    assert {call["region"] for call in found.calls if call["operation"] != "list_instances"} == {
        access.region
    }


def test_what_all_accounts_share_is_asked_for_once(world: World, facts: OrganizationFacts) -> None:
    seen = [o for (_, kind, _), o in facts.observations.items() if kind == sso_admin.access.name]
    described = [
        call["requests"]
        for one in seen
        for call in one.calls
        if call["operation"] == "describe_permission_set"
    ]
    assert sum(described) == 2


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(jobs, "CLOCK", Clock(lambda: sum(pauses), pauses.append))
    return pauses


@pytest.mark.parametrize("times", [2, None], ids=["ready in the end", "never ready"])
def test_a_report_in_the_making_is_waited_for(
    simulation: SimulatedAws, world: World, slept: list[float], times: int | None
) -> None:
    about = named(world, "payments-dev")["id"]
    answer = simulation.add_answer(
        service="iam",
        operation="GenerateCredentialReport",
        account=about,
        result={"State": "INPROGRESS"},
        times=times,
    )
    found = observe(world, iam.users, about).get()
    simulation.remove_answer(answer)

    assert [user.name for user in found.users] == ["load-test"]
    assert sum(slept) == (4 if times else 120)
    assert found.gap_outcome == (None if times else Outcome.JOB_TIMEOUT)
