"""HTTP/1.1 by one thread: connections are kept open, and requests answered as they come."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from simulated_aws.wire import Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BACKLOG: Final = 1024
UNPREFIXED_HEADERS: Final = ("CONTENT_TYPE", "CONTENT_LENGTH")
HEAD_ENDS: Final = b"\r\n\r\n"
GO_ON: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Answerer(Protocol):
    def answer(self, environ: WSGIEnvironment) -> Reply: ...

    def delay(self) -> float:
        """Seconds until the next answer is sent."""


class Connection(asyncio.Protocol):
    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(HEAD_ENDS)) >= 0:
            environ = _environ(self._data[:end])
            start = end + len(HEAD_ENDS)
            length = int(environ.get("CONTENT_LENGTH") or 0)
            if len(self._data) < start + length:
                # botocore sends the content of an object only when it is told to.
                if len(self._data) == start and "HTTP_EXPECT" in environ:
                    self._transport.write(GO_ON)
                return
            environ["wsgi.input"] = io.BytesIO(self._data[start : start + length])
            self._data = self._data[start + length :]
            reply = self._answerer.answer(environ)
            if seconds := self._answerer.delay():
                asyncio.get_running_loop().call_later(seconds, self._send, environ, reply)
            else:
                self._send(environ, reply)

    def _send(self, environ: WSGIEnvironment, reply: Reply) -> None:
        headers = {**reply.headers, "Content-Length": str(len(reply.body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else reply.body
        self._transport.write(f"HTTP/1.1 {reply.status} \r\n{head}\r\n".encode("latin-1") + body)
        if reply.then:
            reply.then()
        if environ.get("HTTP_CONNECTION", "").lower() == "close":
            self._transport.close()


def _environ(head: bytes) -> WSGIEnvironment:
    """A request's line and headers as WSGI says them; the line may name a whole URL."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, uri, _ = first.split(" ")
    url = urlsplit(uri) if uri.startswith("http://") else None
    path, _, query = uri.partition("?") if url is None else (url.path, "?", url.query)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "RAW_URI": uri,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }
    for line in lines:
        header, _, value = line.partition(":")
        name = header.upper().replace("-", "_")
        environ[name if name in UNPREFIXED_HEADERS else f"HTTP_{name}"] = value.strip()
    if url is not None:
        environ["HTTP_HOST"] = url.netloc
    return environ
