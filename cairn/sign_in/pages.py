"""Sign-ins and sessions: everybody's own, and for administrators those of others."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cairn.sign_in import second_factors, sessions
from cairn.sign_in.local import signs_in_locally
from inventory import audit
from inventory.access import Action, may, require
from inventory.audit import Event
from inventory.models import SignIn, User
from inventory.views.requests import Request

logger = logging.getLogger(__name__)

SHOWN = 30


@dataclass(frozen=True)
class Place:
    """Where somebody is signed in."""

    pk: int
    device: str
    address: str
    begun_at: datetime
    seen_at: datetime
    is_here: bool


@dataclass(frozen=True)
class Past:
    """A sign-in of the log."""

    sign_in: SignIn
    device: str


@login_required
@never_cache
@require_GET
def own(request: Request) -> HttpResponse:
    context = {**_of(request, request.user), "is_own": True}
    return render(request, "account/sign_ins.html", context)


@login_required
@never_cache
@require_GET
def of_person(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.PEOPLE)
    person = get_object_or_404(User, pk=pk)
    context = {
        **_of(request, person),
        "is_own": person == request.user,
        "identities": SocialAccount.objects.filter(user=person),
        "factors": Authenticator.objects.filter(user=person),
    }
    return render(request, "account/sign_ins_of.html", context)


def _of(request: Request, person: User) -> dict[str, Any]:
    here = request.session.session_key
    return {
        "person": person,
        "signs_in_locally": signs_in_locally(person),
        "places": [
            Place(
                session.pk,
                sessions.device(session.user_agent),
                session.ip,
                session.created_at,
                session.last_seen_at,
                session.session_key == here,
            )
            for session in sessions.open_sessions(person)
        ],
        "past": [
            Past(one, sessions.device(one.user_agent)) for one in person.sign_ins.all()[:SHOWN]
        ],
    }


@login_required
@require_POST
def end(request: Request, pk: int) -> HttpResponse:
    """End one session: one's own, or as an administrator anybody's."""
    visible = UserSession.objects.select_related("user")
    if not may(request.user, Action.PEOPLE):
        visible = visible.filter(user=request.user)
    session = get_object_or_404(visible, pk=pk)
    person = session.user
    is_here = session.session_key == request.session.session_key
    with transaction.atomic(), audit.written_last():
        audit.record(Event.SESSIONS_ENDED, person, number=1)
        session.end()
    if is_here:
        logout(request)
        return redirect("account_login")
    messages.success(request, "The session is ended.")
    return _back(request, person)


@login_required
@require_POST
def end_others(request: Request) -> HttpResponse:
    ended = sessions.end_all(request.user, besides=request.session.session_key or "")
    messages.success(request, f"{_sessions(ended)} ended. You are signed in only here now.")
    return redirect("sign_ins")


@login_required
@require_POST
def end_all_of(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.PEOPLE)
    person = get_object_or_404(User, pk=pk)
    here = (request.session.session_key or "") if person == request.user else ""
    ended = sessions.end_all(person, besides=here)
    logger.warning("sessions ended", extra={"user": person.email, "by": request.user.email})
    messages.success(request, f"{_sessions(ended)} of {person} ended.")
    return redirect("sign_ins_of", person.pk)


@login_required
@require_POST
def remove_second_factors(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.PEOPLE)
    person = get_object_or_404(User, pk=pk)
    if person.is_break_glass:
        messages.error(
            request, "A break-glass sign-in keeps its second factor. Take the mark away first."
        )
    else:
        second_factors.remove_all(person, by=request.user)
        messages.success(request, f"{person} has no second factor any more.")
    return redirect("sign_ins_of", person.pk)


@login_required
@require_POST
def untie(request: Request, pk: int, identity: int) -> HttpResponse:
    """Let a sign-in's address be tied to another identity of the provider."""
    require(request.user, Action.PEOPLE)
    tie = get_object_or_404(SocialAccount, pk=identity, user=pk)
    sessions.end_all(tie.user)
    logger.warning("identity untied", extra={"identity": tie.uid, "by": request.user.email})
    tie.delete()
    messages.success(
        request, "The identity is untied. The next one that proves the address takes its place."
    )
    return redirect("sign_ins_of", pk)


def _back(request: Request, person: User) -> HttpResponse:
    return redirect("sign_ins") if person == request.user else redirect("sign_ins_of", person.pk)


def _sessions(number: int) -> str:
    return "1 session is" if number == 1 else f"{number} sessions are"
