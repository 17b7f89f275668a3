"""A mail server on 127.0.0.1 in a process of its own, which does what a recipient's name says.

``refuse`` is refused for good, ``policy`` too but not for the address, ``grey`` is put off once,
``drop`` gets its mail and no answer, ``break`` loses the connection before the mail, ``stall`` is
left waiting at RCPT and ``hang`` after its mail was taken. While a file ``closed`` is in its
folder, the server answers 421.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 30
LONG = 3600


class Handler:
    """Keeps every mail it takes as a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.put_off: set[str] = set()

    async def handle_MAIL(  # noqa: N802  (as aiosmtpd calls it)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (self.folder / "closed").exists():
            return "421 4.3.2 Closed for now"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  (the same)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        (self.folder / f"asked-{time.time_ns()}").write_text(address)
        name = address.partition("@")[0]
        if name.startswith("refuse"):
            return "550 5.1.1 No such mailbox"
        if name.startswith("policy"):
            return "554 5.7.1 Relay access denied"
        if name.startswith("grey") and name not in self.put_off:
            self.put_off.add(name)
            return "451 4.7.1 Come back later"
        if name.startswith("break"):
            _hang_up(server)
            return "250 OK"
        if name.startswith("stall"):
            await asyncio.sleep(LONG)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  (the same)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        name = envelope.rcpt_tos[0].partition("@")[0]
        assert isinstance(envelope.content, bytes)
        mail = {"to": envelope.rcpt_tos, "from": envelope.mail_from}
        stamp = time.time_ns()
        (self.folder / f"{stamp}.eml").write_bytes(envelope.content)
        (self.folder / f"{stamp}.json").write_text(json.dumps(mail))
        if name.startswith("drop"):
            _hang_up(server)
        if name.startswith("hang"):
            await asyncio.sleep(LONG)
        return "250 OK"


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@dataclass(frozen=True)
class Received:
    to: list[str]
    mail: EmailMessage
    raw: bytes


class MailServer:
    """The process, and what it received so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.smtp_server", str(folder)], cwd=ROOT
        )
        deadline = time.monotonic() + START_SECONDS
        while not (folder / "port").exists() or not (folder / "port").read_text():
            assert self.process.poll() is None, "The mail server did not start."
            assert time.monotonic() < deadline, "The mail server did not start."
            time.sleep(0.02)
        self.port = int((folder / "port").read_text())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        (self.folder / "closed").touch()

    def open(self) -> None:
        (self.folder / "closed").unlink()

    @property
    def asked(self) -> list[str]:
        """The addresses of every RCPT, in order."""
        return [file.read_text() for file in sorted(self.folder.glob("asked-*"))]

    @property
    def received(self) -> list[Received]:
        found = []
        for file in sorted(self.folder.glob("*.json")):
            raw = file.with_suffix(".eml").read_bytes()
            mail = message_from_bytes(raw, policy=default)
            assert isinstance(mail, EmailMessage)
            found.append(Received(json.loads(file.read_text())["to"], mail, raw))
        return found


async def _serve(folder: Path) -> None:
    handler = Handler(folder)

    def factory() -> SMTP:
        return SMTP(handler, hostname="localhost", loop=asyncio.get_running_loop())

    server: Any = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0)
    (folder / "port").write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
