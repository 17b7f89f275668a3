"""A Cairn of its own for one run: made empty, and gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command


@contextmanager
def installed() -> Iterator[None]:
    """Migrated databases and a data folder; on DATABASE_URL's server where that is set."""
    with tempfile.TemporaryDirectory(prefix="cairn-bench-") as folder:
        os.environ["CAIRN_DATA_DIR"] = folder
        os.environ["BENCH_DATABASE"] = f"cairn_bench_{os.getpid()}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
        django.setup()
        with _database():
            call_command("migrate", verbosity=0)
            yield


@contextmanager
def _database() -> Iterator[None]:
    from django.db import connection

    if connection.vendor == "sqlite":
        yield
        connection.close()
        return
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    _on_server(f"CREATE DATABASE {name}")
    try:
        yield
    finally:
        connection.close()
        _on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    """Run a statement outside the database that it makes or drops."""
    from django.db import connection

    with connection._nodb_cursor() as cursor:  # As Django's own tests do.
        cursor.execute(statement)
