"""Verdicts, findings and roll-ups written by comparison: what stays the same is only read.

A pass works out verdicts without holding a lock and stores them batch by batch, each in one
transaction that locks its accounts. Where another pass has judged an account since this one read
its facts, the newer judgement stands. So passes may overlap, be killed, and run again.
"""

from roadmap.storage.batches import AccountJudgement, Stored, store
from roadmap.storage.organizations import (
    OrganizationJudgement,
    OrganizationProblems,
    store_organization,
    store_organization_findings,
)

__all__ = [
    "AccountJudgement",
    "OrganizationJudgement",
    "OrganizationProblems",
    "Stored",
    "store",
    "store_organization",
    "store_organization_findings",
]
