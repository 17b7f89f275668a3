"""Amazon RDS: the database instances of a Region, those of Aurora, Neptune and DocumentDB included.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

DESCRIBE_DB_INSTANCES = Operation(
    "rds", "describe_db_instances", "rds:DescribeDBInstances", "DBInstances"
)


@dataclass(frozen=True)
class DbInstance:
    db_instance_identifier: str
    db_instance_arn: str = ""
    engine: str = ""


def _instances(answers: Any) -> tuple[DbInstance, ...]:
    return tuple(
        DbInstance(
            db_instance_identifier=answer.get("DBInstanceIdentifier") or "",
            db_instance_arn=answer.get("DBInstanceArn") or "",
            engine=answer.get("Engine") or "",
        )
        for answer in answers or ()
    )


instances: Collector[tuple[DbInstance, ...]] = Collector(
    "rds.instances",
    tuple[DbInstance, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_DB_INSTANCES,),
    lambda aws: aws.pages(DESCRIBE_DB_INSTANCES),
    _instances,
    Phase.PRESENCE,
)
