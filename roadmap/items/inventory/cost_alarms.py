"""Somebody hears of it when the account's cost runs away.

Reads budgets, cost anomaly monitors and alarms on the metric EstimatedCharges, in the account and
in the management account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from collectors.outcomes import Missing, Outcome
from collectors.services import budgets, ce, cloudwatch
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import AccountRow, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    unknown_for,
)

BUDGET = "budget"
ANOMALY = "anomaly"
ALARM = "alarm"
WORDS = {BUDGET: "Budget", ANOMALY: "Anomaly monitor", ALARM: "Billing alarm"}

SPENDING = ("COST", "USAGE")


@dataclass(frozen=True)
class CostAlarm:
    """``actions`` are a budget's, each with type and approval model; those of a CloudWatch alarm
    count as subscribers. ``covers`` is false for a budget of everything, about no account.
    ``is_central`` ones are the management account's, about another."""

    kind: str
    name: str
    arn: str
    threshold: str
    subscribers: int
    actions: Sequence[dict[str, str]] = ()
    covers: bool = True
    is_central: bool = False

    @property
    def is_heard(self) -> bool:
        return self.subscribers > 0 or bool(self.actions)

    def __str__(self) -> str:
        return f"{WORDS[self.kind]} {self.name}"


def judge(subject: Subject) -> Verdict:
    alarms: list[CostAlarm] = []
    unseen: list[Missing] = []
    for look in _sources(subject):
        try:
            alarms += look()
        except Missing as missing:
            if missing.outcome != Outcome.SERVICE_UNAVAILABLE:
                unseen.append(missing)
    if not alarms and subject.account.partition == "aws-us-gov":
        return not_applicable(
            Reason.SERVICE_UNAVAILABLE,
            "AWS tells the cost of a GovCloud account in the standard account it belongs to.",
            "billed in another partition",
        )
    verdict = _of_alarms(alarms, subject.settings["COST_ALARM_MODE"], unseen)
    return replace(verdict, facts={"alarms": [asdict(alarm) for alarm in alarms]})


def _sources(subject: Subject) -> Iterator[Callable[[], Iterable[CostAlarm]]]:
    """What there is to ask. The management account's own budgets are the organization's."""
    row, facts = subject.account, subject.facts
    yield lambda: _own_alarms(facts.get(cloudwatch.billing_alarms))
    if not row.is_management:
        yield lambda: _own_budgets(row, facts.get(budgets.budgets))
    if not row.organization_id:
        return
    yield lambda: _central_budgets(subject)
    yield lambda: _anomaly_monitors(row, facts.management(ce.anomalies))
    yield lambda: _central_alarms(row, facts.get(cloudwatch.linked_account_alarms))


def _own_alarms(alarms: tuple[cloudwatch.Alarm, ...]) -> Iterator[CostAlarm]:
    for alarm in alarms:
        if alarm.actions_enabled:
            threshold = "" if alarm.threshold is None else f"{alarm.threshold:g} USD"
            name, arn = alarm.alarm_name, alarm.alarm_arn
            yield CostAlarm(ALARM, name, arn, threshold, alarm.action_count)


def _central_alarms(row: AccountRow, alarms: tuple[cloudwatch.Alarm, ...]) -> Iterator[CostAlarm]:
    for alarm in _own_alarms(alarms):
        yield replace(alarm, is_central=not row.is_management)


def _own_budgets(row: AccountRow, found: tuple[budgets.Budget, ...]) -> Iterator[CostAlarm]:
    for budget in found:
        if budget.budget_type in SPENDING and budget.is_healthy:
            yield _of_budget(row, row.account_id, budget)


def _central_budgets(subject: Subject) -> Iterator[CostAlarm]:
    """The management account's budgets: those about this account, and those about everything."""
    row = subject.account
    for budget in subject.facts.management(budgets.organization_budgets):
        if budget.budget_type not in SPENDING or not budget.is_healthy:
            continue
        alarm = _of_budget(row, row.management_account_id, budget)
        if row.is_management or row.account_id in (budget.linked_accounts or ()):
            yield alarm
        elif not budget.is_filtered:
            yield replace(alarm, covers=False)


