"""Every data store of the account has a recent backup, and a copy out of its reach.

Reads what AWS Backup protects, copies and restores (backup:ListProtectedResources, ListCopyJobs,
ListRestoreJobs), the services' own snapshots and automated backups, and the buckets' replication.
Whether a copy can be changed is read where it lies: in the backup accounts of SECURITY_ACCOUNTS.

A bucket's old AWS Backup point is no recent backup, unless AWS Backup keeps adding to it. What
people attest about backups outside AWS covers the ARNs they list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from collectors.outcomes import Missing, Outcome
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
from roadmap.readings.backup_copies import Known, any_of
from roadmap.readings.backup_evidence import facts_of
from roadmap.readings.backup_plans import not_opted_in, plans_of
from roadmap.readings.data_stores import (
    ELSEWHERE,
    DataStore,
    Holding,
    counted_buckets,
    elsewhere,
    holding,
)
from roadmap.registry import Attestable, Detail, DetailKind, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import LONGEST, listed
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
    region_verdict,
    unknown_for,
)

SANDBOX = "sandbox"
CLAIMS = ("done", "partly")


@dataclass(frozen=True)
class _Answers:
    """What people attest: ARNs that a backup outside AWS covers, and the day of a restore test."""

    off_aws: frozenset[str] = frozenset()
    restored_on: date | None = None
    is_expired: bool = False


def judge(subject: Subject) -> Verdict:
    if SANDBOX in subject.account.classes and subject.settings["BACKUP_SKIP_SANDBOX"]:
        return not_applicable(
            Reason.CLASS_EXCLUDED, "Sandbox accounts need no backups.", "class sandbox"
        )
    answers = _answers(subject)
    held = _holdings(subject, answers)
    regions = [place for place in held if place != ELSEWHERE]
    restored = _restored(subject, answers, regions)
    parts = {place: _part(subject, found, restored) for place, found in held.items()}
    seen = [found for found in held.values() if isinstance(found, Holding)]
    stores = [store for found in seen for store in found.stores]
    plans, unseen_plans = plans_of(subject, regions)
    # Without a Region's plans nobody knows whether they select what AWS Backup may not touch.
    blind = {store.region for store in stores} & unseen_plans
    parts |= {place: replace(parts[place], incomplete=True) for place in blind if place in parts}
    problems = [
        *(problem for store in stores for problem in _of_store(store)),
        *_of_restores(subject, stores, restored),
        *(problem for region in plans for problem in not_opted_in(region, plans[region], stores)),
    ]
    verdict = region_verdict(
        parts,
        _sentence(stores, parts, answers),
        facts={
            **facts_of(subject, stores, plans),
            "off_aws": [store.arn for store in stores if store.arn in answers.off_aws],
            "attestation_expired": answers.is_expired,
            "restore_tested": None if isinstance(restored, Missing) else restored,
        },
        problems=problems,
    )
    is_untold = bool(stores) and isinstance(restored, Missing)
    return replace(verdict, incomplete=verdict.incomplete or is_untold)


def _answers(subject: Subject) -> _Answers:
    given = subject.attested()
    if given is None or given.claim not in CLAIMS:
        return _Answers()
    if not given.holds(subject.now):
        return _Answers(is_expired=True)
    listed_arns = given.details.get("off_aws_arns") or ()
    return _Answers(frozenset(str(arn).strip() for arn in listed_arns), _restored_on(given))


def _restored_on(given: Attested) -> date | None:
    try:
        return date.fromisoformat(str(given.details.get("restore_tested_on") or ""))
    except ValueError:
        return None


def _holdings(subject: Subject, answers: _Answers) -> dict[str, Holding | Missing]:
    """Region → its data stores, or why nobody knows them, without Regions where policies stop every
    look; ELSEWHERE stands for buckets that no Region in scope holds. Raises Missing where the
    Regions are not known."""
    regions = list(subject.facts.regions)
    held: dict[str, Holding | Missing] = {}
    buckets: list[s3.BucketBackups] = []
    try:
        buckets = counted_buckets(subject)
    except Missing as missing:
        held[ELSEWHERE] = missing
    for region in regions:
        its_own = [bucket for bucket in buckets if bucket.region == region]
        try:
            found = holding(subject, region, its_own)
        except Missing as missing:
            held[region] = missing
            continue
        if not found.is_blocked:
            held[region] = _covered(found, answers)
    homeless = [bucket for bucket in buckets if bucket.region not in regions]
    if homeless:
        held[ELSEWHERE] = _covered(elsewhere(subject, homeless), answers)
    return held


def _covered(found: Holding, answers: _Answers) -> Holding:
    """With stores that are backed up outside AWS counted as recent and isolated."""
    stores = [
        replace(store, is_recent=True, is_isolated=True) if store.arn in answers.off_aws else store
        for store in found.stores
    ]
    return replace(found, stores=stores)


def _restored(subject: Subject, answers: _Answers, regions: Sequence[str]) -> Known:
    """Whether somebody restored from a backup lately, anywhere in the account."""
    since = subject.now - timedelta(days=subject.settings["RESTORE_TEST_DAYS"])
    on = answers.restored_on
    if on is not None and since.date() <= on <= subject.now.date():
        return True
    return any_of(_restored_in(subject, region, since) for region in regions)


def _restored_in(subject: Subject, region: str, since: datetime) -> Known:
    try:
        restores = subject.facts.get(backup.protection, region).restores
        completed_at = restores.get()
    except Missing as missing:
        return False if missing.outcome == Outcome.SERVICE_UNAVAILABLE else missing
    if completed_at is not None and completed_at >= since:
        return True
    if restores.since is not None and restores.since > since:
        message = f"Restores in {region} are known from {restores.since:%Y-%m-%d} on only."
        return Missing(Outcome.NEVER_COLLECTED, message)
    return False


def _part(subject: Subject, found: Holding | Missing, restored: Known) -> Verdict:
    """One Region. Whatever could not be seen may be good or bad: where that decides, it is
    unknown."""
    if isinstance(found, Missing):
        return unknown_for(found, rule="data stores not seen")
    if not found.stores:
        if found.unseen:
            return unknown_for(found.unseen[0], rule="data stores not seen")
        return not_applicable(Reason.NO_RESOURCES, "No data store", "no data store")
    worst = _of_known(subject, found.stores, restored, benefit=False)
    best = _of_known(subject, found.stores, restored, benefit=True)
    if worst.status != best.status:
        return unknown_for(_first_gap(found.stores, restored), rule="backups not seen")
    if found.unseen and worst.status == Status.PASS:
        return unknown_for(found.unseen[0], rule="data stores not seen")
    has_gaps = any(True for store in found.stores for _ in store.gaps)
    return replace(worst, incomplete=has_gaps or bool(found.unseen))


def _first_gap(stores: Sequence[DataStore], restored: Known) -> Missing:
    gaps = [gap for store in stores for gap in store.gaps]
    return [*gaps, *([restored] if isinstance(restored, Missing) else [])][0]


def _of_known(
    subject: Subject, stores: Sequence[DataStore], restored: Known, *, benefit: bool
) -> Verdict:
    """The table, with ``benefit`` taken for what nobody knows."""

    def share(known: list[Known]) -> Status:
        good = sum(one is True or (benefit and isinstance(one, Missing)) for one in known)
        settings = subject.settings
        return ratio(good, len(known), settings["BACKUP_PASS_PCT"], settings["BACKUP_PARTIAL_PCT"])

    said = _counted(stores)
    recent = share([store.is_recent for store in stores])
    if recent == Status.FAIL:
        return failed(said, "recent below the partial share")
    if recent == Status.PARTIAL:
        return partly(said, "recent below the pass share")
    if share([store.is_isolated for store in stores]) != Status.PASS:
        return partly(said, "recent, too few isolated")
    must_be_locked = subject.settings["BACKUP_REQUIRE_IMMUTABLE"]
    if must_be_locked and share([store.is_immutable for store in stores]) != Status.PASS:
        return partly(said, "recent and isolated, too few immutable")
    must_be_tested = subject.settings["BACKUP_REQUIRE_RESTORE_TEST"]
    if must_be_tested and share([restored]) != Status.PASS:
        return partly(said, "recent and isolated, no restore tested")
    return passed(said, "recent and isolated")


def _counted(stores: Sequence[DataStore]) -> str:
    total, recent = len(stores), sum(store.is_recent is True for store in stores)
    isolated = sum(store.is_isolated is True for store in stores)
    what = "data store has" if total == 1 else "data stores have"
    return (
        f"{recent} of {total} {what} a recent backup, {isolated} a copy in another account and "
        "Region"
    )


def _sentence(stores: Sequence[DataStore], parts: Mapping[str, Verdict], answers: _Answers) -> str:
    blind = [place for place, part in parts.items() if part.status == Status.UNKNOWN]
    said = []
    if stores:
        said.append(f"{_counted(stores)}.")
        lacking = [store.name for store in stores if store.is_recent is False]
        if lacking:
            said.append(f"Without a recent backup: {listed(lacking)}.")
    elif not blind:
        said.append("The account has no data store that needs a backup.")
    if blind:
        reasons = sorted({(parts[place].reason or "").replace("_", " ") for place in blind})
        where = "everywhere" if len(blind) == len(parts) > 1 else f"in {listed(blind)}"
        said.append(f"Could not be told {where} ({listed(reasons)}).")
    if answers.is_expired:
        said.append("The answer about backups outside AWS has expired.")
    return " ".join(said)[:LONGEST]


def _of_store(store: DataStore) -> Iterator[Problem]:
    def problem(code: str, detail: str = "") -> Problem:
        return Problem(code, store.arn, store.name, store.region, detail)

    if store.is_recent is False:
        yield problem("backup_stale" if store.has_backup else "no_backup", f"Type: {store.type}.")
    elif store.is_recent is True and store.is_isolated is False:
        yield problem("backup_not_isolated", f"Type: {store.type}.")
    if store.is_isolated is True and store.is_immutable is False:
        yield problem("backup_mutable", f"Type: {store.type}.")


def _of_restores(
    subject: Subject, stores: Sequence[DataStore], restored: Known
) -> Iterator[Problem]:
    if stores and restored is False:
        days = subject.settings["RESTORE_TEST_DAYS"]
        yield Problem("no_restore_test", detail=f"Nothing was restored in {days} days.")


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
    judge=judge,
    reads=(
        backup.protection,
        backup.plans,
        backup.vaults,
        dlm.policies,
        dynamodb.backups,
        ec2.volumes,
        efs.file_systems,
        fsx.file_systems,
        organizations.effective_policies,
        rds.automated_backups,
        rds.clusters,
        rds.instances,
        redshift.clusters,
        s3.bucket_backups,
        tagging.backup_exempt,
    ),
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
            details=(
                Detail("recovery_time_hours", "Recovery time objective (hours)", DetailKind.NUMBER),
                Detail(
                    "recovery_point_hours", "Recovery point objective (hours)", DetailKind.NUMBER
                ),
                Detail(
                    "off_aws_arns",
                    "ARNs of data stores that a backup outside AWS covers",
                    DetailKind.LINES,
                ),
                Detail("off_aws_url", "Link to those backups", DetailKind.URL),
                Detail("restore_tested_on", "Day of the last restore test", DetailKind.DATE),
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
