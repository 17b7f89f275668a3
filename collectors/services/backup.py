"""AWS Backup: what it protects in a Region, where copies went, whether a restore worked, its plans,
and the vaults with their locks.

Cairn reads lists and settings, and no backed-up data.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListProtectedResources.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_PROTECTED_RESOURCES = Operation(
    "backup", "list_protected_resources", "backup:ListProtectedResources", "Results"
)
LIST_RECOVERY_POINTS = Operation(
    "backup",
    "list_recovery_points_by_resource",
    "backup:ListRecoveryPointsByResource",
    "RecoveryPoints",
)
LIST_COPY_JOBS = Operation("backup", "list_copy_jobs", "backup:ListCopyJobs", "CopyJobs")
LIST_RESTORE_JOBS = Operation(
    "backup", "list_restore_jobs", "backup:ListRestoreJobs", "RestoreJobs"
)
LIST_RESTORE_TESTING_PLANS = Operation(
    "backup",
    "list_restore_testing_plans",
    "backup:ListRestoreTestingPlans",
    "RestoreTestingPlans",
)
LIST_BACKUP_VAULTS = Operation(
    "backup", "list_backup_vaults", "backup:ListBackupVaults", "BackupVaultList"
)
LIST_BACKUP_PLANS = Operation(
    "backup", "list_backup_plans", "backup:ListBackupPlans", "BackupPlansList"
)
GET_BACKUP_PLAN = Operation("backup", "get_backup_plan", "backup:GetBackupPlan")
LIST_BACKUP_SELECTIONS = Operation(
    "backup", "list_backup_selections", "backup:ListBackupSelections", "BackupSelectionsList"
)
GET_BACKUP_SELECTION = Operation("backup", "get_backup_selection", "backup:GetBackupSelection")
DESCRIBE_REGION_SETTINGS = Operation(
    "backup", "describe_region_settings", "backup:DescribeRegionSettings"
)

GONE = "ResourceNotFoundException"
COMPLETED = "COMPLETED"
# How a recovery point says that AWS Backup keeps adding to it.
CONTINUOUS = "AVAILABLE"
# Types whose backups may be continuous: their last backup is old although they are up to date.
CONTINUOUS_TYPES = ("S3", "RDS", "Aurora")
AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


@dataclass(frozen=True)
class Copy:
    """The newest completed copy of a resource's backups to one vault. ``lock_state`` is empty
    where AWS does not say whether that vault was locked."""

    vault_arn: str
    completed_at: datetime | None = None
    vault_type: str = ""
    lock_state: str = ""

    @property
    def region(self) -> str:
        return arn_part(self.vault_arn, 3)

    @property
    def account_id(self) -> str:
        return arn_part(self.vault_arn, 4)

    @property
    def is_air_gapped(self) -> bool:
        return self.vault_type == AIR_GAPPED


@dataclass(frozen=True)
class ProtectedResource:
    """``last_backup_at`` is that of the newest recovery point, one still being continued aside.
    ``is_continuous`` is None where nobody asked, the last backup being young enough then."""

    resource_arn: str
    resource_type: str = ""
    last_backup_at: datetime | None = None
    is_continuous: bool | None = False
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True)
class Restores:
    """``completed_at`` is that of the newest restore that AWS remembers and that worked.
    ``since`` is from when they were asked for; ``outcome`` and ``message`` say why where nobody
    could look."""

    completed_at: datetime | None = None
    testing_plans: tuple[str, ...] = ()
    since: datetime | None = None
    outcome: Outcome = Outcome.COLLECTED
    message: str = ""

    def get(self) -> datetime | None:
        """Raises Missing."""
        if self.outcome != Outcome.COLLECTED:
            raise Missing(self.outcome, self.message)
        return self.completed_at


@dataclass(frozen=True)
class Protection:
    """Every resource that has recovery points, deleted ones included. ``copies_since`` is from when
    copies were asked for, None where there is nothing to copy."""

    resources: tuple[ProtectedResource, ...] = ()
    restores: Restores = Restores()
    copies_since: datetime | None = None


@dataclass(frozen=True)
class Vault:
    """``is_locked`` is None where AWS does not say. ``lock_date`` is the day from which nobody can
    lift the lock; None while somebody still may."""

    arn: str
    name: str = ""
    type: str = ""
    is_locked: bool | None = None
    lock_date: datetime | None = None
    min_retention_days: int | None = None

    @property
    def is_air_gapped(self) -> bool:
        return self.type == AIR_GAPPED

    @property
    def is_immutable(self) -> bool:
        return self.is_air_gapped or self.is_locked is True


@dataclass(frozen=True)
class PlanRule:
    """``copies_to`` are the ARNs of the vaults that its copy actions write to."""

    name: str
    vault: str = ""
    schedule: str = ""
    copies_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What a plan is for: ARNs in which * stands for anything, but not ``not_resources``, or
    resources by their tags."""

    name: str
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    is_by_tag: bool = False


