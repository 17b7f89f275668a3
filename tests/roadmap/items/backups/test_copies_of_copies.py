"""Copies of copies, made by the account where the first one lies."""

from __future__ import annotations

import pytest

from collectors.outcomes import Outcome
from collectors.services import backup
from collectors.services.backup import Copy, Protection
from roadmap.items.backups.regular import judge
from roadmap.verdicts import Status
from tests.roadmap.items.backups.stores import (
    BACKUPS,
    HERE,
    LONG_AGO,
    OWN_VAULT,
    THERE,
    VOLUME,
    Facts,
    copy,
    kept,
    protected,
    seen,
    volumes,
)
from tests.roadmap.items.subjects import ACCOUNT

ONWARD = f"arn:aws:backup:{THERE}:{BACKUPS}:backup-vault:central"


def lying_there(*copies: Copy) -> Facts:
    return {(ACCOUNT, backup.protection, THERE): Protection((kept(VOLUME, *copies),))}


CHAINS: dict[str, tuple[tuple[Facts, ...], Status]] = {
    "copied on into another account": (
        (protected(kept(VOLUME, copy(OWN_VAULT))), lying_there(copy(ONWARD))), Status.PASS,
    ),
    "copied on within the account": (
        (protected(kept(VOLUME, copy(OWN_VAULT))), lying_there(copy(OWN_VAULT))), Status.PARTIAL,
    ),
    "copied back and forth": (
        (
            protected(kept(VOLUME, copy(OWN_VAULT))),
            lying_there(copy(OWN_VAULT.replace(THERE, HERE))),
        ),
        Status.PARTIAL,
    ),
    "copied on too long ago": (
        (protected(kept(VOLUME, copy(OWN_VAULT))), lying_there(copy(ONWARD, LONG_AGO))),
        Status.PARTIAL,
    ),
    "never copied there": ((protected(kept()), lying_there(copy(ONWARD))), Status.PARTIAL),
    "copied to where nobody could look": (
        (
            protected(kept(VOLUME, copy(OWN_VAULT))),
            {(ACCOUNT, backup.protection, THERE): Outcome.ACCESS_DENIED},
        ),
        Status.UNKNOWN,
    ),
    "not copied to where nobody could look": (
        (protected(kept()), {(ACCOUNT, backup.protection, THERE): Outcome.ACCESS_DENIED}),
        Status.PARTIAL,
    ),
    "copied to a Region out of scope": (
        (protected(kept(VOLUME, copy(OWN_VAULT.replace(THERE, "ap-south-1")))),), Status.PARTIAL,
    ),
    "copied to where AWS Backup is not offered": (
        (
            protected(kept(VOLUME, copy(OWN_VAULT))),
            {(ACCOUNT, backup.protection, THERE): Outcome.SERVICE_UNAVAILABLE},
        ),
        Status.PARTIAL,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "status"), CHAINS.values(), ids=CHAINS)
def test_a_copy_of_a_copy_counts_like_a_copy(facts: tuple[Facts, ...], status: Status) -> None:
    assert judge(seen(volumes("vol-1"), *facts)).regions[HERE].status == status
