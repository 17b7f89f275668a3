"""Working through the units that a worker has claimed.

Threads of one pool call AWS; the thread that claimed the units alone touches the database. Results
are saved in small batches while the others are still being collected, so that a worker killed at
any moment loses at most the last half second of work.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from queue import Empty, SimpleQueue
from typing import Any

from django.db import transaction

from collectors import leases, regions, store
from collectors.aws import THREADS, CallFailed, Role, credentials
from collectors.facts import Observation
from collectors.models import Connection, Fact, Run, Unit
from collectors.observing import Observer, outcome_of, problems_of
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Phase, Reach, collectors
from collectors.store import Seen
from inventory.models import Account
from inventory.policy import Policy, Values, load_policy

SAVE_EVERY = 0.5  # seconds
ROLE_TRIES = 3
SIDE_BY_SIDE = 8  # accounts worked on at once, where one worker has a whole run to itself


@cache
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="aws")


@dataclass
class _Doing:
    """A unit, what was seen of it so far, and whether a fact comes of it."""

    unit: Unit
    collector: Collector[Any]
    regions: Sequence[str] = ()
    seen: list[Seen] = field(default_factory=list)
    state: Unit.State | None = None
    keeps_facts: bool = True

    @property
    def is_finished(self) -> bool:
        return len(self.seen) == len(self.regions)


Call = Future[Seen | CallFailed | None]
# What has ended, in that order: asking every future costs more the more of them there are.
Ended = SimpleQueue[tuple["_AccountWork", Call]]


class _AccountWork:
    """One account's claimed units, phase by phase: later phases need what earlier ones saw."""

    def __init__(self, observer: Observer, units: Sequence[Unit], ended: Ended) -> None:
        self.observer = observer
        self._ended = ended
        self.values = observer.policy.at(store.place_of(observer.account))
        known = collectors()
        self.todo = [_Doing(unit, known[unit.collector]) for unit in units]
        self.finished: list[_Doing] = []
        self.pending: dict[Call, _Doing | Role] = {}
        self._refused: dict[str, CallFailed] = {}
        self._tries: dict[str, int] = {}

    @property
    def is_busy(self) -> bool:
        return bool(self.pending or self.todo or self.finished)

    def start(self) -> None:
        """Become the roles that are needed, before anything else."""
        for role in self._roles():
            self._become(role)

    def _become(self, role: Role) -> None:
        self._tries[role.arn] = self._tries.get(role.arn, 0) + 1
        self._await(pool().submit(_become, role), role)

    def _await(self, call: Call, about: _Doing | Role) -> None:
        self.pending[call] = about
        call.add_done_callback(lambda ended: self._ended.put((self, ended)))

    def receive(self, call: Call) -> None:
        about, result = self.pending.pop(call), call.result()
        if isinstance(about, Role):
            self._refused.pop(about.arn, None)
            if isinstance(result, CallFailed):
                self._refused[about.arn] = result
        elif isinstance(result, Seen):
            about.seen.append(result)
            if about.is_finished:
                self.finished.append(about)

    def next_phase(self) -> None:
        """Begin the next phase; what the last one saw must have been saved. A role that could not
        be had because AWS was busy is tried again first: everything depends on it."""
        for role in self._roles():
            failed = self._refused.get(role.arn)
            is_busy = failed is not None and failed.outcome == Outcome.THROTTLED
            if is_busy and self._tries[role.arn] < ROLE_TRIES:
                self._become(role)
        if self.pending:
            return
        phase = min(doing.collector.phase for doing in self.todo)
        now = [doing for doing in self.todo if doing.collector.phase == phase]
        self.todo = [doing for doing in self.todo if doing.collector.phase != phase]
        where = _Where(self.observer)
        for doing in now:
            self._begin(doing, where)

    def _begin(self, doing: _Doing, where: _Where) -> None:
        refused = self._refused.get(self._role(doing).arn)
        try:
            if refused is not None:
                doing.keeps_facts = doing.collector.name == store.IDENTITY
                raise refused
            if _is_recent(doing, self.values):
                doing.state = Unit.State.SKIPPED
            else:
                doing.regions = where.regions_of(doing.collector, self.values)
        except Missing as missing:
            doing.regions = [""]
            doing.seen = [self.observer.seen(doing.collector, "", missing)]
        if doing.is_finished:
            self.finished.append(doing)
            return
        for region in doing.regions:
            self._submit(doing, region)

    def _submit(self, doing: _Doing, region: str) -> None:
        stored = store.built_on(doing.collector, self.observer.account, region)
        self._await(pool().submit(self._observe, doing.collector, region, stored), doing)

    def _observe(
        self, collector: Collector[Any], region: str, stored: Mapping[str, Observation[Any]]
    ) -> Seen | CallFailed | None:
        return self.observer.observe(collector, region, stored)

    def _roles(self) -> list[Role]:
        return list({role.arn: role for role in map(self._role, self.todo)}.values())

    def _role(self, doing: _Doing) -> Role:
        return self.observer.role(doing.collector.scope)


