"""Judging and importing in the background. Safe to run twice and to be killed: a pass writes by
comparison, and the database says which file is whose."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from roadmap import decisions, mail_rounds, progress, scan_uploads
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


@shared_task
def import_scans() -> None:
    """The next of the uploaded files."""
    if scan_uploads.work():
        import_scans.delay()


@shared_task
def write_mail() -> None:
    """Digests and reminders, when their hour has come."""
    mail_rounds.write_due(datetime.now(UTC))


@shared_task
def gather_findings(decision: int) -> None:
    decisions.gather(decision)


@shared_task
def recount_open(decision: int) -> None:
    decisions.recount(decision)


@shared_task
def review_decisions() -> None:
    """Daily: some came to their end."""
    decisions.review()
