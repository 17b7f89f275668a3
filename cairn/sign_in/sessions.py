"""Sessions: how old and how idle one may grow, how many a person may have, and ending them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from inventory import audit
from inventory.audit import Event
from inventory.models import User

BEGUN, SEEN = "begun_at", "seen_at"
NOTE_SECONDS = 60  # Being there is written down once a minute, not at every request.

BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Opera", r"OPR/"),
    ("Chrome", r"Chrome/|Chromium/|CriOS/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux"),
)


class SessionLimits:
    """Signs out whoever comes with a session that is too old, or was left alone for too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            self._look_at(request)
        return self.get_response(request)

    def _look_at(self, request: HttpRequest) -> None:
        now = int(time.time())
        session = request.session
        if BEGUN not in session:
            begin(request)
        elif (
            now - session[BEGUN] > settings.SESSION_COOKIE_AGE
            or now - session[SEEN] > settings.SESSION_IDLE_SECONDS
        ):
            UserSession.objects.filter(session_key=session.session_key).delete()
            logout(request)
        elif now - session[SEEN] >= NOTE_SECONDS:
            session[SEEN] = now
            UserSession.objects.create_from_request(request)


def begin(request: HttpRequest, **_: Any) -> None:
    """Receives Django's signal that somebody signed in."""
    request.session[BEGUN] = request.session[SEEN] = int(time.time())


def open_sessions(user: User) -> list[Any]:
    """A person's sessions, the last used first."""
    found = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: (session.last_seen_at, session.pk), reverse=True)


def keep_newest(user: User) -> None:
    """Called while signing in, when the newest session is not stored yet and would count as dead:
    so this looks at the rows alone, which have just been cleared of those that ended."""
    newest = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")
    for session in newest[settings.SESSIONS_PER_PERSON :]:
        session.end()


def end_all(user: User, *, besides: str = "") -> int:
    """End a person's sessions, but for the one with this key. Returns how many there were."""
    ended = [session for session in open_sessions(user) if session.session_key != besides]
    with transaction.atomic(), audit.written_last():
        if ended:
            audit.record(Event.SESSIONS_ENDED, user, number=len(ended))
        for session in ended:
            session.end()
    return len(ended)


def device(user_agent: str) -> str:
    """ "Firefox on Windows", as far as the browser tells."""
    browser = next((name for name, sign in BROWSERS if re.search(sign, user_agent)), "")
    system = next((name for name, sign in SYSTEMS if re.search(sign, user_agent)), "")
    return " on ".join(part for part in (browser, system) if part) or "Unknown device"
