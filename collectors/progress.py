"""How far a run has come, and what stands in its way. Counts of units, from the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce

from collectors.models import Run, Unit
from collectors.outcomes import Outcome

State = Unit.State
NOT_DONE = (*Unit.UNFINISHED, State.CANCELLED)


@dataclass(frozen=True)
class Progress:
    """``rate`` is units a second since the start; ``seconds_left`` is None where it is unknown."""

    states: Mapping[str, int]
    calls: int
    seconds: float
    is_planned: bool

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def done(self) -> int:
        """Units that were worked on; those of a cancelled run that were not are not done."""
        return sum(n for state, n in self.states.items() if state not in NOT_DONE)

    @property
    def percent(self) -> int:
        """Never 100 before the end, nor while it is not known how many units there will be."""
        if not self.total or not self.is_planned:
            return 0
        return 100 * self.done // self.total

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> int | None:
        if not self.is_planned or not self.rate:
            return None
        return round((self.total - self.done) / self.rate)

    @property
    def collected(self) -> int:
        return self.states.get(State.DONE, 0) + self.states.get(State.SKIPPED, 0)

    @property
    def wanting(self) -> int:
        return sum(self.states.get(state, 0) for state in Unit.WANTING)


def progress_of(run: Run) -> Progress:
    """One query."""
    rows = list(
        run.units.order_by()
        .values("state")
        .annotate(count=Count("pk"), calls=Coalesce(Sum("calls"), 0))
        .values_list("state", "count", "calls")
    )
    started = run.started_at or run.created_at
    seconds = ((run.finished_at or datetime.now(UTC)) - started).total_seconds()
    return Progress(
        states={state: count for state, count, _ in rows},
        calls=sum(calls for *_, calls in rows),
        seconds=max(seconds, 0.0),
        is_planned=run.planned_at is not None,
    )


def summary_of(run: Run) -> Progress:
    """The same, without a query for a run that has ended."""
    if run.state in Run.ACTIVE or not run.totals or run.finished_at is None:
        return progress_of(run)
    return Progress(
        states=run.totals["units"],
        calls=run.totals["calls"],
        seconds=(run.finished_at - (run.started_at or run.created_at)).total_seconds(),
        is_planned=run.planned_at is not None,
    )


def totals_of(run: Run) -> dict[str, Any]:
    """What is kept of an ended run."""
    counted = progress_of(run)
    return {"units": dict(counted.states), "calls": counted.calls}


def accounts_of(run: Run) -> Any:
    """Each account's units of a run as a query: account_id, name, done, total, wanting, busy,
    calls, last; accounts being collected first, then those with problems."""
    return (
        run.units.order_by()
        .values(
            "account",
            number=F("account__account_id"),
            name=F("account__name"),
            observed_name=F("account__observed_name"),
        )
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=~Q(state__in=NOT_DONE)),
            wanting=Count("pk", filter=Q(state__in=Unit.WANTING)),
            busy=Count("pk", filter=Q(state=State.LEASED)),
            calls_made=Coalesce(Sum("calls"), 0),
            last=Max("finished_at"),
        )
        .order_by("-busy", "-wanting", "number")
    )


@dataclass(frozen=True)
class Cause:
    """Problems with one outcome and what to do about them; ``code`` where it asks for its own."""

    outcome: str
    code: str
    problems: Sequence[Mapping[str, str]]  # account, collector, region, outcome, code, message

    @property
    def title(self) -> str:
        return TITLES.get(self.outcome, self.outcome.replace("_", " ").capitalize())

    @property
    def cure(self) -> str:
        return CURES.get(self.code) or CURES.get(self.outcome, "")

    @property
    def accounts(self) -> list[str]:
        return sorted({problem["account"] for problem in self.problems})

    @property
    def messages(self) -> list[tuple[str, str, int]]:
        """(account, message, how many Regions and collectors said so), the same text once."""
        counted = Counter((p["account"], p["message"]) for p in self.problems)
        return [(account, text, count) for (account, text), count in counted.most_common(50)]


TITLES: Mapping[str, str] = {
    Outcome.ASSUME_ROLE_DENIED: "The role could not be assumed",
    Outcome.ACCESS_DENIED: "The role may not make a call",
    Outcome.REGION_UNREACHABLE: "A Region did not accept the credentials",
    Outcome.THROTTLED: "AWS asked to slow down",
    Outcome.API_ERROR: "AWS gave no usable answer",
    Outcome.JOB_TIMEOUT: "A report was not ready in time",
    Outcome.NEVER_COLLECTED: "Something needed first was never collected",
}
CURES: Mapping[str, str] = {
    Outcome.ASSUME_ROLE_DENIED: (
        "Create the role in the account with the template of the Connect page, and check its "
        "trust policy: Cairn's principal, the external id, the organization id."
    ),
    Outcome.ACCESS_DENIED: (
        "Add the action named in the message to the role's policy. If a service control policy "
        "denies it, exempt the role or approve the Region in Settings."
    ),
    Outcome.REGION_UNREACHABLE: (
        "Enable the Region in the account, or leave it out: choose the Regions of the connection."
    ),
    Outcome.THROTTLED: "Retry later, or lower the rates in Settings.",
    Outcome.API_ERROR: "Retry. If it stays, AWS's health dashboard and Cairn's log say more.",
    Outcome.JOB_TIMEOUT: "Retry in some minutes, or raise JOB_TIMEOUT_SECONDS in Settings.",
    Outcome.NEVER_COLLECTED: "Cure the other causes first, then retry.",
    "NoCredentialsError": "Give the worker processes a role, a profile or keys of their own.",
    "WrongIdentity": (
        "Check the role and the endpoint that the workers use: credentials of one account must "
        "never answer for another one."
    ),
    "WorkerLost": "Look into the worker's log and memory; then retry.",
}


def problems_of(run: Run, account_ids: Iterable[str] | None = None) -> list[dict[str, str]]:
    """Every problem of a run: account, collector, region, outcome, code, message. One query."""
    units = run.units.filter(state__in=Unit.WANTING).order_by("account__account_id", "collector")
    if account_ids is not None:
        units = units.filter(account__account_id__in=list(account_ids))
    rows = units.values_list("account__account_id", "collector", "problems")
    return [
        {"account": account, "collector": collector, **problem}
        for account, collector, problems in rows
        for problem in problems
    ]


def causes_of(run: Run) -> list[Cause]:
    """The problems of a run by cause, those of most accounts first."""
    grouped: dict[tuple[str, str], list[dict[str, str]]] = {}
    for problem in problems_of(run):
        code = problem["code"] if problem["code"] in CURES else ""
        grouped.setdefault((problem["outcome"], code), []).append(problem)
    causes = [Cause(outcome, code, found) for (outcome, code), found in grouped.items()]
    return sorted(causes, key=lambda cause: -len(cause.accounts))
