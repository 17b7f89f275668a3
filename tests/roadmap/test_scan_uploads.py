"""An uploaded scanner file becomes findings once, whoever dies on the way, and then goes away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from cairn.uploads import folder
from collectors.scanners import Unreadable
from inventory.models import PolicySetting, Sighting
from roadmap import scan_uploads, tasks
from roadmap.models import Finding, ScanImport, ScannerCheck
from roadmap.scan_import import import_file
from roadmap.scan_uploads import Ended, cancel, path_of, take_in, work
from tests.factories import AccountFactory, UserFactory
from tests.roadmap.test_scan_import import MINE, OTHER, PASSING, result

pytestmark = pytest.mark.django_db

State = ScanImport.State


@pytest.fixture(autouse=True)
def accounts() -> Iterator[None]:
    for account_id in (MINE, OTHER):
        AccountFactory.create(account_id=account_id)
    PolicySetting.objects.create(
        name="IMPORT_MIN_CHECKS", level=PolicySetting.Level.INSTALLATION, value=2
    )
    yield
    for path in folder().iterdir():
        path.unlink()


def upload(*results: dict[str, Any], name: str = "scan.json", **more: Any) -> ScanImport:
    return whole(json.dumps(results), name, **more)


def whole(content: str, name: str = "scan.json", **more: Any) -> ScanImport:
    file = SimpleUploadedFile(name, content.encode())
    return take_in(file, UserFactory.create(), **more)


def findings() -> int:
    """Of the scanner; what Cairn itself finds when it judges is beside it."""
    return Finding.objects.filter(source="prowler").count()


def ended(row: ScanImport) -> ScanImport:
    row.refresh_from_db()
    assert not path_of(row).exists()
    assert (row.turn, row.lease_owner, row.lease_until) == (None, "", None)
    return row


def test_a_file_waits_and_is_imported() -> None:
    row = upload(result(), result(account="999988887777"), result(account="<id>"), PASSING)
    assert (row.state, row.label, row.size) == (State.QUEUED, "Prowler OCSF JSON", row.size)
    assert path_of(row).stat().st_mode & 0o777 == 0o600
    assert findings() == 0
    assert work() is False
    done = ended(row)
    assert (done.state, done.results, done.percent) == (State.DONE, 4, 100)
    assert (done.counts["new"], done.counts["refused"]) == (1, 2)
    assert (done.refused, done.unknown) == ({"<id>": 1}, [["aws", "999988887777", 1]])
    assert done.started_at is not None
    assert done.finished_at is not None
    assert Sighting.objects.get().account_id == "999988887777"


def test_what_the_importer_says_holds() -> None:
    upload(result(), PASSING)
    day = datetime.now(UTC) - timedelta(hours=1)
    gone = result("open_port", "y", "PASS") | {"time_dt": None}
    upload(gone, at=day, regions=["eu-west-1"])
    assert work() is True
    assert work() is False
    found = Finding.objects.get(source="prowler")
    assert (found.state, found.resolved_at) == (Finding.State.RESOLVED, day)


def test_a_run_that_is_said_to_have_made_all_checks_resolves_what_it_does_not_name() -> None:
    upload(result(), PASSING)
    newer = [result(f"check-{number}", "x", "PASS", day=1) for number in range(2)]
    for all_checks, state in ((False, Finding.State.OPEN), (True, Finding.State.RESOLVED)):
        upload(*newer, all_checks=all_checks)
        while work():
            pass
        assert Finding.objects.get(source="prowler").state == state


def test_a_file_that_breaks_off_is_refused_and_goes_away() -> None:
    row = whole(json.dumps([result(), result(resource="sg-2")])[:-40])
    work()
    refused = ended(row)
    assert refused.state == State.REFUSED
    assert "breaks off after 1 records" in refused.message
    assert findings() == 0


@pytest.mark.parametrize("content", ["", "GIF89a", "<html>", "[]", "PK\x03\x04"])
def test_what_is_no_scan_is_not_kept(content: str) -> None:
    with pytest.raises(Unreadable):
        whole(content)
    assert not ScanImport.objects.exists()
    assert list(folder().iterdir()) == []


NAMES = [
    pytest.param("../../etc/passwd", "passwd", id="above"),
    pytest.param("C:\\scans\\scan.json", "scan.json", id="of Windows"),
    pytest.param("x" * 5000 + ".json", "x" * 195 + ".json", id="long"),
    pytest.param("a\x00b\r\n\u202ec.json", "abc.json", id="of signs that do not print"),
    pytest.param("<b>scan</b>.json", "b>.json", id="of markup"),
]


@pytest.mark.parametrize(("name", "kept"), NAMES)
def test_a_name_is_only_read(name: str, kept: str) -> None:
    file = SimpleUploadedFile("scan.json", json.dumps([result()]).encode())
    file._name = name  # type: ignore[attr-defined]  # As a parser that checks less would give it.
    row = take_in(file, UserFactory.create())
    assert row.name == kept
    assert path_of(row).parent == folder()
    assert path_of(row).name == str(row.stored)


class Dead(BaseException):
    """The end of a worker: nothing of Cairn may catch it."""


def dies_at(monkeypatch: pytest.MonkeyPatch, stage: str, batch: int) -> None:
    """A worker that is killed after telling of that many batches, and leaves its lease behind."""
    real = scan_uploads._save
    told = iter(range(batch))

    def save(row: ScanImport, owner: str, **values: Any) -> None:
        real(row, owner, **values)
        if values["state"] == stage and next(told, None) is None:
            raise Dead

    monkeypatch.setattr(scan_uploads, "_save", save)
    with pytest.raises(Dead):
        work()
    monkeypatch.setattr(scan_uploads, "_save", real)


@pytest.mark.parametrize("stage", ["reading", "writing"])
def test_a_worker_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadmap.storage.scans.BATCH", 2)
    row = upload(*(result(resource=f"sg-{number}") for number in range(7)), PASSING)
    dies_at(monkeypatch, stage, 3 if stage == "writing" else 0)  # It tells of the beginning, too.
    row.refresh_from_db()
    assert (row.state, row.attempts) == (stage, 1)
    assert path_of(row).exists()
    assert findings() == (4 if stage == "writing" else 0)
    assert work() is False
    done = ended(row)
    assert (done.state, done.attempts, done.counts["new"], done.results) == (State.DONE, 2, 7, 8)
    assert findings() == 7


def test_a_lease_keeps_others_away_until_it_runs_out() -> None:
    row = upload(result())
    later = datetime.now(UTC) + timedelta(seconds=30)
    held = {"state": State.READING, "turn": True, "lease_owner": "dead", "attempts": 1}
    ScanImport.objects.filter(pk=row.pk).update(**held, lease_until=later)
    assert work() is False
    assert findings() == 0
    ScanImport.objects.filter(pk=row.pk).update(lease_until=later - timedelta(minutes=1))
    work()
    assert ended(row).state == State.DONE


def test_a_worker_that_was_taken_for_dead_writes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    row = upload(result(), PASSING)

    def taken_over(*args: Any, **more: Any) -> Any:
        ScanImport.objects.filter(pk=row.pk).update(lease_owner="another")
        return import_file(*args, **more)

    monkeypatch.setattr(scan_uploads, "import_file", taken_over)
    assert work() is False
    row.refresh_from_db()
    assert (row.lease_owner, row.state) == ("another", State.READING)
    assert findings() == 0


def test_a_file_that_kills_its_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    row, other = upload(result()), upload(result(resource="sg-2"))
    for _ in range(scan_uploads.MOST_ATTEMPTS):
        dies_at(monkeypatch, "reading", 0)
    work()
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert "began this file 3 times" in row.message
    assert ended(other).state == State.DONE


def test_one_file_is_imported_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = upload(result()), upload(result(resource="sg-2"))
    meanwhile: list[bool] = []

    def looking_around(*args: Any, **more: Any) -> Any:
        ScanImport.objects.filter(pk=first.pk).update(state=State.DONE)  # Looks for the second.
        meanwhile.append(work())
        ScanImport.objects.filter(pk=first.pk).update(state=State.READING)
        return import_file(*args, **more)

    monkeypatch.setattr(scan_uploads, "import_file", looking_around)
    work()
    assert meanwhile == [False]
    second.refresh_from_db()
    assert (second.state, second.attempts) == (State.QUEUED, 0)
    monkeypatch.setattr(scan_uploads, "import_file", import_file)
    work()
    assert ended(second).state == State.DONE


def test_a_worker_without_the_file_says_so() -> None:
    row = upload(result())
    path_of(row).unlink()
    work()
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert "CAIRN_DATA_DIR" in row.message


def test_files_that_nothing_refers_to_are_deleted_after_a_day() -> None:
    row = upload(result())
    waiting, orphan, left = path_of(row), folder() / str(uuid4()), folder() / "tmpx.upload"
    fresh = folder() / "tmpy.upload"
    for path in (orphan, left, fresh):
        path.touch()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    for path in (waiting, orphan, left):
        os.utime(path, (long_ago, long_ago))
    ScanImport.objects.filter(pk=row.pk).update(
        turn=True, lease_until=datetime.now(UTC) + timedelta(minutes=1)
    )
    work()
    assert set(folder().iterdir()) == {waiting, fresh}


def test_the_task_does_one_file_and_wakes_another_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(tasks.import_scans, "delay", lambda: woken.append("again"))
    upload(result())
    upload(result(resource="sg-2"))
    tasks.import_scans()
    assert woken == ["again"]
    tasks.import_scans()
    assert woken == ["again"]
    assert findings() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_import_each_file_once() -> None:
    rows = [upload(result(resource=f"sg-{number}"), PASSING) for number in range(3)]
    gate = threading.Barrier(3)
    failures: list[BaseException] = []

    def worker() -> None:
        gate.wait()
        try:
            while work():
                pass
        except BaseException as error:  # noqa: BLE001  (told to the test)
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while work():
        pass
    assert failures == []
    assert [(ended(row).state, row.attempts, row.counts["new"]) for row in rows] == [
        (State.DONE, 1, 1)
    ] * 3
    assert findings() == 3


def test_uploads_lie_in_the_data_folder() -> None:
    assert folder().parent == Path(settings.DATA_DIR)
    assert folder().stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db(transaction=True)
def test_a_worker_process_killed_outright_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "COLLECTION_LEASE_SECONDS", 2)
    number = 15_000
    row = upload(*(result(resource=f"sg-{one}") for one in range(number)))
    victim = worker_process()
    deadline = time.monotonic() + 60
    wait_for_the_middle(row, victim)
    victim.kill()
    victim.wait()
    row.refresh_from_db()
    assert 0 < findings() == row.counts["new"] < number
    assert row.lease_owner
    while row.is_active:
        assert time.monotonic() < deadline
        work()
        time.sleep(0.2)
        row.refresh_from_db()
    assert (ended(row).state, row.attempts, row.counts["new"]) == (State.DONE, 2, number)
    assert findings() == number


def worker_process() -> subprocess.Popen[bytes]:
    code = "import django; django.setup(); from roadmap.scan_uploads import work; work()"
    return subprocess.Popen([sys.executable, "-c", code], env=environment())


def wait_for_the_middle(row: ScanImport, worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not (row.state == State.WRITING and row.results > 1000):
        assert worker.poll() is None, "It was to be met in the middle."
        assert time.monotonic() < deadline
        time.sleep(0.05)
        row.refresh_from_db()


def environment() -> dict[str, str]:
    """Of a process on the database and the data folder of the test."""
    name = str(connection.settings_dict["NAME"])
    if url := os.environ.get("DATABASE_URL"):
        url = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cairn.settings.dev",
        "CAIRN_DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": url or f"sqlite:///{name}",
        "COLLECTION_LEASE_SECONDS": "2",
    }


class Meanwhile:
    """A worker in a thread of its own, which waits at a function until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        self.answers: list[bool] = []
        real = getattr(scan_uploads, name)

        def waits(*args: Any, **more: Any) -> Any:
            self.reached.set()
            assert self.go.wait(60)
            return real(*args, **more)

        monkeypatch.setattr(scan_uploads, name, waits)
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        try:
            self.answers.append(work())
        finally:
            connection.close()

    def __enter__(self) -> None:
        self.thread.start()
        assert self.reached.wait(60)

    def __exit__(self, *raised: object) -> None:
        self.go.set()
        self.thread.join()


