"""The table of docs/findings.md, made to happen cell by cell, and any sequence of its events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as properties
from hypothesis import strategies as st

from inventory.models import Role
from roadmap import decisions
from roadmap.decided import is_open
from roadmap.decision_states import Event, Standing, with_decision_table
from roadmap.fingerprints import fingerprint
from roadmap.models import AccountVerdict, DecidedFinding, Finding, FindingDecision
from tests.factories import UserFactory
from tests.organization import World
from tests.roadmap.deciding import START, Story, judged, scanned

pytestmark = pytest.mark.django_db

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "findings.md"
BY_PEOPLE = {
    Event.ACKNOWLEDGE, Event.ASK_ACCEPTANCE, Event.ASK_FALSE_POSITIVE, Event.APPROVE,
    Event.REFUSE, Event.END,
}  # fmt: skip
# What only one of the two sources knows.
OF_SCANNERS = {Event.LATE_IMPORT, Event.MUTED, Event.UNMUTED}
OF_RULES = {Event.EXCEPTED, Event.EXCEPTION_ENDS}
STORIES = {scanned: OF_RULES, judged: OF_SCANNERS}


def documented() -> Iterator[tuple[Standing, Event, Standing | None]]:
    """The cells of the document's own table, as people read it."""
    by_label = {standing.label: standing for standing in Standing}
    table = DOCUMENT.read_text().split("<!-- decisions -->\n")[1].split("<!-- /decisions -->")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    heads = [by_label[label] for label in rows[0][1:]]
    for event, *cells in rows[2:]:
        for standing, cell in zip(heads, cells, strict=True):
            yield standing, Event(event), None if cell == "–" else by_label[cell]


CELLS = [
    pytest.param(tell, *cell, id=f"{tell.__name__}-{cell[0]}-{cell[1].name.lower()}")
    for cell in documented()
    for tell, cannot in STORIES.items()
    if cell[1] not in cannot
]


def test_the_document_has_every_state_and_event_once() -> None:
    cells = [(standing, event) for standing, event, _ in documented()]
    assert sorted(cells) == sorted((s, e) for s in Standing for e in Event)
    assert with_decision_table(DOCUMENT.read_text()) == DOCUMENT.read_text(), "Run make docs."


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize(("tell", "standing", "event", "expected"), CELLS)
def test_it_comes_as_the_table_says(
    tell: Callable[..., Story],
    standing: Standing,
    event: Event,
    expected: Standing | None,
    world: World,
    clock: time_machine.Traveller,
    catalogue: Any,
) -> None:
    story = tell(world.payments, clock, catalogue)
    story.bring_to(standing)
    if expected is not None:
        story.happen(event)
        assert story.standing == expected
    elif event in BY_PEOPLE:
        if story.decision is None:
            assert (
                event in (Event.APPROVE, Event.REFUSE, Event.END) or standing == Standing.RESOLVED
            )
            return
        with pytest.raises(ValidationError):
            story.happen(event)
        assert story.standing == standing


@pytest.mark.parametrize("tell", STORIES)
def test_a_resolved_finding_is_decided_on_by_nobody(
    tell: Callable[..., Story], world: World, clock: time_machine.Traveller, catalogue: Any
) -> None:
    story = tell(world.payments, clock, catalogue)
    story.bring_to(Standing.RESOLVED)
    for event in (Event.ACKNOWLEDGE, Event.ASK_ACCEPTANCE, Event.ASK_FALSE_POSITIVE):
        with pytest.raises(ValidationError, match="resolved"):
            story.happen(event)
    assert not DecidedFinding.objects.exists()


EVENTS = st.lists(
    st.sampled_from([event for event in Event if event not in OF_RULES]), min_size=1, max_size=9
)


@pytest.fixture
def fresh(world: World, catalogue: Any) -> Callable[[time_machine.Traveller], Story]:
    """A new story for every example, of one database."""

    def begin(clock: time_machine.Traveller) -> Story:
        return scanned(world.payments, clock, catalogue)

    return begin


