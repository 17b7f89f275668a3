"""The server: one process keeps the world as it was built, another one serves a copy of it.

The keeper builds the world, listens, and forks. The serving child answers from a copy-on-write
copy of all of moto's state; a reset ends it, and the keeper forks the next one from the untouched
original, on the same socket. The keeper has no threads, so it may fork at any time.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import select
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from moto.backends import list_of_moto_modules
from moto.core.utils import get_service_model
from moto.moto_api._internal import mock_random

from simulated_aws import moto_adjustments, world
from simulated_aws.answers import FUNCTIONS, load_services
from simulated_aws.application import SimulatedAwsApplication
from simulated_aws.call_log import CALLS
from simulated_aws.control import RESET_STATUS
from simulated_aws.http_server import BACKLOG, Connection
from simulated_aws.world.builder import Builder

ORGANIZATION_ID: Final = "o-larkfield0"
ROOT_ID: Final = "r-lark"
HELD_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})


def build(world_name: str, latency_ms: float) -> SimulatedAwsApplication:
    moto_adjustments.adjust(ORGANIZATION_ID, ROOT_ID)
    load_services()
    application = SimulatedAwsApplication({})
    application.control.world = world.build(world_name, Builder(application))
    # What is parsed and imported now need not be by every copy, with callers waiting.
    services = {service for service, _ in FUNCTIONS}
    for service in services:
        get_service_model(service)
    for service in services.intersection(list_of_moto_modules()):
        importlib.import_module(f"moto.{service}")
    CALLS.clear()
    application.control.latency_ms = latency_ms
    return application


def bind(host: str, port: int) -> socket.socket:
    """A socket of the port, still to listen on; OSError when the port is taken.

    Port 0 takes a free one. Nobody can connect before the world is there.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def serve(
    listener: socket.socket, application: SimulatedAwsApplication, *, until_input_ends: bool
) -> None:
    """Until SIGTERM, SIGINT or, if so asked, the end of standard input.

    Call `hold_signals` before. The serving process also ends when the keeper does, however that is.
    """
    # What exists now is never garbage: collecting it would touch, and so copy, every page.
    gc.freeze()
    lifeline, keeper_end = os.pipe()
    while True:
        child = os.fork()
        if child == 0:
            os.close(keeper_end)
            _serve_copy(listener, application, [lifeline, *[0] * until_input_ends])
        if signal.sigwait(HELD_SIGNALS) != signal.SIGCHLD:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return
        _, status = os.waitpid(child, 0)
        exit_code = os.waitstatus_to_exitcode(status)
        if exit_code != RESET_STATUS:
            raise SystemExit(exit_code)


def hold_signals() -> None:
    """Let signals wait until `serve` asks for them: none may come between two of its steps."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)


def _serve_copy(
    listener: socket.socket, application: SimulatedAwsApplication, lifelines: Sequence[int]
) -> None:
    # Ctrl-C reaches both; the keeper then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_SIGNALS)
    threading.Thread(target=_end_with, args=(lifelines,), daemon=True).start()
    mock_random.seed()
    asyncio.run(_answer(listener, application))


async def _answer(listener: socket.socket, application: SimulatedAwsApplication) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(application), sock=listener, backlog=BACKLOG
    )
    await server.serve_forever()


def _end_with(lifelines: Sequence[int]) -> None:
    """End this process as soon as one of the descriptors has nothing more to say."""
    while True:
        readable, _, _ = select.select(lifelines, [], [])
        if any(not os.read(descriptor, 4096) for descriptor in readable):
            os._exit(0)


def announcement(
    listener: socket.socket, application: SimulatedAwsApplication
) -> Mapping[str, Any]:
    host, port = listener.getsockname()[:2]
    return {"url": f"http://{f'[{host}]' if ':' in host else host}:{port}"} | dict(
        application.control.world
    )
