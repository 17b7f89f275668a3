"""The server of the uniform accounts: one thread, connections kept open, answers kept rendered."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from moto.core.utils import get_service_model

from simulated_aws import errors, wire
from simulated_aws.errors import AwsError
from simulated_aws.scale.answers import ACCOUNT, FUNCTIONS, REGION, TEMPLATES
from simulated_aws.scale.company import Company, account_of
from simulated_aws.wire import Call, Reply

UNPREFIXED_HEADERS: Final = ("CONTENT_TYPE", "CONTENT_LENGTH")


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
        return Reply(status, {"Content-Type": content_type}, body)

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


class Connection(asyncio.Protocol):
    def __init__(self, answerer: Answerer) -> None:
        self.answerer = answerer
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            environ = _environ(self.data[:end])
            length = int(environ.get("CONTENT_LENGTH") or 0)
            if len(self.data) < end + 4 + length:
                return
            environ["wsgi.input"] = io.BytesIO(self.data[end + 4 : end + 4 + length])
            self.data = self.data[end + 4 + length :]
            self._send(self.answerer.answer(environ))

    def _send(self, reply: Reply) -> None:
        content = (
            f"HTTP/1.1 {reply.status} \r\nContent-Type: {reply.headers['Content-Type']}\r\n"
            f"Content-Length: {len(reply.body)}\r\nx-amzn-RequestId: scale\r\n\r\n"
        ).encode() + reply.body
        latency = self.answerer.settings.latency_ms
        if latency:
            # Around the figure asked for, as a network is.
            delay = random.uniform(0.7, 1.3) * latency / 1000  # noqa: S311 - no secret.
            asyncio.get_running_loop().call_later(delay, self.transport.write, content)
        else:
            self.transport.write(content)


def _environ(head: bytes) -> dict[str, Any]:
    """A request's line and headers as the WSGI environment that `wire` reads."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, uri, _ = first.split(" ")
    path, _, query = uri.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "RAW_URI": uri,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
    }
    for line in lines:
        header, _, value = line.partition(":")
        name = header.upper().replace("-", "_")
        environ[name if name in UNPREFIXED_HEADERS else f"HTTP_{name}"] = value.strip()
    return environ


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
    server = await loop.create_server(lambda: Connection(answerer), host, port, backlog=1024)
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
