"""AWS Backup: what moto lacks of it. Plans and vaults with their locks are moto's.

No backup is ever made here: a world says what is protected, by age, so that a server that runs for
days still has backups of last night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.backup.models import backup_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=1000)
STANDARD: Final = "BACKUP_VAULT"
TYPES: Final = (
    "Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS", "Redshift",
    "S3", "Storage Gateway", "VirtualMachine",
)  # fmt: skip


@dataclass(frozen=True)
class Protected:
    """A resource with recovery points, the newest so old; with an open one it is continuous."""

    arn: str
    type: str
    age: timedelta
    vault: str = "Default"
    is_continuous: bool = False


@dataclass(frozen=True)
class CopyJob:
    arn: str
    type: str
    to: str
    age: timedelta
    state: str = "COMPLETED"
    lock_state: str = "UNLOCKED"
    vault_type: str = STANDARD


@dataclass(frozen=True)
class RestoreJob:
    arn: str
    type: str
    age: timedelta
    status: str = "COMPLETED"


Place = tuple[str, str]  # account, region
PROTECTED: Final[dict[Place, list[Protected]]] = {}
COPY_JOBS: Final[dict[Place, list[CopyJob]]] = {}
RESTORE_JOBS: Final[dict[Place, list[RestoreJob]]] = {}
TESTING_PLANS: Final[dict[Place, list[str]]] = {}
# (account, plan id) -> selections by id, as CreateBackupSelection was given them.
SELECTIONS: Final[dict[tuple[str, str], dict[str, dict[str, Any]]]] = {}
# Types that AWS Backup may not touch; it may touch all others.
OPTED_OUT: Final[dict[Place, set[str]]] = {}


def _here(call: Call) -> Place:
    return call.account, call.region


def _moment(age: timedelta) -> datetime:
    return datetime.now(UTC) - age


@answers("backup", "ListProtectedResources")
def list_protected_resources(call: Call) -> Result:
    found = [
        {
            "ResourceArn": one.arn,
            "ResourceType": one.type,
            "LastBackupTime": _moment(one.age),
            "ResourceName": one.arn.rpartition("/")[2].rpartition(":")[2],
        }
        for one in PROTECTED.get(_here(call), [])
    ]
    return PAGES.page(call, "Results", found)


@answers("backup", "ListRecoveryPointsByResource")
def list_recovery_points_by_resource(call: Call) -> Result:
    arn = call.parameters["ResourceArn"]
    found = [
        {
            "RecoveryPointArn": f"{arn}/recovery-point",
            "CreationDate": _moment(one.age),
            "Status": "AVAILABLE" if one.is_continuous else "COMPLETED",
            "BackupVaultName": one.vault,
        }
        for one in PROTECTED.get(_here(call), [])
        if one.arn == arn
    ]
    return PAGES.page(call, "RecoveryPoints", found)


@answers("backup", "ListCopyJobs")
def list_copy_jobs(call: Call) -> Result:
    found = [
        {
            "AccountId": call.account,
            "CopyJobId": f"copy-{number}",
            "ResourceArn": job.arn,
            "ResourceType": job.type,
            "DestinationBackupVaultArn": job.to,
            "DestinationVaultType": job.vault_type,
            "DestinationVaultLockState": job.lock_state,
            "CreationDate": _moment(job.age + timedelta(hours=1)),
            "CompletionDate": _moment(job.age),
            "State": job.state,
        }
        for number, job in enumerate(COPY_JOBS.get(_here(call), []))
    ]
    return PAGES.page(call, "CopyJobs", _asked_for(call, found, "State"))


@answers("backup", "ListRestoreJobs")
def list_restore_jobs(call: Call) -> Result:
    found = [
        {
            "AccountId": call.account,
            "RestoreJobId": f"restore-{number}",
            "SourceResourceArn": job.arn,
            "ResourceType": job.type,
            "CreationDate": _moment(job.age + timedelta(hours=1)),
            "CompletionDate": _moment(job.age),
            "Status": job.status,
        }
        for number, job in enumerate(RESTORE_JOBS.get(_here(call), []))
    ]
    return PAGES.page(call, "RestoreJobs", _asked_for(call, found, "Status"))


def _asked_for(call: Call, jobs: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    asked = call.parameters.get(f"By{key}")
    since = _time(call.parameters.get("ByCompleteAfter"))
    return [
        job
        for job in jobs
        if asked in (None, job[key]) and (since is None or job["CompletionDate"] >= since)
    ]


def _time(value: Any) -> datetime | None:
    """moto's parser leaves a time of the query as text in some versions."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


