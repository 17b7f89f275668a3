"""Amazon S3: the buckets an account owns, and where their objects are kept a second time.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.tags import Tags, kept, parted

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_BUCKETS = Operation("s3", "list_buckets", "s3:ListAllMyBuckets", "Buckets")
GET_PUBLIC_ACCESS_BLOCK = Operation(
    "s3", "get_public_access_block", "s3:GetBucketPublicAccessBlock"
)
GET_BUCKET_VERSIONING = Operation("s3", "get_bucket_versioning", "s3:GetBucketVersioning")
GET_BUCKET_REPLICATION = Operation("s3", "get_bucket_replication", "s3:GetReplicationConfiguration")
GET_OBJECT_LOCK = Operation(
    "s3", "get_object_lock_configuration", "s3:GetBucketObjectLockConfiguration"
)
GET_BUCKET_LOGGING = Operation("s3", "get_bucket_logging", "s3:GetBucketLogging")
GET_BUCKET_TAGGING = Operation("s3", "get_bucket_tagging", "s3:GetBucketTagging")

GONE = "NoSuchBucket"
NO_REPLICATION = "ReplicationConfigurationNotFoundError"
NO_OBJECT_LOCK = "ObjectLockConfigurationNotFoundError"
NO_TAGS = "NoSuchTagSet"
ENABLED = "Enabled"

# With a page size S3 answers in pages and names the Region of each bucket; without, it does
# neither, and refuses accounts that may hold more than 10,000 buckets.
BUCKETS_A_PAGE = 1000


@dataclass(frozen=True)
class Bucket:
    """``region`` is empty where S3 did not name it."""

    name: str
    region: str = ""


def fetch_buckets(aws: Aws) -> list[Mapping[str, Any]]:
    return aws.pages(LIST_BUCKETS, MaxBuckets=BUCKETS_A_PAGE) or []


def transform_buckets(answer: Sequence[Mapping[str, Any]]) -> tuple[Bucket, ...]:
    return tuple(
        Bucket(bucket["Name"], bucket.get("BucketRegion") or "")
        for bucket in answer
        if bucket.get("Name")
    )


buckets = Collector(
    "s3.buckets",
    tuple[Bucket, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (LIST_BUCKETS,),
    fetch_buckets,
    transform_buckets,
    Phase.PRESENCE,
)


@dataclass(frozen=True)
class Replica:
    """Where an enabled replication rule writes. ``account`` is empty where the rule leaves
    ownership as it is: then it does not tell whose the bucket is."""

    bucket: str
    account: str = ""
    has_delete_markers: bool = False


@dataclass(frozen=True)
class BucketBackups:
    """``outcome`` and ``message`` say why nothing is known of a bucket that could not be read.
    ``versioning`` is AWS's word, empty where it was never turned on. ``tags`` are None where nobody
    asked, BACKUP_EXEMPT_TAG being empty."""

    name: str
    region: str = ""
    versioning: str = ""
    replicas: tuple[Replica, ...] = ()
    has_object_lock: bool = False
    tags: Tags | None = None
    outcome: Outcome = Outcome.COLLECTED
    message: str = ""

    @property
    def is_versioned(self) -> bool:
        return self.versioning == ENABLED


def fetch_bucket_backups(aws: Aws) -> list[Mapping[str, Any]]:
    found = [_fetch_backups(aws, bucket) for bucket in transform_buckets(fetch_buckets(aws))]
    return [answer for answer in found if answer is not None]


def _fetch_backups(aws: Aws, bucket: Bucket) -> Mapping[str, Any] | None:
    """None for a bucket that was deleted meanwhile. Without versioning there is neither
    replication nor a lock."""
    about: dict[str, Any] = {"name": bucket.name, "region": bucket.region}
    where: dict[str, Any] = {"region": bucket.region or None, "Bucket": bucket.name}
    try:
        versioning = aws.call(GET_BUCKET_VERSIONING, **where) or {}
        about |= {"versioning": versioning, "tags": _fetch_tags(aws, where)}
        if versioning.get("Status"):
            about |= {
                "replication": aws.call(GET_BUCKET_REPLICATION, absent=(NO_REPLICATION,), **where),
                "lock": aws.call(GET_OBJECT_LOCK, absent=(NO_OBJECT_LOCK,), **where),
            }
    except Missing as missing:
        return None if missing.code == GONE else {**about, "missing": missing}
    return about


def _fetch_tags(aws: Aws, where: Mapping[str, Any]) -> Tags | None:
    """Of their values only that of BACKUP_EXEMPT_TAG."""
    key, _ = parted(aws.settings["BACKUP_EXEMPT_TAG"])
    if not key:
        return None
    answer = aws.call(GET_BUCKET_TAGGING, absent=(NO_TAGS,), **where) or {}
    return kept(answer.get("TagSet"), [key])


def transform_bucket_backups(answer: Sequence[Mapping[str, Any]]) -> tuple[BucketBackups, ...]:
    return tuple(_bucket_backups(parts) for parts in answer)


def _bucket_backups(parts: Mapping[str, Any]) -> BucketBackups:
    name, region, missing = parts["name"], parts["region"], parts.get("missing")
    if missing is not None:
        return BucketBackups(name, region, outcome=missing.outcome, message=missing.message)
    replication = (parts.get("replication") or {}).get("ReplicationConfiguration") or {}
    lock = (parts.get("lock") or {}).get("ObjectLockConfiguration") or {}
    return BucketBackups(
        name=name,
        region=region,
        versioning=(parts.get("versioning") or {}).get("Status") or "",
        replicas=tuple(
            _replica(rule)
            for rule in replication.get("Rules") or ()
            if rule.get("Status") == ENABLED and (rule.get("Destination") or {}).get("Bucket")
        ),
        has_object_lock=lock.get("ObjectLockEnabled") == ENABLED,
        tags=parts.get("tags"),
    )


def _replica(rule: Mapping[str, Any]) -> Replica:
    destination = rule["Destination"]
    markers = rule.get("DeleteMarkerReplication") or {}
    return Replica(
        bucket=destination["Bucket"].rpartition(":")[2],
        account=destination.get("Account") or "",
        has_delete_markers=markers.get("Status") == ENABLED,
    )


bucket_backups = Collector(
    "s3.bucket_backups",
    tuple[BucketBackups, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (
        LIST_BUCKETS,
        GET_BUCKET_VERSIONING,
        GET_BUCKET_REPLICATION,
        GET_OBJECT_LOCK,
        GET_BUCKET_TAGGING,
    ),
    fetch_bucket_backups,
    transform_bucket_backups,
)


@dataclass(frozen=True)
class BucketLog:
    """Where the server access log of a bucket is written; ``target`` is empty where there is none.
    ``outcome`` and ``message`` say why nothing is known of a bucket that could not be read."""

    name: str
    region: str = ""
    target: str = ""
    outcome: Outcome = Outcome.COLLECTED
    message: str = ""


def fetch_bucket_logs(aws: Aws) -> list[Mapping[str, Any]]:
    found = [_fetch_log(aws, bucket) for bucket in transform_buckets(fetch_buckets(aws))]
    return [answer for answer in found if answer is not None]


def _fetch_log(aws: Aws, bucket: Bucket) -> Mapping[str, Any] | None:
    """None for a bucket that was deleted meanwhile."""
    about = {"name": bucket.name, "region": bucket.region}
    region = bucket.region or None
    try:
        return {**about, "answer": aws.call(GET_BUCKET_LOGGING, region=region, Bucket=bucket.name)}
    except Missing as missing:
        return None if missing.code == GONE else {**about, "missing": missing}


def transform_bucket_logs(answer: Sequence[Mapping[str, Any]]) -> tuple[BucketLog, ...]:
    return tuple(_bucket_log(parts) for parts in answer)


def _bucket_log(parts: Mapping[str, Any]) -> BucketLog:
    name, region, missing = parts["name"], parts["region"], parts.get("missing")
    if missing is not None:
        return BucketLog(name, region, outcome=missing.outcome, message=missing.message)
    enabled = (parts.get("answer") or {}).get("LoggingEnabled") or {}
    return BucketLog(name, region, enabled.get("TargetBucket") or "")


bucket_logs = Collector(
    "s3.bucket_logs",
    tuple[BucketLog, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (LIST_BUCKETS, GET_BUCKET_LOGGING),
    fetch_bucket_logs,
    transform_bucket_logs,
)
