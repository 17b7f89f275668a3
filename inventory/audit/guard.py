"""The database's own refusal to change and to delete entries of the audit log: triggers, so that
neither Cairn nor a query typed by hand can. Whoever may drop triggers can still do it, and then the
chain tells."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from inventory.models import AuditEntry

TABLE = AuditEntry._meta.db_table
REFUSAL = "The audit log is only added to."

_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$""",
    f"""CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()""",
)
_SQLITE = (
    *(
        f"""CREATE TRIGGER {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
        for act in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without being asked whether it may.
    f"""CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE}
        WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE number = NEW.number)
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",  # noqa: S608  (no user input)
)
_NAMES = {
    "postgresql": [f"{TABLE}_append_only"],
    "sqlite": [f"{TABLE}_no_{what}" for what in ("update", "delete", "replace")],
}


def install(connection: BaseDatabaseWrapper) -> None:
    _run(connection, *(_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE))


def remove(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "postgresql":
        _run(connection, f"DROP FUNCTION IF EXISTS {TABLE}_refuse() CASCADE")
    else:
        _run(connection, *(f"DROP TRIGGER IF EXISTS {name}" for name in _NAMES["sqlite"]))


def is_installed(connection: BaseDatabaseWrapper) -> bool:
    names = _NAMES[connection.vendor]
    if connection.vendor == "postgresql":
        known = "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O'"
    else:
        known = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(known)
        return set(names) <= {name for (name,) in cursor.fetchall()}


def _run(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
