"""One POST to an address that a person typed in: to the internet, or to networks that are allowed.

The host is resolved once and what was resolved is connected to, so that a name cannot point
somewhere else between the check and the call. Redirects are not followed, and proxies of the
environment are not used: they would resolve the name again. The libraries there are for this know
no list of allowed networks, or follow the environment's proxies; urllib3 does the rest here.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

PATIENCE = 10  # seconds without a sign
SECONDS = 30  # for all of it
LONGEST_ANSWER = 500  # bytes that are read of an answer
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """The URL leads where webhooks may not, or is none."""


class Unanswered(Exception):
    """Nobody answered, or not in time."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Target:
    """A checked URL with the address to connect to."""

    parts: SplitResult
    host: str
    port: int
    address: Address


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises Forbidden and Unanswered."""
    target = resolve(url)
    path = f"{target.parts.path or '/'}{'?' + target.parts.query if target.parts.query else ''}"
    sent = {**headers, "Host": target.parts.netloc, "User-Agent": "Cairn"}
    connection = _connection(target)
    try:
        with _at_most(SECONDS, connection):
            connection.request("POST", path, body=body, headers=sent, preload_content=False)
            answer = connection.getresponse()
            text = answer.read1(LONGEST_ANSWER) or b""
    except (HTTPError, HTTPException, CertificateError, OSError) as error:
        raise Unanswered(type(error).__name__) from error
    finally:
        connection.close()
    return Answer(answer.status, text.decode("utf-8", "replace")[:LONGEST_ANSWER])


def resolve(url: str) -> Target:
    """Raises Forbidden, and Unanswered for a name that leads nowhere."""
    parts, host, port = _split(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unanswered(f"There is no host {host}.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not (is_public(address) or is_allowed(address)):
            raise Forbidden(
                f"{host} leads to a private address. WEBHOOK_ALLOWED_NETWORKS says which of these "
                "webhooks may reach."
            )
    if parts.scheme == "http" and not all(map(is_allowed, addresses)):
        raise Forbidden("Only https may be used to reach the internet.")
    return Target(parts, host, port, addresses[0])


def _split(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Forbidden("This is no URL.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise Forbidden("Write a whole URL that begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("A URL with a user name or password is not taken.")
    if not url.isascii() or any(sign <= " " or sign == "\x7f" for sign in url):
        raise Forbidden("A URL holds no blanks and only ASCII signs; encode the others.")
    return parts, host, port or (443 if parts.scheme == "https" else 80)


def is_public(address: Address) -> bool:
    """Whether it is on the internet, and so is the IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local or address.teredo is not None:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_allowed(address: Address) -> bool:
    inner = _inner(address) if isinstance(address, ipaddress.IPv6Address) else None
    real = inner or address
    return any(real in network for network in settings.WEBHOOK_ALLOWED_NETWORKS)


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _connection(target: Target) -> HTTPConnection:
    host = f"{target.address}"
    if target.parts.scheme == "http":
        return HTTPConnection(host, target.port, timeout=PATIENCE)
    return HTTPSConnection(
        host,
        target.port,
        timeout=PATIENCE,
        cert_reqs="CERT_REQUIRED",
        assert_hostname=target.host,
        server_hostname=target.host,
    )


@contextmanager
def _at_most(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Hang up after that long, also on one who answers a sign at a time. Raises TimeoutError."""
    is_over = threading.Event()

    def hang_up() -> None:
        is_over.set()
        if connection.sock:
            with suppress(OSError):
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if is_over.is_set():
        raise TimeoutError
