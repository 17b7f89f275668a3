"""Amazon RDS: the database instances and clusters of a Region, those of Aurora, Neptune and
DocumentDB included, and up to when they can be restored.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

Answer = Mapping[str, Any]

DESCRIBE_DB_INSTANCES = Operation(
    "rds", "describe_db_instances", "rds:DescribeDBInstances", "DBInstances"
)
DESCRIBE_DB_CLUSTERS = Operation(
    "rds", "describe_db_clusters", "rds:DescribeDBClusters", "DBClusters"
)
DESCRIBE_AUTOMATED_BACKUPS = Operation(
    "rds",
    "describe_db_instance_automated_backups",
    "rds:DescribeDBInstanceAutomatedBackups",
    "DBInstanceAutomatedBackups",
)


@dataclass(frozen=True)
class DbInstance:
    """``backup_retention_days`` is 0 where automated backups are off, None where AWS does not say;
    so with ``latest_restorable_at`` and ``publicly_accessible``. ``cluster`` is the identifier of
    the cluster it is part of."""

    db_instance_identifier: str
    db_instance_arn: str = ""
    engine: str = ""
    cluster: str = ""
    backup_retention_days: int | None = None
    latest_restorable_at: datetime | None = None
    is_read_replica: bool = False
    publicly_accessible: bool | None = None


@dataclass(frozen=True)
class DbCluster:
    """As an instance; ``engine`` tells Aurora, Neptune, DocumentDB and Multi-AZ clusters apart."""

    db_cluster_identifier: str
    db_cluster_arn: str = ""
    engine: str = ""
    backup_retention_days: int | None = None
    latest_restorable_at: datetime | None = None
    is_read_replica: bool = False


@dataclass(frozen=True)
class AutomatedBackup:
    """What RDS keeps of one instance. ``replicated_to`` are ARNs of its replicas in other Regions,
    which are in the same account."""

    db_instance_arn: str
    status: str = ""
    latest_restorable_at: datetime | None = None
    replicated_to: tuple[str, ...] = ()


def _instances(answers: Any) -> tuple[DbInstance, ...]:
    return tuple(
        DbInstance(
            db_instance_identifier=answer.get("DBInstanceIdentifier") or "",
            db_instance_arn=answer.get("DBInstanceArn") or "",
            engine=answer.get("Engine") or "",
            cluster=answer.get("DBClusterIdentifier") or "",
            backup_retention_days=answer.get("BackupRetentionPeriod"),
            latest_restorable_at=answer.get("LatestRestorableTime"),
            is_read_replica=bool(
                answer.get("ReadReplicaSourceDBInstanceIdentifier")
                or answer.get("ReadReplicaSourceDBClusterIdentifier")
            ),
            publicly_accessible=answer.get("PubliclyAccessible"),
        )
        for answer in answers or ()
    )


def _clusters(answers: Any) -> tuple[DbCluster, ...]:
    return tuple(
        DbCluster(
            db_cluster_identifier=answer.get("DBClusterIdentifier") or "",
            db_cluster_arn=answer.get("DBClusterArn") or "",
            engine=answer.get("Engine") or "",
            backup_retention_days=answer.get("BackupRetentionPeriod"),
            latest_restorable_at=answer.get("LatestRestorableTime"),
            is_read_replica=bool(answer.get("ReplicationSourceIdentifier")),
        )
        for answer in answers or ()
    )


def _automated_backups(answers: Any) -> tuple[AutomatedBackup, ...]:
    """Those of deleted instances are kept as well, with the status retained."""
    return tuple(
        AutomatedBackup(
            db_instance_arn=answer["DBInstanceArn"],
            status=answer.get("Status") or "",
            latest_restorable_at=(answer.get("RestoreWindow") or {}).get("LatestTime"),
            replicated_to=tuple(
                replica["DBInstanceAutomatedBackupsArn"]
                for replica in answer.get("DBInstanceAutomatedBackupsReplications") or ()
                if replica.get("DBInstanceAutomatedBackupsArn")
            ),
        )
        for answer in answers or ()
        if answer.get("DBInstanceArn")
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

clusters: Collector[tuple[DbCluster, ...]] = Collector(
    "rds.clusters",
    tuple[DbCluster, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_DB_CLUSTERS,),
    lambda aws: aws.pages(DESCRIBE_DB_CLUSTERS),
    _clusters,
)

automated_backups: Collector[tuple[AutomatedBackup, ...]] = Collector(
    "rds.automated_backups",
    tuple[AutomatedBackup, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_AUTOMATED_BACKUPS,),
    lambda aws: aws.pages(DESCRIBE_AUTOMATED_BACKUPS),
    _automated_backups,
)