# Each example is rolled back to the world that the fixture made.
@properties(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_whatever_happens_nothing_hides_what_nobody_else_approved_or_what_changed(
    events: Sequence[Event], fresh: Callable[[time_machine.Traveller], Story]
) -> None:
    with transaction.atomic(), time_machine.travel(START, tick=False) as clock:
        story = fresh(clock)
        for event in events:
            try:
                with transaction.atomic():
                    happen(story, event)
            except ValidationError:
                pass
            holds_together(story)
        transaction.set_rollback(True)


def happen(story: Story, event: Event) -> None:
    if story.decision is None and event in (Event.APPROVE, Event.REFUSE, Event.END):
        return
    if event in (Event.APPROVER_LEAVES, Event.ASKER_LEAVES):
        return  # They would have nobody left to decide anything.
    story.happen(event)


def holds_together(story: Story) -> None:
    now, finding = datetime.now(UTC), story.finding
    is_hidden = finding.state == Finding.State.OPEN and not (
        Finding.objects.filter(is_open(now), pk=finding.pk).exists()
    )
    held = list(DecidedFinding.objects.filter(ended_at=None).select_related("decision"))
    assert len(held) <= 1
    assert is_hidden == (
        finding.state == Finding.State.OPEN
        and story.standing in (Standing.ACCEPTED, Standing.FALSE_POSITIVE)
    )
    if is_hidden:
        (one,) = held
        decision = one.decision
        assert one.fingerprint == fingerprint(finding)
        assert (one.severity, decision.refused_at, decision.ended_at) == (
            finding.severity,
            None,
            None,
        )
        assert decision.expires_at is None or now < decision.expires_at
        assert decision.approver_id not in (None, decision.requester_id)
    assert not FindingDecision.objects.filter(approver__isnull=False, kind="acknowledge").exists()
    if finding.state == Finding.State.RESOLVED:
        assert held == []


def test_a_finding_that_changed_unseen_is_noticed_by_the_daily_review(
    world: World, clock: time_machine.Traveller, catalogue: Any
) -> None:
    story = scanned(world.payments, clock, catalogue)
    story.bring_to(Standing.ACCEPTED)
    Finding.objects.update(detail="Something else.")  # By a way that Cairn does not know.
    call_command("shell", "-c", "from roadmap.tasks import review_decisions as r; r()", verbosity=0)
    assert story.standing == Standing.UNDECIDED


def test_what_expired_is_over_at_once_and_let_go_by_the_daily_review(
    world: World, clock: time_machine.Traveller, catalogue: Any
) -> None:
    story = judged(world.payments, clock, catalogue)
    story.bring_to(Standing.ACCEPTED)
    story.expire()
    assert Finding.objects.filter(is_open()).count() == 1
    assert DecidedFinding.objects.get().ended_at is None
    decisions.review()
    assert DecidedFinding.objects.get().why_ended == DecidedFinding.Why.OVER
    assert story.current().state(datetime.now(UTC)) == FindingDecision.State.EXPIRED


def test_who_was_deleted_cannot_come_back_and_approve_their_own(
    world: World, clock: time_machine.Traveller, catalogue: Any
) -> None:
    story = scanned(world.payments, clock, catalogue)
    story.bring_to(Standing.ACCEPTANCE_ASKED)
    story.asking.delete()
    again = UserFactory.create(email="asks@example.com", role=Role.SECURITY)
    with pytest.raises(ValidationError, match="ask again"):
        decisions.approve(again, story.current())
    assert story.standing == Standing.ACCEPTANCE_ASKED


def test_no_decision_changes_a_verdict(
    world: World, clock: time_machine.Traveller, catalogue: Any
) -> None:
    story = judged(world.payments, clock, catalogue)
    before = AccountVerdict.objects.values("status", "sentence", "digest").get(
        account=world.payments
    )
    story.bring_to(Standing.ACCEPTED)
    story.seen()
    after = AccountVerdict.objects.values("status", "sentence", "digest").get(
        account=world.payments
    )
    assert (after, after["status"]) == (before, "fail")
