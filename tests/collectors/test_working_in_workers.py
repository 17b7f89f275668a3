"""Real Celery workers on PostgreSQL and Redis share a run, and survive each other's death."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from django.conf import settings

from collectors import runs, tasks
from collectors.models import Connection, Fact, Run, Unit
from simulated_aws import SimulatedAws
from tests.collectors.conftest import CORE
from tests.conftest import StartWorker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

LEASE_SECONDS = 4
DEADLINE = 180


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLECTION_LEASE_SECONDS", str(LEASE_SECONDS))
    monkeypatch.setattr(settings, "COLLECTION_LEASE_SECONDS", LEASE_SECONDS)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"Waited in vain until {what}."
        time.sleep(0.2)


def finish(run: Run) -> None:
    """Wait for the end as the command does: looking on, and taking up what was left behind."""

    def is_over() -> bool:
        runs.carry_on(run, tasks.dispatch)
        run.refresh_from_db()
        return run.state not in Run.ACTIVE

    wait_until(is_over, "the run is over")


def started(run: Run) -> set[str]:
    owners = run.units.exclude(lease_owner="").values_list("lease_owner", flat=True)
    return {owner.split(":")[1] for owner in owners}


def test_two_workers_share_a_run(
    aws: SimulatedAws, connection: Connection, start_worker: StartWorker
) -> None:
    workers = [start_worker(), start_worker()]
    run = runs.start(connection.organization, names=CORE)
    seen: set[str] = set()

    def both_were_seen() -> bool:
        runs.carry_on(run, tasks.dispatch)
        seen.update(started(run))
        return {str(worker.pid) for worker in workers} <= seen

    wait_until(both_were_seen, "both workers held units")
    finish(run)
    assert run.state == Run.State.FINISHED
    assert not run.units.filter(state__in=Unit.UNFINISHED).exists()
    assert set(run.units.filter(attempts__gt=1)) == set()


def test_a_worker_killed_in_the_middle_loses_nothing(
    aws: SimulatedAws, connection: Connection, start_worker: StartWorker
) -> None:
    victim = start_worker()
    run = runs.start(connection.organization, names=CORE)
    runs.carry_on(run, tasks.dispatch)

    def is_in_the_middle() -> bool:
        done = run.units.filter(state=Unit.State.DONE).count()
        return done > 20 and run.units.filter(state=Unit.State.LEASED).exists()

    wait_until(is_in_the_middle, "the worker was in the middle of the run")
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    left_behind = run.units.filter(state=Unit.State.LEASED).count()
    kept = set(run.units.filter(state=Unit.State.DONE).values_list("pk", "finished_at"))
    assert run.units.filter(state=Unit.State.OPEN).exists() or left_behind

    start_worker()
    finish(run)
    assert run.state == Run.State.FINISHED
    assert not run.units.filter(state__in=Unit.UNFINISHED).exists()
    assert kept <= set(run.units.values_list("pk", "finished_at"))
    collected = run.units.filter(state=Unit.State.DONE, collector="ec2.vpcs")
    with_facts = Fact.objects.filter(kind="ec2.vpcs", observed_at__gte=run.started_at)
    assert set(collected.values_list("account", flat=True)) <= set(
        with_facts.values_list("account", flat=True)
    )