def _of_budget(row: AccountRow, owner: str, budget: budgets.Budget) -> CostAlarm:
    return CostAlarm(
        BUDGET,
        budget.budget_name,
        f"arn:{row.partition}:budgets::{owner}:budget/{budget.budget_name}",
        f"{budget.limit_amount} {budget.limit_unit}".strip(),
        budget.subscriber_count,
        actions=[asdict(action) for action in budget.actions],
        is_central=owner != row.account_id,
    )


def _anomaly_monitors(row: AccountRow, found: ce.Anomalies) -> Iterator[CostAlarm]:
    for monitor in found.monitors:
        if monitor.watches(row.account_id):
            heard = [s for s in found.subscriptions_of(monitor) if s.subscriber_count]
            yield CostAlarm(
                ANOMALY,
                monitor.monitor_name,
                monitor.monitor_arn,
                ", ".join(sorted({s.threshold for s in heard if s.threshold})),
                sum(s.subscriber_count for s in heard),
                is_central=not row.is_management,
            )


def _of_alarms(alarms: Sequence[CostAlarm], mode: str, unseen: Sequence[Missing]) -> Verdict:
    covering = [alarm for alarm in alarms if alarm.covers]
    silent = [alarm for alarm in covering if not alarm.is_heard]
    heard = [alarm for alarm in covering if alarm.is_heard]
    counting = [alarm for alarm in heard if mode in ("any", alarm.kind)]
    quiet = [
        Problem("cost_alarm_no_subscriber", alarm.arn, str(alarm), organization=alarm.is_central)
        for alarm in silent
    ]
    incomplete = bool(unseen)
    if counting:
        return passed(
            f"{listed(str(alarm) for alarm in counting)} would reach someone.",
            "covered",
            problems=quiet,
            incomplete=incomplete,
        )
    if alarms:
        sentence, rule = _short_of(heard, silent, mode)
        problems = quiet if silent else [Problem("no_cost_alarm", detail=sentence)]
        return partly(sentence, rule, problems=problems, incomplete=incomplete)
    if unseen:
        return unknown_for(unseen[0], rule="not all sources could be read")
    return failed(
        "No budget, anomaly monitor or billing alarm covers it.",
        "no cost alarm",
        problems=[Problem("no_cost_alarm")],
    )


def _short_of(
    heard: Sequence[CostAlarm], silent: Sequence[CostAlarm], mode: str
) -> tuple[str, str]:
    """Sentence and rule of a verdict that is only partial."""
    if heard:
        allowed = WORDS.get(mode, mode).lower()
        return (
            f"{heard[0]} would reach someone, but the company asks for: {allowed}.",
            "kind not allowed",
        )
    if silent:
        return f"{silent[0]} covers it, but has no subscriber.", "no subscriber"
    return "Only a budget of the whole organization would notice.", "organization total only"


item = Item(
    __name__,
    order="1.6",
    title="Cost alarms reach someone",
    guidance=(
        "A stolen key is often first noticed on the bill. An alarm that is about this account and "
        "has a subscriber brings it forward by weeks: an anomaly monitor for all accounts, or a "
        "budget for each. A budget of the whole organization is too coarse, and one that AWS "
        "reports as unhealthy does not fire. Budgets and Cost Explorer live in the main Region."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(
        budgets.budgets,
        budgets.organization_budgets,
        ce.anomalies,
        cloudwatch.billing_alarms,
        cloudwatch.linked_account_alarms,
    ),
    findings={
        "no_cost_alarm": FindingKind("No cost alarm", Severity.MEDIUM),
        "cost_alarm_no_subscriber": FindingKind("Cost alarm without subscriber", Severity.LOW),
    },
    fix=Fix(
        "Create an anomaly monitor by linked account with a subscription, or a budget per account.",
        "Detecting unusual spend with AWS Cost Anomaly Detection",
    ),
    source_url="https://docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html",
)
