"""What makes Cairn judge again: a change of the sheet or a setting, an answer, a finished run.

A few accounts are judged on the spot, right after the transaction that changed them. Many are left
to a worker; where none is about (a command on a machine of its own), they are judged here too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from cairn.health import worker_problem
from collectors.models import Connection, Run
from collectors.security_hub import are_known
from inventory.models import (
    Account,
    BouncingAddress,
    ChangeSet,
    Organization,
    OrganizationalUnit,
    Origin,
    PolicySetting,
    RowChange,
)
from roadmap import progress
from roadmap.evaluation import judge
from roadmap.models import VerdictChange

Cause = VerdictChange.Cause
Level = PolicySetting.Level

ON_THE_SPOT = 25
# Past this many rows written, all accounts are judged: finding out which is not cheaper.
MANY = 2000


_waiting: ContextVar[dict[Cause, set[int]] | None] = ContextVar("_waiting", default=None)


@contextmanager
def judged_together() -> Iterator[None]:
    """Whatever is to be judged soon within is judged once, at the end of it."""
    waiting: dict[Cause, set[int]] = {}
    outside = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(outside)
        for cause, accounts in waiting.items():
            judge_soon(sorted(accounts), cause=cause)


def judge_soon(accounts: Sequence[int], *, cause: Cause) -> None:
    """Judge these accounts once the transaction is through."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.setdefault(cause, set()).update(accounts)
    elif accounts:
        transaction.on_commit(lambda: _judge(accounts, cause), robust=True)


def _judge(accounts: Sequence[int], cause: Cause) -> None:
    from roadmap.tasks import judge_accounts

    if len(accounts) > ON_THE_SPOT and not worker_problem():
        judge_accounts.delay(list(accounts), cause.value)
    elif judge(accounts, cause=cause, roll_up=False).stored.changed:
        _roll_up()


def _roll_up() -> None:
    """Sum today's progress again: it is over all accounts, so a worker does it if one is about."""
    from roadmap.tasks import roll_up

    if worker_problem():
        progress.refresh()
    else:
        roll_up.delay()


def change_set_applied(
    sender: type[ChangeSet], change_set: ChangeSet, keys: Mapping[str, Sequence[str]], **_: Any
) -> None:
    """Judge what a change set touched. What AWS sync writes is judged when its run is over."""
    if change_set.origin == Origin.SYNC:
        transaction.on_commit(_roll_up, robust=True)
        return
    if settings := keys.get("setting"):
        judge_soon(_pks(settings_reach(settings)), cause=Cause.SETTING)
    judge_soon(_pks(rows_reach(keys, _addresses(change_set))), cause=Cause.ACCOUNT_STATE)
    if _regroups(change_set, keys):
        transaction.on_commit(_roll_up, robust=True)


def _regroups(change_set: ChangeSet, keys: Mapping[str, Sequence[str]]) -> bool:
    """Whether accounts come into other groups of progress, or groups are named otherwise."""
    if keys.keys() & {"payer", "organization", "team"}:
        return True
    moved = Q(cells__has_any_keys=["team", "payer", "environment"])
    removed = Q(kind=RowChange.Kind.REMOVED)
    return change_set.rows.filter(moved | removed, sheet="account").exists()


def address_changed(sender: type[BouncingAddress], address: str, **_: Any) -> None:
    """Judge the accounts whose contact's address began to refuse mail, or takes it again."""
    concerned = Account.objects.filter(contact_set__person__email=address)
    judge_soon(_pks(concerned), cause=Cause.EVIDENCE)


def run_finished(sender: type[Run], run: Run, **_: Any) -> None:
    """Judge the organization of a collection run that is over, and whatever else it entered. The
    run waits for it: when it counts as finished, its verdicts are there."""
    concerned = Q(observed_organization=run.organization) | Q(
        pk__in=run.units.order_by().values("account")
    )
    judge(_pks(Account.objects.filter(concerned)), cause=Cause.EVIDENCE)
    if not (run.accounts or run.collectors):
        _pull_soon(run.organization)


def contacts_pushed(accounts: Sequence[int], **_: Any) -> None:
    """Judge accounts whose contacts in AWS were written and read again."""
    judge_soon(accounts, cause=Cause.EVIDENCE)


def _pull_soon(organization: Organization) -> None:
    from roadmap.scan_uploads import pull_soon

    wishes = Connection.objects.filter(organization=organization, reads_security_hub=True)
    if (connection := wishes.select_related("organization").first()) and are_known(connection):
        pull_soon(organization)


def _pks(accounts: QuerySet[Account]) -> list[int]:
    return sorted(set(accounts.order_by().values_list("pk", flat=True)))


def _addresses(change_set: ChangeSet) -> set[str]:
    """Root addresses that a change set gives or takes: they must be unique among accounts."""
    rows = change_set.rows.filter(sheet="account", cells__has_key="email")
    return {address for cells in rows.values_list("cells", flat=True) for address in cells["email"]}


def rows_reach(keys: Mapping[str, Sequence[str]], addresses: Collection[str]) -> QuerySet[Account]:
    """The accounts whose verdicts may hang on these rows: those written, those with one of the
    root addresses, and those of teams and people written."""
    written = [key.partition(":")[2] for key in keys.get("account", ())]
    if len(written) > MANY:
        return Account.objects.all()
    reach = Q(account_id__in=written) | Q(email__in=set(addresses) - {""})
    if teams := keys.get("team"):
        reach |= Q(team__name__in=teams)
    if people := keys.get("person"):
        reach |= Q(team__memberships__person__email__in=people, team__memberships__valid_to=None)
        reach |= Q(team__lead__email__in=people) | Q(contact_set__person__email__in=people)
    return Account.objects.filter(reach)


def settings_reach(keys: Iterable[str]) -> QuerySet[Account]:
    """The accounts that settings with these keys (level:name:target) may hold for."""
    reach = Q(pk__in=())
    for key in keys:
        level, _, target = key.split(":", 2)
        if level == Level.INSTALLATION:
            return Account.objects.all()
        reach |= _reach_of(level, target)
    return Account.objects.filter(reach)


def _reach_of(level: str, target: str) -> Q:
    if level == Level.ORGANIZATION:
        return Q(observed_organization__organization_id=target)
    if level == Level.ACCOUNT:
        partition, _, account_id = target.partition(":")
        return Q(partition=partition, account_id=account_id)
    if level == Level.OU:
        units = OrganizationalUnit.objects.values_list("pk", "ou_id", "ancestors")
        return Q(ou__in=[pk for pk, ou_id, above in units if target in (ou_id, *above)])
    accounts = Account.objects.order_by().values_list("pk", "classes")
    return Q(pk__in=[pk for pk, classes in accounts if target in classes])
