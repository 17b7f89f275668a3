"""Who may answer for what, which answers are taken, and that they count at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from inventory.models import Role, User
from roadmap import attestations
from roadmap.attestations import Answer, Target, give, withdraw
from roadmap.evaluation import judge
from roadmap.forms import AttestationForm
from roadmap.models import AccountVerdict, Attestation
from roadmap.registry import Attestable, Detail, DetailKind, Level
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Verdict, failed, not_applicable, partly, passed, unknown
from tests.factories import UserFactory
from tests.organization import PENNY, SAM, World
from tests.roadmap.conftest import make_item

KEY = "inventory.asked"
DONE = Answer("done", "Yes, since May.", "https://wiki.example.com/page")


def by_answer(subject: Subject) -> Verdict:
    answer = subject.attested()
    if answer is None:
        return unknown(Reason.NOT_ATTESTED, "Nobody answered.")
    said = {"done": passed, "partly": partly, "not_done": failed}.get(answer.claim)
    if said is None:
        return not_applicable(Reason.DECLINED, answer.statement)
    return said(f"{answer.level}: {answer.statement}")


@pytest.fixture(autouse=True)
def asked(catalogue: Any, world: World) -> None:
    catalogue(
        make_item(
            KEY,
            by_answer,
            attests=(
                Attestable(Level.ACCOUNT, "Is it?", days=100),
                Attestable(Level.TEAM, "Is it?", days_setting="OWNER_CONFIRM_DAYS"),
                Attestable(Level.ORGANIZATION, "Is it?", days=9999, declinable=True),
            ),
        )
    )


@pytest.fixture
def security() -> User:
    return UserFactory.create(role=Role.SECURITY)


def status(world: World, name: str = "payments") -> str:
    return AccountVerdict.objects.get(account=getattr(world, name), item=KEY).status


def refused(user: User, target: Target, answer: Answer) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        give(user, KEY, target, answer)
    assert not Attestation.objects.exists()
    return caught.value.message_dict


@pytest.mark.parametrize(
    ("target", "days"),
    [("payments", 100), ("payments_team", 365), ("organization", 400)],
)
def test_an_answer_holds_as_long_as_item_setting_and_company_allow(
    world: World, security: User, target: str, days: int
) -> None:
    given = give(security, KEY, getattr(world, target), DONE)
    assert (given.expires_at - datetime.now(UTC)).days in (days - 1, days)


def test_that_an_item_is_declined_holds_for_a_year(world: World, security: User) -> None:
    given = give(security, KEY, world.organization, Answer("declined", "Too small for it."))
    assert (given.expires_at - datetime.now(UTC)).days in (364, 365)


def test_giving_and_withdrawing_judge_at_once(
    world: World, security: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        given = give(security, KEY, world.payments_team, DONE)
    assert (status(world), status(world, "denied")) == ("pass", "pass")
    assert not AccountVerdict.objects.filter(account=world.search).exists()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(security, given)
    assert status(world) == "unknown"
    given.refresh_from_db()
    assert given.withdrawn_at is not None


def test_a_narrower_answer_overrides_a_wider_one(
    world: World, security: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        give(security, KEY, world.organization, DONE)
        give(security, KEY, world.payments_team, Answer("partly", "Half.", DONE.url))
        give(security, KEY, world.payments, Answer("not_done", "Not here."))
    assert status(world, "search") == "pass"
    assert status(world, "denied") == "partial"
    assert status(world, "payments") == "fail"


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        pytest.param(Answer("done", "Yes."), "url", id="done without a link"),
        pytest.param(Answer("partly", "Half."), "url", id="partly without a link"),
        pytest.param(Answer("done", "Yes.", "not a link"), "url", id="no link"),
        pytest.param(Answer("done", "Yes.", "javascript:alert(1)"), "url", id="script for a link"),
        pytest.param(Answer("done", "  ", DONE.url), "statement", id="nothing said"),
        pytest.param(Answer("declined", "No need."), "claim", id="not to be declined"),
        pytest.param(Answer("maybe", "Well.", DONE.url), "claim", id="no such answer"),
        pytest.param(
            Answer("done", "Yes.", DONE.url, "", datetime(2020, 1, 1, tzinfo=UTC)),
            "expires_at",
            id="ended already",
        ),
        pytest.param(
            Answer("done", "Yes.", DONE.url, "", datetime.now(UTC) + timedelta(days=101)),
            "expires_at",
            id="holds too long",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_field(
    world: World, security: User, answer: Answer, field: str
) -> None:
    assert list(refused(security, world.payments, answer)) == [field]


def test_a_level_the_item_does_not_ask_at_is_refused(
    world: World, security: User, catalogue: Any
) -> None:
    catalogue(make_item(KEY, by_answer, attests=(Attestable(Level.TEAM, "Is it?"),)))
    with pytest.raises(ValidationError, match="per account"):
        give(security, KEY, world.payments, DONE)


def test_declining_needs_no_link(
    world: World, security: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        give(security, KEY, world.organization, Answer("declined", "Not for us."))
    assert status(world) == "not_applicable"


MAY = {
    (Role.VIEWER, "payments"): False,
    (Role.FINANCE, "payments"): False,
    (Role.OWNER, "payments"): True,
    (Role.OWNER, "denied"): True,
    (Role.OWNER, "search"): False,
    (Role.OWNER, "payments_team"): True,
    (Role.OWNER, "search_team"): False,
    (Role.OWNER, "organization"): False,
    (Role.SECURITY, "search"): True,
    (Role.SECURITY, "search_team"): True,
    (Role.SECURITY, "organization"): True,
    (Role.ADMIN, "organization"): True,
}


@pytest.mark.parametrize(("role", "target"), MAY)
def test_who_may_answer_for_what(world: World, role: Role, target: str) -> None:
    """Penny leads the team Payments, which has the accounts payments and denied."""
    penny = UserFactory.create(email=PENNY, role=role)
    penny.refresh_from_db()
    if MAY[role, target]:
        assert give(penny, KEY, getattr(world, target), DONE).author == penny
        return
    with pytest.raises(PermissionDenied):
        give(penny, KEY, getattr(world, target), DONE)
    assert not Attestation.objects.exists()


def test_an_owner_may_not_withdraw_the_organizations_answer(world: World, security: User) -> None:
    given = give(security, KEY, world.organization, DONE)
    penny = UserFactory.create(email=PENNY, role=Role.OWNER)
    with pytest.raises(PermissionDenied):
        withdraw(penny, given)


def test_an_owner_sees_answers_about_their_accounts_only(world: World, security: User) -> None:
    for target in (world.payments, world.search_team, world.organization):
        give(security, KEY, target, DONE)
    sam = UserFactory.create(email=SAM, role=Role.OWNER)
    sam.refresh_from_db()
    seen = {a.team or a.organization or a.account for a in attestations.visible_to(sam)}
    assert seen == {world.search_team, world.organization}
    assert attestations.visible_to(security).count() == 3


def test_the_form_gives_an_answer_and_shows_what_is_refused(world: World, security: User) -> None:
    asked = Attestable(Level.ACCOUNT, "Is it?", about="Address")
    form = AttestationForm({"claim": "done", "statement": "Yes."}, asked=asked)
    assert form.fields["about"].label == "Address"
    assert form.is_valid()
    assert form.save(security, KEY, world.payments) is None
    assert form.errors == {"url": ["Add a link to the evidence."]}
    data = {"claim": "done", "statement": "Yes.", "url": DONE.url, "about": "a@example.com"}
    form = AttestationForm(data, asked=asked)
    assert form.is_valid()
    given = form.save(security, KEY, world.payments)
    assert given is not None
    assert given.about == "a@example.com"


def test_the_form_offers_declining_only_where_it_is_allowed() -> None:
    for declinable in (True, False):
        asked = Attestable(Level.ACCOUNT, "Is it?", declinable=declinable)
        drawn = str(AttestationForm(asked=asked)["claim"])
        assert ('value="declined"' in drawn) is declinable
        assert 'value="not_done"' in drawn


DETAILED = Attestable(
    Level.ACCOUNT,
    "When was it practised?",
    details=(
        Detail("practised_on", "Day of the exercise", DetailKind.DATE, required=True),
        Detail("kind", "Kind", DetailKind.CHOICE, choices=("table_top", "live")),
        Detail("minutes", "Minutes until it was contained", DetailKind.NUMBER),
        Detail("vpcs", "VPC ids", DetailKind.LINES),
        Detail("lessons", "Lessons", DetailKind.URL),
        Detail("scenario", "Scenario"),
    ),
)


@pytest.fixture
def detailed(catalogue: Any, asked: None) -> None:
    catalogue(make_item(KEY, by_answer, attests=(DETAILED,)))


def test_details_are_kept_as_their_kinds_and_reach_the_rule(
    world: World, security: User, detailed: None
) -> None:
    data = {
        "claim": "done",
        "statement": "Yes.",
        "url": DONE.url,
        "detail_practised_on": "2026-10-01",
        "detail_kind": "live",
        "detail_minutes": "95",
        "detail_vpcs": " vpc-1\n\nvpc-2 ",
        "detail_lessons": "wiki.example.com/lessons",
    }
    form = AttestationForm(data, asked=DETAILED)
    assert form.is_valid(), form.errors
    given = form.save(security, KEY, world.payments)
    assert given is not None
    judge([world.payments.pk])
    kept = {
        "practised_on": "2026-10-01",
        "kind": "live",
        "minutes": 95,
        "vpcs": ["vpc-1", "vpc-2"],
        "lessons": "https://wiki.example.com/lessons",
    }
    assert given.details == kept
    evidence = AccountVerdict.objects.get(account=world.payments, item=KEY).evidence
    assert evidence["attestations"][0]["details"] == kept


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        pytest.param("practised_on", "", "needed for an answer of “done”", id="required"),
        pytest.param("practised_on", "last week", "a day such as 2026-11-24", id="no day"),
        pytest.param("kind", "pentest", "choose one of table_top, live", id="no choice"),
        pytest.param("minutes", "-1", "a whole number", id="below zero"),
        pytest.param("minutes", "soon", "a whole number", id="no number"),
        pytest.param("lessons", "javascript:alert(1)", "a whole link", id="no link"),
        pytest.param("vpcs", "vpc-1\n" * 1001, "at most 1000 lines", id="too many lines"),
        pytest.param("scenario", "x" * 1001, "at most 1000 characters", id="too long"),
    ],
)
def test_a_detail_that_cannot_be_kept_is_refused_with_its_cure(
    world: World, security: User, detailed: None, name: str, value: str, told: str
) -> None:
    details = {"practised_on": "2026-10-01", name: value}
    with pytest.raises(ValidationError) as refused:
        give(security, KEY, world.payments, replace(DONE, details=details))
    assert told in refused.value.message_dict[name][0]
    assert not Attestation.objects.exists()


def test_what_is_required_for_done_is_not_for_other_answers(
    world: World, security: User, detailed: None
) -> None:
    assert give(security, KEY, world.payments, replace(DONE, claim="not_done")).details == {}
