"""`make run` as a person meets it: it starts, says where it is, and leaves nothing behind."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.serving import (
    ROOT,
    STOP_SECONDS,
    Served,
    command_line,
    descendants,
    free_port,
    left_over,
)

DATABASE = "cairn.sqlite3"
COLLECTING = "Collecting and judging 30 accounts."


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "data", free_port())
    yield served
    served.kill()


@pytest.fixture
def demo_again(served_demo: Served, tmp_path: Path) -> Iterator[Served]:
    """A demo started on a copy of what another one has loaded."""
    data = tmp_path / "data"
    data.mkdir()
    with (
        closing(sqlite3.connect(served_demo.data / DATABASE)) as loaded,
        closing(sqlite3.connect(data / DATABASE)) as copy,
    ):
        loaded.backup(copy)
    demo = Served(data, free_port(), "--demo", AWS_PORT=str(free_port()))
    yield demo
    demo.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_is_ready_where_it_says_and_a_signal_ends_all_of_it(
    served: Served, number: signal.Signals
) -> None:
    served.wait_for("Ctrl-C stops everything")
    assert f"http://127.0.0.1:{served.port}/" in served.output
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/auth/login/") as answer:
        page = answer.read().decode()
    assert "Sign in to Cairn" in page
    style = page.split('rel="stylesheet" href="')[2].split('"')[0]
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}{style}") as answer:
        assert "immutable" in answer.headers["cache-control"]
    pids = descendants(served.process.pid)
    assert len(pids) >= 3
    served.process.send_signal(number)
    assert served.finish() == 0
    assert left_over(pids) == []


@pytest.mark.parametrize("part", ["gunicorn", "celery"])
def test_a_part_that_dies_is_named_and_takes_the_rest_with_it(served: Served, part: str) -> None:
    served.wait_for("Ctrl-C stops everything")
    pids = descendants(served.process.pid)
    first = min(pid for pid in pids if part in command_line(pid))
    os.kill(first, signal.SIGKILL)
    assert served.finish() == 1
    assert "ended by itself (exit code -9). Stopping the rest." in served.output
    assert left_over(pids) == []


def test_even_killed_outright_it_leaves_nothing_running(served: Served) -> None:
    served.wait_for("Ctrl-C stops everything")
    pids = descendants(served.process.pid)
    served.process.kill()
    served.process.wait()
    assert left_over(pids) == []


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        served = Served(tmp_path / "data", port)
        assert served.finish() == 1
    assert served.output == f"Port {port} is taken. Choose another one: PORT=…\n"


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "cairn.serve"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORT": "http"},
        capture_output=True,
        text=True,
        timeout=STOP_SECONDS,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stderr == "PORT must be a whole number.\n"


def test_the_demo_collects_and_names_a_sign_in_for_each_role(served_demo: Served) -> None:
    assert COLLECTING in served_demo.output
    for role in ("Viewer", "Account owner", "Finance", "Security", "Administrator"):
        assert f"  {role} " in served_demo.output
    with urllib.request.urlopen(f"http://127.0.0.1:{served_demo.port}/readyz") as answer:
        assert answer.status == 200


def test_the_demo_collects_once_and_ends_with_its_simulated_aws(demo_again: Served) -> None:
    demo_again.wait_for("Ctrl-C stops everything")
    assert COLLECTING not in demo_again.output
    assert "  Administrator " in demo_again.output
    pids = descendants(demo_again.process.pid)
    assert any("simulated_aws" in command_line(pid) for pid in pids)
    demo_again.process.send_signal(signal.SIGTERM)
    assert demo_again.finish() == 0
    assert left_over(pids) == []
