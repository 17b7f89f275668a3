"""A real mail server, and workers that are processes of their own on the test's database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from tests.smtp_server import ROOT, MailServer

StartSender = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def mail_server(tmp_path: Path, settings: Settings) -> Iterator[MailServer]:
    """Cairn's mail goes there."""
    server = MailServer(tmp_path / "mail-server")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.EMAIL_USE_TLS = False
    settings.DEFAULT_FROM_EMAIL = "Cairn <cairn@example.com>"
    yield server
    server.stop()


@pytest.fixture
def start_sender(transactional_db: None, mail_server: MailServer) -> Iterator[StartSender]:
    """Starts a process that sends what waits, once, and returns it running."""
    senders: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        code = "import django; django.setup(); from inventory.outbox import send_waiting as s; s()"
        sender = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "cairn.settings.test",
                "DATABASE_URL": _database_url(),
                "EMAIL_HOST": "127.0.0.1",
                "EMAIL_PORT": str(mail_server.port),
                "EMAIL_USE_TLS": "0",
                "MAIL_LEASE_SECONDS": "1",
            },
        )
        senders.append(sender)
        return sender

    yield start
    for sender in senders:
        if sender.poll() is None:
            sender.kill()
        sender.wait()


def _database_url() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))
