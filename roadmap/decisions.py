"""Decisions on findings, Cairn's own and imported: who may make them, and what makes one valid.

Acknowledged with a plan and a date, a finding stays open and has somebody who answers for it. A
risk accepted, or a false positive, takes findings out of the open ones once another person has
approved it, for as long as the findings say what they said. None of this touches a verdict: only
exceptions do (roadmap.exceptions). What becomes of what is the table of roadmap.decision_states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.http import QueryDict

from cairn.health import worker_problem
from inventory import audit
from inventory.access import Action, may, require
from inventory.audit import Event
from inventory.models import Account, User
from roadmap.decided import Kind, State, standing_of
from roadmap.decision_states import Event as Happening
from roadmap.decision_states import Standing, after
from roadmap.due_dates import ACCEPTED, PLACED, Deadlines
from roadmap.finding_filters import FindingFilters
from roadmap.fingerprints import fingerprint
from roadmap.models import Asked, DecidedFinding, Finding, FindingDecision
from roadmap.queries.findings import Findings, visible_findings
from roadmap.storage import standings
from roadmap.storage.decisions import Why, check, close, end
from roadmap.storage.locks import lock_accounts

PIECE = 1000  # findings decided on in one transaction; more than one of them is left to a worker
LONGEST_PLAN = timedelta(days=730)
LONGEST_TEXT = 4000
EVENTS = {
    Kind.ACKNOWLEDGE: Happening.ACKNOWLEDGE,
    Kind.ACCEPT: Happening.ASK_ACCEPTANCE,
    Kind.FALSE_POSITIVE: Happening.ASK_FALSE_POSITIVE,
}
Decisions = QuerySet[FindingDecision]


@dataclass(frozen=True)
class Proposal:
    """What is decided or asked for. ``note`` is the plan or the reason; ``due_on`` the date of an
    acknowledgement's plan, ``expires_at`` until when a risk is to be accepted."""

    kind: Kind
    note: str
    control: str = ""
    due_on: date | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Chosen:
    """Findings that a person chose: by their keys, or all that the filters of a ``selection`` find,
    the query of an address of the list."""

    keys: Sequence[int] = ()
    selection: str = ""
    up_to: int | None = None

    def rows(self, user: User) -> Findings:
        """Those of them that the user sees. Raises ValidationError for a filter that is none."""
        seen = visible_findings(user)
        if self.keys:
            return seen.filter(pk__in=self.keys)
        filters = FindingFilters(QueryDict(self.selection), seen)
        if not filters.is_valid():
            raise ValidationError("A filter of this list has a value Cairn does not know.")
        return filters.qs if self.up_to is None else filters.qs.filter(pk__lte=self.up_to)


def decide(user: User, proposal: Proposal, chosen: Chosen) -> FindingDecision:
    """Acknowledge findings, or ask that their risk is accepted or they are called false positives.

    Raises PermissionDenied, and ValidationError with a message per field, or one message where no
    finding is left that can be decided on so.
    """
    require(user, Action.ANSWER_FINDINGS)
    now = datetime.now(UTC)
    rows = chosen.rows(user)
    last = rows.order_by().aggregate(last=Max("pk"))["last"]
    if last is None:
        raise ValidationError("You see none of these findings.")
    _validate(proposal, rows, now)
    is_few = not rows.order_by()[PIECE:].exists()
    with transaction.atomic():
        made = FindingDecision.objects.create(
            kind=proposal.kind,
            note=proposal.note.strip(),
            control=proposal.control.strip(),
            due_on=proposal.due_on,
            expires_at=proposal.expires_at,
            requester=user,
            requested_at=now,
            approved_at=now if proposal.kind == Kind.ACKNOWLEDGE else None,
            selection="" if chosen.keys else chosen.selection,
            up_to=last,
        )
        if is_few:
            _gather(made, rows)
            if not made.size:
                raise ValidationError(_refusal(rows, now))
        else:
            transaction.on_commit(lambda: _gather_soon(made.pk))
        audit.record(Event.FINDINGS_DECIDED, made, **_told(made))
    return made


def _told(decision: FindingDecision) -> dict[str, object]:
    """What the audit log says of a decision: how many findings, or which were asked for."""
    if decision.gathered_at is None:
        return {"matching": decision.selection}
    return {"findings": decision.size, **audit.name_rows(_accounts_of(decision))}


def _accounts_of(decision: FindingDecision) -> Iterator[str]:
    about = Account.objects.filter(findings__decided__decision=decision).order_by("pk")
    return (account.key for account in about.distinct())


