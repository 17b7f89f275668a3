"""Wanting no mail of a kind: by a signed link without signing in, or on one's own page.

A token names one person and one kind, is signed for this purpose alone and ends. Whoever holds it
can switch that mail off for that person, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core import signing
from django.db import transaction
from django.urls import reverse

from inventory import audit
from inventory.audit import Event
from inventory.models import Message, Person, Unsubscription
from inventory.outbox.letters import Line

PURPOSE = "inventory.outbox.unsubscribe"
VALID_SECONDS = 90 * 24 * 3600

Kind = Message.Kind


class BadToken(Exception):
    """The token was not signed by this Cairn for this purpose, or has ended."""


def unsubscribe_path(person: Person, kind: Kind) -> str:
    token = signing.dumps([person.pk, kind.value], salt=PURPOSE)
    return reverse("inventory:unsubscribe", args=[token])


def read_token(token: str) -> tuple[Person, Kind]:
    """Raises BadToken."""
    try:
        pk, kind = signing.loads(token, salt=PURPOSE, max_age=VALID_SECONDS)
        return Person.objects.get(pk=pk), Kind(kind)
    except (signing.BadSignature, ValueError, TypeError, Person.DoesNotExist):
        raise BadToken from None


def unsubscribe(person: Person, kind: Kind) -> None:
    """Raises ValueError for a kind that nobody can switch off."""
    if kind not in Message.OPTIONAL:
        raise ValueError(f"{kind.label} cannot be switched off.")
    with transaction.atomic():
        _, is_new = Unsubscription.objects.get_or_create(person=person, kind=kind)
        if is_new:
            audit.record(Event.MAIL_CHOSEN, person, kind=kind, wanted=False)


def subscribe(person: Person, kind: Kind) -> None:
    with transaction.atomic():
        if Unsubscription.objects.filter(person=person, kind=kind).delete()[0]:
            audit.record(Event.MAIL_CHOSEN, person, kind=kind, wanted=True)


def wants(person: Person | None, kind: str) -> bool:
    if person is None or kind not in Message.OPTIONAL:
        return True
    return not Unsubscription.objects.filter(person=person, kind=kind).exists()


def footer(person: Person | None, kind: Kind) -> Sequence[Line]:
    if person is None or kind not in Message.OPTIONAL:
        return ()
    return (
        Line("Unsubscribe", unsubscribe_path(person, kind)),
        Line("Choose what you get", reverse("inventory:my_notifications")),
    )
