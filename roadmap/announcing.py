"""What webhooks are told of judging and importing, in the transaction that writes it.

Many changes of one batch are one message. Items that only security staff see are left out: who
reads a channel is not known here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from inventory import webhooks
from inventory.models import Account, Webhook
from roadmap.models import Finding, ScanImport, VerdictChange
from roadmap.registry import items
from roadmap.restricted import hidden_from
from roadmap.scanner_checks import mapped
from roadmap.sentences import number
from roadmap.verdicts import Severity, Status, is_setback

Event = Webhook.Event
NAMED = 10


def changed(history: Sequence[VerdictChange]) -> None:
    """Verdicts that went backwards."""
    first = VerdictChange.Cause.FIRST
    worse = [
        change
        for change in history
        if change.from_status
        and change.cause != first
        and change.item in items()
        and items()[change.item].counts
        and is_setback(Status(change.from_status), Status(change.to_status))
    ]
    if not worse or not webhooks.is_wanted(Event.SETBACK):
        return
    hidden = hidden_from(AnonymousUser())
    worse = [change for change in worse if change.item not in hidden]
    if not worse:
        return
    names = _names({change.account_id for change in worse[:NAMED]})
    accounts = len({change.account_id for change in worse})
    webhooks.announce(
        Event.SETBACK,
        uuid.uuid4().hex,
        f"{number(len(worse), 'verdict')} went backwards in {number(accounts, 'account')}",
        [
            f"{names[change.account_id]}: {items()[change.item].title} "
            f"({Status(change.from_status).label} → {Status(change.to_status).label})"
            for change in worse[:NAMED]
        ],
        more=len(worse) - NAMED,
        path=reverse("roadmap:overview"),
    )


def found(new: Sequence[Finding]) -> None:
    """Findings that were not there before."""
    critical = [
        one for one in new if one.severity == Severity.CRITICAL and one.state == Finding.State.OPEN
    ]
    if not critical or not webhooks.is_wanted(Event.CRITICAL_FINDING):
        return
    hidden, belongs = hidden_from(AnonymousUser()), mapped()
    critical = [
        one
        for one in critical
        if hidden.isdisjoint(belongs.get((one.source, one.code), (one.item,)))
    ]
    if not critical:
        return
    names = _names({one.account_id for one in critical[:NAMED]})
    webhooks.announce(
        Event.CRITICAL_FINDING,
        uuid.uuid4().hex,
        number(len(critical), "new critical finding"),
        [f"{names[one.account_id]}: {one.title}" for one in critical[:NAMED]],
        more=len(critical) - NAMED,
        path=f"{reverse('roadmap:finding_list')}?severity=critical&sort=newest",
    )


def import_ended(row: ScanImport, state: str, message: str) -> None:
    """An import that did not work; of one that did nothing is told."""
    if state in (ScanImport.State.FAILED, ScanImport.State.REFUSED):
        webhooks.announce(
            Event.IMPORT_FAILED,
            f"scan {row.pk}",
            f"{row.name} could not be imported",
            [message],
            path=row.get_absolute_url(),
        )


def _names(accounts: Collection[int]) -> dict[int, str]:
    return {pk: str(account) for pk, account in Account.objects.in_bulk(accounts).items()}
