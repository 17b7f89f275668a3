"""Backups: copied into a locked vault, kept near, old, or missing; and stores that need none.

It looks at what the other themes put into the accounts, so it comes after them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from simulated_aws.services.backup import (
    COPY_JOBS,
    OPTED_OUT,
    PROTECTED,
    RESTORE_JOBS,
    TESTING_PLANS,
    CopyJob,
    Protected,
    RestoreJob,
)
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import BY_NAME, MANAGEMENT, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

VAULT_ACCOUNT: Final = account_id("backup-vault")
# Copies go to the first of these that is not where the store is.
VAULT_REGIONS: Final = ("eu-west-1", "eu-central-1")
VAULT: Final = "larkfield-central"

# Everything in them is backed up nightly and copied out of reach by the organization's policy.
COPIED: Final = ("payments-prod", "ledger-prod")
# Backed up nightly as well, copied to another Region of the account itself.
NEAR: Final = "storefront-prod"
# Whose backups stopped weeks ago.
STOPPED: Final = "warehouse-prod"
# Whose disks say that they need no backup.
EXEMPT: Final = "network-hub"
# Buckets in two Regions: replicated out of reach, and within the account.
REPLICATED: Final = "data-lake-prod"
REPLICAS: Final = (
    # (bucket, its copy, the copy's account and Region, is the copy locked?)
    ("larkfield-lake-raw", "larkfield-lake-raw-copy", VAULT_ACCOUNT, "eu-central-1", True),
    (
        "larkfield-lake-curated",
        "larkfield-lake-curated-copy",
        account_id(REPLICATED),
        "eu-central-1",
        False,
    ),
)
LAST_NIGHT: Final = timedelta(hours=7)
LONG_AGO: Final = timedelta(days=19)
EXEMPT_TAG: Final = {"Key": "cairn:backup", "Value": "exempt"}

POLICY: Final = {
    "plans": {
        "nightly": {
            "regions": {"@@assign": ["eu-west-1", "eu-central-1", "eu-south-2", "us-east-1"]},
            "rules": {"nightly": {"target_backup_vault_name": {"@@assign": "Default"}}},
        }
    }
}

THEMES: Final = (
    Theme(
        "backups.regular",
        Claim(None, "no data store, or some that nobody backs up"),
        {
            **dict.fromkeys(COPIED, Claim("pass", "all copied nightly into a locked vault")),
            NEAR: Claim("partial", "backed up nightly, but no copy leaves the account"),
            REPLICATED: Claim("partial", "one of its buckets is replicated within the account"),
            STOPPED: Claim("fail", "the last backups are weeks old"),
            "corporate-it": Claim("fail", "a file server that nobody backs up"),
            "fernhill-shop": Claim("fail", "nothing but the database is backed up"),
            EXEMPT: Claim("not_applicable", "its proxies' disks are tagged as exempt"),
            "tracking-prod": Claim("unknown", "there is no role to ask with"),
            "fernhill-legacy": Claim("unknown", "there is no role to ask with"),
            "payments-staging": Claim("unknown", "the role may not look at backups"),
        },
    ),
)


def build(builder: Builder) -> None:
    _attach_policy(builder)
    for region in VAULT_REGIONS:
        _create_vault(builder, VAULT_ACCOUNT, region, VAULT)
    for name in COPIED:
        _protect(builder, name, LAST_NIGHT, _out_of_reach)
    _protect(builder, NEAR, LAST_NIGHT, _within_account)
    _protect(builder, STOPPED, LONG_AGO, _not_at_all)
    for replica in REPLICAS:
        _replicate(builder, *replica)
    _protect(builder, REPLICATED, LAST_NIGHT, _not_at_all, kinds=("EBS", "RDS", "DynamoDB"))
    _plan_near(builder)
    _exempt(builder)
    home = (account_id(COPIED[0]), "eu-central-1")
    TESTING_PLANS[home] = ["weekly"]
    RESTORE_JOBS[home] = [RestoreJob(PROTECTED[home][0].arn, "RDS", timedelta(days=3))]


def _attach_policy(builder: Builder) -> None:
    organizations = builder.client("organizations", MANAGEMENT.id)
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="BACKUP_POLICY")
    created = organizations.create_policy(
        Name="NightlyBackups",
        Description="NightlyBackups",
        Type="BACKUP_POLICY",
        Content=json.dumps(POLICY),
    )
    policy = created["Policy"]["PolicySummary"]["Id"]
    for name in COPIED:
        organizations.attach_policy(PolicyId=policy, TargetId=account_id(name))


def _create_vault(builder: Builder, account: str, region: str, name: str) -> None:
    client = builder.client("backup", account, region)
    client.create_backup_vault(BackupVaultName=name)
    client.put_backup_vault_lock_configuration(BackupVaultName=name, MinRetentionDays=35)


def _protect(
    builder: Builder,
    name: str,
    age: timedelta,
    vault_for: Callable[[str, str], str],
    kinds: tuple[str, ...] = ("EBS", "RDS", "DynamoDB", "S3"),
) -> None:
    """Every data store of the account has a backup so old, and a copy as old in the vault that
    vault_for names."""
    account = account_id(name)
    for region, kind, arn in _stores(builder, name):
        if kind not in kinds:
            continue
        place = (account, region)
        PROTECTED.setdefault(place, []).append(Protected(arn, kind, age))
        vault = vault_for(account, region)
        if vault:
            COPY_JOBS.setdefault(place, []).append(CopyJob(arn, kind, vault, age))


def _out_of_reach(_account: str, region: str) -> str:
    other = next(one for one in VAULT_REGIONS if one != region)
    return f"arn:aws:backup:{other}:{VAULT_ACCOUNT}:backup-vault:{VAULT}"


def _within_account(account: str, region: str) -> str:
    other = next(one for one in VAULT_REGIONS if one != region)
    return f"arn:aws:backup:{other}:{account}:backup-vault:Default"


def _not_at_all(_account: str, _region: str) -> str:
    return ""


def _stores(builder: Builder, name: str) -> Iterator[tuple[str, str, str]]:
    """Region, AWS Backup's word for the kind, and ARN of everything that needs a backup."""
    account = account_id(name)
    for region in BY_NAME[name].regions:
        ec2 = builder.client("ec2", account, region)
        for volume in ec2.describe_volumes()["Volumes"]:
            yield region, "EBS", f"arn:aws:ec2:{region}:{account}:volume/{volume['VolumeId']}"
        rds = builder.client("rds", account, region)
        for database in rds.describe_db_instances()["DBInstances"]:
            yield region, "RDS", database["DBInstanceArn"]
        for table in builder.client("dynamodb", account, region).list_tables()["TableNames"]:
            yield region, "DynamoDB", f"arn:aws:dynamodb:{region}:{account}:table/{table}"
    for bucket in builder.client("s3", account).list_buckets(MaxBuckets=1000)["Buckets"]:
        yield bucket["BucketRegion"], "S3", f"arn:aws:s3:::{bucket['Name']}"


