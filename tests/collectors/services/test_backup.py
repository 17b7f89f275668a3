"""AWS Backup: what it protects, where copies went, restores, plans and vaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.backup import (
    Copy,
    Plan,
    PlanRule,
    Plans,
    ProtectedResource,
    Protection,
    Restores,
    Selection,
    Vault,
    plans,
    protection,
    vaults,
)
from tests.collectors.services.canned import ACCOUNT, NOW, Refusal, collect, thinned

SETTINGS = {
    "BACKUP_MAX_AGE_HOURS": 48,
    "BACKUP_COPY_MAX_AGE_DAYS": 8,
    "RESTORE_TEST_DAYS": 365,
}
VOLUME = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:volume/vol-1"
BUCKET = "arn:aws:s3:::orders"
VAULT = "arn:aws:backup:eu-central-1:555555555555:backup-vault:central"
OTHER_VAULT = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:near"
LATELY, LONG_AGO = NOW - timedelta(hours=5), NOW - timedelta(days=400)


def copy_job(**more: Any) -> dict[str, Any]:
    return {
        "CopyJobId": "1",
        "ResourceArn": VOLUME,
        "DestinationBackupVaultArn": VAULT,
        "State": "COMPLETED",
        "CompletionDate": LATELY,
        **more,
    }


ANSWERS: dict[str, Any] = {
    "list_protected_resources": [
        {
            "Results": [{"ResourceArn": VOLUME, "ResourceType": "EBS", "LastBackupTime": LATELY}],
            "NextToken": "more",
        },
        {"Results": [{"ResourceArn": BUCKET, "ResourceType": "S3", "LastBackupTime": LONG_AGO}]},
    ],
    "list_recovery_points_by_resource": {
        "RecoveryPoints": [{"RecoveryPointArn": "arn:p", "Status": "AVAILABLE"}]
    },
    "list_copy_jobs": {"CopyJobs": [copy_job()]},
    "list_restore_jobs": {"RestoreJobs": [{"Status": "COMPLETED", "CompletionDate": LATELY}]},
    "list_restore_testing_plans": {
        "RestoreTestingPlans": [
            {
                "CreationTime": LONG_AGO,
                "RestoreTestingPlanArn": "arn:t",
                "RestoreTestingPlanName": "weekly",
                "ScheduleExpression": "cron(0 5 ? * 2 *)",
            }
        ]
    },
}


def seen(answers: dict[str, Any] | None = None, **more: Any) -> Protection:
    found = collect(protection, ANSWERS | (answers or {}), settings=SETTINGS, **more)
    assert isinstance(found, Protection)
    return found


def test_it_reads_what_is_protected_with_its_copies_and_restores() -> None:
    assert seen() == Protection(
        resources=(
            ProtectedResource(VOLUME, "EBS", LATELY, copies=(Copy(VAULT, LATELY),)),
            ProtectedResource(BUCKET, "S3", LONG_AGO, is_continuous=True),
        ),
        restores=Restores(LATELY, ("weekly",), NOW - timedelta(days=365)),
        copies_since=NOW - timedelta(days=8),
    )


def test_a_copy_knows_where_it_is() -> None:
    (copy,) = seen().resources[0].copies
    assert (copy.account_id, copy.region) == ("555555555555", "eu-central-1")


def test_recovery_points_are_read_of_what_looks_stale_and_may_be_continuous_only() -> None:
    old = {"ResourceArn": VOLUME, "ResourceType": "EBS", "LastBackupTime": LONG_AGO}
    new = {"ResourceArn": "arn:db", "ResourceType": "RDS", "LastBackupTime": LATELY}
    stale = {"ResourceArn": BUCKET, "ResourceType": "S3"}
    asked: list[tuple[str, dict[str, Any]]] = []

    found = seen({"list_protected_resources": {"Results": [old, new, stale]}}, asked=asked)

    assert [one.is_continuous for one in found.resources] == [False, None, True]
    of_points = [p for name, p in asked if name == "list_recovery_points_by_resource"]
    assert of_points == [{"ResourceArn": BUCKET}]


@pytest.mark.parametrize("status", ["STOPPED", "EXPIRED", "CREATING", "TOMORROW"])
def test_a_recovery_point_that_is_not_being_continued_is_not_continuous(status: str) -> None:
    point = {"Status": status, "CreationDate": LATELY}
    found = seen(
        {"list_recovery_points_by_resource": {"RecoveryPoints": [point]}}, is_checked=False
    )
    assert found.resources[1] == ProtectedResource(BUCKET, "S3", LONG_AGO)


def test_a_completed_recovery_point_may_be_newer_than_the_last_backup() -> None:
    point = {"Status": "COMPLETED", "CreationDate": LATELY}
    found = seen({"list_recovery_points_by_resource": {"RecoveryPoints": [point]}})
    assert found.resources[1].last_backup_at == LATELY


def test_it_asks_for_young_completed_copies_and_restores() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    seen(asked=asked)
    parameters = dict(asked)
    assert parameters["list_copy_jobs"] == {
        "ByState": "COMPLETED",
        "ByCompleteAfter": NOW - timedelta(days=8),
    }
    assert parameters["list_restore_jobs"] == {
        "ByStatus": "COMPLETED",
        "ByCompleteAfter": NOW - timedelta(days=365),
    }


def test_the_newest_copy_in_each_vault_counts() -> None:
    jobs = [
        copy_job(CompletionDate=LONG_AGO, DestinationVaultLockState="UNLOCKED"),
        copy_job(DestinationVaultLockState="LOCKED"),
        copy_job(CompletionDate=LONG_AGO),
        copy_job(
            DestinationBackupVaultArn=OTHER_VAULT,
            DestinationVaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        ),
    ]
    copies = seen({"list_copy_jobs": {"CopyJobs": jobs}}).resources[0].copies
    assert [(copy.vault_arn, copy.completed_at) for copy in copies] == [
        (VAULT, LATELY),
        (OTHER_VAULT, LATELY),
    ]
    assert [copy.lock_state for copy in copies] == ["LOCKED", ""]
    assert [copy.is_air_gapped for copy in copies] == [False, True]


@pytest.mark.parametrize(
    "more",
    [{"State": "FAILED"}, {"State": "PARTIAL"}, {"State": "TOMORROW"}, {"CompletionDate": None}],
    ids=str,
)
def test_a_copy_that_did_not_complete_is_none(more: dict[str, Any]) -> None:
    jobs = {"list_copy_jobs": {"CopyJobs": [copy_job(**more)]}}
    assert seen(jobs, is_checked=False).resources[0].copies == ()


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "VALIDATING", "TOMORROW"])
def test_a_restore_that_was_not_valid_is_none(status: str) -> None:
    job = {"Status": "COMPLETED", "CompletionDate": LATELY, "ValidationStatus": status}
    assert seen({"list_restore_jobs": {"RestoreJobs": [job]}}).restores.completed_at is None


def test_a_restore_that_failed_is_none() -> None:
    job = {"Status": "FAILED", "CompletionDate": LATELY}
    assert seen({"list_restore_jobs": {"RestoreJobs": [job]}}).restores.completed_at is None


def test_nothing_protected_is_a_fact_and_needs_one_call() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = seen({"list_protected_resources": {"Results": []}}, asked=asked)
    assert found == Protection()
    assert [name for name, _ in asked] == ["list_protected_resources"]


@pytest.mark.parametrize(
    "operation",
    ["list_protected_resources", "list_recovery_points_by_resource", "list_copy_jobs"],
)
def test_being_denied_is_not_unprotected(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        seen({operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@pytest.mark.parametrize("operation", ["list_restore_jobs", "list_restore_testing_plans"])
def test_restores_that_nobody_could_see_do_not_cost_the_backups(operation: str) -> None:
    found = seen({operation: Refusal()})
    assert len(found.resources) == 2
    with pytest.raises(Missing) as missing:
        found.restores.get()
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned(ANSWERS))
def test_a_copy_is_one_only_if_everything_about_it_is_said(answers: Any) -> None:
    found = collect(protection, answers, settings=SETTINGS, is_checked=False)
    told = answers["list_copy_jobs"].get("CopyJobs", [])
    whole = {"ResourceArn", "DestinationBackupVaultArn", "CompletionDate"}
    complete = [job for job in told if whole <= job.keys() and job.get("State") == "COMPLETED"]
    copies = {
        (resource.resource_arn, copy) for resource in found.resources for copy in resource.copies
    }
    assert len(copies) <= len(complete)


LOCKED = {
    "BackupVaultName": "central",
    "BackupVaultArn": VAULT,
    "VaultType": "BACKUP_VAULT",
    "Locked": True,
    "LockDate": datetime(2026, 1, 1, tzinfo=UTC),
    "MinRetentionDays": 30,
}


def test_it_reads_vaults_with_their_locks() -> None:
    pages = [
        {"BackupVaultList": [LOCKED], "NextToken": "more"},
        {
            "BackupVaultList": [
                {"BackupVaultArn": "arn:open", "Locked": False},
                {"BackupVaultArn": "arn:unsaid"},
                {"BackupVaultArn": "arn:gap", "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"},
            ]
        },
    ]
    found = collect(vaults, {"list_backup_vaults": pages})
    assert found[0] == Vault(
        VAULT, "central", "BACKUP_VAULT", True, datetime(2026, 1, 1, tzinfo=UTC), 30
    )
    assert [vault.is_immutable for vault in found] == [True, False, False, True]


@given(thinned({"list_backup_vaults": {"BackupVaultList": [LOCKED]}}))
def test_a_vault_is_immutable_only_if_it_says_so(answers: Any) -> None:
    found = collect(vaults, answers, is_checked=False)
    told = answers["list_backup_vaults"].get("BackupVaultList", [])
    assert sum(vault.is_immutable for vault in found) <= sum("Locked" in one for one in told)


PLAN: dict[str, Any] = {
    "list_backup_plans": {"BackupPlansList": [{"BackupPlanId": "p1", "BackupPlanName": "daily"}]},
    "get_backup_plan": {
        "BackupPlan": {
            "BackupPlanName": "daily",
            "Rules": [
                {
                    "RuleName": "nightly",
                    "TargetBackupVaultName": "near",
                    "ScheduleExpression": "cron(0 3 * * ? *)",
                    "CopyActions": [{"DestinationBackupVaultArn": VAULT}],
                }
            ],
        }
    },
    "list_backup_selections": {"BackupSelectionsList": [{"SelectionId": "s1"}]},
    "get_backup_selection": {
        "BackupSelection": {
            "SelectionName": "disks",
            "IamRoleArn": "arn:role",
            "Resources": ["arn:aws:ec2:*:*:volume/*"],
        }
    },
    "describe_region_settings": {"ResourceTypeOptInPreference": {"EBS": False, "RDS": True}},
}


TAG = {"ConditionKey": "aws:ResourceTag/backup", "ConditionValue": "daily"}


def test_it_reads_plans_with_rules_and_selections() -> None:
    assert collect(plans, PLAN) == Plans(
        plans=(
            Plan(
                "daily",
                (PlanRule("nightly", "near", "cron(0 3 * * ? *)", (VAULT,)),),
                (Selection("disks", ("arn:aws:ec2:*:*:volume/*",)),),
            ),
        ),
        opted_in={"EBS": False, "RDS": True},
    )


@pytest.mark.parametrize(
    "more",
    [
        {"ListOfTags": [{"ConditionType": "STRINGEQUALS", **TAG}]},
        {"Conditions": {"StringEquals": [TAG]}},
    ],
    ids=["list of tags", "conditions"],
)
def test_a_selection_may_be_by_tag(more: dict[str, Any]) -> None:
    selection = {"SelectionName": "tagged", "IamRoleArn": "arn:role", **more}
    found = collect(plans, PLAN | {"get_backup_selection": {"BackupSelection": selection}})
    assert found.plans[0].selections == (Selection("tagged", (), is_by_tag=True),)


def test_a_selection_may_leave_resources_out() -> None:
    selection = {"SelectionName": "x", "IamRoleArn": "r", "Resources": ["*"], "NotResources": ["n"]}
    found = collect(plans, PLAN | {"get_backup_selection": {"BackupSelection": selection}})
    assert found.plans[0].selections == (Selection("x", ("*",), ("n",)),)


def test_conditions_without_any_are_none() -> None:
    selection = {"SelectionName": "x", "IamRoleArn": "r", "Conditions": {"StringEquals": []}}
    found = collect(plans, PLAN | {"get_backup_selection": {"BackupSelection": selection}})
    assert not found.plans[0].selections[0].is_by_tag


def test_an_air_gapped_target_is_where_copies_go() -> None:
    rule = {
        "RuleName": "nightly",
        "TargetBackupVaultName": "near",
        "TargetLogicallyAirGappedBackupVaultArn": VAULT,
    }
    plan = {"BackupPlan": {"BackupPlanName": "daily", "Rules": [rule]}}
    found = collect(plans, PLAN | {"get_backup_plan": plan})
    assert found.plans[0].rules[0].copies_to == (VAULT,)


def test_no_plan_is_a_fact_and_needs_one_call() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = collect(plans, {"list_backup_plans": {"BackupPlansList": []}}, asked=asked)
    assert (found, len(asked)) == (Plans(), 1)


@pytest.mark.parametrize(
    "operation", ["get_backup_plan", "list_backup_selections", "get_backup_selection"]
)
def test_what_was_deleted_meanwhile_is_left_out(operation: str) -> None:
    gone = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    found = collect(plans, PLAN | {operation: gone})
    assert sum(len(plan.selections) for plan in found.plans) == 0


@given(thinned(PLAN))
def test_plans_with_fields_missing_are_still_plans(answers: Any) -> None:
    found = collect(plans, answers, is_checked=False)
    listed = answers["list_backup_plans"].get("BackupPlansList", [])
    assert len(found.plans) == sum("BackupPlanId" in plan for plan in listed)
