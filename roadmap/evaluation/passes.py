"""A pass: the accounts of each organization judged batch by batch and stored, then rolled up."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Q

from collectors.registry import Scope, collectors
from inventory.models import Account, AccountState, Organization
from roadmap import progress
from roadmap.evaluation.judging import Judged, Seat, judge_account, judge_organization_item
from roadmap.evaluation.states import unjudged
from roadmap.evaluation.subjects import RELATED, Room, room_of
from roadmap.evidence import keep
from roadmap.models import VerdictChange
from roadmap.registry import Flow, items
from roadmap.storage import (
    AccountJudgement,
    OrganizationJudgement,
    OrganizationProblems,
    Stored,
    store,
    store_organization,
    store_organization_findings,
)
from roadmap.verdicts import Reason, Verdict, unknown

logger = logging.getLogger(__name__)

Cause = VerdictChange.Cause
# Facts of this many accounts are in memory at a time, beside those of the security accounts.
BATCH = 200


@dataclass(frozen=True)
class Pass:
    """What a pass came to, in accounts and cells."""

    accounts: int = 0
    stored: Stored = field(default_factory=Stored)


def judge(
    accounts: Collection[int] | None = None,
    *,
    cause: Cause | None = None,
    now: datetime | None = None,
    roll_up: bool = True,
) -> Pass:
    """Judge these accounts (primary keys; None: all), store what changed and roll it up.

    ``cause`` is what started it; history uses it where the evidence does not tell. Without
    ``roll_up`` the caller sees to today's progress.
    """
    done = Pass()
    if accounts is not None and not accounts:
        return done
    chosen = None if accounts is None else frozenset(accounts)
    for organization in [*Organization.objects.all(), None]:
        members = _members(organization)
        pks = [pk for pk in members if chosen is None or pk in chosen]
        if pks:
            stored = _judge_members(organization, pks, pks == members, cause, now)
            done = Pass(done.accounts + len(pks), done.stored + stored)
    today = (now or datetime.now(UTC)).date()
    if roll_up and (done.stored.changed or not progress.is_recorded(today)):
        progress.refresh(today)
    logger.info("judged", extra={"accounts": done.accounts, "changed": done.stored.changed})
    return done


def _members(organization: Organization | None) -> list[int]:
    """The accounts that are in the organization now; for None, those that are in none."""
    left = Q(state=AccountState.LEFT)
    inside = Q(observed_organization=organization)
    wanted = inside & ~left if organization else inside | left
    return list(Account.objects.filter(wanted).order_by("pk").values_list("pk", flat=True))


def _judge_members(
    organization: Organization | None,
    pks: Sequence[int],
    is_whole: bool,
    cause: Cause | None,
    now: datetime | None,
) -> Stored:
    begun = now or datetime.now(UTC)
    room = room_of(organization, begun)
    management, judgement = _judge_organization(room, begun)
    causes = store_organization(judgement, begun, cause) if judgement else {}
    handed_down = {k: j.verdict for k, j in judgement.verdicts.items()} if judgement else {}
    gathered = OrganizationProblems(management.pk if management else None)
    stored = Stored()
    for seats in _batches(room, pks, begun):
        batch = [_judgement(seat, handed_down) for seat in seats]
        for one in batch:
            gathered.add(one.account, one.verdicts)
        stored += store(batch, seats[0].now, cause, causes)
    if judgement and management:
        store_organization_findings(
            management.pk,
            _organization_arn(judgement.organization),
            judgement,
            gathered,
            begun,
            is_whole=is_whole,
        )
    return stored


def _batches(room: Room, pks: Sequence[int], begun: datetime) -> Iterator[list[Seat]]:
    """Each batch is of the moment the pass began, before which nothing it rests on was read: what
    people say or set meanwhile is judged by another pass, and that one wins."""
    for start in range(0, len(pks), BATCH):
        accounts = Account.objects.filter(pk__in=pks[start : start + BATCH])
        seats = room.seats(list(accounts.order_by("pk").select_related(*RELATED)), begun)
        if seats:
            yield seats


def _judgement(seat: Seat, handed_down: Mapping[str, Verdict]) -> AccountJudgement:
    observed = seat.observed or {}
    own = [
        at
        for kind, at in observed.items()
        if kind in collectors() and collectors()[kind].scope == Scope.ACCOUNT
    ]
    return AccountJudgement(
        account=seat.pk,
        resource=seat.row.root_arn,
        verdicts=judge_account(seat, handed_down),
        observed=observed,
        own_observed_at=max(own, default=None),
        refused_since=seat.refused_since,
    )


def _judge_organization(
    room: Room, now: datetime
) -> tuple[Account | None, OrganizationJudgement | None]:
    """The verdicts its accounts inherit, judged from its management account."""
    organization = room.organization
    if organization is None:
        return None, None
    management = (
        Account.objects.filter(
            partition=organization.partition, account_id=organization.management_account_id
        )
        .select_related(*RELATED)
        .first()
    )
    inherited = [item for item in items().values() if item.flow == Flow.INHERIT]
    if management is not None:
        (seat,) = room.seats([management], now, beside=room.named())
        verdicts = {item.key: judge_organization_item(item, seat) for item in inherited}
    else:
        sentence = f"The management account of {organization} was never collected."
        nobody = unknown(Reason.NEVER_COLLECTED, sentence)
        verdicts = {
            item.key: Judged(verdict, keep(item, verdict, None, 1))
            for item in inherited
            for verdict in [unjudged(item) if item.judge is None else nobody]
        }
    return management, OrganizationJudgement(organization, verdicts)


def _organization_arn(organization: Organization) -> str:
    return (
        f"arn:{organization.partition}:organizations::{organization.management_account_id}"
        f":organization/{organization.organization_id}"
    )