def _replicate(
    builder: Builder, bucket: str, copy: str, account: str, region: str, is_locked: bool
) -> None:
    where = {"LocationConstraint": region}
    destination = builder.client("s3", account, region)
    destination.create_bucket(
        Bucket=copy,
        ObjectLockEnabledForBucket=is_locked,
        **({} if region == HOME_REGION else {"CreateBucketConfiguration": where}),
    )
    destination.put_bucket_versioning(Bucket=copy, VersioningConfiguration={"Status": "Enabled"})
    destination.put_bucket_tagging(Bucket=copy, Tagging={"TagSet": [EXEMPT_TAG]})
    owner = account_id(REPLICATED)
    source = builder.client("s3", owner, "eu-west-1")
    source.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    source.put_bucket_replication(
        Bucket=bucket,
        ReplicationConfiguration={
            "Role": f"arn:aws:iam::{owner}:role/Replication",
            "Rules": [
                {
                    "ID": "all",
                    "Priority": 1,
                    "Filter": {"Prefix": ""},
                    "Status": "Enabled",
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Destination": {"Bucket": f"arn:aws:s3:::{copy}"},
                }
            ],
        },
    )


def _plan_near(builder: Builder) -> None:
    """A plan of the account's own, for a type that AWS Backup may not touch there, and a policy
    of Data Lifecycle Manager."""
    account, region = account_id(NEAR), "eu-west-1"
    client = builder.client("backup", account, region)
    client.create_backup_vault(BackupVaultName="Default")
    plan = client.create_backup_plan(
        BackupPlan={
            "BackupPlanName": "nightly",
            "Rules": [
                {
                    "RuleName": "nightly",
                    "TargetBackupVaultName": "Default",
                    "ScheduleExpression": "cron(0 3 * * ? *)",
                    "CopyActions": [
                        {"DestinationBackupVaultArn": _within_account(account, region)}
                    ],
                }
            ],
        }
    )
    client.create_backup_selection(
        BackupPlanId=plan["BackupPlanId"],
        BackupSelection={
            "SelectionName": "everything",
            "IamRoleArn": f"arn:aws:iam::{account}:role/Backup",
            "Resources": ["*"],
        },
    )
    OPTED_OUT[account, region] = {"DynamoDB"}
    builder.client("dlm", account, region).create_lifecycle_policy(
        ExecutionRoleArn=f"arn:aws:iam::{account}:role/Snapshots",
        Description="weekly snapshots",
        State="ENABLED",
        PolicyDetails={
            "ResourceTypes": ["VOLUME"],
            "TargetTags": [{"Key": "tier", "Value": "web"}],
            "Schedules": [
                {
                    "Name": "weekly",
                    "CreateRule": {"CronExpression": "cron(0 3 ? * SUN *)"},
                    "RetainRule": {"Count": 4},
                    "CrossRegionCopyRules": [{"Encrypted": True, "Target": "eu-central-1"}],
                }
            ],
        },
    )


def _exempt(builder: Builder) -> None:
    account = account_id(EXEMPT)
    for region in BY_NAME[EXEMPT].regions:
        client = builder.client("ec2", account, region)
        volumes = [volume["VolumeId"] for volume in client.describe_volumes()["Volumes"]]
        if volumes:
            client.create_tags(Resources=volumes, Tags=[EXEMPT_TAG])
