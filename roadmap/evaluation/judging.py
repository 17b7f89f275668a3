"""One account against the catalogue. Pure: subjects in, verdicts out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from collectors.facts import OrganizationFacts
from collectors.outcomes import Missing
from collectors.registry import Scope
from inventory.policy import Values
from roadmap.evaluation.imports import with_imports
from roadmap.evaluation.states import by_state, outside, put_in_place, unjudged
from roadmap.evidence import LIST_LIMIT, MAX_AGE, Kept, keep
from roadmap.registry import Item, Level, judging_order
from roadmap.scans import Scans
from roadmap.subject import AccountRow, Attested, Company, Excepted, ReadSettings, Subject
from roadmap.verdicts import Reason, Source, Verdict, not_in_organization, unknown, unknown_for

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seat:
    """An account with everything its rules may look at. ``attestations`` are by item."""

    pk: int
    row: AccountRow
    facts: OrganizationFacts
    values: Values
    company: Company
    attestations: Mapping[str, Sequence[Attested]]
    now: datetime
    exceptions: Sequence[Excepted] = ()
    refused_since: datetime | None = None
    observed: Mapping[str, datetime] | None = None
    scans: Scans = field(default_factory=Scans)

    def subject(self, item: Item, verdicts: Mapping[str, Verdict]) -> Subject:
        return Subject(
            account=self.row,
            facts=self.facts.of(self.row.account_id),
            settings=ReadSettings(self.values, {MAX_AGE: self.values[MAX_AGE]}),
            now=self.now,
            company=self.company,
            attestations=self.attestations.get(item.key, ()),
            verdicts=verdicts,
            assume_role_refused_since=self.refused_since,
            exceptions=[e for e in self.exceptions if e.item == item.key and e.pattern],
            elsewhere=self.attestations,
            scans=replace(self.scans, kept={}),
        )

    def exception_from(self, item: Item) -> Excepted | None:
        """An exception that holds for the whole account."""
        whole = (e for e in self.exceptions if e.item == item.key and not e.pattern)
        return next((e for e in whole if e.expires_at is None or self.now < e.expires_at), None)

    def answers_itself(self, item: Item) -> bool:
        """Whether an item that accounts inherit is this account's own to answer: by the setting
        that says so, or because its team or itself attested it."""
        if item.level_setting and self.values[item.level_setting] != Level.ORGANIZATION:
            return True
        return any(a.level != Level.ORGANIZATION for a in self.attestations.get(item.key, ()))


@dataclass(frozen=True)
class Judged:
    """``excepted`` are the ARNs of resources that exceptions took out of the counts."""

    verdict: Verdict
    kept: Kept
    excepted: frozenset[str] = frozenset()


def judge_account(seat: Seat, handed_down: Mapping[str, Verdict]) -> dict[str, Judged]:
    """A verdict for every item, sub-checks before their parents. ``handed_down`` are those of the
    account's organization. An exception stands in the place of what would be there without it."""
    verdicts: dict[str, Verdict] = {}
    found: dict[str, Judged] = {}
    limit = seat.values[LIST_LIMIT]
    for item in judging_order():
        verdict = _without_rule(seat, item, handed_down)
        subject = None
        if verdict is None:
            subject = seat.subject(item, verdicts)
            verdict = apply_rule(item, subject, item.judge_alone)
            verdict = with_imports(item, subject, verdict)
        if exception := seat.exception_from(item):
            verdict = put_in_place(verdict, exception)
        verdicts[item.key] = verdict
        kept = keep(item, verdict, subject, limit, exception)
        found[item.key] = Judged(verdict, kept, frozenset(subject.excepted if subject else ()))
    return found


def judge_organization_item(item: Item, seat: Seat) -> Judged:
    """The organization's own verdict of an item its accounts inherit, from where its management
    account stands."""
    subject = seat.subject(item, {})
    verdict = unjudged(item) if item.judge is None else apply_rule(item, subject)
    kept = keep(item, verdict, subject, seat.values[LIST_LIMIT])
    return Judged(verdict, kept, frozenset(subject.excepted))


def _without_rule(seat: Seat, item: Item, handed_down: Mapping[str, Verdict]) -> Verdict | None:
    settled = by_state(seat.row, item, seat.now.date())
    if settled is not None:
        return settled
    if seat.answers_itself(item):
        pass
    elif not seat.row.organization_id:
        settled = outside(item)
    elif (above := handed_down.get(item.key)) and above.is_handed_down:
        return inherit(above, seat.row.organization_id)
    return settled or (unjudged(item) if item.judge is None else None)


def inherit(verdict: Verdict, organization_id: str) -> Verdict:
    """The organization's verdict as one of its accounts has it: its findings, facts and Regions
    stay with the organization."""
    return replace(
        verdict,
        source=Source.INHERITED,
        inherits_from=organization_id,
        facts={},
        problems=(),
        regions={},
    )


def apply_rule(
    item: Item, subject: Subject, rule: Callable[[Subject], Verdict] | None = None
) -> Verdict:
    """The answer of the rule, by default the item's. What it could not see is unknown, and so is
    this one cell if it fails."""
    judge = rule or item.judge
    assert judge is not None
    try:
        verdict = judge(subject)
        undeclared = {problem.code for problem in verdict.problems} - set(item.findings)
        if undeclared:
            raise LookupError(f"{item.key} declares no finding {', '.join(sorted(undeclared))}.")
    except Missing as missing:
        if not subject.account.organization_id and _asks_only_above(item):
            return not_in_organization()
        return unknown_for(missing)
    except Exception as error:
        logger.exception(
            "rule failed", extra={"item": item.key, "account": subject.account.account_id}
        )
        sentence = f"The rule failed ({type(error).__name__}); Cairn's log says where."
        return unknown(Reason.UNDETERMINED, sentence, "rule failed")
    return _without_excepted(verdict, subject)


def _without_excepted(verdict: Verdict, subject: Subject) -> Verdict:
    """Rules leave excepted resources out of what they count; what an item reports of a resource it
    does not count is left out here."""
    if not subject.exceptions:
        return verdict
    own = subject.account.root_arn
    problems = [p for p in verdict.problems if not subject.is_excepted(p.resource or own)]
    return replace(verdict, problems=problems)


def _asks_only_above(item: Item) -> bool:
    """Whether all facts of the item come from an organization, none from the account itself."""
    scopes: set[Any] = {collector.scope for collector in item.reads}
    return bool(scopes) and scopes <= {Scope.ORGANIZATION, Scope.TARGET, Scope.SECURITY}
