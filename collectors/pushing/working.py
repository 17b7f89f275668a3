"""The worker's part: asking AWS for a plan, and writing a confirmed one.

The database says who works on a push: a worker that is killed stops renewing its lease, and the
next one carries on. Before anything is sent, the item says so; where it does already, AWS is asked
first what became of it. So an item is written at most once more, and none is skipped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.dispatch import Signal

from collectors import leases, store
from collectors.alternate_contacts import Details
from collectors.aws import CallFailed
from collectors.aws.contact_writes import ContactWriter
from collectors.models import Connection, ContactPush, ContactPushItem
from collectors.observing import Observer
from collectors.outcomes import Outcome
from collectors.pushing.progress import cure_of
from collectors.pushing.readiness import NotPossible, require_on, writer_of
from collectors.pushing.recording import record
from collectors.services import account as account_service
from inventory import audit
from inventory.audit import Event
from inventory.models import Account
from inventory.policy import load_policy

State = ContactPushItem.State

# Sent with ``accounts`` (primary keys) when AWS's contacts of these were read again after a push.
contacts_pushed = Signal()

# How often an item whose writing was cut off is written in all.
MOST_WRITES = 2
MOST_ATTEMPTS = 5  # how often workers may begin a push without coming to its end
# Seconds before each look whether AWS holds what was written.
LOOKS = (0.0, 1.0, 3.0)


class _Lost(Exception):
    """Another worker has taken the push over, or it was cancelled."""


def free() -> Q:
    """Pushes that have something to do and that nobody works on. Of a cancelled one that may be to
    find out what became of an item that was being written."""
    nobody = Q(lease_until=None) | Q(lease_until__lt=datetime.now(UTC))
    unsure = ContactPushItem.objects.filter(push=OuterRef("pk"), state=State.WRITING)
    unsettled = Q(state=ContactPush.State.CANCELLED) & Q(Exists(unsure))
    return nobody & (Q(state__in=ContactPush.ACTIVE) | unsettled)


def work(push_id: int) -> None:
    """Do all there is to do for a push, unless another worker is at it."""
    owner = leases.new_owner()
    push = _take(push_id, owner)
    if push is None:
        return
    try:
        with leases.renewing(lambda: _renew(push, owner)):
            _Work(push, owner).run()
    except _Lost:
        pass
    finally:
        ContactPush.objects.filter(pk=push_id, lease_owner=owner).update(
            lease_owner="", lease_until=None
        )
    _look_again(push)


def _take(push_id: int, owner: str) -> ContactPush | None:
    taken = ContactPush.objects.filter(free(), pk=push_id).update(
        lease_owner=owner, lease_until=leases.until(), attempts=F("attempts") + 1
    )
    if not taken:
        return None
    return ContactPush.objects.select_related("organization").get(pk=push_id)


def _renew(push: ContactPush, owner: str) -> None:
    ContactPush.objects.filter(pk=push.pk, lease_owner=owner).update(lease_until=leases.until())


class _Work:
    """One worker at one push, in the state in which it was taken."""

    def __init__(self, push: ContactPush, owner: str) -> None:
        self.push = push
        self.owner = owner

    def run(self) -> None:
        if self.push.attempts > MOST_ATTEMPTS:
            self._end(
                ContactPush.State.FAILED,
                f"Workers began this {MOST_ATTEMPTS} times and never came to its end; their logs "
                "say why.",
            )
            return
        try:
            writer = writer_of(require_on(self.push.organization))
            writer.enter()
        except NotPossible as off:
            self._end(ContactPush.State.FAILED, str(off))
            return
        except CallFailed as refused:
            cure = cure_of(refused.outcome, refused.code)
            self._end(ContactPush.State.FAILED, f"{refused.message} {cure}")
            return
        if self.push.state == ContactPush.State.PLANNING:
            for item in self._items(State.OPEN):
                self._read(writer, item)
            self._end(ContactPush.State.PLANNED)
        elif self.push.state == ContactPush.State.PUSHING:
            for item in self._items(*ContactPushItem.TO_WRITE):
                self._push(writer, item)
            self._end(ContactPush.State.FINISHED)
        else:
            for item in self._items(State.WRITING):
                self._settle(writer, item)

    def _items(self, *states: str) -> Iterator[ContactPushItem]:
        items = self.push.items.filter(state__in=states).select_related("account")
        yield from list(items)

    def _read(self, writer: ContactWriter, item: ContactPushItem) -> None:
        """Compare what AWS holds now with what it shall hold."""
        assert item.after is not None
        try:
            held = _look(writer, item)
        except CallFailed as failed:
            self._save(item, State.LEFT_OUT, **_told(failed))
            return
        before = asdict(held) if held else None
        if _is(held, item.after):
            self._save(item, State.NOTHING, before=before)
        elif item.expected is not None and not _is(held, item.expected):
            message = "AWS holds another contact by now than was written then."
            self._save(item, State.LEFT_OUT, before=before, message=message)
        else:
            self._save(item, State.CHANGE, before=before)

    def _push(self, writer: ContactWriter, item: ContactPushItem) -> None:
        """Look first: what was planned may be done, or AWS may hold something else by now."""
        try:
            held = _look(writer, item)
        except CallFailed as failed:
            self._save(item, State.FAILED, **_told(failed))
            return
        if _is(held, item.after):
            self._was_there(item)
        elif not _is(held, item.before):
            message = "AWS holds another contact than when this was planned. Plan again."
            self._save(item, State.CHANGED, found=_plain(held), message=message)
        elif item.state == State.WRITING and item.writes >= MOST_WRITES:
            message = f"Workers died {MOST_WRITES} times while they wrote this; their logs say why."
            self._save(item, State.FAILED, code="WorkerLost", message=message)
        else:
            self._write(writer, item)

    def _settle(self, writer: ContactWriter, item: ContactPushItem) -> None:
        """Find out what became of an item of a cancelled push."""
        try:
            held = _look(writer, item)
        except CallFailed as failed:
            told = _told(failed, "It is not known whether AWS holds it. ")
            self._save(item, State.FAILED, **told)
            return
        if _is(held, item.after):
            self._was_there(item)
        else:
            message = "" if _is(held, item.before) else "AWS holds another contact by now."
            self._save(item, State.CANCELLED, found=_plain(held), message=message)

    def _was_there(self, item: ContactPushItem) -> None:
        if item.writes:  # Written by a worker that did not live to see it, or slow to appear.
            self._save(item, State.DONE, verified_at=datetime.now(UTC), **_NOTHING_WRONG)
        else:
            self._save(item, State.NOTHING, message="AWS holds it by now.")

    def _write(self, writer: ContactWriter, item: ContactPushItem) -> None:
        assert item.after is not None
        now = datetime.now(UTC)
        self._save(item, State.WRITING, writes=item.writes + 1, written_at=now, **_NOTHING_WRONG)
        failed = None
        try:
            parameters = Details(**item.after).parameters
            item.request_id = writer.write(item.account.account_id, item.type, parameters)
        except CallFailed as caught:
            failed = caught
        self._verify(writer, item, failed)

    def _verify(
        self, writer: ContactWriter, item: ContactPushItem, failed: CallFailed | None
    ) -> None:
        """Whatever AWS said to the write, what it answers now decides."""
        try:
            held = self._read_back(writer, item, failed)
        except CallFailed as unread:
            told = _told(failed or unread, "It is not known whether AWS holds it. ")
            self._save(item, State.FAILED, **told)
            return
        if _is(held, item.after):
            message = f"AWS holds it, though it answered: {failed.message}" if failed else ""
            self._save(item, State.DONE, verified_at=datetime.now(UTC), message=message[:1000])
        elif failed:
            self._save(item, State.FAILED, found=_plain(held), **_told(failed))
        else:
            message = "AWS took the contact, and answers with another one when asked for it."
            self._save(
                item, State.UNVERIFIED, found=_plain(held), outcome="unverified", message=message
            )

    def _read_back(
        self, writer: ContactWriter, item: ContactPushItem, failed: CallFailed | None
    ) -> Details | None:
        """What AWS holds, asked again where it may need a moment. Raises CallFailed."""
        held = None
        for pause in LOOKS if failed is None or failed.outcome == Outcome.API_ERROR else LOOKS[:1]:
            time.sleep(pause)
            held = _look(writer, item)
            if _is(held, item.after):
                break
        return held

    def _save(self, item: ContactPushItem, state: State, **values: Any) -> None:
        """Write an item, while the push is this worker's and is still wanted. What became of a
        write that was sent is kept though the push was cancelled meanwhile. Raises _Lost."""
        was_sent = item.state == State.WRITING and state != State.WRITING
        item.state = state
        for name, value in values.items():
            setattr(item, name, value)
        with transaction.atomic():
            self._hold(though_cancelled=was_sent)
            item.save()

    def _hold(self, *, though_cancelled: bool = False) -> None:
        mine = ContactPush.objects.filter(pk=self.push.pk, lease_owner=self.owner)
        if not though_cancelled:
            mine = mine.filter(state=self.push.state)
        if not mine.update(lease_until=leases.until()):
            raise _Lost

    def _end(self, state: ContactPush.State, message: str = "") -> None:
        values: dict[str, Any] = {"state": state, "message": message[:1000]}
        if state == ContactPush.State.PLANNED:
            values["planned_at"] = datetime.now(UTC)
        else:
            values["finished_at"] = datetime.now(UTC)
        with transaction.atomic():
            self._hold()
            ContactPush.objects.filter(pk=self.push.pk).update(**values)
            if self.push.state == ContactPush.State.PUSHING:
                done = self.push.items.filter(state=State.DONE).select_related("account")
                rows = audit.name_rows(f"account:{item.account.key}" for item in done)
                record(Event.CONTACTS_WRITTEN, self.push, ended=state.value, **rows)


_NOTHING_WRONG = {"outcome": "", "code": "", "message": ""}


def _look(writer: ContactWriter, item: ContactPushItem) -> Details | None:
    held = writer.read(item.account.account_id, item.type)
    return Details.answered(held) if held else None


def _is(held: Details | None, wanted: dict[str, str] | None) -> bool:
    if held is None or wanted is None:
        return held is None and wanted is None
    return held.is_same(Details(**wanted))


def _plain(held: Details | None) -> dict[str, str] | None:
    return asdict(held) if held else None


def _told(failed: CallFailed, before: str = "") -> dict[str, str]:
    return {
        "outcome": failed.outcome,
        "code": failed.code[:64],
        "message": f"{before}{failed.message}"[:1000],
    }


def _look_again(push: ContactPush) -> None:
    """Bring the facts of what was written up to date, with the role that reads."""
    push.refresh_from_db()
    if push.state in ContactPush.ACTIVE:
        return
    accounts = _written(push)
    connection = Connection.objects.filter(organization=push.organization).first()
    if not accounts or connection is None:
        return
    policy = load_policy()
    collector = account_service.contacts
    store.save([Observer(connection, row, policy).observe(collector, "") for row in accounts])
    contacts_pushed.send_robust(ContactPush, accounts=[row.pk for row in accounts])


def _written(push: ContactPush) -> Sequence[Account]:
    written = push.items.filter(writes__gt=0).order_by().values("account")
    return list(
        Account.objects.filter(pk__in=written).select_related("ou", "observed_organization")
    )