def _refusal(rows: Findings, now: datetime) -> str:
    """Why none of these can be decided on, by what stands for the first of them."""
    finding = rows.order_by("pk")[0]
    held = DecidedFinding.objects.filter(finding=finding, ended_at=None).select_related(
        "decision__requester"
    )
    decision = next((one.decision for one in held), None)
    found = standing_of(finding, decision, now).label.lower()
    by = f", by {decision.requester or 'a former user'}" if decision else ""
    return f"It is not as it was: {found}{by}. Nothing was written."


def _gather_soon(pk: int) -> None:
    from roadmap.tasks import gather_findings

    if worker_problem():
        gather(pk)
    else:
        gather_findings.delay(pk)


def gather(pk: int) -> None:
    """Put the findings to a decision on all that match, from where an earlier try was stopped."""
    decision = FindingDecision.objects.select_related("requester").get(pk=pk)
    if decision.gathered_at is None and decision.requester is not None:
        chosen = Chosen(selection=decision.selection, up_to=decision.up_to)
        _gather(decision, chosen.rows(decision.requester))


def _gather(decision: FindingDecision, rows: Findings) -> None:
    """Piece by piece, each of them a transaction, so that memory and locks stay small."""
    rows = rows.order_by("pk").filter(pk__lte=decision.up_to)
    while keys := _next_keys(rows, decision.gathered_to):
        with transaction.atomic():
            _take(decision, keys)
    now = datetime.now(UTC)
    decision.gathered_at = now
    decision.size = decision.findings.count()
    decision.save(update_fields=["gathered_at", "size"])
    close([decision.pk], now)


def _next_keys(rows: Findings, beyond: int) -> list[int]:
    return list(rows.filter(pk__gt=beyond).values_list("pk", flat=True)[:PIECE])


def _take(decision: FindingDecision, keys: Sequence[int]) -> None:
    """Whatever stands for these findings gives way, or they are passed over. Another worker may
    have been faster, which is seen by how far the decision has come."""
    lock_accounts({*Finding.objects.filter(pk__in=keys).values_list("account_id", flat=True)})
    decision.refresh_from_db(from_queryset=FindingDecision.objects.select_for_update())
    if decision.gathered_to >= keys[0]:
        return
    now = datetime.now(UTC)
    rows = DecidedFinding.objects.filter(finding__in=keys, ended_at=None)
    held = {row.finding_id: row for row in rows.select_related("decision")}
    new: list[DecidedFinding] = []
    ending: dict[Why, list[DecidedFinding]] = {Why.OVER: [], Why.REPLACED: []}
    for finding in Finding.objects.filter(pk__in=keys):
        one = held.get(finding.pk)
        stood = standing_of(finding, one.decision if one else None, now)
        if after(stood, EVENTS[Kind(decision.kind)]) is None:
            continue
        if one is not None:
            ending[Why.OVER if stood == Standing.UNDECIDED else Why.REPLACED].append(one)
        new.append(_decided(decision, finding))
    for why, ended in ending.items():
        end(ended, why, now)
    DecidedFinding.objects.bulk_create(new)
    decision.passed_over += len(keys) - len(new)
    decision.gathered_to = keys[-1]
    decision.save(update_fields=["passed_over", "gathered_to"])


def _decided(decision: FindingDecision, finding: Finding) -> DecidedFinding:
    return DecidedFinding(
        decision=decision,
        finding=finding,
        severity=finding.severity,
        title=finding.title,
        detail=finding.detail,
        fingerprint=fingerprint(finding),
    )


def _validate(proposal: Proposal, rows: Findings, now: datetime) -> None:
    errors = dict(_wrong_words(proposal))
    if proposal.kind == Kind.ACKNOWLEDGE:
        latest_plan = now.date() + LONGEST_PLAN
        if proposal.due_on is None or not now.date() < proposal.due_on <= latest_plan:
            errors["due_on"] = f"Choose a day after today and not after {latest_plan}."
    elif proposal.due_on is not None:
        errors["due_on"] = "Only an acknowledgement has a plan's date."
    if proposal.kind == Kind.ACCEPT:
        if problem := _wrong_end(proposal.expires_at, limit_of(rows), now):
            errors["expires_at"] = problem
    elif proposal.expires_at is not None:
        errors["expires_at"] = "Only an acceptance ends on a day."
    if errors:
        raise ValidationError(errors)


