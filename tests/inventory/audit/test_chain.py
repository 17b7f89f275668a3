"""Nothing of the log can be changed, removed or put elsewhere without being found out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.audit import Event, Thing, chain, guard, record, written_last
from inventory.models import AuditEntry

FIELDS = [f.name for f in AuditEntry._meta.concrete_fields if f.name not in {"number", "hash"}]

words = st.text(st.characters(codec="utf-8"), max_size=30)
entries = st.lists(
    st.tuples(st.sampled_from(Event), words, words, st.dictionaries(words, words, max_size=3)),
    min_size=1,
    max_size=8,
)


def write(number: int = 1) -> None:
    for one in range(number):
        record(Event.RUN_STARTED, Thing("run", str(one), f"Run {one}"))


@contextmanager
def unguarded() -> Iterator[None]:
    """The database as its owner can make it."""
    guard.remove(connection)
    try:
        yield
    finally:
        guard.install(connection)


def verify(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    with suppress(CommandError):
        call_command("verify_audit_log", *arguments, "--format", "json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


class ChainOfAnyEntries(TestCase):
    """Whatever is recorded is found whole; whatever is done to it is found."""

    def fill(self, wanted: list[tuple[Event, str, str, dict[str, str]]]) -> None:
        for event, key, name, details in wanted:
            record(event, Thing("thing", key, name), details=details)

    @settings(max_examples=40)
    @given(wanted=entries)
    def test_what_was_written_is_intact(
        self, wanted: list[tuple[Event, str, str, dict[str, str]]]
    ) -> None:
        self.fill(wanted)
        found = verify()
        assert (found["intact"], found["entries"]) == (True, len(wanted))

    @settings(max_examples=60)
    @given(wanted=entries, data=st.data())
    def test_any_tampering_is_found(
        self, wanted: list[tuple[Event, str, str, dict[str, str]]], data: st.DataObject
    ) -> None:
        self.fill(wanted)
        head = verify()["head"]
        number = data.draw(st.integers(1, len(wanted)))
        how = data.draw(st.sampled_from(["change", "remove", "swap", "rewrite the rest"]))
        with unguarded():
            first = tamper(data, number, len(wanted), how)
        found = verify("--head", head)
        assert not found["intact"]
        # A log written anew from somewhere on fits together; it is told by its head alone.
        expected = len(wanted) + 1 if how == "rewrite the rest" else first
        assert found["broken"]["number"] == expected


def tamper(data: st.DataObject, number: int, last: int, how: str) -> int:
    """The first entry that is not as it was."""
    row = AuditEntry.objects.filter(number=number)
    entry = row.get()
    if how == "remove":
        row.delete()
    elif how == "swap" and last > 1:
        other = 1 if number != 1 else last
        for one in FIELDS:
            AuditEntry.objects.filter(number=other).update(**{one: getattr(entry, one)})
        AuditEntry.objects.filter(number=other).update(hash=entry.hash)
        return other
    elif how == "rewrite the rest":
        before = "" if number == 1 else AuditEntry.objects.get(number=number - 1).hash
        for later in AuditEntry.objects.filter(number__gte=number).order_by("number"):
            later.actor = "somebody.else@example.com"
            before = later.hash = later.hash_after(before)
            later.save()
    else:
        name = data.draw(st.sampled_from([f for f in FIELDS if f != "at"]))
        new = data.draw(words).replace("\0", "")[:15]
        if new == getattr(entry, name):
            new += "x"
        row.update(**{name: new})
    return number


@pytest.mark.django_db
def test_a_removed_entry_is_named() -> None:
    write(5)
    with unguarded():
        AuditEntry.objects.filter(number=3).delete()
    assert verify()["broken"] == {"number": 3, "reason": "It is missing."}


@pytest.mark.django_db
def test_a_log_that_was_cut_off_is_found_by_an_earlier_head() -> None:
    write(5)
    head = verify()["head"]
    assert verify("--head", head)["intact"]
    with unguarded():
        AuditEntry.objects.filter(number__gt=3).delete()
    assert verify()["intact"]
    assert verify("--head", head)["broken"]["number"] == 4


@pytest.mark.django_db
def test_checking_may_begin_later_and_a_head_from_before_is_still_known() -> None:
    write(3)
    head = verify()["head"]
    write(3)
    found = verify("--since", "5", "--head", head)
    assert (found["intact"], found["entries"], found["last"]) == (True, 2, 6)
    assert verify("--since", "7")["intact"]
    assert verify("--since", "9")["broken"]["number"] == 8


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [("--since", "0"), ("--head", "abc")])
def test_wrong_usage_is_told_apart_from_a_broken_log(wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit_log", *wrong)
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_the_database_refuses_to_change_and_to_delete() -> None:
    write(2)
    for act in (
        lambda: AuditEntry.objects.update(actor="nobody@example.com"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.get(number=1).save(),
        lambda: _execute("DELETE FROM inventory_auditentry"),
    ):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            act()
    assert verify()["intact"]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a statement of SQLite")
def test_an_entry_cannot_be_replaced() -> None:
    write(1)
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        _execute("INSERT OR REPLACE INTO inventory_auditentry SELECT * FROM inventory_auditentry")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a statement of PostgreSQL")
def test_the_table_cannot_be_emptied() -> None:
    write(1)
    with pytest.raises(DatabaseError, match="only added to"):
        _execute("TRUNCATE inventory_auditentry")


@pytest.mark.django_db
def test_a_database_that_refuses_no_more_is_told() -> None:
    write(1)
    with unguarded():
        with pytest.raises(CommandError, match="triggers are missing"):
            call_command("verify_audit_log")
        assert verify()["guarded"] is False


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_entry_and_no_gap() -> None:
    write(1)
    with transaction.atomic():
        write(2)
        transaction.set_rollback(True)
    write(1)
    assert [entry.number for entry in AuditEntry.objects.order_by("number")] == [1, 2]
    assert verify()["intact"]


@pytest.mark.django_db
def test_entries_of_a_block_are_written_at_its_end_in_their_order() -> None:
    with written_last():
        write(1)
        with written_last():
            record(Event.RUN_CANCELLED)
        assert not AuditEntry.objects.exists()
    events = [entry.event for entry in AuditEntry.objects.order_by("number")]
    assert events == [Event.RUN_STARTED, Event.RUN_CANCELLED]


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_do_not_fork_the_chain() -> None:
    threads, each = 4, 15
    start = Barrier(threads)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            start.wait()
            for _ in range(each):
                with transaction.atomic():
                    write(1)
        except BaseException as error:  # noqa: BLE001  (told by the test)
            failed.append(error)
        finally:
            connection.close()

    running = [Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert failed == []
    found = verify()
    assert (found["intact"], found["entries"]) == (True, threads * each)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_hash_can_be_worked_out_without_cairn(db: None) -> None:
    """As docs/audit-log.md says, from what an export holds."""
    import hashlib

    from inventory.audit.reading import FIELDS as EXPORTED
    from inventory.audit.reading import as_row

    write(2)
    before = ""
    for entry in AuditEntry.objects.order_by("number"):
        row = as_row(entry)
        said = [before, *(row[name] for name in EXPORTED if name != "hash")]
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(text.encode()).hexdigest()
        assert before == row["hash"]
    assert chain.verify().head == before
