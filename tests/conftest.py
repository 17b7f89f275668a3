"""Fixtures for every test: a clean cache; for those that ask, the one simulated AWS, the one demo
and real Celery workers. Parallel processes take whole files, so that little is set up twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as properties
from redis import Redis
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from cairn.celery import HEARTBEAT_KEY
from simulated_aws import SimulatedAws, serve
from tests.serving import Served, free_port

# What a slow moment of a shared machine says of a property is nothing.
properties.register_profile(
    "shared machine", properties(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
properties.load_profile("shared machine")

# The database refuses to empty the audit log, as it must where no test runs.
_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # of Django itself


def _flush_with_audit_log(self: TransactionTestCase) -> None:
    from inventory.audit import guard

    guard.remove(connection)
    try:
        _flush(self)
    finally:
        guard.install(connection)


TransactionTestCase._fixture_teardown = _flush_with_audit_log  # type: ignore[attr-defined]  # as above

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60

# Tests that share something costly beyond their file, and so one process.
SHARE = {
    "the demo": ("tests/browser/demo/", "tests/cairn/test_serve.py::test_the_demo_"),
    "changed worlds": ("tests/simulated_aws/",),
}
# Long tests of files that share nothing: one by one they keep all processes busy to the end.
ALONE = (
    "tests/browser/",
    "tests/cairn/",
    "tests/collectors/test_runs.py",
    "tests/inventory/management/",
)

StartWorker = Callable[..., subprocess.Popen[bytes]]


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out whole files, those of SHARE together and those of ALONE in single tests.

    xdist's own groups need an attribute of tests that pytest 9 no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        for what, where in SHARE.items():
            if nodeid.startswith(where):
                return what
        return nodeid if nodeid.startswith(ALONE) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    if config.getvalue("dist") == "loadgroup":
        return Together(config, log)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if settings.REDIS_URL and "postgresql" in settings.DATABASES["default"]["ENGINE"]:
        return
    reason = "needs DATABASE_URL on PostgreSQL and REDIS_URL"
    for item in items:
        if item.get_closest_marker("services"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture(scope="session")
def simulation() -> Iterator[SimulatedAws]:
    """The demo world of the simulated AWS. Whoever changes it resets it."""
    with serve() as aws:
        yield aws


@pytest.fixture(scope="session")
def served_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demo as `make demo` serves it: with a worker, a simulated AWS, and half a year of progress.
    What a test changes there, it changes back."""
    demo = Served(
        tmp_path_factory.mktemp("demo") / "data", free_port(), "--demo", AWS_PORT=str(free_port())
    )
    try:
        demo.wait_for("Ctrl-C stops everything")
        yield demo
    finally:
        demo.kill()


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a Celery worker process on the test's own database and queue, and returns it ready.

    Extra arguments go to `celery worker`. It may be killed; whatever still runs is ended
    afterwards. For tests marked ``services``.
    """
    with Redis.from_url(settings.CELERY_BROKER_URL) as redis:
        redis.flushdb()  # Messages that earlier tests sent to nobody.
    workers: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        cache.delete(HEARTBEAT_KEY)
        log = (tmp_path / f"worker-{len(workers)}.log").open("wb")
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "cairn", "worker", "--pool", "threads"),
                *("--concurrency", "2", "-n", f"w{len(workers)}-{os.getpid()}@%h", *arguments),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "cairn.settings.test",
                "DATABASE_URL": _test_database_url(),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        workers.append(worker)
        _wait_for_heartbeat(worker, Path(log.name))
        return worker

    yield start
    for worker in workers:
        if worker.poll() is None:
            worker.kill()
        worker.wait()


def _test_database_url() -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def _wait_for_heartbeat(worker: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while cache.get(HEARTBEAT_KEY) is None:
        if worker.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The worker did not start:\n{log.read_text()}")
        time.sleep(0.1)
