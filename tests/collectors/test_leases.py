"""Units belong to one worker at a time, and to nobody once it is dead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection as database

from collectors import leases
from collectors.models import Run, Unit
from inventory.models import Account, Organization


@contextmanager
def run_with(units: int) -> Iterator[tuple[Run, Account]]:
    organization = Organization.objects.create(organization_id="o-leases")
    account = Account.objects.create(account_id="121212121212")
    run = Run.objects.create(organization=organization)
    Unit.objects.bulk_create(
        [Unit(run=run, account=account, collector=f"c{number}") for number in range(units)]
    )
    yield run, account


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_never_get_the_same_unit() -> None:
    with run_with(40) as (run, account):
        gate = threading.Barrier(8)

        def claim(number: int) -> list[int]:
            gate.wait()
            try:
                return [unit.pk for unit in leases.claim(run, account, f"worker-{number}")]
            finally:
                database.close()

        with ThreadPoolExecutor(8) as pool:
            claimed = [pk for found in pool.map(claim, range(8)) for pk in found]
        assert len(claimed) == len(set(claimed)) == 40


@pytest.mark.django_db
def test_a_lease_that_ran_out_can_be_taken_and_another_cannot() -> None:
    with run_with(2) as (run, account):
        first, _ = leases.claim(run, account, "dead")
        assert leases.claim(run, account, "other") == []
        Unit.objects.filter(pk=first.pk).update(
            lease_until=datetime.now(UTC) - timedelta(seconds=1)
        )
        taken = leases.claim(run, account, "other")
        assert [(unit.pk, unit.attempts) for unit in taken] == [(first.pk, 2)]


@pytest.mark.django_db
def test_what_a_worker_did_not_finish_is_given_back() -> None:
    with run_with(2) as (run, account):
        first, second = leases.claim(run, account, "me")
        Unit.objects.filter(pk=first.pk).update(state=Unit.State.DONE, lease_owner="")
        with leases.held("me"):
            pass
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == (Unit.State.DONE, Unit.State.OPEN)


@pytest.mark.django_db(transaction=True)
def test_leases_are_renewed_while_the_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "COLLECTION_LEASE_SECONDS", 1)
    with run_with(1) as (run, account):
        leases.claim(run, account, "me")
        with leases.held("me"):
            threading.Event().wait(1.6)
            assert leases.claim(run, account, "other") == []


@pytest.mark.django_db
def test_only_one_worker_plans_or_finishes_a_run() -> None:
    with run_with(0) as (run, _):
        assert leases.take_run(run, "one")
        assert not leases.take_run(run, "two")
        with leases.held("one"):
            pass
        assert leases.take_run(run, "two")
