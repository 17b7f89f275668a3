"""The next digest, rehearsed: who would get one now, and how it would look. Nothing is queued."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from inventory import outbox
from inventory.access import Action, require
from inventory.models import Account, BouncingAddress, Message, Person
from inventory.outbox import Rendered
from inventory.outbox.unsubscribing import wants
from inventory.policy import Place, load_policy
from inventory.views.mail import framed
from inventory.views.requests import Request
from roadmap import digests
from roadmap.mail_rounds import rehearsed
from roadmap.models import MailRound

SAMPLES = 3
BUSY_SECONDS = 10  # What is not through by then is said to be left.
DIGEST = Message.Kind.DIGEST


@dataclass
class Rehearsal:
    """``without_address`` would get one and cannot; ``bouncing`` did not take their last mail;
    ``is_whole`` is whether everybody was looked at."""

    looked_at: int = 0
    recipients: int = 0
    nothing_new: int = 0
    unsubscribed: int = 0
    without_address: list[Person] = field(default_factory=list)
    bouncing: list[Person] = field(default_factory=list)
    samples: list[tuple[Person, Rendered]] = field(default_factory=list)
    is_whole: bool = False


@login_required
@require_GET
def next_digest(request: Request) -> HttpResponse:
    require(request.user, Action.MAIL)
    now = datetime.now(UTC)
    settings = load_policy().at(Place())
    context = {
        "rehearsal": rehearse(now),
        "now": now,
        "weekday": settings["DIGEST_WEEKDAY"],
        "hour": settings["MAIL_HOUR"],
        "zone": settings["MAIL_TIME_ZONE"],
        "last": MailRound.objects.filter(kind=DIGEST).first(),
        "nobodys": Account.objects.filter(contact_set=None, team__lead=None).count(),
    }
    return render(request, "roadmap/next_digest.html", context)


def rehearse(now: datetime) -> Rehearsal:
    found, until = Rehearsal(), time.monotonic() + BUSY_SECONDS
    bouncing = set(BouncingAddress.objects.values_list("address", flat=True))
    for person, letter in digests.letters(rehearsed(DIGEST, now)):
        if time.monotonic() > until:
            return found
        found.looked_at += 1
        if letter is None:
            found.unsubscribed += not wants(person, DIGEST)
            found.nothing_new += wants(person, DIGEST)
        elif not _is_address(person.email):
            found.without_address.append(person)
        else:
            found.recipients += 1
            if person.email in bouncing:
                found.bouncing.append(person)
            if len(found.samples) < SAMPLES:
                rendered = outbox.preview(letter, kind=DIGEST, person=person)
                found.samples.append((person, rendered))
    found.is_whole = True
    return found


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


@login_required
@require_GET
def sample(request: Request, pk: int) -> HttpResponse:
    """One person's next digest as HTML, for the frame of the page."""
    require(request.user, Action.MAIL)
    person = get_object_or_404(Person, pk=pk)
    letter = digests.letter(rehearsed(DIGEST, datetime.now(UTC)), person)
    if letter is None:
        raise Http404("There is nothing new for them.")
    return framed(outbox.preview(letter, kind=DIGEST, person=person).html)
