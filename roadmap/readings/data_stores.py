"""The data stores of an account and how each is backed up, as rules judge them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import backup, dynamodb, ec2, efs, fsx, rds, redshift, s3
from collectors.services import resourcegroupstaggingapi as tagging
from roadmap.readings.backup_copies import (
    Copies,
    Known,
    Place,
    any_of,
    bucket_place,
    is_apart,
    vault_place,
)
from roadmap.subject import Subject

# What an account holds outside the Regions in scope, or whose Region nobody told.
ELSEWHERE = "global"

CLUSTER_TYPES = {"neptune": "Neptune", "docdb": "DocumentDB", "mysql": "RDS", "postgres": "RDS"}


@dataclass(frozen=True)
class DataStore:
    """``type`` is AWS Backup's word for it. ``has_backup`` tells a stale backup from none at all;
    ``replicates_deletions`` is about a bucket whose copy follows its delete markers."""

    arn: str
    type: str
    name: str
    region: str
    is_recent: Known = False
    has_backup: bool = False
    is_isolated: Known = False
    is_immutable: Known = False
    replicates_deletions: bool = False

    @property
    def gaps(self) -> Iterator[Missing]:
        for known in (self.is_recent, self.is_isolated, self.is_immutable):
            if isinstance(known, Missing):
                yield known


@dataclass(frozen=True)
class Holding:
    """The data stores of one Region; ``unseen`` say why it may not be all of them."""

    stores: Sequence[DataStore] = ()
    unseen: Sequence[Missing] = ()
    is_blocked: bool = False


@dataclass(frozen=True)
class _Sight:
    """What is looked at for one Region."""

    subject: Subject
    region: str
    copies: Copies
    exempt: Sequence[str] = ()
    automated: Mapping[str, rds.AutomatedBackup] | Missing = field(default_factory=dict)

    @property
    def protection(self) -> Mapping[str, backup.ProtectedResource] | Missing:
        return self.copies.protected(self.region)

    @property
    def recent_since(self) -> datetime:
        return self.subject.now - timedelta(hours=self.subject.settings["BACKUP_MAX_AGE_HOURS"])

    def arn(self, service: str, resource: str) -> str:
        account = self.subject.account
        return f"arn:{account.partition}:{service}:{self.region}:{account.account_id}:{resource}"

    def protected_below(self, prefix: str) -> list[str]:
        protection = {} if isinstance(self.protection, Missing) else self.protection
        return [arn for arn in protection if arn.startswith(prefix)]

    def is_recent(self, time: datetime | None) -> bool:
        return time is not None and time >= self.recent_since


def holding(subject: Subject, region: str, buckets: Sequence[s3.BucketBackups]) -> Holding:
    """``buckets`` are those of the Region. Raises Missing where nobody knows which stores are
    exempt."""
    seen = {
        collector.name: subject.facts.observation(collector, region)
        for collector in (*_KINDS, backup.protection, tagging.backup_exempt)
    }
    if not buckets and all(o.outcome == Outcome.REGION_BLOCKED for o in seen.values()):
        return Holding(is_blocked=True)
    sight = _sight(subject, region, seen)
    stores, unseen = [_bucket(sight, bucket) for bucket in buckets], []
    for collector, make in _KINDS.items():
        try:
            stores += make(sight, _value(seen[collector.name], ()))
        except Missing as missing:
            unseen.append(missing)
    return Holding([s for s in stores if _counts(sight, s)], unseen)


def _sight(subject: Subject, region: str, seen: Mapping[str, Observation[Any]]) -> _Sight:
    exempt = _exempt(subject, seen[tagging.backup_exempt.name])
    return _Sight(subject, region, Copies(subject), exempt, _automated(subject, region))


def _exempt(subject: Subject, seen: Observation[tagging.Exempt]) -> Sequence[str]:
    """ARNs. Raises Missing, also where BACKUP_EXEMPT_TAG was another when they were listed."""
    wanted = subject.settings["BACKUP_EXEMPT_TAG"]
    if not wanted:
        return ()
    found = _value(seen, tagging.Exempt(wanted))
    if found.tag != wanted:
        message = f"Resources tagged {wanted} were not looked for yet."
        raise Missing(Outcome.NEVER_COLLECTED, message)
    arns: Sequence[str] = found.arns
    return arns


def _automated(subject: Subject, region: str) -> Mapping[str, rds.AutomatedBackup] | Missing:
    try:
        found = _value(subject.facts.observation(rds.automated_backups, region), ())
    except Missing as missing:
        return missing
    return {kept.db_instance_arn: kept for kept in found}


def _value(observation: Observation[Any], nothing: Any) -> Any:
    """The value; ``nothing`` where AWS does not offer the service. Raises Missing."""
    if observation.outcome == Outcome.SERVICE_UNAVAILABLE:
        return nothing
    return observation.get()


def elsewhere(subject: Subject, buckets: Sequence[s3.BucketBackups]) -> Holding:
    """Buckets that no Region in scope holds."""
    missing = Missing(Outcome.NEVER_COLLECTED, "The bucket's Region was not looked at.")
    sight = _Sight(subject, ELSEWHERE, Copies(subject, {ELSEWHERE: missing}))
    stores = [_bucket(sight, bucket) for bucket in buckets]
    return Holding([store for store in stores if _counts(sight, store)])


def _counts(sight: _Sight, store: DataStore) -> bool:
    return store.arn not in sight.exempt and not sight.subject.is_excepted(store.arn)


def counted_buckets(subject: Subject) -> list[s3.BucketBackups]:
    """Those that need a backup. Raises Missing."""
    ignored = subject.settings["BACKUP_BUCKET_IGNORE"]
    return [
        bucket
        for bucket in subject.facts.get(s3.bucket_backups)
        if not _is_exempt(subject, bucket)
        and not any(fnmatchcase(bucket.name, pattern) for pattern in ignored)
    ]


def _is_exempt(subject: Subject, bucket: s3.BucketBackups) -> bool:
    """Raises Missing where its tags were not read, or not that one's value."""
    wanted = subject.settings["BACKUP_EXEMPT_TAG"]
    if not wanted or bucket.outcome != Outcome.COLLECTED:
        return False
    carries = bucket.tags.carry(wanted) if bucket.tags else None
    if carries is None:
        message = f"Whether bucket {bucket.name} is tagged {wanted} was not asked yet."
        raise Missing(Outcome.NEVER_COLLECTED, message)
    return carries


