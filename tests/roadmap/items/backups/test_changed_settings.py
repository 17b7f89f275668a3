"""Settings that changed since the facts about backups were collected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.services import backup, s3
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.backup import Copy, Protection, Restores
from collectors.services.s3 import BucketBackups
from collectors.tags import Tags
from roadmap.items.backups.regular import judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.backups.stores import (
    EXEMPT,
    HERE,
    LATELY,
    VOLUME,
    Facts,
    codes,
    copy,
    here,
    kept,
    rule_here,
    seen,
    volumes,
)
from tests.roadmap.items.subjects import ACCOUNT, NOW, REGIONS

SINCE = NOW - timedelta(days=8)


def since_then(*copies: Copy, **more: Any) -> Facts:
    restores = Restores(more.pop("restored_at", None), since=NOW - timedelta(days=30))
    return here(
        backup.protection, Protection((replace(kept(VOLUME, *copies), **more),), restores, SINCE)
    )


CHANGED: dict[str, tuple[Facts, dict[str, Any], str]] = {
    "copies of a longer time": (
        since_then(), {"BACKUP_COPY_MAX_AGE_DAYS": 30}, "backups not seen",
    ),
    "copies of a longer time, one is young": (
        since_then(copy(lock_state="LOCKED")),
        {"BACKUP_COPY_MAX_AGE_DAYS": 30},
        "recent and isolated",
    ),
    "copies of a shorter time": (
        since_then(copy(at=NOW - timedelta(days=3))),
        {"BACKUP_COPY_MAX_AGE_DAYS": 2},
        "recent, too few isolated",
    ),
    "restores of a longer time": (
        since_then(copy(lock_state="LOCKED")),
        {"BACKUP_REQUIRE_RESTORE_TEST": True, "RESTORE_TEST_DAYS": 90},
        "backups not seen",
    ),
    "restores of a longer time, one is young": (
        since_then(copy(lock_state="LOCKED"), restored_at=LATELY),
        {"BACKUP_REQUIRE_RESTORE_TEST": True, "RESTORE_TEST_DAYS": 90},
        "recent and isolated",
    ),
    "backups of a shorter time": (
        since_then(copy(), is_continuous=None, last_backup_at=NOW - timedelta(hours=30)),
        {"BACKUP_MAX_AGE_HOURS": 24},
        "backups not seen",
    ),
    "backups of the same time": (
        since_then(copy(), is_continuous=None, last_backup_at=NOW - timedelta(hours=30)),
        {},
        "recent and isolated",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "settings", "rule"), CHANGED.values(), ids=CHANGED)
def test_facts_never_answer_for_another_time_than_was_asked(
    facts: Facts, settings: dict[str, Any], rule: str
) -> None:
    verdict = judge(seen(volumes("vol-1"), facts, **settings))
    assert rule_here(verdict) == rule
    if rule == "backups not seen":
        assert verdict.reason == Reason.NEVER_COLLECTED
        assert set(codes(verdict)) <= {"backup_mutable", "no_restore_test"}


def test_another_tag_of_the_setting_waits_for_who_carries_it() -> None:
    tag = "tier=scratch"
    listed = here(tagging.backup_exempt, tagging.Exempt(EXEMPT, (VOLUME,)))
    verdict = judge(seen(volumes("vol-1"), listed, BACKUP_EXEMPT_TAG=tag))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


BUCKET_TAGS: dict[str, tuple[Tags | None, Status]] = {
    "without the key": (Tags(("other",)), Status.FAIL),
    "with the key": (Tags(("tier",)), Status.UNKNOWN),
    "not asked": (None, Status.UNKNOWN),
}


@pytest.mark.parametrize(("tags", "status"), BUCKET_TAGS.values(), ids=BUCKET_TAGS)
def test_buckets_are_judged_at_once_by_the_keys_of_their_tags(
    tags: Tags | None, status: Status
) -> None:
    facts = {(ACCOUNT, s3.bucket_backups): (BucketBackups("orders", HERE, tags=tags),)}
    listed = {
        (ACCOUNT, tagging.backup_exempt, region): tagging.Exempt("tier=scratch")
        for region in REGIONS
    }
    assert judge(seen(facts, listed, BACKUP_EXEMPT_TAG="tier=scratch")).status == status