def _wrong_words(proposal: Proposal) -> Iterator[tuple[str, str]]:
    if not proposal.note.strip():
        is_plan = proposal.kind == Kind.ACKNOWLEDGE
        yield "note", "Say what the plan is." if is_plan else "Say why."
    if proposal.kind == Kind.ACCEPT and not proposal.control.strip():
        yield "control", "Say what limits the risk meanwhile."
    for name, text in (("note", proposal.note), ("control", proposal.control)):
        if "\0" in text or len(text) > LONGEST_TEXT:
            yield name, f"Write at most {LONGEST_TEXT:,} characters of text."


def _wrong_end(expires_at: datetime | None, limit: Limit, now: datetime) -> str:
    if not limit.days:
        return f"{limit.words[0].upper()}{limit.words[1:]} may not be accepted."
    latest = now + timedelta(days=limit.days)
    if expires_at is not None and now < expires_at <= latest:
        return ""
    return (
        f"Choose a day after today and not after {latest.date()}: {limit.words} may be accepted "
        f"for at most {limit.days} days."
    )


@dataclass(frozen=True)
class Limit:
    """For how many days the risk of some findings may be accepted, and which of them say so."""

    days: int
    words: str


def limit_of(rows: Findings) -> Limit:
    """The strictest that holds for any of them. Three queries."""
    kinds = set(rows.order_by().values_list("account", "severity").distinct())
    accounts = (
        Account.objects.select_related(*PLACED)
        .filter(pk__in={account for account, _ in kinds})
        .in_bulk()
    )
    deadlines = Deadlines.load(ACCEPTED)
    limits = [
        Limit(
            deadlines.days(accounts[account], severity),
            f"findings {f'of severity {severity}' if severity else 'without a severity'} in "
            f"{accounts[account].title}",
        )
        for account, severity in sorted(kinds)
    ]
    return min(limits, key=lambda limit: limit.days)


def approve(user: User, asked: FindingDecision, remark: str = "") -> None:
    """Grant it. Raises PermissionDenied to whoever asked for it, and ValidationError if it no
    longer waits."""
    require(user, Action.APPROVE)
    if asked.requester_id is None:
        raise ValidationError("Nobody knows any more who asked for it. Let somebody ask again.")
    if user.pk == asked.requester_id:
        raise PermissionDenied("Somebody other than who asked for it must approve it.")
    if asked.gathered_at is None:
        raise ValidationError("Its findings are still being gathered. Try again in a minute.")
    now = datetime.now(UTC)
    values = {"approver": user, "approved_at": now, "remark": remark.strip()}
    _change(Event.DECISION_APPROVED, asked, now, State.REQUESTED, values)


def refuse(user: User, asked: FindingDecision, remark: str) -> None:
    """Raises PermissionDenied, and ValidationError without a remark or if it no longer waits."""
    require(user, Action.APPROVE)
    if not remark.strip():
        raise ValidationError({"remark": "Say why, for who asked."})
    if user.pk == asked.requester_id:
        raise PermissionDenied("Take back what you asked for; another person refuses it.")
    now = datetime.now(UTC)
    values = {"approver": user, "refused_at": now, "remark": remark.strip()}
    _change(Event.DECISION_REFUSED, asked, now, State.REQUESTED, values)


def end_early(user: User, decision: FindingDecision, remark: str = "") -> None:
    """End it before its time, or take it back while it waits: who may approve, or made it."""
    if user.pk == decision.requester_id:
        require(user, Action.ANSWER_FINDINGS)
    else:
        require(user, Action.APPROVE)
    now = datetime.now(UTC)
    state = decision.state(now)
    if state not in (State.REQUESTED, State.HOLDS):
        raise ValidationError(f"It is over already: {state.label.lower()}.")
    values = {"ended_at": now, "ended_by": user, "remark": remark.strip()}
    _change(Event.DECISION_ENDED, decision, now, state, values)


def _change(
    event: Event,
    decision: FindingDecision,
    now: datetime,
    expected: Asked.State,
    values: Mapping[str, object],
) -> None:
    """Write it if it is still as expected, whatever others do meanwhile."""
    with transaction.atomic():
        current = FindingDecision.objects.select_for_update().filter(pk=decision.pk).first()
        if current is None or current.state(now) != expected:
            state = current.state(now).label.lower() if current else "gone"
            raise ValidationError(f"It is not as it was: {state}.")
        for name, value in values.items():
            setattr(current, name, value)
            setattr(decision, name, value)
        current.save(update_fields=list(values))
        if current.kind in FindingDecision.HIDES and current.approved_at is not None:
            transaction.on_commit(lambda: _recount_soon(decision.pk), robust=True)
        audit.record(event, current, findings=current.size)


