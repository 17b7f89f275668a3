"""What makes Cairn judge again, and which accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.core.cache import cache

from cairn.celery import HEARTBEAT_KEY
from collectors.models import Run
from collectors.pushing.working import contacts_pushed
from collectors.runs import run_finished
from inventory.changes import Edit, undo, write
from inventory.columns import ACCOUNTS, PEOPLE, SETTINGS, TEAMS
from inventory.models import Account, Origin
from roadmap import tasks, triggers
from roadmap.evaluation import judge
from roadmap.models import AccountVerdict
from roadmap.verdicts import passed
from tests.factories import AccountFactory
from tests.organization import SAM, World
from tests.roadmap.conftest import make_item

SYNC, EDIT = Origin.SYNC, Origin.EDIT


@pytest.fixture
def judged(world: World, catalogue: Any, django_capture_on_commit_callbacks: Any) -> Any:
    """A context that collects the names of the accounts judged within."""
    catalogue(make_item("inventory.any", lambda _: passed("Fine.")))

    @contextmanager
    def within() -> Iterator[set[str]]:
        AccountVerdict.objects.all().delete()
        names: set[str] = set()
        with django_capture_on_commit_callbacks(execute=True):
            yield names
        names.update(AccountVerdict.objects.values_list("account__name", flat=True))

    return within


def test_an_edit_judges_the_account_edited(world: World, judged: Any) -> None:
    with judged() as names:
        write([Edit(ACCOUNTS, world.search.key, {"notes": "New."})], origin=EDIT)
    assert names == {"search"}


def test_a_root_address_given_or_taken_judges_all_that_have_it(world: World, judged: Any) -> None:
    shared = {"email": "shared@example.com"}
    Account.objects.filter(pk=world.audit.pk).update(**shared)
    with judged() as names:
        change_set = write([Edit(ACCOUNTS, world.search.key, shared)], origin=EDIT)
    assert names == {"search", "audit"}
    assert change_set is not None
    with judged() as names:
        undo(change_set)
    assert names == {"search", "audit"}


def test_contacts_written_to_aws_judge_their_accounts(world: World, judged: Any) -> None:
    with judged() as names:
        contacts_pushed.send(None, accounts=[world.search.pk, world.audit.pk])
    assert names == {"search", "audit"}


def test_a_teams_people_judge_its_accounts(world: World, judged: Any) -> None:
    with judged() as names:
        write([Edit(TEAMS, "Payments", {"lead": SAM})], origin=EDIT)
    assert names == {"payments", "denied"}
    with judged() as names:
        write([Edit(PEOPLE, SAM, {"left_on": "2026-11-01"})], origin=EDIT)
    assert names == {"payments", "denied", "search"}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("account:OWNER_CONFIRM_DAYS:aws:444444444444", {"payments"}),
        ("class:OWNER_CONFIRM_DAYS:production", {"payments"}),
        ("ou:OWNER_CONFIRM_DAYS:ou-exam-workload", {"payments", "search", "denied"}),
    ],
)
def test_a_setting_judges_where_it_holds(
    world: World, judged: Any, key: str, expected: set[str]
) -> None:
    with judged() as names:
        write([Edit(SETTINGS, key, {"value": 30})], origin=EDIT)
    assert names == expected


@pytest.mark.parametrize("key", ["organization:REGION_SCOPE:o-cairnexample", "ou:A:r-exam"])
def test_a_setting_high_up_judges_the_organization(world: World, judged: Any, key: str) -> None:
    AccountFactory.create(name="elsewhere")
    with judged() as names:
        write([Edit(SETTINGS, key, {"value": "all"})], origin=EDIT)
    assert names == {account.name for account in world.accounts}


def test_what_aws_sync_writes_is_judged_when_its_run_is_over(world: World, judged: Any) -> None:
    with judged() as names:
        write([Edit(ACCOUNTS, world.search.key, {"state": "SUSPENDED"})], origin=SYNC)
    assert names == set()
    run = Run.objects.create(organization=world.organization)
    with judged() as names:
        run_finished.send(Run, run=run)
    assert names == {account.name for account in world.accounts}


def test_many_accounts_are_left_to_a_worker_if_one_is_about(
    world: World, judged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[list[int], str]] = []
    monkeypatch.setattr(tasks.judge_accounts, "delay", lambda *args: sent.append(args))
    accounts = AccountFactory.create_batch(triggers.ON_THE_SPOT + 1)
    edits = [Edit(ACCOUNTS, account.key, {"notes": "New."}) for account in accounts]
    with judged() as names:
        write(edits, origin=EDIT)
    assert (len(names), sent) == (len(accounts), [])

    monkeypatch.setattr(tasks.roll_up, "delay", lambda: None)
    cache.set(HEARTBEAT_KEY, time.time())
    edits = [Edit(ACCOUNTS, account.key, {"notes": "Newer."}) for account in accounts]
    with judged() as names:
        write(edits, origin=EDIT)
    assert names == set()
    ((pks, cause),) = sent
    tasks.judge_accounts(pks, cause)
    assert AccountVerdict.objects.count() == len(accounts)


def test_what_is_written_together_is_judged_once(
    world: World, judged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = MagicMock(wraps=judge)
    monkeypatch.setattr(triggers, "judge", passes)
    with judged() as names, triggers.judged_together():
        for account in (world.search, world.payments):
            write([Edit(ACCOUNTS, account.key, {"notes": "New."})], origin=EDIT)
    assert names == {"search", "payments"}
    assert passes.call_count == 1


def test_what_was_written_before_something_broke_is_judged(world: World, judged: Any) -> None:
    def write_half() -> None:
        with triggers.judged_together():
            write([Edit(ACCOUNTS, world.search.key, {"notes": "New."})], origin=EDIT)
            raise KeyError

    with judged() as names, pytest.raises(KeyError):
        write_half()
    assert names == {"search"}


def test_the_daily_task_judges_everything(world: World, judged: Any) -> None:
    with judged() as names:
        tasks.judge_everything()
    assert len(names) == len(world.accounts)
    assert judge().stored.changed == 0
