"""The server of the uniform accounts, whose answers are kept rendered."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import get_service_model

from simulated_aws import errors, wire
from simulated_aws.errors import AwsError
from simulated_aws.http_server import BACKLOG, Connection
from simulated_aws.scale.answers import ACCOUNT, FUNCTIONS, REGION, TEMPLATES
from simulated_aws.scale.company import Company, account_of
from simulated_aws.wire import Call, Reply


@dataclass(frozen=True)
class Settings:
    """throttle: calls per second of one service and account before it says no; 0: never."""

    accounts: int
    latency_ms: float = 0
    throttle: float = 0


@dataclass
class Answerer:
    settings: Settings
    rendered: dict[tuple[str, str], tuple[int, str, bytes]] = field(default_factory=dict)
    buckets: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.company = Company(self.settings.accounts)

    def delay(self) -> float:
        # Around the figure asked for, as a network is.
        return random.uniform(0.7, 1.3) * self.settings.latency_ms / 1000  # noqa: S311 - no secret.

    def answer(self, environ: dict[str, Any]) -> Reply:
        if environ["PATH_INFO"] == "/_sim/world":
            return Reply.of_json(self.company.described())
        call = wire.read(environ)
        if call is None or not call.operation:
            return Reply.of_json({"Message": "Unknown operation"}, 404)
        if self._is_throttled(call):
            return wire.reply(call, errors.throttled(call.error_family))
        function = FUNCTIONS.get((call.service, call.operation))
        if function is None:
            return self._from_template(call)
        try:
            return wire.reply(call, function(call, self.company))
        except AwsError as error:
            return wire.reply(call, error)

    def _from_template(self, call: Call) -> Reply:
        key = (call.service, call.operation)
        if key not in self.rendered:
            reply = wire.reply(call, TEMPLATES.get(key) or _nothing(call))
            self.rendered[key] = (reply.status, reply.headers["Content-Type"], reply.body)
        status, content_type, body = self.rendered[key]
        account = account_of(call.access_key_id).encode()
        body = body.replace(ACCOUNT.encode(), account).replace(
            REGION.encode(), call.region.encode()
        )
        return Reply(status, {"Content-Type": content_type, "x-amzn-RequestId": "scale"}, body)

    def _is_throttled(self, call: Call) -> bool:
        rate = self.settings.throttle
        if not rate:
            return False
        key, now = (account_of(call.access_key_id), call.service), time.monotonic()
        tokens, since = self.buckets.get(key, (rate, now))
        tokens = min(rate, tokens + (now - since) * rate)
        self.buckets[key] = (max(tokens - 1, tokens % 1), now)
        return tokens < 1


def _nothing(call: Call) -> Mapping[str, Any]:
    """An empty list for every list the answer has: absent ones would be an odd answer to boto3."""
    shape: Any = get_service_model(call.service).operation_model(call.operation).output_shape
    members = shape.members if shape else {}
    return {name: [] for name, member in members.items() if member.type_name == "list"}


def serve(
    host: str,
    port: int,
    settings: Settings,
    announce: Callable[[Mapping[str, Any]], None],
    *,
    until_input_ends: bool,
) -> None:
    """Until SIGTERM, SIGINT or, if so asked, the end of standard input."""
    asyncio.run(_serve(host, port, Answerer(settings), announce, until_input_ends))


async def _serve(
    host: str,
    port: int,
    answerer: Answerer,
    announce: Callable[[Mapping[str, Any]], None],
    until_input_ends: bool,
) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answerer), host, port, backlog=BACKLOG)
    bound = server.sockets[0].getsockname()
    announce({"url": f"http://{host}:{bound[1]}"} | answerer.company.described())
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if until_input_ends:
        loop.add_reader(
            sys.stdin.fileno(), lambda: None if os.read(sys.stdin.fileno(), 4096) else ended.set()
        )
    await ended.wait()
    server.close()
