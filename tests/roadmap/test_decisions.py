"""Who may decide on findings and who may approve, what makes a decision valid, and deciding on many
at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from inventory.models import PolicySetting, Role, User
from roadmap import decisions
from roadmap.decided import Kind, State, is_open
from roadmap.decisions import Chosen, Proposal, approve, decide, end_early, refuse
from roadmap.finding_filters import FindingFilters
from roadmap.models import AccountStanding, DecidedFinding, Finding, FindingDecision
from tests.factories import UserFactory
from tests.organization import PENNY, World
from tests.roadmap.queries.test_findings import finding, imported

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def asking() -> User:
    return UserFactory.create(email="asks@example.com", role=Role.SECURITY)


@pytest.fixture
def approving() -> User:
    return UserFactory.create(email="approves@example.com", role=Role.ADMIN)


@pytest.fixture
def penny(world: World) -> User:
    user = UserFactory.create(email=PENNY, role=Role.OWNER)
    user.refresh_from_db()
    return user


def plan(days: int = 10) -> Proposal:
    return Proposal(Kind.ACKNOWLEDGE, "We fix it.", due_on=today() + days * DAY)


def risk(days: int = 30, **more: Any) -> Proposal:
    until = datetime.now(UTC) + days * DAY
    values: dict[str, Any] = {"control": "The network filters it.", "expires_at": until, **more}
    return Proposal(Kind.ACCEPT, "It can be borne.", **values)


NOTHING = Proposal(Kind.FALSE_POSITIVE, "It is none.")


def today() -> date:
    return datetime.now(UTC).date()


def narrowed(query: str) -> set[str]:
    rows = FindingFilters(QueryDict(query), Finding.objects.all()).qs
    return {row.title.rpartition(": ")[2] for row in rows}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
@pytest.mark.parametrize("proposal", [plan(), risk(), NOTHING], ids=lambda one: one.kind)
def test_those_who_only_look_decide_nothing(world: World, role: Role, proposal: Proposal) -> None:
    found = finding(world.payments, "i-1")
    reader = UserFactory.create(role=role)
    with pytest.raises(PermissionDenied):
        decide(reader, proposal, Chosen([found.pk]))
    assert not FindingDecision.objects.exists()


def test_an_owner_decides_on_findings_of_accounts_they_see_alone(world: World, penny: User) -> None:
    own, foreign = finding(world.payments, "i-own"), finding(world.search, "i-foreign")
    made = decide(penny, plan(), Chosen([own.pk, foreign.pk]))
    assert [one.finding for one in made.findings.all()] == [own]
    with pytest.raises(ValidationError, match="none of these"):
        decide(penny, plan(), Chosen([foreign.pk]))
    everything = decide(penny, risk(), Chosen(selection="state=any"))
    assert [one.finding for one in everything.findings.all()] == [own]


def test_an_owner_approves_and_refuses_nothing(world: World, penny: User, asking: User) -> None:
    asked = decide(asking, risk(), Chosen([finding(world.payments, "i-1").pk]))
    with pytest.raises(PermissionDenied):
        approve(penny, asked)
    with pytest.raises(PermissionDenied):
        refuse(penny, asked, "No.")
    with pytest.raises(PermissionDenied):
        end_early(penny, asked)
    assert asked.state(datetime.now(UTC)) == State.REQUESTED


@pytest.mark.parametrize("role", [Role.SECURITY, Role.ADMIN])
def test_nobody_approves_or_refuses_their_own(world: World, role: Role) -> None:
    user = UserFactory.create(role=role)
    asked = decide(user, risk(), Chosen([finding(world.payments, "i-1").pk]))
    with pytest.raises(PermissionDenied):
        approve(user, asked)
    with pytest.raises(PermissionDenied):
        refuse(user, asked, "No.")
    assert FindingDecision.objects.get().approved_at is None


def test_the_second_of_two_who_decide_is_told(world: World, asking: User, approving: User) -> None:
    found = finding(world.payments, "i-1")
    first = decide(asking, risk(), Chosen([found.pk]))
    with pytest.raises(ValidationError, match="acceptance asked for, by asks"):
        decide(approving, plan(), Chosen([found.pk]))
    seen_by_both = FindingDecision.objects.get(pk=first.pk)
    approve(approving, first)
    with pytest.raises(ValidationError, match="not as it was: holds"):
        refuse(UserFactory.create(role=Role.SECURITY), seen_by_both, "No.")
    assert FindingDecision.objects.count() == 1


BAD: list[tuple[Proposal, str]] = [
    (Proposal(Kind.ACKNOWLEDGE, " ", due_on=today() + DAY), "note"),
    (plan(0), "due_on"),
    (plan(731), "due_on"),
    (Proposal(Kind.ACKNOWLEDGE, "Yes."), "due_on"),
    (risk(9, control=" "), "control"),
    (risk(0), "expires_at"),
    (risk(15), "expires_at"),
    (risk(9, due_on=today() + DAY), "due_on"),
    (
        Proposal(Kind.FALSE_POSITIVE, "It is none.", expires_at=datetime.now(UTC) + DAY),
        "expires_at",
    ),
    (Proposal(Kind.FALSE_POSITIVE, "x" * 4001), "note"),
    (Proposal(Kind.FALSE_POSITIVE, "a\0b"), "note"),
]


@pytest.mark.parametrize(("proposal", "field"), BAD)
def test_what_is_missing_or_wrong_is_said_by_field(
    world: World, asking: User, proposal: Proposal, field: str
) -> None:
    PolicySetting.objects.create(
        name="ACCEPT_MAX_DAYS_CRITICAL", level="class", target="production", value=14
    )
    found = finding(world.payments, "i-1", severity="critical")
    with pytest.raises(ValidationError) as raised:
        decide(asking, proposal, Chosen([found.pk]))
    assert list(raised.value.error_dict) == [field]
    assert not FindingDecision.objects.exists()


def test_the_strictest_of_many_limits_how_long_a_risk_is_borne(world: World, asking: User) -> None:
    worst = finding(world.payments, "i-1", severity="critical")
    low = finding(world.search, "i-2", severity="low")
    decide(asking, risk(300), Chosen([low.pk]))
    with pytest.raises(ValidationError, match="severity critical in payments"):
        decide(asking, risk(300), Chosen([worst.pk, finding(world.search, "i-3").pk]))
    PolicySetting.objects.create(
        name="ACCEPT_MAX_DAYS_CRITICAL", level="installation", target="", value=0
    )
    with pytest.raises(ValidationError, match="may not be accepted"):
        decide(asking, risk(1), Chosen([worst.pk]))


def test_what_is_accepted_is_not_counted_as_open_until_it_ends(
    world: World, asking: User, approving: User, django_capture_on_commit_callbacks: Any
) -> None:
    found = finding(world.payments, "i-1")
    AccountStanding.objects.create(
        account=world.payments, open_findings=1, worst_open="medium", judged_at=datetime.now(UTC)
    )
    asked = decide(asking, risk(), Chosen([found.pk]))
    assert narrowed("state=open") == narrowed("decision=acceptance_asked") == {"i-1"}
    with django_capture_on_commit_callbacks(execute=True):
        approve(approving, asked)
    assert narrowed("state=open") == set()
    assert narrowed("state=accepted") == narrowed("decision=accepted") == {"i-1"}
    standing = AccountStanding.objects.get()
    assert (standing.open_findings, standing.worst_open) == (0, "")
    with django_capture_on_commit_callbacks(execute=True):
        end_early(asking, asked, "It is fixed soon.")
    assert narrowed("state=open") == narrowed("decision=undecided") == {"i-1"}
    standing.refresh_from_db()
    assert (standing.open_findings, standing.worst_open) == (1, "medium")


def test_an_acceptance_of_many_ends_for_each_of_them_alone(
    world: World, asking: User, approving: User
) -> None:
    keys = [finding(world.payments, f"i-{n}").pk for n in range(3)]
    asked = decide(asking, NOTHING, Chosen(keys))
    approve(approving, asked)
    end_early(asking, asked)
    assert Finding.objects.filter(is_open()).count() == 3
    again = decide(asking, plan(), Chosen(keys[:1]))
    assert (again.size, asked.findings.filter(why_ended="over").count()) == (1, 1)


def test_all_that_match_are_decided_on_piece_by_piece_with_as_many_queries_each(
    world: World, asking: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "PIECE", 10)
    taken = decide(asking, risk(), Chosen([finding(world.payments, "i-taken").pk]))
    for number in range(60):
        finding(world.payments, f"i-{number}", severity="low" if number % 2 else "high")
        imported(world.search, f"x-{number}", "check", severity="low")
    made = decide(asking, plan(), Chosen(selection="state=open"))
    assert made.gathered_at is None  # A worker takes it from here.
    late = finding(world.payments, "i-late")
    numbers = set()
    take = decisions._take

    def counted(decision: FindingDecision, keys: Any) -> None:
        with CaptureQueriesContext(connection) as captured:
            take(decision, keys)
        numbers.add(len(captured))

    monkeypatch.setattr(decisions, "_take", counted)
    decisions.gather(made.pk)
    made.refresh_from_db()
    assert (made.size, made.passed_over) == (120, 1)
    assert max(numbers) <= 12
    assert narrowed("decision=undecided") == {late.title.rpartition(": ")[2]}
    assert narrowed(f"of_decision={taken.pk}") == {"i-taken"}


def test_a_worker_that_was_killed_is_carried_on_from(
    world: World, asking: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "PIECE", 2)
    for number in range(7):
        finding(world.payments, f"i-{number}")
    made = decide(asking, NOTHING, Chosen(selection="state=open"))
    keys = list(Finding.objects.order_by("pk").values_list("pk", flat=True))
    decisions._take(made, keys[:2])  # and then it was killed
    with pytest.raises(ValidationError, match="gathered"):
        approve(UserFactory.create(role=Role.ADMIN), made)
    decisions.review()
    decisions.review()
    made.refresh_from_db()
    assert (made.size, made.passed_over) == (7, 0)
    assert DecidedFinding.objects.filter(ended_at=None).count() == 7


def test_due_dates_are_by_severity_and_place(world: World) -> None:
    finding(world.payments, "production", severity="critical", days=9)
    finding(world.search, "development", severity="critical", days=9)
    finding(world.search, "long", severity="critical", days=20)
    finding(world.search, "muted", severity="critical", days=20, state="muted")
    finding(world.search, "info", severity="info", days=900)
    finding(world.search, "none", severity="", days=95)
    assert narrowed("overdue=yes") == {"production", "long", "none"}
    PolicySetting.objects.create(
        name="FINDING_DUE_DAYS_CRITICAL", level="account", target=world.search.key, value=5
    )
    assert narrowed("overdue=yes") == {"production", "long", "none", "development"}
    PolicySetting.objects.create(
        name="FINDING_DUE_DAYS_CRITICAL", level="account", target=world.payments.key, value=0
    )
    assert narrowed("overdue=no") == {"production", "muted", "info"}


def test_a_plan_whose_date_passed_is_overdue(world: World, asking: User) -> None:
    late = finding(world.search, "late", severity="low", days=1)
    decide(asking, plan(), Chosen([late.pk]))
    assert narrowed("overdue=yes") == set()
    FindingDecision.objects.update(due_on=today() - DAY)
    assert narrowed("overdue=yes") == narrowed("answered_by=ASKS@example.com") == {"late"}


def test_reminders_can_ask_what_ends_for_whom(world: World, asking: User, approving: User) -> None:
    def new() -> Chosen:
        return Chosen([finding(world.search, f"i-{Finding.objects.count()}").pk])

    soon, later = decide(asking, risk(5), new()), decide(asking, risk(40), new())
    waiting = decide(asking, risk(3), new())
    planned = decide(approving, plan(6), new())
    for one in (soon, later):
        approve(approving, one)
    assert decisions.ending_within(7) == {asking: [soon], approving: [planned]}
    assert waiting not in decisions.ending_within(60)[asking]


def test_the_register_names_approvers_who_left(world: World, asking: User, approving: User) -> None:
    made = decide(asking, risk(), Chosen([finding(world.search, "i-1").pk]))
    approve(approving, made)
    assert decisions.has_approver(made)
    User.objects.filter(pk=approving.pk).update(role=Role.VIEWER)
    made = FindingDecision.objects.get()
    assert not decisions.has_approver(made)
    assert made.state(datetime.now(UTC)) == State.HOLDS


def test_an_owner_sees_decisions_on_findings_they_see(
    world: World, asking: User, penny: User
) -> None:
    own = decide(asking, risk(), Chosen([finding(world.payments, "i-1").pk]))
    decide(asking, risk(), Chosen([finding(world.search, "i-2").pk]))
    assert list(decisions.visible_to(penny)) == [own]
    assert decisions.visible_to(asking).count() == 2
