"""Amazon DynamoDB: the names of a Region's tables, and whether each can be restored to any moment.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_TABLES = Operation("dynamodb", "list_tables", "dynamodb:ListTables", "TableNames")
DESCRIBE_CONTINUOUS_BACKUPS = Operation(
    "dynamodb", "describe_continuous_backups", "dynamodb:DescribeContinuousBackups"
)

GONE = "TableNotFoundException"


@dataclass(frozen=True)
class TableBackups:
    """``point_in_time_recovery`` is AWS's word, empty where it says none."""

    name: str
    point_in_time_recovery: str = ""


def fetch_backups(aws: Aws) -> list[Answer]:
    names = aws.pages(LIST_TABLES) or []
    found = [
        (name, aws.call(DESCRIBE_CONTINUOUS_BACKUPS, absent=(GONE,), TableName=name))
        for name in names
        if name
    ]
    return [{"name": name, "answer": answer} for name, answer in found if answer is not None]


def transform_backups(answer: Iterable[Answer]) -> tuple[TableBackups, ...]:
    return tuple(TableBackups(table["name"], _recovery(table["answer"])) for table in answer)


def _recovery(answer: Answer) -> str:
    described = answer.get("ContinuousBackupsDescription") or {}
    recovery = described.get("PointInTimeRecoveryDescription") or {}
    return recovery.get("PointInTimeRecoveryStatus") or ""


tables: Collector[tuple[str, ...]] = Collector(
    "dynamodb.tables",
    tuple[str, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_TABLES,),
    lambda aws: aws.pages(LIST_TABLES),
    lambda names: tuple(name for name in names or () if name),
    Phase.PRESENCE,
)

backups = Collector(
    "dynamodb.backups",
    tuple[TableBackups, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_TABLES, DESCRIBE_CONTINUOUS_BACKUPS),
    fetch_backups,
    transform_backups,
)
