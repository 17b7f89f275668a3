"""Organizations are collected by themselves, each at its own pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cairn.celery import app
from collectors import schedule
from collectors.models import Connection, Run
from inventory.models import Organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    organization = Organization.objects.create(organization_id="o-schedule", name="Schedule")
    return Connection.objects.create(organization=organization, interval_hours=10)


def ran(connection: Connection, hours_ago: float, state: str = Run.State.FINISHED) -> None:
    run = Run.objects.create(organization=connection.organization, state=state)
    when = datetime.now(UTC) - timedelta(hours=hours_ago)
    Run.objects.filter(pk=run.pk).update(created_at=when)


def test_what_was_never_collected_is_due_at_once(connection: Connection) -> None:
    assert schedule.due() == [connection]


@pytest.mark.parametrize(("hours_ago", "is_due"), [(8.9, False), (11.1, True)])
def test_a_run_is_due_after_its_interval(
    connection: Connection, hours_ago: float, is_due: bool
) -> None:
    ran(connection, hours_ago)
    assert schedule.due() == ([connection] if is_due else [])


def test_intervals_are_jittered_by_a_tenth_and_do_not_jump(connection: Connection) -> None:
    last = datetime(2026, 11, 24, tzinfo=UTC)
    moments = [
        (schedule.next_run_at(connection, last + timedelta(hours=n)) - last).total_seconds() / 3600
        - n
        for n in range(50)
    ]
    assert all(9 <= hours <= 11 for hours in moments)
    assert max(moments) - min(moments) > 0.5
    assert schedule.next_run_at(connection, last) == schedule.next_run_at(connection, last)


def test_nothing_is_due_while_a_run_goes_on_or_when_switched_off(connection: Connection) -> None:
    ran(connection, 100, Run.State.RUNNING)
    assert schedule.due() == []
    Run.objects.all().delete()
    Connection.objects.update(is_enabled=False)
    assert schedule.due() == []


def test_every_periodic_task_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
