"""The life of a run: started, carried on, cancelled, resumed, retried, finished.

Each step can be killed and done again: the database says what is left to do, and ``carry_on``
does the next thing whoever calls it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.dispatch import Signal

from collectors import leases, planning, sync
from collectors.models import Connection, Run, Unit
from collectors.progress import totals_of
from collectors.registry import collectors
from inventory import audit
from inventory.audit import Event
from inventory.changes import Conflicts, Refused
from inventory.models import Account, Organization, User

logger = logging.getLogger(__name__)

# Sent with ``run`` when all of its units have ended, before the run counts as finished. A worker
# may be killed meanwhile, and then it is sent again.
run_finished = Signal()

# How often a unit may be left behind by workers that died before it counts as failed.
MOST_ATTEMPTS = 5

RUNS_KEPT = 30  # of an organization, with all their units: a week at the default interval

# Gives the accounts' open units of a run to workers: the broker, or the process itself.
Dispatch = Callable[[Run, Sequence[Account]], None]


class NotPossible(Exception):
    """What was asked cannot be done to the run as it is; the message says why and what to do."""


def start(
    organization: Organization,
    *,
    trigger: str = "manual",
    requested_by: User | None = None,
    accounts: Iterable[str] = (),
    names: Iterable[str] = (),
    retry_of: Run | None = None,
) -> Run:
    """A new run with the units of its first phase. Raises NotPossible."""
    if not Connection.objects.filter(organization=organization).exists():
        raise NotPossible(f"{organization} is not connected; connect it first.")
    unknown = sorted(set(names) - set(collectors()))
    if unknown:
        raise NotPossible(f"There is no collector named {', '.join(unknown)}.")
    try:
        with transaction.atomic():
            run = Run.objects.create(
                organization=organization,
                trigger=trigger,
                requested_by=requested_by,
                accounts=sorted(accounts),
                collectors=sorted(names),
                retry_of=retry_of,
            )
            planning.plan_first(run)
            told = {
                "trigger": trigger,
                "collectors": run.collectors,
                **audit.name_rows(run.accounts),
            }
            audit.record(
                Event.RUN_STARTED, run, **{name: what for name, what in told.items() if what}
            )
    except IntegrityError:
        active = Run.objects.filter(organization=organization, state__in=Run.ACTIVE).first()
        if active is None:
            raise
        raise NotPossible(
            f"Run {active.pk} of {organization} is not finished; wait for it or cancel it."
        ) from None
    return run


def retry(run: Run, *, requested_by: User | None = None) -> Run:
    """A new run of only what an ended run could not collect. Raises NotPossible."""
    if run.state in Run.ACTIVE:
        raise NotPossible(f"Run {run.pk} is not finished; wait for it or cancel it.")
    if run.listing_complete is not False and not run.units.filter(state__in=Unit.WANTING).exists():
        raise NotPossible(f"Run {run.pk} collected everything; there is nothing to retry.")
    return start(
        run.organization,
        trigger="retry",
        requested_by=requested_by,
        accounts=run.accounts,
        names=run.collectors,
        retry_of=run,
    )


def cancel(run: Run) -> None:
    """Stop a run; workers notice at their next save. What was collected stays. Raises
    NotPossible."""
    now = datetime.now(UTC)
    with transaction.atomic():
        changed = Run.objects.filter(pk=run.pk, state__in=Run.ACTIVE).update(
            state=Run.State.CANCELLED, finished_at=now, lease_owner="", lease_until=None
        )
        if not changed:
            raise NotPossible(f"Run {run.pk} has ended already.")
        run.units.filter(state__in=Unit.UNFINISHED).update(
            state=Unit.State.CANCELLED, finished_at=now, lease_owner="", lease_until=None
        )
        Run.objects.filter(pk=run.pk).update(totals=totals_of(run))
        audit.record(Event.RUN_CANCELLED, run)


def resume(run: Run) -> None:
    """Carry on with a cancelled or failed run where it stopped. Raises NotPossible."""
    try:
        with transaction.atomic():
            changed = Run.objects.filter(
                pk=run.pk, state__in=[Run.State.CANCELLED, Run.State.FAILED]
            ).update(state=Run.State.RUNNING, finished_at=None, message="")
            if not changed:
                raise NotPossible(f"Run {run.pk} was neither cancelled nor did it fail.")
            run.units.filter(state=Unit.State.CANCELLED).update(
                state=Unit.State.OPEN, finished_at=None, attempts=0
            )
            audit.record(Event.RUN_RESUMED, run)
    except IntegrityError:
        raise NotPossible(
            f"Another run of {run.organization} is not finished; wait for it or cancel it."
        ) from None
    cache.delete_many([_handed_out(run, step) for step in ("first", "rest")])


def carry_on(run: Run, dispatch: Dispatch) -> None:
    """Do what the run needs next: give out units that nobody has, plan, or finish.

    Safe to call at any time and from several places at once.
    """
    run.refresh_from_db()
    if run.state not in Run.ACTIVE:
        return
    if run.state == Run.State.QUEUED:
        Run.objects.filter(pk=run.pk, state=Run.State.QUEUED).update(
            state=Run.State.RUNNING, started_at=datetime.now(UTC)
        )
        run.refresh_from_db()
    _give_up_deadly_units(run)
    if run.units.filter(leases.free()).exists():
        hand_out(run, dispatch)
    elif not run.units.filter(state__in=Unit.UNFINISHED).exists():
        _next_step(run, dispatch)


def hand_out(run: Run, dispatch: Dispatch) -> None:
    """Dispatch every account with free units, unless that was done a moment ago.

    A message can be lost with its broker, so this is repeated; a worker that finds nothing to
    claim is done at once.
    """
    step = "rest" if run.planned_at else "first"
    if not cache.add(_handed_out(run, step), 1, timeout=2 * leases.seconds()):
        return
    free = run.units.filter(leases.free()).values("account")
    accounts = Account.objects.filter(pk__in=free).select_related("ou", "observed_organization")
    dispatch(run, list(accounts))


def _handed_out(run: Run, step: str) -> str:
    return f"handed-out:{run.pk}:{step}"


def _give_up_deadly_units(run: Run) -> None:
    run.units.filter(leases.free(), attempts__gte=MOST_ATTEMPTS).update(
        state=Unit.State.FAILED,
        finished_at=datetime.now(UTC),
        lease_owner="",
        lease_until=None,
        problems=[
            {
                "region": "",
                "outcome": "api_error",
                "code": "WorkerLost",
                "message": f"The worker died {MOST_ATTEMPTS} times while it collected this.",
            }
        ],
    )


def _next_step(run: Run, dispatch: Dispatch) -> None:
    owner = leases.new_owner()
    if not leases.take_run(run, owner):
        return
    with leases.held(owner):
        run.refresh_from_db()
        planned = run.planned_at is None and planning.plan_rest(run)
        if not planned:
            _finish(run)
    if planned:
        hand_out(run, dispatch)


def _finish(run: Run) -> None:
    message = run.message
    try:
        sync.synchronize_tags(run)
    except (Refused, Conflicts) as error:
        message = f"{message} Tags could not be written. {error}".strip()
    state = Run.State.FINISHED
    for receiver, answer in run_finished.send_robust(Run, run=run):
        if isinstance(answer, Exception):
            logger.error("run hook failed", exc_info=answer, extra={"hook": repr(receiver)})
            message = f"{message} What was collected could not be judged: {answer}".strip()
            state = Run.State.FAILED
    Run.objects.filter(pk=run.pk, state__in=Run.ACTIVE).update(
        state=state,
        finished_at=datetime.now(UTC),
        message=message[:1000],
        totals=totals_of(run),
    )
    run.refresh_from_db()
    forget_old_units(run.organization)


def forget_old_units(organization: Organization) -> None:
    """Keep the units of the latest runs; of older ones the totals remain."""
    latest = Run.objects.filter(organization=organization).values_list("pk", flat=True)[:RUNS_KEPT]
    Unit.objects.filter(run__organization=organization, run__lt=min(latest)).delete()
