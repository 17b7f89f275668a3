"""Judging in the background. Safe to run twice and to be killed: a pass writes by comparison."""

from __future__ import annotations

from celery import shared_task

from roadmap import progress
from roadmap.evaluation import judge
from roadmap.models import VerdictChange

Cause = VerdictChange.Cause


@shared_task
def judge_accounts(accounts: list[int], cause: str) -> None:
    judge(accounts, cause=Cause(cause))


@shared_task
def roll_up() -> None:
    progress.refresh()


@shared_task
def judge_everything() -> None:
    """Daily: evidence and answers grow old without anything else happening."""
    judge()
