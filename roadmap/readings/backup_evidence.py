"""What is kept of how an account's data stores are backed up. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.outcomes import Missing
from collectors.services import backup, dlm, organizations
from roadmap.readings.data_stores import DataStore
from roadmap.subject import Subject


def facts_of(
    subject: Subject, stores: Sequence[DataStore], plans: Mapping[str, backup.Plans]
) -> dict[str, Any]:
    """``plans`` are those that were seen, by Region."""
    return {
        "types": _by_type(stores),
        "not_recent": [store.arn for store in stores if store.is_recent is False],
        "not_isolated": [store.arn for store in stores if store.is_isolated is False],
        "not_immutable": [store.arn for store in stores if store.is_immutable is False],
        "not_known": [store.arn for store in stores if any(True for _ in store.gaps)],
        "replicates_deletions": [store.arn for store in stores if store.replicates_deletions],
        "plans": {
            region: [_plan(plan) for plan in found.plans]
            for region, found in plans.items()
            if found.plans
        },
        "restore_testing_plans": _testing_plans(subject, list(plans)),
        "lifecycle_policies": _lifecycle_policies(subject, list(plans)),
        "vaults": _vaults(subject, list(plans)),
        "has_backup_policy": _has_backup_policy(subject),
    }


def _by_type(stores: Sequence[DataStore]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for store in stores:
        kind = counts.setdefault(
            store.type, {"total": 0, "recent": 0, "isolated": 0, "immutable": 0}
        )
        kind["total"] += 1
        kind["recent"] += store.is_recent is True
        kind["isolated"] += store.is_isolated is True
        kind["immutable"] += store.is_immutable is True
    return counts


def _plan(plan: backup.Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "rules": [
            {"name": rule.name, "schedule": rule.schedule, "copies_to": rule.copies_to}
            for rule in plan.rules
        ],
    }


def _vaults(subject: Subject, regions: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "arn": vault.arn,
            "type": vault.type,
            "locked": vault.is_locked,
            "lock_date": vault.lock_date.isoformat() if vault.lock_date else None,
            "min_retention_days": vault.min_retention_days,
        }
        for region in regions
        for vault in _seen(subject, backup.vaults, region, ())
    ]


def _lifecycle_policies(subject: Subject, regions: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": policy.policy_id,
            "state": policy.state,
            "copies_to": policy.copies_to,
            "shares_with": policy.shares_with,
        }
        for region in regions
        for policy in _seen(subject, dlm.policies, region, ())
    ]


def _testing_plans(subject: Subject, regions: Sequence[str]) -> list[str]:
    nothing = backup.Protection()
    seen = [_seen(subject, backup.protection, region, nothing) for region in regions]
    return sorted({name for protection in seen for name in protection.restores.testing_plans})


def _seen(subject: Subject, collector: Any, region: str, nothing: Any) -> Any:
    """What only explains a verdict, as far as it was seen."""
    try:
        return subject.facts.get(collector, region)
    except Missing:
        return nothing


def _has_backup_policy(subject: Subject) -> bool | None:
    """Whether a backup policy of the organization reaches the account; None where nobody told."""
    try:
        policies = subject.facts.get(organizations.effective_policies)
        return policies.content(organizations.BACKUP_POLICY) is not None
    except Missing:
        return None
