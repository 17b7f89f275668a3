"""Which organizations are due to be collected. Celery beat asks every minute (cairn.celery)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from collectors.models import Connection, Run

JITTER = 0.1  # of the interval, so that organizations do not all start in the same minute


def next_run_at(connection: Connection, last: datetime | None) -> datetime:
    """When the organization is collected next: at once where it never was."""
    if last is None:
        return connection.created_at
    # The same answer each time it is asked for the same last run.
    chance = random.Random(f"{connection.pk}:{last.isoformat()}")  # noqa: S311  (no secret)
    hours = connection.interval_hours * (1 + chance.uniform(-JITTER, JITTER))
    return last + timedelta(hours=hours)


def due() -> list[Connection]:
    """Connections whose next run should start now; never one with a run that is not finished."""
    now = datetime.now(UTC)
    active = Run.objects.filter(state__in=Run.ACTIVE).values("organization")
    connections = (
        Connection.objects.filter(is_enabled=True)
        .exclude(organization__in=active)
        .select_related("organization")
        .annotate(last=Max("organization__runs__created_at"))
    )
    return [c for c in connections if next_run_at(c, c.last) <= now]