@dataclass(frozen=True)
class Plan:
    name: str
    rules: tuple[PlanRule, ...] = ()
    selections: tuple[Selection, ...] = ()


@dataclass(frozen=True)
class Plans:
    """``opted_in`` is resource type → whether AWS Backup may touch it; only asked for where there
    is a plan."""

    plans: tuple[Plan, ...] = ()
    opted_in: Mapping[str, bool] = field(default_factory=dict)


def arn_part(arn: str, position: int) -> str:
    """A part of an ARN, such as 3 for its Region and 4 for its account; empty if it has none."""
    parts = arn.split(":", 5)
    return parts[position] if len(parts) > position else ""


def fetch_protection(aws: Aws) -> Answer:
    """Copies younger than BACKUP_COPY_MAX_AGE_DAYS. Where nothing was ever backed up, there is
    nothing to ask about copies and restores."""
    resources = aws.pages(LIST_PROTECTED_RESOURCES) or []
    if not resources:
        return {}
    since = aws.now - timedelta(days=aws.settings["BACKUP_COPY_MAX_AGE_DAYS"])
    return {
        "resources": resources,
        "points": _fetch_points(aws, resources),
        "copies": aws.pages(LIST_COPY_JOBS, ByState=COMPLETED, ByCompleteAfter=since) or [],
        "copies_since": since,
        **_fetch_restores(aws),
    }


def _fetch_points(aws: Aws, resources: Iterable[Answer]) -> dict[str, Any]:
    """ARN → recovery points, of resources that look stale and may be backed up continuously."""
    since = aws.now - timedelta(hours=aws.settings["BACKUP_MAX_AGE_HOURS"])
    return {
        resource["ResourceArn"]: aws.pages(
            LIST_RECOVERY_POINTS, absent=(GONE,), ResourceArn=resource["ResourceArn"]
        )
        for resource in resources
        if resource.get("ResourceArn")
        and resource.get("ResourceType") in CONTINUOUS_TYPES
        and not _is_after(resource.get("LastBackupTime"), since)
    }


def _is_after(moment: datetime | None, since: datetime) -> bool:
    return moment is not None and moment >= since


def _fetch_restores(aws: Aws) -> dict[str, Any]:
    """A gap here says nothing about the backups, so it does not cost them."""
    since = aws.now - timedelta(days=aws.settings["RESTORE_TEST_DAYS"])
    try:
        jobs = aws.pages(LIST_RESTORE_JOBS, ByStatus=COMPLETED, ByCompleteAfter=since)
        plans = aws.pages(LIST_RESTORE_TESTING_PLANS)
        return {"restores": jobs, "restores_since": since, "testing": plans}
    except Missing as missing:
        return {"missing": missing}


def transform_protection(answer: Answer) -> Protection:
    copies = _copies(answer.get("copies") or ())
    points = answer.get("points") or {}
    return Protection(
        resources=tuple(
            _protected(resource, points, copies)
            for resource in answer.get("resources") or ()
            if resource.get("ResourceArn")
        ),
        restores=_restores(answer),
        copies_since=answer.get("copies_since"),
    )


def _protected(
    resource: Answer, points: Mapping[str, Any], copies: Mapping[str, Sequence[Copy]]
) -> ProtectedResource:
    arn, kind = resource["ResourceArn"], resource.get("ResourceType") or ""
    found = points.get(arn) or ()
    was_asked = arn in points or kind not in CONTINUOUS_TYPES
    times = [
        resource.get("LastBackupTime"),
        *(point.get("CreationDate") for point in found if point.get("Status") == COMPLETED),
    ]
    return ProtectedResource(
        resource_arn=arn,
        resource_type=kind,
        last_backup_at=max((time for time in times if time), default=None),
        is_continuous=any(p.get("Status") == CONTINUOUS for p in found) if was_asked else None,
        copies=tuple(copies.get(arn, ())),
    )


def _copies(jobs: Iterable[Answer]) -> dict[str, list[Copy]]:
    """Resource ARN → its newest completed copy in each vault. Jobs without a time of completion
    are none, whatever filter the endpoint applied."""
    newest: dict[tuple[str, str], Copy] = {}
    for job in jobs:
        arn, vault, time = (
            job.get("ResourceArn"), job.get("DestinationBackupVaultArn"), job.get("CompletionDate"),
        )  # fmt: skip
        if job.get("State") != COMPLETED or not arn or not vault or time is None:
            continue
        known = newest.get((arn, vault))
        if known is None or known.completed_at is None or time > known.completed_at:
            kind, lock = job.get("DestinationVaultType"), job.get("DestinationVaultLockState")
            newest[arn, vault] = Copy(vault, time, kind or "", lock or "")
    copies: dict[str, list[Copy]] = {}
    for (arn, _), copy in sorted(newest.items()):
        copies.setdefault(arn, []).append(copy)
    return copies