def _volumes(sight: _Sight, found: Sequence[ec2.Volume]) -> Iterator[DataStore]:
    for volume in found:
        arn = sight.arn("ec2", f"volume/{volume.volume_id}")
        taken = volume.latest_snapshot_at
        name = volume.name or volume.volume_id
        holders = [sight.arn("ec2", f"instance/{one}") for one in volume.instance_ids]
        yield _store(sight, arn, "EBS", name, sight.is_recent(taken), taken is not None, holders)


def _instances(sight: _Sight, found: Sequence[rds.DbInstance]) -> Iterator[DataStore]:
    for one in found:
        if one.cluster or one.is_read_replica:
            continue
        name = one.db_instance_identifier
        arn = one.db_instance_arn or sight.arn("rds", f"db:{name}")
        yield _store(sight, arn, "RDS", name, _restorable(sight, one, arn), _keeps(one))


def _restorable(sight: _Sight, one: rds.DbInstance, arn: str) -> Known:
    """Whether automated backups reach far enough; RDS says how far in either of two places."""
    if not _keeps(one):
        return False
    if sight.is_recent(one.latest_restorable_at):
        return True
    if isinstance(sight.automated, Missing):
        return sight.automated
    kept = sight.automated.get(arn)
    return kept is not None and sight.is_recent(kept.latest_restorable_at)


def _keeps(one: rds.DbInstance | rds.DbCluster) -> bool:
    return bool(one.backup_retention_days)


def _clusters(sight: _Sight, found: Sequence[rds.DbCluster]) -> Iterator[DataStore]:
    for one in found:
        if one.is_read_replica:
            continue
        name = one.db_cluster_identifier
        arn = one.db_cluster_arn or sight.arn("rds", f"cluster:{name}")
        kind = CLUSTER_TYPES.get(one.engine, "Aurora")
        recent = _keeps(one) and sight.is_recent(one.latest_restorable_at)
        yield _store(sight, arn, kind, name, recent, _keeps(one))


def _tables(sight: _Sight, found: Sequence[dynamodb.TableBackups]) -> Iterator[DataStore]:
    for table in found:
        arn = sight.arn("dynamodb", f"table/{table.name}")
        recent = table.point_in_time_recovery == "ENABLED"
        yield _store(sight, arn, "DynamoDB", table.name, recent, recent)


def _efs(sight: _Sight, found: Sequence[efs.FileSystem]) -> Iterator[DataStore]:
    for one in found:
        arn = one.arn or sight.arn("elasticfilesystem", f"file-system/{one.file_system_id}")
        yield _store(sight, arn, "EFS", one.name or one.file_system_id, False, False)


