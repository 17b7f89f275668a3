"""How people and programs sign in to the demo organization, called over HTTP as AWS is, and what
the rules make of it: each claim of the demo world about these items has to hold."""

from __future__ import annotations

import pytest

from collectors.aws import jobs
from collectors.aws.jobs import Clock
from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.services import iam, sso_admin
from roadmap.subject import Attested
from roadmap.verdicts import Verdict
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import (
    World,
    asked,
    check,
    claims,
    judge,
    named,
    observe,
    observed,
)
from tests.roadmap.items.subjects import codes

CLAIMED = ("identity.no_users", "identity.sso", "incident.blast_radius")


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    return observed(world, asked(world, CLAIMED))


def verdict_of(world: World, facts: OrganizationFacts, key: str, name: str) -> Verdict:
    return judge(world, facts, key, name, attestations=[Attested(key, "account", "done")])


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    check(claims(world, key), lambda name: verdict_of(world, facts, key, name))


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
    assert code in codes(verdict_of(world, facts, key, name))


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