def _restores(answer: Answer) -> Restores:
    """A restore whose own validation failed or ran out of time did not work."""
    missing = answer.get("missing")
    if missing is not None:
        return Restores(outcome=missing.outcome, message=missing.message)
    times = [
        job["CompletionDate"]
        for job in answer.get("restores") or ()
        if job.get("Status") == COMPLETED
        and job.get("CompletionDate")
        and job.get("ValidationStatus") in (None, "SUCCESSFUL")
    ]
    names = [plan.get("RestoreTestingPlanName") for plan in answer.get("testing") or ()]
    told = tuple(name for name in names if name)
    return Restores(max(times, default=None), told, answer.get("restores_since"))


def transform_vaults(answer: Iterable[Answer] | None) -> tuple[Vault, ...]:
    return tuple(
        Vault(
            arn=vault["BackupVaultArn"],
            name=vault.get("BackupVaultName") or "",
            type=vault.get("VaultType") or "",
            is_locked=vault.get("Locked"),
            lock_date=vault.get("LockDate"),
            min_retention_days=vault.get("MinRetentionDays"),
        )
        for vault in answer or ()
        if vault.get("BackupVaultArn")
    )


def fetch_plans(aws: Aws) -> Answer:
    listed = aws.pages(LIST_BACKUP_PLANS) or []
    found = [_fetch_plan(aws, plan["BackupPlanId"]) for plan in listed if plan.get("BackupPlanId")]
    plans = [plan for plan in found if plan is not None]
    settings = aws.call(DESCRIBE_REGION_SETTINGS) if plans else {}
    return {"plans": plans, "settings": settings}


def _fetch_plan(aws: Aws, plan_id: str) -> Answer | None:
    """None for a plan that was deleted meanwhile."""
    plan = aws.call(GET_BACKUP_PLAN, absent=(GONE,), BackupPlanId=plan_id)
    if plan is None:
        return None
    listed = aws.pages(LIST_BACKUP_SELECTIONS, absent=(GONE,), BackupPlanId=plan_id) or []
    selections = [
        aws.call(
            GET_BACKUP_SELECTION,
            absent=(GONE,),
            BackupPlanId=plan_id,
            SelectionId=selection["SelectionId"],
        )
        for selection in listed
        if selection.get("SelectionId")
    ]
    return {"plan": plan, "selections": [one for one in selections if one is not None]}


def transform_plans(answer: Answer) -> Plans:
    settings = answer.get("settings") or {}
    return Plans(
        plans=tuple(_plan(parts) for parts in answer.get("plans") or ()),
        opted_in=settings.get("ResourceTypeOptInPreference") or {},
    )


def _plan(parts: Answer) -> Plan:
    plan = (parts.get("plan") or {}).get("BackupPlan") or {}
    return Plan(
        name=plan.get("BackupPlanName") or "",
        rules=tuple(_rule(rule) for rule in plan.get("Rules") or ()),
        selections=tuple(_selection(one) for one in parts.get("selections") or ()),
    )


def _rule(rule: Answer) -> PlanRule:
    actions = rule.get("CopyActions") or ()
    targets = [
        rule.get("TargetLogicallyAirGappedBackupVaultArn"),
        *(action.get("DestinationBackupVaultArn") for action in actions),
    ]
    return PlanRule(
        name=rule.get("RuleName") or "",
        vault=rule.get("TargetBackupVaultName") or "",
        schedule=rule.get("ScheduleExpression") or "",
        copies_to=tuple(arn for arn in targets if arn),
    )


def _selection(answer: Answer) -> Selection:
    selection = answer.get("BackupSelection") or {}
    conditions = selection.get("Conditions") or {}
    return Selection(
        name=selection.get("SelectionName") or "",
        resources=tuple(selection.get("Resources") or ()),
        not_resources=tuple(selection.get("NotResources") or ()),
        is_by_tag=bool(selection.get("ListOfTags")) or any(conditions.values()),
    )


protection = Collector(
    "backup.protection",
    Protection,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (
        LIST_PROTECTED_RESOURCES,
        LIST_RECOVERY_POINTS,
        LIST_COPY_JOBS,
        LIST_RESTORE_JOBS,
        LIST_RESTORE_TESTING_PLANS,
    ),
    fetch_protection,
    transform_protection,
)

vaults: Collector[tuple[Vault, ...]] = Collector(
    "backup.vaults",
    tuple[Vault, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_BACKUP_VAULTS,),
    lambda aws: aws.pages(LIST_BACKUP_VAULTS),
    transform_vaults,
)

plans = Collector(
    "backup.plans",
    Plans,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (
        LIST_BACKUP_PLANS,
        GET_BACKUP_PLAN,
        LIST_BACKUP_SELECTIONS,
        GET_BACKUP_SELECTION,
        DESCRIBE_REGION_SETTINGS,
    ),
    fetch_plans,
    transform_plans,
)
