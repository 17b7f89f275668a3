"""AWS Glue: tables over CloudTrail's files, by which Athena searches them.

Of the many tables an account may have, only those with CloudTrail's columns are kept.
https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_DATABASES = Operation("glue", "get_databases", "glue:GetDatabases", "DatabaseList")
GET_TABLES = Operation("glue", "get_tables", "glue:GetTables", "TableList")

NO_DATABASE = ("EntityNotFoundException",)
COLUMNS = frozenset({"useridentity", "eventname"})
# Ways of reading that know CloudTrail's files, or files made from them.
FORMATS = {"cloudtrail": "CloudTrail", "parquet": "Parquet", "iceberg": "Iceberg"}


@dataclass(frozen=True)
class TrailTable:
    """A table with CloudTrail's columns. ``location`` is where its files lie; ``format`` is
    CloudTrail, Parquet or Iceberg, empty for any other."""

    database: str
    name: str
    location: str = ""
    format: str = ""


def fetch_trail_tables(aws: Aws) -> list[Answer]:
    """Databases that only link to another account's are left to that account."""
    found: list[Answer] = []
    for database in aws.pages(GET_DATABASES) or []:
        if database.get("Name") and not database.get("TargetDatabase"):
            tables = aws.pages(GET_TABLES, absent=NO_DATABASE, DatabaseName=database["Name"])
            found += [{**t, "DatabaseName": database["Name"]} for t in tables or ()]
    return found


def transform_trail_tables(answer: Iterable[Answer]) -> tuple[TrailTable, ...]:
    found = [_table(table) for table in answer if table.get("Name") and _columns(table) >= COLUMNS]
    return tuple(sorted(found, key=lambda one: (one.database, one.name)))


def _columns(table: Answer) -> set[str]:
    described = (table.get("StorageDescriptor") or {}).get("Columns") or ()
    return {str(column.get("Name") or "").lower() for column in described}


def _table(table: Answer) -> TrailTable:
    storage = table.get("StorageDescriptor") or {}
    return TrailTable(
        database=table["DatabaseName"],
        name=table["Name"],
        location=storage.get("Location") or "",
        format=_format(storage, table.get("Parameters") or {}),
    )


def _format(storage: Answer, parameters: Mapping[str, str]) -> str:
    said = " ".join(
        str(word or "").lower()
        for word in (
            (storage.get("SerdeInfo") or {}).get("SerializationLibrary"),
            storage.get("InputFormat"),
            parameters.get("table_type"),
        )
    )
    return next((name for word, name in FORMATS.items() if word in said), "")


trail_tables: Collector[tuple[TrailTable, ...]] = Collector(
    "glue.trail_tables",
    tuple[TrailTable, ...],
    Scope.SECURITY,
    Reach.REGIONAL,
    (GET_DATABASES, GET_TABLES),
    fetch_trail_tables,
    transform_trail_tables,
)
