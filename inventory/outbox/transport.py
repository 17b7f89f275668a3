"""One conversation with the mail server, step by step, so that it is known how far it came.

``smtplib`` sends a mail in one call, after which a broken connection may mean anything. Here the
caller hears right before the text is handed over: until then nothing can have arrived.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from contextlib import suppress
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
# Replies to RCPT that speak of the mailbox, where the server gives no enhanced code (RFC 5321).
_NO_MAILBOX = frozenset({521, 550, 551, 553, 556})
CLOSING = 421


class Unreachable(Exception):
    """The server is not there, or takes no mail at all for now. Nothing was handed over."""


class Unclear(Exception):
    """The connection broke after the text was handed over, before the server answered."""


class Refused(Exception):
    """The server answered no. ``is_final`` says not to ask again; ``is_bounce`` that the address
    is the reason."""

    def __init__(self, code: int, reply: bytes, *, at_recipient: bool = False) -> None:
        self.reply = f"{code} {reply.decode('utf-8', 'replace')}"[:500]
        super().__init__(self.reply)
        self.is_final = code >= 500
        found = _ENHANCED.match(self.reply.partition(" ")[2])
        about_address = found[2] in ("1", "2") if found else at_recipient and code in _NO_MAILBOX
        self.is_bounce = self.is_final and about_address


class Transport:
    """Opened when the first mail is sent, and again after a failure."""

    def __init__(self) -> None:
        self._backend = get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._backend.close()

    def send(
        self, mail: EmailMultiAlternatives, address: str, hand_over: Callable[[], None]
    ) -> None:
        """``hand_over`` is called once, before the text goes out; what it raises stops the sending.

        Raises Unreachable, Refused or Unclear.
        """
        if isinstance(self._backend, EmailBackend):
            self._converse(self._open(self._backend), mail, address, hand_over)
            return
        hand_over()
        try:
            self._backend.send_messages([mail])
        except OSError as error:
            raise Unclear(_words(error)) from error

    def _open(self, backend: EmailBackend) -> smtplib.SMTP:
        try:
            backend.open()
            assert backend.connection is not None
            backend.connection.ehlo_or_helo_if_needed()
        except OSError as error:
            self._hang_up()
            raise Unreachable(_words(error)) from error
        return backend.connection

    def _converse(
        self,
        smtp: smtplib.SMTP,
        mail: EmailMultiAlternatives,
        address: str,
        hand_over: Callable[[], None],
    ) -> None:
        content = mail.message().as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        try:
            self._check(smtp.rset())  # Whatever the mail before this one left open.
            self._check(smtp.mail(_plain(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])))
            self._check(smtp.rcpt(_plain(address)), at_recipient=True)
        except OSError as error:
            self._hang_up()
            raise Unreachable(_words(error)) from error
        hand_over()
        try:
            self._check(smtp.data(content))
        except smtplib.SMTPDataError as error:
            self._check((error.smtp_code, _bytes(error.smtp_error)))
        except OSError as error:
            self._hang_up()
            raise Unclear(_words(error)) from error

    def _check(self, answer: tuple[int, bytes], *, at_recipient: bool = False) -> None:
        code, reply = answer
        if code == CLOSING:
            self._hang_up()
            raise Unreachable(f"{code} {reply.decode('utf-8', 'replace')}"[:500])
        if not 200 <= code < 300:
            raise Refused(code, reply, at_recipient=at_recipient)

    def _hang_up(self) -> None:
        """The next mail gets a new connection."""
        if isinstance(self._backend, EmailBackend) and self._backend.connection is not None:
            self._backend.connection.close()
            self._backend.connection = None


def _plain(address: str) -> str:
    """As SMTP takes it: a domain of other letters than ASCII's in its ASCII form."""
    return str(sanitize_address(address, "utf-8"))


def _bytes(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