def cancelled(row: ScanImport) -> ScanImport:
    user = UserFactory.create()
    cancel(row, user)
    row.refresh_from_db()
    assert (row.state, row.cancelled_by) == (State.CANCELLED, user)
    assert row.finished_at is not None
    return row


def test_what_waits_is_cancelled_at_once() -> None:
    row, other = upload(result()), upload(result(resource="sg-2"))
    cancelled(row)
    assert ended(row).counts == {}
    assert work() is False
    assert ended(other).state == State.DONE
    assert findings() == 1


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_read_is_cancelled_and_nothing_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = upload(result(), result(account="999988887777"), PASSING)
    next_one = upload(result(resource="sg-2"))
    worker = Meanwhile(monkeypatch, "import_file")
    with worker:
        row.refresh_from_db()
        assert row.state == State.READING
        cancelled(row)
        assert work() is False  # It keeps its turn until it has found out.
    assert worker.answers == [True]
    assert ended(row).counts == {}
    assert not Finding.objects.filter(source="prowler").exists()
    assert not ScannerCheck.objects.exists()
    assert not Sighting.objects.exists()
    work()
    assert ended(next_one).state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_worker_process_stops_writing_and_the_same_file_again_carries_on() -> None:
    results = [result(resource=f"sg-{one}") for one in range(15_000)]
    row = upload(*results)
    worker = worker_process()
    wait_for_the_middle(row, worker)
    written = cancelled(row).counts["new"]
    assert 0 < findings() == written < len(results)
    assert worker.wait(60) == 0
    assert ended(row).counts["new"] == findings() == written
    again = upload(*results)
    work()
    assert ended(again).counts["new"] == len(results) - written
    assert findings() == len(results)


