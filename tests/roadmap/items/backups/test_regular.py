"""Every data store has a recent backup, and a copy out of the account's reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import (
    backup,
    dlm,
    dynamodb,
    ec2,
    efs,
    fsx,
    organizations,
    rds,
    redshift,
    s3,
)
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.backup import AIR_GAPPED, Copy, Protection, Restores
from collectors.services.s3 import BucketBackups, Replica
from collectors.tags import Tags
from roadmap.items.backups.regular import item, judge
from roadmap.subject import Excepted
from roadmap.verdicts import Reason, Status
from tests.collectors.services.canned import collect, thinned
from tests.roadmap.items.backups.stores import (
    BACKUPS,
    BUCKET,
    DATABASE,
    EMPTY,
    EXEMPT,
    HERE,
    LATELY,
    LONG_AGO,
    NEAR_VAULT,
    OWN_VAULT,
    TABLE,
    TAG,
    THERE,
    VAULT,
    VOLUME,
    Facts,
    buckets,
    codes,
    copy,
    here,
    kept,
    protected,
    rule_here,
    seen,
    vault,
    volumes,
)
from tests.roadmap.items.subjects import ACCOUNT, NOW, REGIONS, attested, row, subject

WELL = (volumes("vol-1"), protected(kept(VOLUME, copy(lock_state="LOCKED")), restored_at=LATELY))
MUTABLE = (volumes("vol-1"), protected(kept(VOLUME, copy()), restored_at=LATELY))
ALONE = (volumes("vol-1"), protected(kept(), restored_at=LATELY))

TABLE_LINES: dict[str, tuple[tuple[Facts, ...], dict[str, Any], Status, str, list[str]]] = {
    "recent, isolated, locked": (WELL, {}, Status.PASS, "recent and isolated", []),
    "a lock that nobody asks for": (
        MUTABLE, {}, Status.PASS, "recent and isolated", ["backup_mutable"],
    ),
    "a lock that is asked for and there": (
        WELL, {"BACKUP_REQUIRE_IMMUTABLE": True}, Status.PASS, "recent and isolated", [],
    ),
    "a lock that is asked for and missing": (
        MUTABLE,
        {"BACKUP_REQUIRE_IMMUTABLE": True},
        Status.PARTIAL,
        "recent and isolated, too few immutable",
        ["backup_mutable"],
    ),
    "a restore test that is asked for and there": (
        WELL, {"BACKUP_REQUIRE_RESTORE_TEST": True}, Status.PASS, "recent and isolated", [],
    ),
    "a restore test that is asked for and missing": (
        (volumes("vol-1"), protected(kept(VOLUME, copy(lock_state="LOCKED")))),
        {"BACKUP_REQUIRE_RESTORE_TEST": True},
        Status.PARTIAL,
        "recent and isolated, no restore tested",
        ["no_restore_test"],
    ),
    "a restore test that is old": (
        (
            volumes("vol-1"),
            protected(kept(VOLUME, copy(lock_state="LOCKED")), restored_at=LONG_AGO),
        ),
        {"BACKUP_REQUIRE_RESTORE_TEST": True, "RESTORE_TEST_DAYS": 30},
        Status.PARTIAL,
        "recent and isolated, no restore tested",
        ["no_restore_test"],
    ),
    "recent, not isolated": (
        ALONE, {}, Status.PARTIAL, "recent, too few isolated", ["backup_not_isolated"],
    ),
    "recent in half": (
        (volumes("vol-1", "vol-2"), protected(kept(VOLUME, copy(lock_state="LOCKED")))),
        {},
        Status.PARTIAL,
        "recent below the pass share",
        ["no_backup", "no_restore_test"],
    ),
    "recent in a third": (
        (volumes("vol-1", "vol-2", "vol-3"), protected(kept(), restored_at=LATELY)),
        {},
        Status.FAIL,
        "recent below the partial share",
        ["backup_not_isolated", "no_backup"],
    ),
    "stale": (
        (volumes("vol-1", snapshot_at=LONG_AGO), protected(restored_at=LATELY)),
        {},
        Status.FAIL,
        "recent below the partial share",
        ["backup_stale"],
    ),
    "a share that the company chose": (
        (volumes("vol-1", "vol-2"), protected(kept(VOLUME, copy(lock_state="LOCKED")),
                                             restored_at=LATELY)),
        {"BACKUP_PASS_PCT": 50},
        Status.PASS,
        "recent and isolated",
        ["no_backup"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "settings", "status", "rule", "found"), TABLE_LINES.values(), ids=TABLE_LINES
)
def test_the_table_decides(
    facts: tuple[Facts, ...],
    settings: dict[str, Any],
    status: Status,
    rule: str,
    found: list[str],
) -> None:
    verdict = judge(seen(*facts, **settings))
    assert (verdict.status, rule_here(verdict)) == (status, rule)
    assert codes(verdict) == found
    assert not verdict.incomplete


def test_every_declared_finding_occurs() -> None:
    reported = {code for *_, found in TABLE_LINES.values() for code in found}
    assert set(item.findings) == reported | {"service_not_opted_in"}


def test_an_account_without_data_stores_needs_none() -> None:
    verdict = judge(seen())
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.NO_RESOURCES)
    assert rule_here(verdict) == "no data store"
    assert verdict.sentence == "The account has no data store that needs a backup."
    assert not verdict.problems


@pytest.mark.parametrize(
    ("classes", "skip", "status"),
    [
        (["sandbox"], True, Status.NOT_APPLICABLE),
        (["sandbox"], False, Status.FAIL),
        (["production"], True, Status.FAIL),
    ],
)
def test_sandboxes_may_be_left_out(classes: list[str], skip: bool, status: Status) -> None:
    verdict = judge(seen(volumes("vol-1"), account=row(classes=classes), BACKUP_SKIP_SANDBOX=skip))
    assert verdict.status == status
    if status == Status.NOT_APPLICABLE:
        assert (verdict.reason, verdict.rule) == (Reason.CLASS_EXCLUDED, "class sandbox")


# What of its own makes each kind of store recent, and what does not.
KINDS: dict[str, tuple[Collector[Any], Any, Status]] = {
    "volume with snapshot": (
        ec2.volumes, ec2.Volume("v", latest_snapshot_at=LATELY), Status.PARTIAL,
    ),
    "volume without": (ec2.volumes, ec2.Volume("v"), Status.FAIL),
    "instance": (
        rds.instances,
        rds.DbInstance("d", backup_retention_days=7, latest_restorable_at=LATELY),
        Status.PARTIAL,
    ),
    "instance without retention": (
        rds.instances,
        rds.DbInstance("d", backup_retention_days=0, latest_restorable_at=LATELY),
        Status.FAIL,
    ),
    "instance that does not say": (
        rds.instances, rds.DbInstance("d", latest_restorable_at=LATELY), Status.FAIL,
    ),
    "instance restorable to long ago": (
        rds.instances,
        rds.DbInstance("d", backup_retention_days=7, latest_restorable_at=LONG_AGO),
        Status.FAIL,
    ),
    "replica": (
        rds.instances, rds.DbInstance("d", is_read_replica=True), Status.NOT_APPLICABLE,
    ),
    "member of a cluster": (
        rds.instances, rds.DbInstance("d", cluster="c"), Status.NOT_APPLICABLE,
    ),
    "cluster": (
        rds.clusters,
        rds.DbCluster("c", backup_retention_days=1, latest_restorable_at=LATELY),
        Status.PARTIAL,
    ),
    "cluster restorable to long ago": (
        rds.clusters,
        rds.DbCluster("c", backup_retention_days=1, latest_restorable_at=LONG_AGO),
        Status.FAIL,
    ),
    "replicating cluster": (
        rds.clusters, rds.DbCluster("c", is_read_replica=True), Status.NOT_APPLICABLE,
    ),
    "table with recovery": (
        dynamodb.backups, dynamodb.TableBackups("t", "ENABLED"), Status.PARTIAL,
    ),
    "table without": (dynamodb.backups, dynamodb.TableBackups("t", "DISABLED"), Status.FAIL),
    "table of tomorrow": (dynamodb.backups, dynamodb.TableBackups("t", "TOMORROW"), Status.FAIL),
    "EFS": (efs.file_systems, efs.FileSystem("fs"), Status.FAIL),
    "FSx with backup": (
        fsx.file_systems, fsx.FileSystem("fs", latest_backup_at=LATELY), Status.PARTIAL,
    ),
    "FSx with old backup": (
        fsx.file_systems, fsx.FileSystem("fs", latest_backup_at=LONG_AGO), Status.FAIL,
    ),
    "Redshift with snapshots": (redshift.clusters, redshift.Cluster("c", 1), Status.PARTIAL),
    "Redshift without": (redshift.clusters, redshift.Cluster("c", 0), Status.FAIL),
    "Redshift that does not say": (redshift.clusters, redshift.Cluster("c"), Status.FAIL),
}  # fmt: skip


@pytest.mark.parametrize(("collector", "store", "status"), KINDS.values(), ids=KINDS)
def test_each_kind_of_store_has_its_own_backups(
    collector: Collector[Any], store: Any, status: Status
) -> None:
    assert judge(seen(here(collector, (store,)))).status == status


@pytest.mark.parametrize(
    ("collector", "store", "arn"),
    [
        (ec2.volumes, ec2.Volume("vol-1"), VOLUME),
        (rds.instances, rds.DbInstance("orders"), DATABASE),
        (rds.clusters, rds.DbCluster("c"), f"arn:aws:rds:{HERE}:{ACCOUNT}:cluster:c"),
        (dynamodb.backups, dynamodb.TableBackups("orders"), TABLE),
        (efs.file_systems, efs.FileSystem("fs", "arn:fs"), "arn:fs"),
        (fsx.file_systems, fsx.FileSystem("fs", "arn:fs"), "arn:fs"),
        (
            redshift.clusters,
            redshift.Cluster("c"),
            f"arn:aws:redshift:{HERE}:{ACCOUNT}:cluster:c",
        ),
    ],
    ids=lambda value: getattr(value, "name", None) or type(value).__name__,
)
def test_aws_backup_serves_each_kind_by_its_arn(
    collector: Collector[Any], store: Any, arn: str
) -> None:
    bare = judge(seen(here(collector, (store,))))
    assert [problem.resource for problem in bare.problems if problem.resource] == [arn]

    served = judge(seen(here(collector, (store,)), protected(kept(arn, copy()))))
    assert served.status == Status.PASS


def test_a_backup_of_the_instance_holds_its_volumes() -> None:
    disk = here(ec2.volumes, (ec2.Volume("vol-1", instance_ids=("i-1",)),))
    of_instance = kept(f"arn:aws:ec2:{HERE}:{ACCOUNT}:instance/i-1", copy())
    assert judge(seen(disk, protected(of_instance))).status == Status.PASS


def test_a_backup_of_a_volume_is_one_of_its_file_system() -> None:
    system = here(fsx.file_systems, (fsx.FileSystem("fs-1"),))
    volume = f"arn:aws:fsx:{HERE}:{ACCOUNT}:volume/fs-1/fsvol-1"
    assert judge(seen(system, protected(kept(volume, copy())))).status == Status.PASS
    another = volume.replace("fs-1/", "fs-12/")
    assert judge(seen(system, protected(kept(another, copy())))).status == Status.FAIL


def test_an_instance_may_be_restorable_by_what_its_automated_backups_say() -> None:
    database = rds.DbInstance("orders", DATABASE, backup_retention_days=7)
    automated = rds.AutomatedBackup(DATABASE, "active", LATELY)
    facts = here(rds.instances, (database,)) | here(rds.automated_backups, (automated,))
    assert judge(seen(facts)).status == Status.PARTIAL


@pytest.mark.parametrize(
    ("engine", "kind"),
    [("neptune", "Neptune"), ("docdb", "DocumentDB"), ("aurora-mysql", "Aurora"), ("mysql", "RDS")],
)
def test_counts_are_kept_by_type(engine: str, kind: str) -> None:
    cluster = rds.DbCluster("c", "arn:c", engine, 7, LATELY)
    verdict = judge(seen(here(rds.clusters, (cluster,))))
    assert verdict.facts["types"] == {
        kind: {"total": 1, "recent": 1, "isolated": 0, "immutable": 0}
    }


COPIES: dict[str, tuple[Copy, bool]] = {
    "another account and Region": (copy(), True),
    "another account, same Region": (copy(NEAR_VAULT), False),
    "same account, another Region": (copy(OWN_VAULT), False),
    "an air-gapped vault of the account in another Region": (
        copy(OWN_VAULT, vault_type=AIR_GAPPED), True,
    ),
    "an air-gapped vault in the same Region": (copy(NEAR_VAULT, vault_type=AIR_GAPPED), False),
    "too old": (copy(at=NOW - timedelta(days=9)), False),
    "to nowhere": (copy("TOMORROW"), False),
}  # fmt: skip


@pytest.mark.parametrize(("made", "is_isolated"), COPIES.values(), ids=COPIES)
def test_a_copy_counts_out_of_reach_only(made: Copy, is_isolated: bool) -> None:
    verdict = judge(seen(volumes("vol-1"), protected(kept(VOLUME, made))))
    assert verdict.status == (Status.PASS if is_isolated else Status.PARTIAL)


LOCKS: dict[str, tuple[Copy, Facts, bool]] = {
    "locked when copied": (copy(lock_state="LOCKED"), {}, True),
    "not locked when copied": (copy(lock_state="UNLOCKED"), {}, False),
    "a word of tomorrow": (copy(lock_state="TOMORROW"), {}, False),
    "not said": (copy(), {}, False),
    "locked since": (copy(lock_state="UNLOCKED"), vault(is_locked=True), True),
    "unlocked since": (copy(lock_state="LOCKED"), vault(is_locked=False), False),
    "air-gapped": (copy(vault_type=AIR_GAPPED), {}, True),
    "air-gapped, as the vault says": (copy(), vault(type=AIR_GAPPED), True),
}


@pytest.mark.parametrize(("made", "vaults", "is_immutable"), LOCKS.values(), ids=LOCKS)
def test_a_lock_is_read_where_the_copy_lies(made: Copy, vaults: Facts, is_immutable: bool) -> None:
    facts = (volumes("vol-1"), protected(kept(VOLUME, made)), vaults)
    verdict = judge(seen(*facts, BACKUP_REQUIRE_IMMUTABLE=True))
    assert verdict.status == (Status.PASS if is_immutable else Status.PARTIAL)


REPLICA = Replica("orders-copy")
REPLICATED = BucketBackups("orders", HERE, "Enabled", (REPLICA,))
COPY_THERE = buckets(BucketBackups("orders-copy", THERE, "Enabled"), of=BACKUPS)
LOCKED_THERE = buckets(
    BucketBackups("orders-copy", THERE, "Enabled", has_object_lock=True), of=BACKUPS
)
BUCKETS: dict[str, tuple[tuple[Facts, ...], Status, list[str]]] = {
    "replicated out of reach": (
        (buckets(REPLICATED), LOCKED_THERE), Status.PASS, ["no_restore_test"],
    ),
    "replicated, not locked": (
        (buckets(REPLICATED), COPY_THERE), Status.PASS, ["backup_mutable", "no_restore_test"],
    ),
    "replicated, the rule names the account": (
        (
            buckets(replace(REPLICATED, replicas=(Replica("orders-copy", BACKUPS),))),
            LOCKED_THERE,
        ),
        Status.PASS,
        ["no_restore_test"],
    ),
    "replicated into an account nobody knows": (
        (
            buckets(replace(REPLICATED, replicas=(Replica("orders-copy", "666666666666"),))),
            LOCKED_THERE,
        ),
        Status.PARTIAL,
        ["backup_not_isolated", "no_restore_test"],
    ),
    "replicated to a bucket nobody can place": (
        (buckets(REPLICATED),), Status.PARTIAL, ["backup_not_isolated", "no_restore_test"],
    ),
    "replicated within the Region": (
        (buckets(REPLICATED), buckets(BucketBackups("orders-copy", HERE), of=BACKUPS)),
        Status.PARTIAL,
        ["backup_not_isolated", "no_restore_test"],
    ),
    "replicated, versioning suspended since": (
        (buckets(replace(REPLICATED, versioning="Suspended")), LOCKED_THERE),
        Status.FAIL,
        ["no_backup", "no_restore_test"],
    ),
    "versioned only": (
        (buckets(BucketBackups("orders", HERE, "Enabled")),),
        Status.FAIL,
        ["no_backup", "no_restore_test"],
    ),
    "backed up by AWS Backup": (
        (buckets(BucketBackups("orders", HERE, "Enabled")), protected(kept(BUCKET, copy()))),
        Status.PASS,
        ["backup_mutable", "no_restore_test"],
    ),
    "backed up continuously": (
        (
            buckets(BucketBackups("orders", HERE, "Enabled")),
            protected(replace(kept(BUCKET, at=LONG_AGO), is_continuous=True)),
        ),
        Status.PARTIAL,
        ["backup_not_isolated", "no_restore_test"],
    ),
    "backed up long ago": (
        (buckets(BucketBackups("orders", HERE)), protected(kept(BUCKET, at=LONG_AGO))),
        Status.FAIL,
        ["backup_stale", "no_restore_test"],
    ),
    "logs": ((buckets(BucketBackups("orders-logs", HERE)),), Status.NOT_APPLICABLE, []),
    "exempt": (
        (buckets(BucketBackups("orders", HERE, tags=Tags(("cairn:backup",), (TAG,)))),),
        Status.NOT_APPLICABLE,
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "status", "found"), BUCKETS.values(), ids=BUCKETS)
def test_buckets(facts: tuple[Facts, ...], status: Status, found: list[str]) -> None:
    verdict = judge(seen(*facts))
    assert verdict.status == status
    assert codes(verdict) == found


def test_a_copy_that_follows_deletions_is_noted() -> None:
    following = replace(REPLICATED, replicas=(replace(REPLICA, has_delete_markers=True),))
    assert judge(seen(buckets(following))).facts["replicates_deletions"] == [BUCKET]
    assert judge(seen(buckets(REPLICATED))).facts["replicates_deletions"] == []


@pytest.mark.parametrize(
    ("region", "status"), [("", Status.UNKNOWN), ("ap-south-1", Status.PASS)], ids=["none", "other"]
)
def test_a_bucket_in_no_region_of_the_scope_is_judged_apart(region: str, status: Status) -> None:
    """Without its Region nobody knows whether its copy is in another one."""
    verdict = judge(seen(buckets(replace(REPLICATED, region=region)), LOCKED_THERE))
    assert (verdict.status, verdict.regions["global"].status) == (status, status)
    assert rule_here(verdict) == "no data store"


def test_the_names_of_ignored_buckets_are_the_companys() -> None:
    facts = buckets(BucketBackups("scratch-1", HERE))
    assert judge(seen(facts)).status == Status.FAIL
    assert judge(seen(facts, BACKUP_BUCKET_IGNORE=["scratch-*"])).status == Status.NOT_APPLICABLE


def test_tagged_stores_need_no_backup() -> None:
    exempt = here(tagging.backup_exempt, tagging.Exempt(EXEMPT, (VOLUME,)))
    assert judge(seen(volumes("vol-1"), exempt)).status == Status.NOT_APPLICABLE
    nobody = seen(volumes("vol-1"), exempt, BACKUP_EXEMPT_TAG="")
    assert judge(nobody).status == Status.FAIL


def test_excepted_stores_leave_the_counts_and_are_not_reported() -> None:
    exception = Excepted(item.key, VOLUME)
    looked = seen(
        volumes("vol-1", "vol-2"),
        protected(kept(VOLUME.replace("vol-1", "vol-2"), copy()), restored_at=LATELY),
        exceptions=[exception],
    )
    verdict = judge(looked)
    assert verdict.status == Status.PASS
    assert codes(verdict) == ["backup_mutable"]
    assert looked.excepted == {VOLUME: exception}


# What nobody saw.

STORES = [c for c in EMPTY if c not in (backup.protection, backup.plans, backup.vaults,
                                        dlm.policies, rds.automated_backups)]  # fmt: skip


@pytest.mark.parametrize("collector", STORES, ids=str)
def test_stores_that_nobody_saw_may_be_without_backup(collector: Collector[Any]) -> None:
    bucket = buckets(REPLICATED), LOCKED_THERE
    verdict = judge(seen(*bucket, here(collector, Outcome.ACCESS_DENIED)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    assert rule_here(verdict) == "data stores not seen"


@pytest.mark.parametrize("collector", STORES, ids=str)
def test_no_store_seen_is_not_none_there(collector: Collector[Any]) -> None:
    verdict = judge(seen(here(collector, Outcome.ACCESS_DENIED)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    assert HERE in verdict.sentence


def test_buckets_that_nobody_could_list_are_unknown() -> None:
    verdict = judge(seen({(ACCOUNT, s3.bucket_backups): Outcome.ACCESS_DENIED}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    assert verdict.regions["global"].rule == "data stores not seen"


def test_a_store_without_backup_fails_although_others_were_not_seen() -> None:
    facts = volumes("vol-1"), here(rds.clusters, Outcome.ACCESS_DENIED)
    verdict = judge(seen(*facts))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


@pytest.mark.parametrize("collector", STORES, ids=str)
def test_a_service_that_aws_does_not_offer_holds_nothing(collector: Collector[Any]) -> None:
    verdict = judge(seen(here(collector, Outcome.SERVICE_UNAVAILABLE)))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.NO_RESOURCES)


def test_where_aws_backup_is_not_offered_it_protects_nothing() -> None:
    gone = {
        (ACCOUNT, collector, region): Outcome.SERVICE_UNAVAILABLE
        for collector in (backup.protection, backup.plans, rds.automated_backups)
        for region in REGIONS
    }
    verdict = judge(seen(volumes("vol-1", snapshot_at=LATELY), gone))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, False)
    assert codes(verdict) == ["backup_not_isolated", "no_restore_test"]


def test_regions_that_a_policy_blocks_are_left_out() -> None:
    blocked = {(ACCOUNT, c, THERE): Outcome.REGION_BLOCKED for c in EMPTY}
    verdict = judge(seen(*WELL, blocked))
    assert (verdict.status, list(verdict.regions)) == (Status.PASS, [HERE])
    assert not verdict.incomplete


def test_where_every_region_is_blocked_nothing_can_be_told() -> None:
    blocked = {(ACCOUNT, c, region): Outcome.REGION_BLOCKED for c in EMPTY for region in REGIONS}
    verdict = judge(seen(blocked))
    assert (verdict.status, verdict.rule) == (Status.UNKNOWN, "no region in scope")


DENIED = here(backup.protection, Outcome.ACCESS_DENIED)
UNSEEN_BACKUPS: dict[str, tuple[Facts, ...]] = {
    "AWS Backup, nothing else": (volumes("vol-1"), DENIED),
    "AWS Backup, a snapshot": (volumes("vol-1", snapshot_at=LATELY), DENIED),
    "automated backups": (
        here(rds.instances, (rds.DbInstance("orders", DATABASE, backup_retention_days=7),)),
        here(rds.automated_backups, Outcome.ACCESS_DENIED),
    ),
    "a bucket": (
        buckets(BucketBackups("orders", HERE, outcome=Outcome.ACCESS_DENIED, message="no")),
    ),
    "the backup account's buckets": (
        buckets(REPLICATED),
        {(BACKUPS, s3.bucket_backups): Outcome.ACCESS_DENIED},
    ),
}


@pytest.mark.parametrize("facts", UNSEEN_BACKUPS.values(), ids=UNSEEN_BACKUPS)
def test_backups_that_nobody_saw_may_be_there(facts: tuple[Facts, ...]) -> None:
    verdict = judge(seen(*facts))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    assert rule_here(verdict) == "backups not seen"
    assert not {"no_backup", "backup_stale", "backup_not_isolated"} & set(codes(verdict))


UNSEEN_LOCKS: dict[str, tuple[Facts, ...]] = {
    "the backup account's vaults": (
        volumes("vol-1"),
        protected(kept(VOLUME, copy()), restored_at=LATELY),
        {(BACKUPS, backup.vaults, THERE): Outcome.ACCESS_DENIED},
    ),
    "the copy's own lock": (
        buckets(REPLICATED),
        buckets(BucketBackups("orders-copy", THERE, outcome=Outcome.ACCESS_DENIED), of=BACKUPS),
    ),
}


@pytest.mark.parametrize("facts", UNSEEN_LOCKS.values(), ids=UNSEEN_LOCKS)
def test_a_lock_that_nobody_saw_matters_only_where_it_is_asked_for(
    facts: tuple[Facts, ...],
) -> None:
    asked_for = judge(seen(*facts, BACKUP_REQUIRE_IMMUTABLE=True))
    assert (asked_for.status, asked_for.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)

    free = judge(seen(*facts))
    assert (free.status, free.incomplete) == (Status.PASS, True)
    assert "backup_mutable" not in codes(free)


def test_restores_that_nobody_saw_matter_only_where_they_are_asked_for() -> None:
    hidden = Restores(outcome=Outcome.ACCESS_DENIED, message="denied")
    lock = copy(lock_state="LOCKED")
    protection = here(backup.protection, Protection((kept(VOLUME, lock),), hidden))
    facts = volumes("vol-1"), protection

    asked_for = judge(seen(*facts, BACKUP_REQUIRE_RESTORE_TEST=True))
    assert (asked_for.status, asked_for.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    free = judge(seen(*facts))
    assert (free.status, free.incomplete, codes(free)) == (Status.PASS, True, [])


def test_plans_that_nobody_saw_decide_nothing_and_resolve_nothing() -> None:
    verdict = judge(seen(*WELL, here(backup.plans, Outcome.ACCESS_DENIED)))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)
    assert verdict.regions[HERE].incomplete


def test_one_bad_region_makes_it_partial() -> None:
    elsewhere = {(ACCOUNT, ec2.volumes, THERE): (ec2.Volume("vol-9", "cache"),)}
    verdict = judge(seen(*WELL, elsewhere))
    assert verdict.status == Status.PARTIAL
    assert verdict.sentence == (
        "1 of 2 data stores have a recent backup, 1 a copy in another account and Region. "
        "Without a recent backup: cache."
    )


# What people say.


def says(claim: str = "done", days_left: int = 30, **details: Any) -> Any:
    return [attested(item.key, claim, "team", days_left=days_left, **details)]


def off_aws(claim: str = "done", *arns: str, days_left: int = 30) -> Any:
    return says(claim, days_left, off_aws_arns=list(arns) or [VOLUME])


ATTESTED: dict[str, tuple[Any, Status]] = {
    "done": (off_aws(), Status.PASS),
    "partly": (off_aws("partly"), Status.PASS),
    "not done": (off_aws("not_done"), Status.FAIL),
    "a claim of tomorrow": (off_aws("tomorrow"), Status.FAIL),
    "expired": (off_aws(days_left=-1), Status.FAIL),
    "another store": (off_aws("done", DATABASE), Status.FAIL),
    "a pattern": (off_aws("done", "*"), Status.FAIL),
    "no store": (says(), Status.FAIL),
    "nothing": ([], Status.FAIL),
}


@pytest.mark.parametrize(("answers", "status"), ATTESTED.values(), ids=ATTESTED)
def test_backups_outside_aws_cover_the_listed_stores(answers: Any, status: Status) -> None:
    verdict = judge(seen(volumes("vol-1"), attestations=answers))
    assert verdict.status == status
    assert verdict.facts["off_aws"] == ([VOLUME] if status == Status.PASS else [])


def test_an_expired_answer_is_told() -> None:
    verdict = judge(seen(volumes("vol-1"), attestations=off_aws(days_left=-1)))
    assert verdict.facts["attestation_expired"]
    assert verdict.sentence.endswith("The answer about backups outside AWS has expired.")


def test_backups_outside_aws_are_not_taken_to_be_locked() -> None:
    looked = seen(volumes("vol-1"), attestations=off_aws(), BACKUP_REQUIRE_IMMUTABLE=True)
    assert rule_here(judge(looked)) == "recent and isolated, too few immutable"


def test_an_answer_lifts_no_store_that_it_does_not_list() -> None:
    verdict = judge(seen(volumes("vol-1", "vol-2", "vol-3"), attestations=off_aws()))
    assert verdict.status == Status.FAIL


RESTORES: dict[str, tuple[Any, bool]] = {
    "today": (says(restore_tested_on="2026-11-24"), True),
    "within the days": (says(restore_tested_on="2025-11-25"), True),
    "before them": (says(restore_tested_on="2025-11-23"), False),
    "in the future": (says(restore_tested_on="2026-11-25"), False),
    "no day": (says(restore_tested_on="lately"), False),
    "expired": (says(days_left=-1, restore_tested_on="2026-11-01"), False),
    "not done": (says("not_done", restore_tested_on="2026-11-01"), False),
}


@pytest.mark.parametrize(("answers", "counts"), RESTORES.values(), ids=RESTORES)
def test_a_restore_test_may_be_attested(answers: Any, counts: bool) -> None:
    facts = volumes("vol-1"), protected(kept(VOLUME, copy()))
    verdict = judge(seen(*facts, attestations=answers, BACKUP_REQUIRE_RESTORE_TEST=True))
    assert verdict.status == (Status.PASS if counts else Status.PARTIAL)
    assert ("no_restore_test" in codes(verdict)) is not counts


def test_the_details_asked_for_are_those_that_are_read() -> None:
    (asked,) = item.attests
    assert {"off_aws_arns", "restore_tested_on"} <= {detail.name for detail in asked.details}


# Plans.

RULE = backup.PlanRule("nightly", "near", "cron(0 3 * * ? *)", (VAULT,))


def plan(*selections: backup.Selection, **opted_in: bool) -> Facts:
    return here(backup.plans, backup.Plans((backup.Plan("daily", (RULE,), selections),), opted_in))


BY_ARN = backup.Selection("disks", ("arn:aws:ec2:*:*:volume/*",))
OPT_IN: dict[str, tuple[Facts, bool]] = {
    "selected by ARN": (plan(BY_ARN, EBS=False), True),
    "selected with everything": (plan(backup.Selection("all", ("*",)), EBS=False), True),
    "selected by tag": (plan(backup.Selection("tagged", (), is_by_tag=True), EBS=False), True),
    "opted in": (plan(BY_ARN, EBS=True), False),
    "not said": (plan(BY_ARN), False),
    "another type": (plan(BY_ARN, RDS=False), False),
    "left out by ARN": (
        plan(backup.Selection("all", ("*",), ("arn:aws:ec2:*:*:volume/*",)), EBS=False), False,
    ),
    "not selected": (plan(backup.Selection("d", ("arn:aws:rds:*:*:db:*",)), EBS=False), False),
    "nothing selected": (plan(backup.Selection("empty"), EBS=False), False),
    "no selection": (plan(EBS=False), False),
}  # fmt: skip


@pytest.mark.parametrize(("plans", "is_reported"), OPT_IN.values(), ids=OPT_IN)
def test_a_type_that_a_plan_selects_has_to_be_opted_in(plans: Facts, is_reported: bool) -> None:
    verdict = judge(seen(*WELL, plans))
    assert verdict.status == Status.PASS
    found = [problem for problem in verdict.problems if problem.code == "service_not_opted_in"]
    assert [(p.region, p.detail) for p in found] == (
        [(HERE, "Not opted in: EBS.")] if is_reported else []
    )


def test_what_explains_the_verdict_is_kept() -> None:
    policies = organizations.EffectivePolicies(
        {organizations.BACKUP_POLICY: organizations.EffectivePolicy({"plans": {}})}
    )
    facts = (
        *WELL,
        plan(BY_ARN),
        here(dlm.policies, (dlm.Policy("p1", "", "ENABLED", "X", (THERE,), (BACKUPS,)),)),
        here(backup.vaults, (backup.Vault("arn:near", "near", "BACKUP_VAULT", True, NOW, 30),)),
        {(ACCOUNT, organizations.effective_policies): policies},
    )
    found = judge(seen(*facts)).facts
    assert found["plans"] == {
        HERE: [
            {
                "name": "daily",
                "rules": [
                    {"name": "nightly", "schedule": "cron(0 3 * * ? *)", "copies_to": (VAULT,)}
                ],
            }
        ]
    }
    assert found["vaults"] == [
        {
            "arn": "arn:near",
            "type": "BACKUP_VAULT",
            "locked": True,
            "lock_date": NOW.isoformat(),
            "min_retention_days": 30,
        }
    ]
    assert found["lifecycle_policies"] == [
        {"id": "p1", "state": "ENABLED", "copies_to": (THERE,), "shares_with": (BACKUPS,)}
    ]
    assert found["has_backup_policy"] is True
    assert found["restore_tested"] is True


NO_POLICY = organizations.EffectivePolicies(
    {organizations.BACKUP_POLICY: organizations.EffectivePolicy()}
)


@pytest.mark.parametrize(
    ("policies", "told"),
    [(NO_POLICY, False), (Outcome.ACCESS_DENIED, None)],
    ids=["no policy", "denied"],
)
def test_whether_a_policy_reaches_the_account_decides_nothing(policies: Any, told: Any) -> None:
    verdict = judge(seen(*WELL, {(ACCOUNT, organizations.effective_policies): policies}))
    assert (verdict.status, verdict.facts["has_backup_policy"]) == (Status.PASS, told)


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(subject())
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


# Answers with something missing.

PROTECTION = {
    "list_protected_resources": {
        "Results": [{"ResourceArn": VOLUME, "ResourceType": "EBS", "LastBackupTime": LATELY}]
    },
    "list_copy_jobs": {
        "CopyJobs": [
            {
                "ResourceArn": VOLUME,
                "DestinationBackupVaultArn": VAULT,
                "State": "COMPLETED",
                "CompletionDate": LATELY,
                "DestinationVaultLockState": "LOCKED",
            }
        ]
    },
    "list_restore_jobs": {"RestoreJobs": [{"Status": "COMPLETED", "CompletionDate": LATELY}]},
    "list_restore_testing_plans": {"RestoreTestingPlans": []},
}
COLLECTOR_SETTINGS = {
    "BACKUP_MAX_AGE_HOURS": 48,
    "BACKUP_COPY_MAX_AGE_DAYS": 8,
    "RESTORE_TEST_DAYS": 365,
}


@given(data=st.data())
def test_no_backup_counts_of_which_something_is_missing(data: Any) -> None:
    found = data.draw(thinned(PROTECTION, kept=frozenset({"ResourceType"})))
    protection = collect(backup.protection, found, settings=COLLECTOR_SETTINGS, is_checked=False)
    looked = seen(
        volumes("vol-1"),
        here(backup.protection, protection),
        BACKUP_REQUIRE_IMMUTABLE=True,
        BACKUP_REQUIRE_RESTORE_TEST=True,
    )
    assert (judge(looked).status == Status.PASS) == (found == PROTECTION)
