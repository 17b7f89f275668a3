"""`make run` as a person meets it: it starts, says where it is, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
STOP_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> set[int]:
    """Every process below this one, read from /proc."""
    children: dict[int, set[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # It ended while we looked.
        children.setdefault(parent, set()).add(int(stat.parent.name))
    found: set[int] = set()
    rest = {pid}
    while rest:
        rest = set().union(*(children.get(one, set()) for one in rest)) - found
        found |= rest
    return found


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def left_over(pids: set[int]) -> list[str]:
    """The command lines of those still running after a moment's grace."""
    deadline = time.monotonic() + STOP_SECONDS
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [command_line(pid) for pid in pids if is_running(pid)]


class Served:
    """A Cairn started on a free port with a data folder of its own."""

    def __init__(self, data: Path, port: int, *options: str, **variables: str) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cairn.serve", *options],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "PORT": str(port),
                "CAIRN_DATA_DIR": str(data),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ""

    def wait_for(self, words: str) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line
            if words in line:
                return
        raise AssertionError(f"It ended before it said {words!r}:\n{self.output}")

    def finish(self) -> int:
        rest, _ = self.process.communicate(timeout=STOP_SECONDS)
        self.output += rest
        return self.process.returncode

    def kill(self) -> None:
        for pid in descendants(self.process.pid) | {self.process.pid}:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "data", free_port())
    yield served
    served.kill()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Served]:
    demo = Served(tmp_path / "data", free_port(), "--demo", AWS_PORT=str(free_port()))
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


def test_the_demo_names_a_sign_in_for_each_role_and_ends_with_its_simulated_aws(
    demo: Served,
) -> None:
    demo.wait_for("Ctrl-C stops everything")
    for role in ("Viewer", "Account owner", "Finance", "Security", "Administrator"):
        assert f"  {role} " in demo.output
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    pids = descendants(demo.process.pid)
    assert any("simulated_aws" in command_line(pid) for pid in pids)
    demo.process.send_signal(signal.SIGTERM)
    assert demo.finish() == 0
    assert left_over(pids) == []
