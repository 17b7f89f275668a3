"""Whose an account is: owners confirm it, correct it, or say that it is another's.

    confirm(user, account, {"deputy": "bob@example.com"})     # yes, but change this
    disown(user, account, "carol@example.com", "Moved to Search.")
    take_over(carol, hand_over)

Each is one change set. Who is named as the real owner is asked, and becomes it by saying yes; what
nobody takes waits for security.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from inventory import audit
from inventory.access import Action, Anyone, link_person, may_edit_cell, require
from inventory.audit import Event
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, Column, ContactOf, columns_of
from inventory.filters import is_confirmed
from inventory.kinds import CellError
from inventory.models import (
    Account,
    ChangeSet,
    Contact,
    ContactRole,
    HandOver,
    Origin,
    Person,
    RowChange,
    User,
)
from inventory.models.accounts import AccountQuerySet
from inventory.policy import Place, Policy

State = HandOver.State
SOURCE = "Ownership"


def contact_columns() -> list[Column]:
    """The contacts of an account, the owner first."""
    return [column for column in columns_of(ACCOUNTS) if isinstance(column.stored, ContactOf)]


def owned_by(user: Anyone) -> AccountQuerySet:
    """The accounts whose owner the user is."""
    person = getattr(user, "person_id", None)
    if person is None:
        return Account.objects.none()
    owned = Contact.objects.filter(role=ContactRole.OWNER, person=person)
    visible = Account.objects.visible_to(user)
    return visible.filter(pk__in=owned.values("account"), closed_on=None)


def to_confirm(user: Anyone) -> AccountQuerySet:
    """Those that the user owns and has not confirmed, or not for too long; not those that they
    said are another's."""
    open_ones = HandOver.objects.filter(state=State.OPEN).values("account")
    return owned_by(user).exclude(is_confirmed()).exclude(pk__in=open_ones)


def confirmed_until(account: Account, policy: Policy) -> datetime | None:
    if account.confirmed_at is None:
        return None
    organization = account.observed_organization
    place = Place(organization=organization.organization_id if organization else "")
    return account.confirmed_at + timedelta(days=policy.at(place)["OWNER_CONFIRM_DAYS"])


def confirm(
    user: User, account: Account, values: Mapping[str, str] | None = None
) -> ChangeSet | None:
    """Say that what the sheet holds of the account is right, once ``values`` are changed.

    Raises PermissionDenied; ValidationError where nobody is the owner; Refused and Conflicts.
    """
    require(user, Action.CONFIRM)
    changed = dict(values or {})
    columns = {column.name: column for column in columns_of(ACCOUNTS)}
    for name in changed:
        if not may_edit_cell(user, columns[name]):
            raise PermissionDenied(f"Your role may not change {columns[name].label.lower()}.")
    owned = Contact.objects.filter(account=account, role=ContactRole.OWNER).exists()
    if not changed.get("owner", owned):
        raise ValidationError("Name an owner first; then the account can be confirmed.")
    if user.person is None:
        link_person(user)
    said = {
        "confirmed_at": datetime.now(UTC).replace(microsecond=0),
        "confirmed_by": user.email.lower(),
    }
    return write(
        [Edit(ACCOUNTS, account.key, {**changed, **said})],
        origin=Origin.EDIT,
        source=SOURCE,
        message="Confirmed",
        user=user,
    )


def disown(user: User, account: Account, whose: str = "", note: str = "") -> HandOver:
    """Say that the account is not one's own. ``whose`` is the address of who should have it.

    Raises PermissionDenied, and ValidationError for an address that is none, or one's own.
    """
    require(user, Action.CONFIRM)
    suggested = _person(user, whose)
    with transaction.atomic(), audit.written_last():
        write(
            [Edit(ACCOUNTS, account.key, {"confirmed_at": ""})],
            origin=Origin.EDIT,
            source=SOURCE,
            message=f"{user} says that it is another's",
            user=user,
        )
        before = HandOver.objects.filter(account=account, state=State.OPEN).first()
        said, _ = HandOver.objects.update_or_create(
            account=account,
            state=State.OPEN,
            defaults={
                "said_by": user,
                "suggested": suggested,
                "note": note.strip()[:500] or (before.note if before else ""),
                "refused_by": None,
                "refusal": "",
            },
        )
        audit.record(Event.DISOWNED, account, whose=suggested.email if suggested else "not said")
    return said


def _person(user: User, address: str) -> Person | None:
    """Whoever has that address; somebody nobody knows is made when they take it over only."""
    owner = contact_columns()[0]
    try:
        email = str(owner.kind.clean(address))
    except CellError as error:
        raise ValidationError({"whose": str(error)}) from None
    if not email:
        return None
    if email == user.email.lower():
        raise ValidationError({"whose": "That is you. Say whose it is, or leave it empty."})
    found = Person.objects.filter(email=email).first()
    if found is None:
        raise ValidationError(
            {"whose": f"Nobody here has the address {email}. Leave it empty, and say who in words."}
        )
    if found.left_on:
        raise ValidationError({"whose": f"{found} left on {found.left_on:%Y-%m-%d}."})
    return found


def offered_to(user: Anyone) -> QuerySet[HandOver]:
    """Accounts of which somebody said that they are the user's."""
    person = getattr(user, "person_id", None)
    offers = HandOver.objects.filter(state=State.OPEN, suggested=person or 0)
    return offers.select_related("account", "said_by").order_by("said_at")


def take_over(user: User, offer: HandOver) -> ChangeSet | None:
    """Become the owner. Raises PermissionDenied, and ValidationError if it is not offered any
    more."""
    _require_offered(user, offer)
    return confirm(user, offer.account, {"owner": user.email.lower()})


def refuse(user: User, offer: HandOver, note: str) -> None:
    """It is not theirs either, so it waits for security. Raises as ``take_over``."""
    _require_offered(user, offer)
    with transaction.atomic():
        HandOver.objects.filter(pk=offer.pk, state=State.OPEN).update(
            suggested=None, refused_by=user.person_id, refusal=note.strip()[:500]
        )
        audit.record(Event.OFFER_REFUSED, offer.account)


def _require_offered(user: User, offer: HandOver) -> None:
    current = HandOver.objects.filter(pk=offer.pk).first()
    if current is None or user.person_id is None or current.suggested_id != user.person_id:
        raise PermissionDenied("This account was not offered to you.")
    if current.state != State.OPEN:
        raise ValidationError(f"It is settled already: {current.get_state_display().lower()}.")


def change_set_applied(
    sender: type[ChangeSet], change_set: ChangeSet, keys: Mapping[str, Any], **_: Any
) -> None:
    """A new owner, or a confirmation, settles what was open about an account."""
    if "account" not in keys:
        return
    open_ones = HandOver.objects.filter(state=State.OPEN).select_related("account", "suggested")
    waiting = {offer.account.key: offer for offer in open_ones}
    if not waiting:
        return
    written = RowChange.objects.filter(
        change_set=change_set, sheet=ACCOUNTS.name, key__in=list(waiting)
    )
    for change in written:
        if state := _settled(change.cells, waiting[change.key]):
            HandOver.objects.filter(pk=waiting[change.key].pk).update(
                state=state, closed_at=datetime.now(UTC)
            )


def _settled(cells: Mapping[str, Any], offer: HandOver) -> State | None:
    if "owner" in cells and cells["owner"][1]:
        is_suggested = offer.suggested and offer.suggested.email == cells["owner"][1]
        return State.TAKEN if is_suggested else State.REASSIGNED
    if "confirmed_at" in cells and cells["confirmed_at"][1]:
        return State.KEPT
    return None
