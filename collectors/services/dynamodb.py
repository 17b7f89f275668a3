"""Amazon DynamoDB: the names of a Region's tables.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
"""

from __future__ import annotations

from collectors.registry import Collector, Operation, Phase, Reach, Scope

LIST_TABLES = Operation("dynamodb", "list_tables", "dynamodb:ListTables", "TableNames")

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