class _Where:
    """The Regions of an account, read from its stored facts when first asked for."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._known: tuple[list[str], list[str]] | None = None

    def regions_of(self, collector: Collector[Any], values: Values) -> Sequence[str]:
        """Raises Missing where the enabled Regions of the account are not known."""
        if collector.reach == Reach.GLOBAL:
            return [""]
        if self._known is None:
            account, connection = self._observer.account, self._observer.connection
            self._known = store.regions_of(account, values, connection)
        enabled, in_scope = self._known
        if collector.reach == Reach.HOME:
            return sorted(set(regions.home_regions(collector, values)) & set(enabled))
        return enabled if collector.phase == Phase.PRESENCE else in_scope


def _become(role: Role) -> CallFailed | None:
    try:
        credentials(role)
    except CallFailed as failed:
        return failed
    return None


def _is_recent(doing: _Doing, values: Values) -> bool:
    """Whether the fact is younger than the setting of a collector that is called rarely."""
    setting = doing.collector.refresh_hours_setting
    if not setting:
        return False
    youngest = datetime.now(UTC) - timedelta(hours=values[setting])
    return Fact.objects.filter(
        account=doing.unit.account_id,
        kind=doing.collector.name,
        outcome=Outcome.COLLECTED,
        observed_at__gt=youngest,
    ).exists()


def work(
    run: Run, connection: Connection, accounts: Iterable[Account], *, side_by_side: int = 1
) -> None:
    """Claim the accounts' free units and collect them. Ends early when the run is cancelled."""
    owner = leases.new_owner()
    policy = load_policy()
    active: list[_AccountWork] = []
    ended: Ended = SimpleQueue()
    queue = _claimed(run, connection, accounts, owner, policy, ended)
    with leases.held(owner):
        while True:
            while len(active) < side_by_side and (more := next(queue, None)):
                more.start()
                active.append(more)
            if not active or not _round(active, ended, owner):
                break
            active = [account for account in active if account.is_busy]
    for account in active:
        for call in account.pending:
            call.cancel()


def _claimed(
    run: Run,
    connection: Connection,
    accounts: Iterable[Account],
    owner: str,
    policy: Policy,
    ended: Ended,
) -> Iterator[_AccountWork]:
    for account in accounts:
        units = leases.claim(run, account, owner)
        if units:
            yield _AccountWork(Observer(connection, account, policy), units, ended)


def _round(active: Sequence[_AccountWork], ended: Ended, owner: str) -> bool:
    """Wait for results, save them, begin what they make possible; False when cancelled."""
    deadline = time.monotonic() + SAVE_EVERY
    while all(account.pending for account in active) and (left := deadline - time.monotonic()) > 0:
        try:
            account, call = ended.get(timeout=left)
        except Empty:
            break
        account.receive(call)
    finished = [doing for account in active for doing in account.finished]
    for account in active:
        account.finished = []
    if not _save(finished, owner):
        return False
    for account in active:
        if account.todo and not account.pending:
            account.next_phase()
    return True


def _save(finished: Sequence[_Doing], owner: str) -> bool:
    """Facts and states of finished units; False where a unit is no longer this owner's."""
    if not finished:
        return True
    now = datetime.now(UTC)
    with transaction.atomic():
        keys = [doing.unit.pk for doing in finished]
        mine = Unit.objects.select_for_update().filter(
            pk__in=keys, lease_owner=owner, state=Unit.State.LEASED
        )
        owned = set(mine.values_list("pk", flat=True))
        store.save([s for doing in finished if doing.keeps_facts for s in doing.seen])
        units = [_ended(doing, now) for doing in finished if doing.unit.pk in owned]
        Unit.objects.bulk_create(
            units,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[
                "state",
                "finished_at",
                "calls",
                "problems",
                "lease_owner",
                "lease_until",
            ],
        )
    return len(owned) == len(finished)


def _ended(doing: _Doing, now: datetime) -> Unit:
    unit = doing.unit
    unit.state = doing.state or outcome_of(doing.seen)
    unit.finished_at = now
    unit.calls = sum(call["requests"] for seen in doing.seen for call in seen.calls)
    unit.problems = problems_of(doing.seen)
    unit.lease_owner, unit.lease_until = "", None
    return unit
