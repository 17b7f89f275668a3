"""The data stores of a Region and what keeps them: disks, file systems, databases, tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import dlm, dynamodb, efs, fsx, rds, redshift
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.ec2 import storage
from tests.collectors.services.canned import ACCOUNT, NOW, Refusal, collect, thinned

LATELY, BEFORE = NOW - timedelta(hours=5), NOW - timedelta(days=3)

EBS: dict[str, Any] = {
    "describe_volumes": [
        {
            "Volumes": [
                {
                    "VolumeId": "vol-1",
                    "State": "in-use",
                    "Tags": [{"Key": "Name", "Value": "data"}],
                    "Attachments": [{"InstanceId": "i-1", "VolumeId": "vol-1"}, {}],
                }
            ],
            "NextToken": "more",
        },
        {"Volumes": [{"VolumeId": "vol-2", "State": "in-use"}]},
    ],
    "describe_snapshots": {
        "Snapshots": [
            {"VolumeId": "vol-1", "State": "completed", "StartTime": BEFORE},
            {"VolumeId": "vol-1", "State": "completed", "StartTime": LATELY},
            {"VolumeId": "vol-1", "State": "error", "StartTime": NOW},
            {"VolumeId": "vol-gone", "State": "completed", "StartTime": NOW},
        ]
    },
}


def test_a_volume_has_its_newest_completed_snapshot() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = collect(storage.volumes, EBS, asked=asked)
    assert found == (storage.Volume("vol-1", "data", LATELY, ("i-1",)), storage.Volume("vol-2"))
    assert dict(asked)["describe_snapshots"]["OwnerIds"] == ["self"]


def test_volumes_that_are_not_in_use_are_none() -> None:
    idle = {"Volumes": [{"VolumeId": "vol-1", "State": "available"}]}
    assert collect(storage.volumes, EBS | {"describe_volumes": idle}) == ()


def test_snapshots_are_asked_for_only_where_there_are_volumes() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = collect(storage.volumes, {"describe_volumes": {"Volumes": []}}, asked=asked)
    assert (found, [name for name, _ in asked]) == ((), ["describe_volumes"])


EFS: dict[str, Any] = {
    "describe_file_systems": {
        "FileSystems": [
            {
                "OwnerId": ACCOUNT,
                "CreationToken": "t",
                "FileSystemId": "fs-1",
                "FileSystemArn": "arn:fs-1",
                "Name": "shared",
                "CreationTime": BEFORE,
                "LifeCycleState": "available",
                "NumberOfMountTargets": 1,
                "SizeInBytes": {"Value": 1},
                "PerformanceMode": "generalPurpose",
                "Tags": [],
            }
        ]
    }
}


def test_it_reads_the_file_systems() -> None:
    assert collect(efs.file_systems, EFS) == (efs.FileSystem("fs-1", "arn:fs-1", "shared"),)


@pytest.mark.parametrize("state", ["deleting", "deleted"])
def test_a_file_system_on_its_way_out_is_none(state: str) -> None:
    leaving = {"FileSystems": [{"FileSystemId": "fs-1", "LifeCycleState": state}]}
    assert collect(efs.file_systems, {"describe_file_systems": leaving}, is_checked=False) == ()


def fsx_backup(**more: Any) -> dict[str, Any]:
    return {
        "BackupId": "backup-1",
        "Lifecycle": "AVAILABLE",
        "Type": "AUTOMATIC",
        "CreationTime": LATELY,
        "FileSystem": {"FileSystemId": "fs-1"},
        **more,
    }


FSX: dict[str, Any] = {
    "describe_file_systems": {
        "FileSystems": [
            {
                "FileSystemId": "fs-1",
                "FileSystemType": "WINDOWS",
                "Lifecycle": "AVAILABLE",
                "ResourceARN": "arn:fs-1",
            }
        ]
    },
    "describe_backups": {
        "Backups": [
            fsx_backup(CreationTime=BEFORE),
            fsx_backup(),
            fsx_backup(Lifecycle="FAILED", CreationTime=NOW),
        ]
    },
}


def seen_fsx(*backups: dict[str, Any]) -> Any:
    (found,) = collect(
        fsx.file_systems, FSX | {"describe_backups": {"Backups": list(backups)}}, is_checked=False
    )
    return found.latest_backup_at


def test_a_file_system_has_its_newest_available_backup() -> None:
    assert collect(fsx.file_systems, FSX, is_checked=False) == (
        fsx.FileSystem("fs-1", "arn:fs-1", "WINDOWS", LATELY),
    )


def test_a_backup_of_a_volume_is_one_of_its_file_system() -> None:
    of_volume = fsx_backup(FileSystem=None, Volume={"FileSystemId": "fs-1"})
    assert seen_fsx(of_volume) == LATELY
    assert seen_fsx(fsx_backup(FileSystem={"FileSystemId": "fs-2"})) is None


def test_no_file_system_needs_no_backups() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    nothing: dict[str, Any] = {"describe_file_systems": {"FileSystems": []}}
    assert collect(fsx.file_systems, nothing, asked=asked) == ()
    assert len(asked) == 1


REDSHIFT: dict[str, Any] = {
    "describe_clusters": {
        "Clusters": [
            {"ClusterIdentifier": "a", "AutomatedSnapshotRetentionPeriod": 7},
            {"ClusterIdentifier": "b", "AutomatedSnapshotRetentionPeriod": 0},
            {"ClusterIdentifier": "c"},
        ]
    }
}


def test_retention_that_is_off_differs_from_one_that_is_not_said() -> None:
    found = collect(redshift.clusters, REDSHIFT)
    assert [one.automated_snapshot_retention_days for one in found] == [7, 0, None]


RDS: dict[str, Any] = {
    "describe_db_clusters": {
        "DBClusters": [
            {
                "DBClusterIdentifier": "ledger",
                "DBClusterArn": "arn:ledger",
                "Engine": "aurora-postgresql",
                "BackupRetentionPeriod": 7,
                "LatestRestorableTime": LATELY,
            },
            {
                "DBClusterIdentifier": "reports",
                "ReplicationSourceIdentifier": "arn:ledger",
            },
        ]
    },
    "describe_db_instance_automated_backups": {
        "DBInstanceAutomatedBackups": [
            {
                "DBInstanceArn": "arn:orders",
                "Status": "active",
                "RestoreWindow": {"LatestTime": LATELY},
                "DBInstanceAutomatedBackupsReplications": [
                    {"DBInstanceAutomatedBackupsArn": "arn:elsewhere"}
                ],
            }
        ]
    },
}


def test_it_reads_clusters_and_tells_replicas() -> None:
    found = collect(rds.clusters, RDS)
    assert found == (
        rds.DbCluster("ledger", "arn:ledger", "aurora-postgresql", 7, LATELY),
        rds.DbCluster("reports", is_read_replica=True),
    )


def test_it_reads_how_far_automated_backups_reach() -> None:
    assert collect(rds.automated_backups, RDS) == (
        rds.AutomatedBackup("arn:orders", "active", LATELY, ("arn:elsewhere",)),
    )


@pytest.mark.parametrize(
    "source", ["ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaSourceDBClusterIdentifier"]
)
def test_an_instance_tells_that_it_is_a_replica(source: str) -> None:
    answer = {"DBInstances": [{"DBInstanceIdentifier": "copy", source: "orders"}]}
    (found,) = collect(rds.instances, {"describe_db_instances": answer})
    assert found == rds.DbInstance("copy", is_read_replica=True)


def test_an_instance_tells_its_cluster_and_its_backups() -> None:
    answer = {
        "DBInstances": [
            {
                "DBInstanceIdentifier": "orders",
                "DBClusterIdentifier": "ledger",
                "BackupRetentionPeriod": 0,
                "LatestRestorableTime": LATELY,
            }
        ]
    }
    (found,) = collect(rds.instances, {"describe_db_instances": answer})
    assert found == rds.DbInstance(
        "orders", cluster="ledger", backup_retention_days=0, latest_restorable_at=LATELY
    )


def recovery(status: str) -> dict[str, Any]:
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status},
        }
    }


DYNAMODB: dict[str, Any] = {
    "list_tables": [{"TableNames": ["orders"]}, {"TableNames": ["events"]}],
    "describe_continuous_backups": recovery("ENABLED"),
}


def test_each_table_says_whether_it_can_be_restored() -> None:
    assert collect(dynamodb.backups, DYNAMODB) == (
        dynamodb.TableBackups("orders", "ENABLED"),
        dynamodb.TableBackups("events", "ENABLED"),
    )


def test_a_table_that_was_deleted_meanwhile_is_none() -> None:
    gone = Refusal("TableNotFoundException", Outcome.API_ERROR)
    assert collect(dynamodb.backups, DYNAMODB | {"describe_continuous_backups": gone}) == ()


def test_a_table_that_says_nothing_is_not_restorable() -> None:
    found = collect(dynamodb.backups, DYNAMODB | {"describe_continuous_backups": {}})
    assert [table.point_in_time_recovery for table in found] == ["", ""]


DLM: dict[str, Any] = {
    "get_lifecycle_policies": {
        "Policies": [
            {"PolicyId": "p1", "Description": "nightly", "State": "ENABLED", "PolicyType": "X"},
            {"PolicyId": "p2", "State": "DISABLED"},
        ]
    },
    "get_lifecycle_policy": {
        "Policy": {
            "PolicyDetails": {
                "Schedules": [
                    {
                        "CrossRegionCopyRules": [{"Encrypted": True, "Target": "eu-central-1"}],
                        "ShareRules": [{"TargetAccounts": ["555555555555"]}],
                    },
                    {"CrossRegionCopyRules": [{"Encrypted": True, "TargetRegion": "us-east-1"}]},
                ],
                "CrossRegionCopyTargets": [{"TargetRegion": "us-west-2"}],
            }
        }
    },
}


def test_policies_say_where_they_copy_to_and_those_that_are_off_are_not_asked() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = collect(dlm.policies, DLM, is_checked=False, asked=asked)
    assert found == (
        dlm.Policy(
            "p1", "nightly", "ENABLED", "X",
            ("eu-central-1", "us-east-1", "us-west-2"), ("555555555555",),
        ),
        dlm.Policy("p2", state="DISABLED"),
    )  # fmt: skip
    assert [p for name, p in asked if name == "get_lifecycle_policy"] == [{"PolicyId": "p1"}]


def test_the_parameters_of_dlm_are_those_aws_knows() -> None:
    collect(dlm.policies, DLM | {"get_lifecycle_policy": {}})


def test_a_policy_that_was_deleted_meanwhile_has_no_details() -> None:
    gone = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    found = collect(dlm.policies, DLM | {"get_lifecycle_policy": gone})
    assert found[0].copies_to == ()


TAGGED = {"get_resources": {"ResourceTagMappingList": [{"ResourceARN": "arn:b"}, {}]}}


@pytest.mark.parametrize(
    ("setting", "asked_for"),
    [
        ("cairn:backup=exempt", [{"Key": "cairn:backup", "Values": ["exempt"]}]),
        ("no-backup", [{"Key": "no-backup"}]),
    ],
)
def test_it_asks_for_the_tag_of_the_setting(setting: str, asked_for: Any) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = collect(
        tagging.backup_exempt, TAGGED, settings={"BACKUP_EXEMPT_TAG": setting}, asked=asked
    )
    assert found == tagging.Exempt(setting, ("arn:b",))
    assert asked == [("get_resources", {"TagFilters": asked_for})]


def test_without_a_tag_nothing_is_exempt_and_nothing_asked() -> None:
    assert (
        collect(tagging.backup_exempt, {}, settings={"BACKUP_EXEMPT_TAG": ""}) == tagging.Exempt()
    )


ALL: dict[str, tuple[Collector[Any], dict[str, Any]]] = {
    "volumes": (storage.volumes, EBS),
    "efs": (efs.file_systems, EFS),
    "fsx": (fsx.file_systems, FSX),
    "redshift": (redshift.clusters, REDSHIFT),
    "clusters": (rds.clusters, RDS),
    "automated backups": (rds.automated_backups, RDS),
    "tables": (dynamodb.backups, DYNAMODB),
    "dlm": (dlm.policies, DLM),
    "exempt": (tagging.backup_exempt, TAGGED),
}
SETTINGS = {"BACKUP_EXEMPT_TAG": "k=v"}


@pytest.mark.parametrize(
    ("name", "operation"),
    [(name, op.name) for name, (collector, _) in ALL.items() for op in collector.operations],
)
def test_being_denied_is_not_empty(name: str, operation: str) -> None:
    collector, answers = ALL[name]
    with pytest.raises(Missing) as missing:
        collect(collector, answers | {operation: Refusal()}, settings=SETTINGS, is_checked=False)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(EBS))
def test_a_snapshot_counts_only_if_it_says_that_it_is_complete(answers: Any) -> None:
    found = collect(storage.volumes, answers, is_checked=False)
    told = answers["describe_snapshots"].get("Snapshots", [])
    whole = [
        one["StartTime"]
        for one in told
        if one.get("State") == "completed" and "StartTime" in one and "VolumeId" in one
    ]
    assert {volume.latest_snapshot_at for volume in found} <= {None, *whole}


@given(thinned(FSX))
def test_a_backup_counts_only_if_it_says_that_it_is_available(answers: Any) -> None:
    found = collect(fsx.file_systems, answers, is_checked=False)
    told = answers.get("describe_backups", {}).get("Backups", [])
    whole = [one.get("CreationTime") for one in told if one.get("Lifecycle") == "AVAILABLE"]
    assert {one.latest_backup_at for one in found} <= {None, *whole}


@pytest.mark.parametrize("name", ALL)
def test_an_answer_with_fields_missing_is_read(name: str) -> None:
    collector, answers = ALL[name]

    @given(thinned(answers))
    def read(thin: Any) -> None:
        collect(collector, thin, settings=SETTINGS, is_checked=False)

    read()