def _recount_soon(pk: int) -> None:
    from roadmap.tasks import recount_open

    is_few = not DecidedFinding.objects.filter(decision=pk)[PIECE:].exists()
    if is_few or worker_problem():
        recount(pk)
    else:
        recount_open.delay(pk)


def recount(pk: int) -> None:
    """Count again what is open in the accounts of a decision."""
    of = DecidedFinding.objects.filter(decision=pk).order_by()
    standings.recount(int(pk) for pk in of.values_list("finding__account", flat=True).distinct())


def review(now: datetime | None = None) -> None:
    """Daily: let decisions that are over go, hold the others against their findings once more, and
    take up what dead workers left. In pieces; nothing here makes a decision act or stop, which it
    does by itself."""
    now = now or datetime.now(UTC)
    for pk in FindingDecision.objects.filter(gathered_at=None).values_list("pk", flat=True):
        gather(pk)
    over: set[int] = set()
    for rows in _standing_pieces():
        with transaction.atomic():
            lock_accounts({row.finding.account_id for row in rows})
            ended = [row for row in rows if row.decision.state(now) not in _STANDS]
            end(ended, Why.OVER, now)
            over |= {row.decision_id for row in ended}
            current = Finding.objects.in_bulk([row.finding_id for row in rows])
            check([row for row in rows if row.decision.state(now) in _STANDS], current, now)
    for pk in over:
        recount(pk)


_STANDS = (State.REQUESTED, State.HOLDS)


def _standing_pieces() -> Iterator[list[DecidedFinding]]:
    last = 0
    rows = DecidedFinding.objects.filter(ended_at=None).order_by("pk")
    rows = rows.select_related("decision", "finding")
    while piece := list(rows.filter(pk__gt=last)[:PIECE]):
        yield piece
        last = piece[-1].pk


def visible_to(user: User) -> Decisions:
    """Those that are about a finding the user sees, and their own."""
    rows = FindingDecision.objects.select_related("requester", "approver", "ended_by")
    seen = visible_findings(user)
    if not seen.query.where:
        return rows
    about = DecidedFinding.objects.filter(decision=OuterRef("pk"), finding__in=seen.order_by())
    return rows.filter(Exists(about) | Q(requester=user))


def waiting_for(user: User, now: datetime) -> Decisions:
    """What others ask for and the user may approve."""
    if not may(user, Action.APPROVE):
        return FindingDecision.objects.none()
    waiting = visible_to(user).alias(state_now=FindingDecision.state_at(now))
    return waiting.filter(state_now=State.REQUESTED).exclude(requester=user)


def may_approve(user: User, decision: FindingDecision, now: datetime) -> bool:
    return (
        may(user, Action.APPROVE)
        and decision.state(now) == State.REQUESTED
        and decision.requester_id not in (None, user.pk)
        and decision.gathered_at is not None
    )


def has_approver(decision: FindingDecision) -> bool:
    """Whether who approved it may still approve; true where nobody had to."""
    if decision.approved_at is None or decision.kind == Kind.ACKNOWLEDGE:
        return True
    return decision.approver is not None and may(decision.approver, Action.APPROVE)


def may_end(user: User, decision: FindingDecision, now: datetime) -> bool:
    own = user.pk == decision.requester_id and may(user, Action.ANSWER_FINDINGS)
    return decision.state(now) in _STANDS and (own or may(user, Action.APPROVE))


def ending_within(
    days: int, now: datetime | None = None
) -> Mapping[User, Sequence[FindingDecision]]:
    """Who made decisions that end within so many days → those, the first to end first: acceptances
    that expire, and plans whose date comes. One query. For reminders."""
    now = now or datetime.now(UTC)
    until = now + timedelta(days=days)
    soon = Q(kind=Kind.ACCEPT, expires_at__gt=now, expires_at__lte=until) | Q(
        kind=Kind.ACKNOWLEDGE, due_on__gte=now.date(), due_on__lte=until.date()
    )
    rows = FindingDecision.objects.filter(
        soon, approved_at__isnull=False, refused_at=None, ended_at=None, requester__is_active=True
    ).select_related("requester")
    found: dict[User, list[FindingDecision]] = {}
    for decision in rows.order_by(F("expires_at").asc(nulls_last=True), "due_on", "pk"):
        assert decision.requester is not None  # its is_active was asked for
        found.setdefault(decision.requester, []).append(decision)
    return found
