"""Leases: which worker has which units, and for how long without a sign of life.

The database decides, not the broker. A worker that is killed stops renewing, its leases run out,
and whoever looks next takes what is left.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from collectors.models import Run, Unit
from inventory.models import Account


def seconds() -> int:
    """How long a lease lasts without renewal; it is renewed four times in that time."""
    return int(settings.COLLECTION_LEASE_SECONDS)


def new_owner() -> str:
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def until() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds())


def free() -> Q:
    """Units that nobody works on, as a condition: open, or left behind by a dead worker."""
    return Q(state=Unit.State.OPEN) | Q(state=Unit.State.LEASED, lease_until__lt=datetime.now(UTC))


def claim(run: Run, account: Account, owner: str) -> list[Unit]:
    """Take the account's free units of a run. No unit is ever given to two owners."""
    with transaction.atomic():
        candidates = Unit.objects.filter(free(), run=run, account=account)
        if connection.features.has_select_for_update_skip_locked:
            candidates = candidates.select_for_update(skip_locked=True)
        keys = [unit.pk for unit in candidates]
        # Where rows cannot be locked, the condition in the update decides who was first.
        Unit.objects.filter(free(), pk__in=keys).update(
            state=Unit.State.LEASED,
            lease_owner=owner,
            lease_until=until(),
            attempts=F("attempts") + 1,
            started_at=datetime.now(UTC),
        )
        return list(Unit.objects.filter(pk__in=keys, lease_owner=owner, state=Unit.State.LEASED))


def take_run(run: Run, owner: str) -> bool:
    """Become the one who plans or finishes a run; False where another worker is at it."""
    now = datetime.now(UTC)
    is_free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    taken = Run.objects.filter(is_free, pk=run.pk, state__in=Run.ACTIVE).update(
        lease_owner=owner, lease_until=until()
    )
    return taken == 1


@contextmanager
def renewing(renew: Callable[[], None]) -> Iterator[None]:
    """Call ``renew`` four times a lease while the block runs, whatever it is busy with."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew, args=(renew, stop), name="leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew(renew: Callable[[], None], stop: threading.Event) -> None:
    try:
        while not stop.wait(seconds() / 4):
            renew()
    finally:
        connection.close()  # It belongs to this thread.


@contextmanager
def held(owner: str) -> Iterator[None]:
    """Renew the owner's leases while the block runs, and give back what it did not finish."""

    def renew() -> None:
        held_units = Unit.objects.filter(lease_owner=owner, state=Unit.State.LEASED)
        held_units.update(lease_until=until())
        Run.objects.filter(lease_owner=owner).update(lease_until=until())

    try:
        with renewing(renew):
            yield
    finally:
        nobody = {"lease_owner": "", "lease_until": None}
        Unit.objects.filter(lease_owner=owner).update(state=Unit.State.OPEN, **nobody)
        Run.objects.filter(lease_owner=owner).update(**nobody)
