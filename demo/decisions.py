"""What people of Larkfield decided of findings: some of each kind, and in each state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.people import user_of
from inventory.models import Role
from roadmap.decided import Kind, is_open
from roadmap.decisions import Chosen, Proposal, approve, decide, end_early, refuse
from roadmap.models import FindingDecision
from roadmap.queries.findings import visible_findings


@dataclass(frozen=True)
class Decided:
    """Of the ``number`` worst findings with a severity that nobody decided on and the person sees.
    ``then`` is what became of it: empty while it waits, or holds by itself."""

    kind: Kind
    by: Role
    severity: str
    number: int
    note: str
    days: int = 0
    control: str = ""
    then: str = ""
    remark: str = ""


DECIDED = (
    Decided(
        Kind.ACKNOWLEDGE, Role.OWNER, "high", 2,
        "Payments replaces these with the release after next; the change is planned.", days=21,
    ),
    Decided(
        Kind.ACKNOWLEDGE, Role.SECURITY, "critical", 1,
        "The network team closes it in this week's maintenance window.", days=4,
    ),
    Decided(
        Kind.ACCEPT, Role.SECURITY, "medium", 3,
        "The vendor supports nothing newer before its next major version.", days=60,
        control="Reachable from the office network only, and every call of it is logged.",
        then="approve",
    ),
    Decided(
        Kind.ACCEPT, Role.SECURITY, "low", 2,
        "The account is given up at the end of the year.", days=12,
        control="Nothing new may be made there: its OU denies it.", then="approve",
    ),
    Decided(
        Kind.ACCEPT, Role.OWNER, "high", 1,
        "The partner cannot sign its requests before spring.", days=90,
        control="Requests are accepted from two addresses of the partner alone.",
    ),
    Decided(
        Kind.ACCEPT, Role.OWNER, "medium", 1,
        "It always was like this.", days=300, control="None is known.",
        then="refuse", remark="That is no reason, and nothing limits the risk.",
    ),
    Decided(
        Kind.FALSE_POSITIVE, Role.SECURITY, "medium", 1,
        "The scanner takes the bucket of the public web site for one of data.", then="approve",
    ),
    Decided(
        Kind.FALSE_POSITIVE, Role.OWNER, "medium", 1,
        "The role is assumed by the build and by nothing else.",
    ),
    Decided(
        Kind.ACCEPT, Role.SECURITY, "low", 1,
        "Waits for a budget.", days=45, control="It is looked at every week.",
        then="end", remark="The budget is there; Payments fixes it.",
    ),
)  # fmt: skip


def decide_on_findings(now: datetime) -> None:
    """Where the world has no such findings (left), nobody decided."""
    for one in DECIDED:
        user = user_of(one.by)
        rows = visible_findings(user).filter(is_open(now), severity=one.severity, decided=None)
        keys = list(rows.order_by("-weight", "pk").values_list("pk", flat=True)[: one.number])
        if keys:
            _settle(decide(user, _proposal(one, now), Chosen(keys)), one)


def _proposal(one: Decided, now: datetime) -> Proposal:
    until = now + timedelta(days=one.days)
    return Proposal(
        one.kind,
        one.note,
        control=one.control,
        due_on=until.date() if one.kind == Kind.ACKNOWLEDGE else None,
        expires_at=until if one.kind == Kind.ACCEPT else None,
    )


def _settle(made: FindingDecision, one: Decided) -> None:
    admin = user_of(Role.ADMIN)
    if one.then in ("approve", "end"):
        approve(admin, made)
    if one.then == "refuse":
        refuse(admin, made, one.remark)
    if one.then == "end":
        end_early(admin, made, one.remark)
