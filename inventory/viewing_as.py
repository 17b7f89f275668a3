"""Seeing Cairn as another person does: administrators, read-only, for half an hour.

The session says whom and until when; it stays the administrator's own. Pages are answered with the
other person as ``request.user`` and the administrator as ``request.viewer``. Nothing is written
meanwhile: requests that would are refused, and so is every statement that tries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from inventory.access import Action, Anyone, may, require, role_of
from inventory.audit import Event, Thing, record
from inventory.models import Role, User

FOR = timedelta(minutes=30)
SESSION_KEY = "view_as"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Pages of a person alone: how they sign in, their tokens; and Administration, which is no page of
# theirs to see.
PERSONAL = ("/auth/", "/tokens/", "/sign-ins/", "/notifications/mine/", "/admin/")
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE|REPLACE)\b", re.IGNORECASE)
# The session is the administrator's, and the log tells what they see.
_STILL_WRITTEN = re.compile(r'(INTO|UPDATE|FROM) "(django_session|inventory_auditentry)"')


@dataclass(frozen=True)
class View:
    """Whose pages are seen, and until when, in whole seconds."""

    person: int
    until: datetime
    last_page: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> View | None:
        kept = request.session.get(SESSION_KEY)
        if not kept:
            return None
        until = datetime.fromtimestamp(kept["until"], UTC)
        return cls(kept["person"], until, kept.get("last_page", ""))

    def keep(self, request: HttpRequest) -> None:
        request.session[SESSION_KEY] = {
            "person": self.person,
            "until": int(self.until.timestamp()),
            "last_page": self.last_page,
        }


def may_view_as(user: Anyone, person: User) -> bool:
    """Administrators may, as anybody who signs in and is no administrator."""
    if not may(user, Action.VIEW_AS) or user.pk == person.pk:
        return False
    return role_of(person) not in (None, Role.ADMIN)


def start(request: HttpRequest, person: User) -> None:
    """Raises PermissionDenied."""
    require(request.user, Action.VIEW_AS)
    if not may_view_as(request.user, person):
        raise PermissionDenied("You may view as people who sign in and are no administrators.")
    view = View(person.pk, datetime.now(UTC).replace(microsecond=0) + FOR)
    record(Event.VIEW_AS_STARTED, person, until=view.until.isoformat())
    view.keep(request)


def stop(request: HttpRequest, why: str = "") -> User | None:
    """End it; whom it was."""
    view = View.of(request)
    if view is None:
        return None
    person = User.objects.filter(pk=view.person).first()
    record(Event.VIEW_AS_STOPPED, person, **({"why": why} if why else {}))
    del request.session[SESSION_KEY]
    return person


class ViewAsMiddleware:
    """Stands last, around the views alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = View.of(request)
        if view is None:
            return self.get_response(request)
        if request.path in (reverse("inventory:view_as_stop"), reverse("account_logout")):
            return self.get_response(request)
        person = User.objects.filter(pk=view.person).first()
        if person is None or not may_view_as(request.user, person):
            return self._ended(request, "it is not allowed any more")
        if datetime.now(UTC) >= view.until:
            return self._ended(request, "its time was over")
        return self._seen_by(request, view, person)

    def _ended(self, request: HttpRequest, why: str) -> HttpResponseBase:
        """What was sent from a page of the other person is not done in one's own name."""
        stop(request, why)
        if request.method not in SAFE:
            raise PermissionDenied(
                f"You no longer see Cairn as another person: {why}. Nothing was changed."
            )
        return self.get_response(request)

    def _seen_by(self, request: HttpRequest, view: View, person: User) -> HttpResponseBase:
        viewer = request.user
        request.viewer, request.view_as_until = viewer, view.until  # type: ignore[attr-defined]  # for templates and the audit log
        request.user = person
        if request.method not in SAFE:
            raise PermissionDenied(
                f"You see Cairn as {person} does, and only look. Stop viewing to change something."
            )
        if request.path.startswith(PERSONAL):
            raise PermissionDenied(f"This page is {person}’s alone. Stop viewing to see your own.")
        with connection.execute_wrapper(_refuse_writes):
            response = self.get_response(request)
        page = request.get_full_path()[:300]
        # What asks for itself again and again is told once.
        if response.status_code < 400 and page != view.last_page:
            record(Event.VIEW_AS_PAGE, Thing("page", page, page))
            View(view.person, view.until, page).keep(request)
        return response


def _refuse_writes(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    if _WRITES.match(sql) and not _STILL_WRITTEN.search(sql):
        raise PermissionDenied("You only look as another person. Stop viewing to change something.")
    return execute(sql, params, many, context)
