"""A whole Cairn as `make run` and `make demo` start it, and what of it is still running."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 300
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


def _as_a_terminal_starts_it() -> None:
    """A suite under nohup ignores hang-ups, and what it starts would inherit that."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Served:
    """A Cairn started on a port with a data folder of its own."""

    def __init__(self, data: Path, port: int, *options: str, **variables: str) -> None:
        self.data = data
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        # A file, not a pipe: nobody has to read on for the parts to go on writing.
        self._written = data.with_suffix(".log")
        with self._written.open("w") as written:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cairn.serve", *options],
                cwd=ROOT,
                env={
                    "PATH": os.environ["PATH"],
                    "PORT": str(port),
                    "CAIRN_DATA_DIR": str(data),
                    **variables,
                },
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_as_a_terminal_starts_it,
            )

    @property
    def output(self) -> str:
        return self._written.read_text()

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while words not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"It did not say {words!r}:\n{self.output}")
            time.sleep(0.1)

    def finish(self) -> int:
        return self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.finish()

    def kill(self) -> None:
        for pid in descendants(self.process.pid) | {self.process.pid}:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
