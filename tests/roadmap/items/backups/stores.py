"""Subjects with data stores: what is in the Region HERE, backed up and copied or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from collectors.registry import Collector
from collectors.services import backup, dlm, dynamodb, ec2, efs, fsx, rds, redshift, s3
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.backup import Copy, ProtectedResource, Protection, Restores
from collectors.services.s3 import BucketBackups
from collectors.tags import Tags
from roadmap.subject import Subject
from roadmap.verdicts import Verdict
from tests.roadmap.items.subjects import ACCOUNT, NOW, REGIONS, subject

HERE, THERE = REGIONS
BACKUPS = "555555555555"
LATELY, LONG_AGO = NOW - timedelta(hours=5), NOW - timedelta(days=60)
SECURITY_ACCOUNTS = {BACKUPS: ["backup"]}
VAULT = f"arn:aws:backup:{THERE}:{BACKUPS}:backup-vault:central"
NEAR_VAULT = f"arn:aws:backup:{HERE}:{BACKUPS}:backup-vault:central"
OWN_VAULT = f"arn:aws:backup:{THERE}:{ACCOUNT}:backup-vault:own"
VOLUME = f"arn:aws:ec2:{HERE}:{ACCOUNT}:volume/vol-1"
DATABASE = f"arn:aws:rds:{HERE}:{ACCOUNT}:db:orders"
TABLE = f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/orders"
BUCKET = "arn:aws:s3:::orders"

EXEMPT = "cairn:backup=exempt"
TAG = ("cairn:backup", "exempt")

Facts = dict[tuple[Any, ...], Any]
EMPTY: dict[Collector[Any], Any] = {
    backup.protection: Protection(),
    backup.plans: backup.Plans(),
    backup.vaults: (),
    dlm.policies: (),
    dynamodb.backups: (),
    ec2.volumes: (),
    efs.file_systems: (),
    fsx.file_systems: (),
    rds.automated_backups: (),
    rds.clusters: (),
    rds.instances: (),
    redshift.clusters: (),
    tagging.backup_exempt: tagging.Exempt(EXEMPT),
}
NOTHING: Facts = {
    **{(ACCOUNT, c, region): value for c, value in EMPTY.items() for region in REGIONS},
    (ACCOUNT, s3.bucket_backups): (),
    (BACKUPS, s3.bucket_backups): (),
    **{(BACKUPS, backup.vaults, region): () for region in REGIONS},
}


def here(collector: Collector[Any], value: Any) -> Facts:
    return {(ACCOUNT, collector, HERE): value}


def buckets(*found: BucketBackups, of: str = ACCOUNT) -> Facts:
    """Those of which no tags are told have none."""
    return {(of, s3.bucket_backups): tuple(replace(b, tags=b.tags or Tags()) for b in found)}


def vault(**more: Any) -> Facts:
    return {(BACKUPS, backup.vaults, THERE): (backup.Vault(VAULT, "central", **more),)}


def copy(to: str = VAULT, at: datetime = LATELY, **more: Any) -> Copy:
    return Copy(to, at, **more)


def protected(*resources: ProtectedResource, restored_at: datetime | None = None) -> Facts:
    return here(backup.protection, Protection(resources, Restores(restored_at)))


def kept(arn: str = VOLUME, *copies: Copy, at: datetime = LATELY) -> ProtectedResource:
    return ProtectedResource(arn, "EBS", at, copies=copies)


def volumes(*ids: str, snapshot_at: datetime | None = None) -> Facts:
    found = tuple(ec2.Volume(one, latest_snapshot_at=snapshot_at) for one in ids)
    return here(ec2.volumes, found)


def seen(
    *facts: Facts,
    account: Any = None,
    attestations: Any = (),
    exceptions: Any = (),
    **settings: Any,
) -> Subject:
    values: Facts = dict(NOTHING)
    for more in facts:
        values |= more
    return subject(
        values,
        account,
        settings={"SECURITY_ACCOUNTS": SECURITY_ACCOUNTS} | settings,
        attestations=attestations,
        exceptions=exceptions,
    )


def codes(verdict: Verdict) -> list[str]:
    return sorted({problem.code for problem in verdict.problems})


def rule_here(verdict: Verdict) -> str:
    return verdict.regions[HERE].rule
