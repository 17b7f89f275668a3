"""The demo's company, collected and judged for real, then copied until it has 10,000 accounts.

Copies are made inside the database: each has the verdicts, findings, contacts and counts of the
account it is of, in one of five times as many teams. Facts stay with the originals.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping

from django.core.management import call_command
from django.db import connection, models

from inventory.models import Account, Contact, Person, Team
from roadmap import progress
from roadmap.models import AccountStanding, AccountVerdict, Finding, StageTally, VerdictChange
from simulated_aws import process

ACCOUNTS = 10_000
# Primary keys of a copy lie this far from those of the one before.
STRIDE = 100_000
TEAM_COPIES, PERSON_COPIES = 5, 20

TEXT = "CAST({} AS text)".format
COPY_OF_ACCOUNT = {
    "id": f"row.id + copy.n * {STRIDE}",
    "account_id": TEXT(f"500000000000 + copy.n * {STRIDE} + row.id"),
    "name": f"row.name || '-' || {TEXT('copy.n')}",
    "observed_name": f"row.name || '-' || {TEXT('copy.n')}",
    "email": f"{TEXT('copy.n')} || row.email",
    "observed_email": f"{TEXT('copy.n')} || row.observed_email",
    "team_id": f"row.team_id + {STRIDE} * (copy.n % {TEAM_COPIES})",
}
OF_COPY = {"account_id": f"row.account_id + copy.n * {STRIDE}"}
OF_CONTACT = {**OF_COPY, "person_id": f"row.person_id + {STRIDE} * (copy.n % {PERSON_COPIES})"}


def ensure() -> None:
    """The company of 10,000 accounts, made by whichever measure needs it first."""
    if not Account.objects.exists():
        load()
        multiply()


def load() -> None:
    """The simulated company as `make demo` loads it, without invented history."""
    with process.serve(world="demo") as aws:
        os.environ.update(aws.environment())
        call_command("load_demo", without_history=True, stdout=io.StringIO(), stderr=io.StringIO())


def multiply(accounts: int = ACCOUNTS) -> None:
    originals = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    _copy(Team, _named(Team, "name", "slug"), TEAM_COPIES - 1)
    _copy(Person, _named(Person, "email"), PERSON_COPIES - 1)
    times, rest = divmod(accounts - len(originals), len(originals))
    last = originals[rest - 1] if rest else 0
    _copy(Account, COPY_OF_ACCOUNT, times + 1, f"copy.n <= {times} OR row.id <= {last}")
    for model in (Contact, AccountVerdict, AccountStanding, StageTally, Finding, VerdictChange):
        values = OF_CONTACT if model is Contact else OF_COPY
        _copy(model, values, times + 1, f"copy.n <= {times} OR row.account_id <= {last}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    progress.refresh()


def _named(model: type[models.Model], *names: str) -> dict[str, str]:
    copies = {name: f"{TEXT('copy.n')} || '-' || row.{name}" for name in names}
    return {"id": f"row.id + copy.n * {STRIDE}", **copies}


def _copy(
    model: type[models.Model], values: Mapping[str, str], times: int, which: str = "1 = 1"
) -> None:
    """Every row of a table again, ``times`` times: ``values`` are the columns that differ."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [str(field.column) for field in fields]
    taken = [c for c in columns if c != "id" or "id" in values]
    selected = ", ".join(values.get(column, f'row."{column}"') for column in taken)
    names = ", ".join(f'"{column}"' for column in taken)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE copy(n) AS "  # noqa: S608  (names of model fields, and constants)
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {times}) "
            f'INSERT INTO "{table}" ({names}) '
            f'SELECT {selected} FROM "{table}" AS row CROSS JOIN copy WHERE {which}'
        )
