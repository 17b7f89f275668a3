"""Everything on one machine in one command: `make run`, and with ``--demo`` `make demo`.

Migrates, then starts the web server and one Celery worker with the beat inside it; for the demo
first a simulated AWS, whose organization is imported, collected and judged. It ends when told to
(Ctrl-C, SIGTERM, a closed terminal) or when a part ends by itself, and leaves nothing running.

Why not honcho or another Procfile runner: they start all parts at once and stop all as soon as
one ends, so nothing can wait for another part, and no step can run once among them.
"""

import argparse
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from django.core.exceptions import ImproperlyConfigured

from cairn import env

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60
STOP_SECONDS = 15
PR_SET_PDEATHSIG = 1  # prctl(2)


DEMO_BANNER = (
    "This is a demo. Larkfield and the half year before today are invented; what is shown of today "
    "was collected from a simulated AWS."
)


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM or a closed terminal."""


class Failed(Exception):
    """A part did not start, or ended by itself; the text is for the person at the terminal."""


@dataclass
class Parts:
    """The running parts in the order they were started, each the leader of its own session."""

    environment: dict[str, str]
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def start(self, name: str, *command: str, stdout: int | None = None) -> subprocess.Popen[str]:
        self.running[name] = subprocess.Popen(  # noqa: S603  (our own commands)
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=stdout,
            text=True,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        return self.running[name]

    def run(self, name: str, *command: str) -> str:
        """What a command that ends printed on standard output. Raises Failed where it failed."""
        process = self.start(name, *command, stdout=subprocess.PIPE)
        output, _ = process.communicate()
        del self.running[name]
        if process.returncode:
            raise Failed(f"{name} failed with exit code {process.returncode}; see above.")
        return output

    def check(self) -> None:
        for name, process in self.running.items():
            if process.poll() is not None:
                raise Failed(f"The {name} ended by itself (exit code {process.returncode}).")

    def wait_until(self, answers: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            self.check()
            if time.monotonic() > deadline:
                raise Failed(f"{what} did not answer within {START_SECONDS} s.")
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask every part to end, then end what is left of it, the last started first."""
        parts = list(reversed(self.running.values()))
        for process in parts:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in parts:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                print(f"Process {process.pid} did not end in time and is killed.", file=sys.stderr)
            # A part's own children may outlive it, whichever way it ended.
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _end_with_parent() -> None:
    """Runs in the child: the kernel ends it should this process be killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # Everything in it has ended already.
        os.killpg(process.pid, number)


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _simulated_credentials(port: int) -> dict[str, str]:
    """The simulated organization knows one caller from outside: Cairn."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sim/world", timeout=30) as answer:
        key = json.load(answer)["collector"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def environment(demo: bool, port: int, aws_port: int) -> dict[str, str]:
    """The parts' environment. The demo keeps its data apart and never reaches a real AWS, or a real
    mail server."""
    parts = {
        "LOG_LEVEL": "WARNING",
        "MALLOC_ARENA_MAX": "2",  # Else glibc keeps memory apart for every thread of a worker.
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cairn.settings.dev",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    if not demo:
        return parts
    own = {
        name: value
        for name, value in parts.items()
        if not name.startswith(("AWS_", "EMAIL_"))
        and name not in {"DATABASE_URL", "REDIS_URL", "SITE_URL"}
    }
    return {
        **own,
        "CAIRN_DATA_DIR": str(env.path("CAIRN_DATA_DIR", ROOT / "var" / "demo")),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws_port}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CONTACT_PUSH": "1",
        "BANNER": parts.get("BANNER") or DEMO_BANNER,
    }


def serve(parts: Parts, demo: bool, port: int, aws_port: int) -> None:
    if demo:
        start_simulation(parts, aws_port)  # It builds its world while the database is prepared.
    print("Preparing the database and the static files.", flush=True)
    parts.run("migration", *_python("manage.py", "migrate", "-v", "0"))
    parts.run("collecting static files", *_python("manage.py", "collectstatic", "--noinput", "-v0"))
    notes = "No sign-in yet? Make one: .venv/bin/python manage.py createsuperuser\n"
    if demo:
        notes = load_simulation(parts, aws_port)
    print("Starting the web server and the worker.", flush=True)
    parts.start("web server", *_python("-m", "gunicorn", "cairn.wsgi", "--log-level", "warning"))
    parts.start(
        "worker",
        *_python("-m", "celery", "-A", "cairn", "--quiet", "worker", "--beat", "-l", "WARNING"),
        *("--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"),
    )
    parts.wait_until(lambda: _is_ready(port), "Cairn")
    print(
        f"\nCairn:          http://127.0.0.1:{port}/\n{notes}Ctrl-C stops everything.", flush=True
    )
    while True:
        parts.check()
        time.sleep(0.5)


def start_simulation(parts: Parts, port: int) -> None:
    print("Starting the simulated AWS.", flush=True)
    file = _simulation_notes(parts)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("w") as notes:
        command = _python("-m", "simulated_aws", "--port", str(port))
        parts.start("simulated AWS", *command, stdout=notes.fileno())


def load_simulation(parts: Parts, port: int) -> str:
    """Where the simulated AWS is and who may sign in, for the person at the terminal."""
    parts.wait_until(lambda: _listens(port), "The simulated AWS")
    parts.environment.update(_simulated_credentials(port))
    print("Loading the demo; the first time this takes half a minute.", flush=True)
    sign_ins = parts.run("loading the demo", *_python("manage.py", "load_demo"))
    return f"Simulated AWS:  http://127.0.0.1:{port}/ (see {_simulation_notes(parts)})\n{sign_ins}"


def _simulation_notes(parts: Parts) -> Path:
    """The file in which the simulated AWS says how the AWS CLI reaches it."""
    return Path(parts.environment["CAIRN_DATA_DIR"]) / "simulated-aws.txt"


def _ask_to_stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m cairn.serve", description=__doc__)
    options.add_argument("--demo", action="store_true", help="with a simulated AWS and its data")
    demo = options.parse_args().demo
    try:
        port = env.integer("PORT", 8000, least=1, most=65_534)
        aws_port = env.integer("AWS_PORT", port + 1, least=1, most=65_535)
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        return 1
    for name, wanted in {"PORT": port, **({"AWS_PORT": aws_port} if demo else {})}.items():
        if not _port_is_free(wanted):
            print(f"Port {wanted} is taken. Choose another one: {name}=…", file=sys.stderr)
            return 1
    # nohup asks for a closed terminal to be ignored, and gets it.
    kept = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    signals = {signal.SIGINT, signal.SIGTERM} | (set() if kept else {signal.SIGHUP})
    for number in signals:
        signal.signal(number, _ask_to_stop)
    parts = Parts(environment(demo, port, aws_port))
    try:
        serve(parts, demo, port, aws_port)
    except Stopped:
        print("\nStopping.", flush=True)
        return 0
    except Failed as failure:
        print(f"{failure} Stopping the rest.", file=sys.stderr, flush=True)
        return 1
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)  # Stopping takes its time once, not twice.
        parts.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
