import logging
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from cairn.celery import app, record_heartbeat


def test_alive_needs_no_database_host_or_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_once_a_worker_was_heard_of(client: Client) -> None:
    before = client.get("/readyz")
    assert before.status_code == 503
    assert before.json() == {"database": "ok", "broker": "ok", "worker": "none has been heard of"}
    record_heartbeat()
    after = client.get("/readyz")
    assert after.status_code == 200
    assert after.json() == {"database": "ok", "broker": "ok", "worker": "ok"}


@pytest.mark.django_db
def test_a_silent_worker_is_said_with_its_age(client: Client) -> None:
    cache.set("worker-heartbeat", time.time() - 300)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "last heard of 300 s ago"


@pytest.mark.django_db
def test_a_broker_folder_that_is_gone_is_a_broker_problem(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path / "gone")}
    assert client.get("/readyz").json()["broker"] == "its folder cannot be written"


@pytest.mark.django_db
def test_a_redis_that_is_away_is_a_broker_problem(
    client: Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    with caplog.at_level(logging.WARNING):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "does not answer"
    assert "broker not ready" in caplog.text


@pytest.mark.django_db
def test_a_database_that_is_away_is_named_without_its_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("connection to db.example refused, password=hunter2")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "does not answer"
    assert b"hunter2" not in answer.content
