"""Settings are read once, when a process starts; so each case is a process of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "cairn.settings.production",
    "SECRET_KEY": "k" * 25 + "0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "cairn.example",
}


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs Python in the repository with a bare environment and these variables."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def settings(expression: str, **variables: str) -> Any:
    """The value of an expression over ``settings``, in a process with these variables."""
    code = f"import json; from django.conf import settings; print(json.dumps({expression}))"
    answer = python("-c", code, **variables)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(name: str) -> None:
    answer = python("manage.py", "check", **{**PRODUCTION, name: ""})
    assert answer.returncode == 1
    assert f"Set {name} in the environment" in answer.stderr.splitlines()[-1]


def test_production_passes_the_deployment_checks(tmp_path: Path) -> None:
    answer = python(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "INFO",
        CAIRN_DATA_DIR=str(tmp_path),
        **PRODUCTION,
    )
    assert answer.returncode == 0, answer.stderr


def test_a_server_started_with_no_settings_named_gets_the_strict_ones() -> None:
    answer = python("-c", "import cairn.wsgi")
    assert answer.returncode == 1
    assert "Set SECRET_KEY" in answer.stderr


def test_with_an_empty_environment_everything_is_in_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    values = settings(
        "[str(settings.DATABASES['default']['NAME']), settings.CELERY_BROKER_URL,"
        " str(settings.CACHES['default']['LOCATION']), settings.DEBUG]",
        DJANGO_SETTINGS_MODULE="cairn.settings.dev",
        CAIRN_DATA_DIR=str(data),
    )
    assert values == [
        str(data / "cairn.sqlite3"),
        "filesystem://localhost",
        str(data / "cache"),
        False,
    ]
    assert data.stat().st_mode & 0o077 == 0


def test_database_url_with_an_encoded_password_reaches_postgresql(tmp_path: Path) -> None:
    values = settings(
        "{k: settings.DATABASES['default'][k] for k in ('ENGINE', 'USER', 'PASSWORD', 'NAME')}",
        CAIRN_DATA_DIR=str(tmp_path),
        DATABASE_URL="postgresql://cairn:p%40ss%2Fword@db.example:5433/inventory",
        **PRODUCTION,
    )
    assert values == {
        "ENGINE": "django.db.backends.postgresql",
        "USER": "cairn",
        "PASSWORD": "p@ss/word",
        "NAME": "inventory",
    }


def test_a_database_cairn_cannot_use_is_refused_by_name(tmp_path: Path) -> None:
    answer = python(
        "manage.py",
        "check",
        CAIRN_DATA_DIR=str(tmp_path),
        DATABASE_URL="mysql://cairn:hunter2@db.example/inventory",
        **PRODUCTION,
    )
    assert answer.returncode == 1
    assert "DATABASE_URL must start with" in answer.stderr
    assert "hunter2" not in answer.stderr


def test_redis_url_moves_broker_cache_and_sessions_to_redis(tmp_path: Path) -> None:
    values = settings(
        "[settings.CELERY_BROKER_URL, settings.CACHES['default']['LOCATION'],"
        " settings.SESSION_ENGINE]",
        CAIRN_DATA_DIR=str(tmp_path),
        REDIS_URL="redis://cache.example/3",
        **PRODUCTION,
    )
    assert values == [
        "redis://cache.example/3",
        "redis://cache.example/3",
        "django.contrib.sessions.backends.cached_db",
    ]
    assert not list(tmp_path.iterdir())


def test_sqlite_writes_ahead_and_enforces_foreign_keys(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from django.db import connection as c;"
        "print([c.cursor().execute(f'PRAGMA {p}').fetchone()[0]"
        " for p in ('journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout')])"
    )
    answer = python(
        "-c", code, DJANGO_SETTINGS_MODULE="cairn.settings.dev", CAIRN_DATA_DIR=str(tmp_path)
    )
    assert answer.stdout.strip() == "['wal', 1, 1, 30000]", answer.stderr


def test_the_operator_s_page_lists_every_variable_that_is_read() -> None:
    sources = [*(ROOT / "cairn").rglob("*.py"), ROOT / "gunicorn.conf.py"]
    calls = r"""(?:env\.[a-z]+|environ\.get)\(\s*["']([A-Z][A-Z_]+)["']"""
    read = {name for file in sources for name in re.findall(calls, file.read_text())}
    listed = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)
    )
    for_tests = {"PYTEST_XDIST_WORKER"}
    of_others = {"DJANGO_SETTINGS_MODULE", "WEB_CONCURRENCY", "WORKER_CONCURRENCY"}
    assert "SECRET_KEY" in read
    assert read - for_tests == listed - of_others
