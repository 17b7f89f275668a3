"""Celery's part: it only wakes workers up. What is to be done stands in the database, so a task
that is lost, repeated or killed does no harm."""

from __future__ import annotations

from collections.abc import Sequence

from celery import shared_task

from collectors import runs, schedule
from collectors.models import Connection, ContactPush, Run
from collectors.pushing import working as pushing
from collectors.working import work
from inventory.models import Account


def dispatch(run: Run, accounts: Sequence[Account]) -> None:
    """One task for each account."""
    for account in accounts:
        collect_account.delay(run.pk, account.pk)


@shared_task
def collect_account(run_id: int, account_id: int) -> None:
    run = Run.objects.select_related("organization").get(pk=run_id)
    if run.state in Run.ACTIVE:
        connection = Connection.objects.get(organization=run.organization)
        account = Account.objects.select_related("ou", "observed_organization").get(pk=account_id)
        work(run, connection, [account])
        runs.carry_on(run, dispatch)


@shared_task
def carry_on(run_id: int) -> None:
    runs.carry_on(Run.objects.select_related("organization").get(pk=run_id), dispatch)


@shared_task
def sweep() -> None:
    """Take up what dead workers left behind, in every run that is not finished."""
    for run in Run.objects.filter(state__in=Run.ACTIVE).select_related("organization"):
        runs.carry_on(run, dispatch)
    for push in ContactPush.objects.filter(pushing.free()):
        push_contacts.delay(push.pk)


@shared_task
def push_contacts(push_id: int) -> None:
    """Read what AWS holds for a plan, or write a confirmed one."""
    pushing.work(push_id)


@shared_task
def start_due_runs() -> None:
    for connection in schedule.due():
        runs.start(connection.organization, trigger="schedule")
    sweep()