@answers("backup", "ListRestoreTestingPlans")
def list_restore_testing_plans(call: Call) -> Result:
    found = [
        {
            "CreationTime": _moment(timedelta(days=90)),
            "RestoreTestingPlanArn": f"arn:aws:backup:{call.region}:{call.account}"
            f":restore-testing-plan:{name}",
            "RestoreTestingPlanName": name,
            "ScheduleExpression": "cron(0 5 ? * 2 *)",
        }
        for name in TESTING_PLANS.get(_here(call), [])
    ]
    return PAGES.page(call, "RestoreTestingPlans", found)


@answers("backup", "ListBackupVaults")
def list_backup_vaults(call: Call) -> Result:
    """With the type, which moto does not tell."""
    vaults = backup_backends[call.account][call.region].list_backup_vaults()
    found = [{"VaultType": STANDARD, **vault.to_list_dict()} for vault in vaults]
    return PAGES.page(call, "BackupVaultList", found)


@answers("backup", "CreateBackupSelection")
def create_backup_selection(call: Call) -> Result:
    plan = _plan(call)
    selections = SELECTIONS.setdefault((call.account, plan), {})
    selection_id = f"selection-{len(selections)}"
    selections[selection_id] = dict(call.parameters["BackupSelection"])
    return {
        "SelectionId": selection_id,
        "BackupPlanId": plan,
        "CreationDate": datetime.now(UTC),
    }


@answers("backup", "ListBackupSelections")
def list_backup_selections(call: Call) -> Result:
    plan = _plan(call)
    found = [
        {
            "SelectionId": selection_id,
            "SelectionName": selection["SelectionName"],
            "BackupPlanId": plan,
        }
        for selection_id, selection in SELECTIONS.get((call.account, plan), {}).items()
    ]
    return PAGES.page(call, "BackupSelectionsList", found)


@answers("backup", "GetBackupSelection")
def get_backup_selection(call: Call) -> Result:
    plan, selection_id = _plan(call), str(call.parameters["SelectionId"])
    selection = SELECTIONS.get((call.account, plan), {}).get(selection_id)
    if selection is None:
        raise _unknown("selection", selection_id)
    return {"BackupSelection": selection, "SelectionId": selection_id, "BackupPlanId": plan}


def _plan(call: Call) -> str:
    """The id of an existing plan."""
    plan = str(call.parameters["BackupPlanId"])
    plans = backup_backends[call.account][call.region].plans
    if plan not in plans:
        raise _unknown("plan", plan)
    return plan


def _unknown(kind: str, name: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"There is no {kind} {name}.", 400)


@answers("backup", "DescribeRegionSettings")
def describe_region_settings(call: Call) -> Result:
    refused = OPTED_OUT.get(_here(call), set())
    return {"ResourceTypeOptInPreference": {kind: kind not in refused for kind in TYPES}}


@answers("backup", "UpdateRegionSettings")
def update_region_settings(call: Call) -> Result:
    refused = OPTED_OUT.setdefault(_here(call), set())
    for kind, is_in in (call.parameters.get("ResourceTypeOptInPreference") or {}).items():
        (refused.discard if is_in else refused.add)(kind)
    return {}
