"""Every data store of the account has a recent backup, and a copy out of its reach."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="2.1",
    title="Regular, isolated backups",
    guidance=(
        "Whoever takes over an account can delete its data and the backups beside it. Each "
        "database, disk, file system and bucket has a backup of the last days, and a copy of it "
        "lies in another account and another Region, where it cannot be changed. A backup counts "
        "once somebody has restored from it."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "no_backup": FindingKind("Resource without backup", Severity.HIGH),
        "backup_stale": FindingKind("Backup too old", Severity.MEDIUM),
        "backup_not_isolated": FindingKind(
            "Backup not in another account and Region", Severity.MEDIUM
        ),
        "backup_mutable": FindingKind("Backup can be changed", Severity.LOW),
        "no_restore_test": FindingKind("Restore never tested", Severity.LOW),
        "service_not_opted_in": FindingKind(
            "AWS Backup not opted in for a type its plan selects", Severity.LOW
        ),
    },
    attests=(
        Attestable(
            Level.TEAM,
            (
                "Are recovery objectives set, are off-AWS backups named, and has a restore been "
                "tested?"
            ),
        ),
    ),
    imports={
        "prowler": (
            "backup_plans_exist",
            "backup_vaults_exist",
            "ec2_ebs_volume_protected_by_backup_plan",
            "ec2_ebs_volume_snapshots_exists",
            "rds_instance_backup_enabled",
            "rds_instance_protected_by_backup_plan",
            "rds_cluster_protected_by_backup_plan",
            "dynamodb_tables_pitr_enabled",
            "dynamodb_table_protected_by_backup_plan",
            "efs_have_backup_enabled",
            "redshift_cluster_automated_snapshot",
            "documentdb_cluster_backup_enabled",
            "neptune_cluster_backup_enabled",
            "s3_bucket_cross_region_replication",
            "s3_bucket_object_lock",
            "dlm_ebs_snapshot_lifecycle_policy_exists",
        ),
        "securityhub": (
            "RDS.11",
            "RDS.26",
            "DynamoDB.2",
            "DynamoDB.4",
            "EC2.28",
            "EFS.2",
            "Redshift.3",
            "S3.7",
            "S3.15",
        ),
        "scoutsuite": (
            "rds-instance-backup-disabled",
            "rds-instance-short-backup-retention-period",
        ),
    },
    fix=Fix(
        (
            "Apply an organization backup policy whose copy rule writes to a locked vault in a "
            "backup account, then test a restore."
        ),
        "Creating backup copies across AWS accounts",
    ),
    source_url="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html",
)