@pytest.mark.django_db(transaction=True)
def test_the_first_word_holds_when_an_import_is_cancelled_as_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = upload(result(), PASSING)
    with Meanwhile(monkeypatch, "_end"):
        cancelled(row)
    assert ended(row).state == State.CANCELLED
    assert row.counts["new"] == findings() == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_cancelled_import_had_written_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roadmap.storage.scans.BATCH", 1)
    judged: list[Any] = []
    monkeypatch.setattr("roadmap.triggers._judge", lambda accounts, cause: judged.append(accounts))
    row, user, real = upload(result(), PASSING), UserFactory.create(), scan_uploads._save

    def save(row: ScanImport, owner: str, **values: Any) -> None:
        real(row, owner, **values)
        if values.get("results") == 1:  # After the first batch is written.
            transaction.on_commit(lambda: cancel(row, user))

    monkeypatch.setattr(scan_uploads, "_save", save)
    work()
    assert ended(row).state == State.CANCELLED
    assert row.counts["new"] == findings() == 1
    assert judged == [[Finding.objects.get(source="prowler").account_id]]


def test_the_file_of_a_dead_worker_goes_with_its_import(monkeypatch: pytest.MonkeyPatch) -> None:
    row = upload(result())
    dies_at(monkeypatch, "reading", 0)
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    held = {"turn": True, "lease_owner": "dead", "lease_until": long_ago}
    ScanImport.objects.filter(pk=row.pk).update(**held)
    cancelled(row)
    assert not path_of(row).exists()
    other = upload(result(resource="sg-2"))
    work()
    assert ended(other).state == State.DONE


def test_what_has_ended_is_not_cancelled() -> None:
    row = upload(result(), PASSING)
    work()
    with pytest.raises(Ended, match="has ended already: imported"):
        cancel(row, UserFactory.create())
    assert (ended(row).state, row.cancelled_by) == (State.DONE, None)