def _fsx(sight: _Sight, found: Sequence[fsx.FileSystem]) -> Iterator[DataStore]:
    """AWS Backup names the volumes of NetApp ONTAP and OpenZFS, which name their file system."""
    for one in found:
        name, taken = one.file_system_id, one.latest_backup_at
        arn = one.arn or sight.arn("fsx", f"file-system/{name}")
        parts = sight.protected_below(sight.arn("fsx", f"volume/{name}/"))
        yield _store(sight, arn, "FSx", name, sight.is_recent(taken), taken is not None, parts)


def _warehouses(sight: _Sight, found: Sequence[redshift.Cluster]) -> Iterator[DataStore]:
    for one in found:
        arn = sight.arn("redshift", f"cluster:{one.cluster_identifier}")
        recent = bool(one.automated_snapshot_retention_days)
        yield _store(sight, arn, "Redshift", one.cluster_identifier, recent, recent)


_KINDS: Mapping[Collector[Any], Callable[[_Sight, Any], Iterator[DataStore]]] = {
    ec2.volumes: _volumes,
    rds.instances: _instances,
    rds.clusters: _clusters,
    dynamodb.backups: _tables,
    efs.file_systems: _efs,
    fsx.file_systems: _fsx,
    redshift.clusters: _warehouses,
}


def _store(
    sight: _Sight,
    arn: str,
    kind: str,
    name: str,
    recent: Known,
    has_backup: bool,
    held_by: Sequence[str] = (),
) -> DataStore:
    """A store with what AWS Backup does for it, or for what holds it, besides ``recent`` and
    ``has_backup`` of its own."""
    store = DataStore(arn, kind, name, sight.region, recent, has_backup)
    if isinstance(sight.protection, Missing):
        unknown = sight.protection
        recent = any_of((recent, unknown))
        return replace(store, is_recent=recent, is_isolated=unknown, is_immutable=unknown)
    protected = [sight.protection[one] for one in (arn, *held_by) if one in sight.protection]
    if not protected:
        return store
    by_plan = any_of(_is_backed_up(sight, one) for one in protected)
    copies, gaps = sight.copies.of((arn, *held_by), sight.region)
    places = [vault_place(sight.subject, copy) for copy in copies]
    store = replace(store, is_recent=any_of((recent, by_plan)), has_backup=True)
    return _with_copies(sight, store, places, gaps)


def _is_backed_up(sight: _Sight, one: backup.ProtectedResource) -> Known:
    if sight.is_recent(one.last_backup_at):
        return True
    if one.is_continuous is None:
        message = f"Whether {one.resource_arn} is backed up continuously was not asked yet."
        return Missing(Outcome.NEVER_COLLECTED, message)
    return one.is_continuous


def _with_copies(
    sight: _Sight, store: DataStore, places: Iterable[Place], gaps: Sequence[Missing] = ()
) -> DataStore:
    """``gaps`` are why there may be more places."""
    region = "" if store.region == ELSEWHERE else store.region
    apart = [place for place in places if is_apart(sight.subject, place, region)]
    return replace(
        store,
        is_isolated=any_of((bool(apart), *gaps)),
        is_immutable=any_of((*(place.is_immutable for place in apart), *gaps)),
    )


def _bucket(sight: _Sight, bucket: s3.BucketBackups) -> DataStore:
    arn = f"arn:{sight.subject.account.partition}:s3:::{bucket.name}"
    if bucket.outcome != Outcome.COLLECTED:
        return _unread_bucket(sight, arn, bucket)
    replicas = bucket.replicas if bucket.is_versioned else ()
    store = _store(sight, arn, "S3", bucket.name, bool(replicas), bool(replicas))
    store = replace(
        store,
        region=bucket.region or ELSEWHERE,
        replicates_deletions=any(replica.has_delete_markers for replica in replicas),
    )
    for replica in replicas:
        copied = _with_replica(sight, store, replica)
        store = replace(
            store,
            is_isolated=any_of((store.is_isolated, copied.is_isolated)),
            is_immutable=any_of((store.is_immutable, copied.is_immutable)),
        )
    return store


def _unread_bucket(sight: _Sight, arn: str, bucket: s3.BucketBackups) -> DataStore:
    missing = Missing(bucket.outcome, bucket.message)
    store = _store(sight, arn, "S3", bucket.name, missing, has_backup=False)
    return replace(
        store,
        is_isolated=any_of((store.is_isolated, missing)),
        is_immutable=any_of((store.is_immutable, missing)),
    )


def _with_replica(sight: _Sight, store: DataStore, replica: s3.Replica) -> DataStore:
    try:
        place = bucket_place(sight.subject, replica)
    except Missing as missing:
        return replace(store, is_isolated=missing, is_immutable=missing)
    return _with_copies(sight, store, [place] if place else [])
