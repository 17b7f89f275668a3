"""Who is acting, by what means and from where: as the request that is being answered says, else the
worker's task, else the command line."""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from allauth.account.adapter import get_adapter
from celery import current_app
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from inventory.models import Via

_answered: ContextVar[HttpRequest | None] = ContextVar("_answered", default=None)


@dataclass(frozen=True)
class Acting:
    """``actor`` is an e-mail address, on the command line the name of the system's user.

    ``seen_as`` is the person whose pages an administrator looks at; ``means`` tells the sessions,
    tokens, tasks and commands of one actor apart, and opens none of them.
    """

    via: Via
    actor: str = ""
    means: str = ""
    address: str = ""
    seen_as: str = ""


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Whatever is done within is done for this request."""
    before = _answered.set(request)
    try:
        yield
    finally:
        _answered.reset(before)


def acting() -> Acting:
    request = _answered.get()
    if request is not None:
        return _asking(request)
    if (task := current_app.current_worker_task) is not None:
        return Acting(Via.CAIRN, means=str(task.name))
    return Acting(Via.COMMAND, *_operator(), address=socket.gethostname())


def _asking(request: HttpRequest) -> Acting:
    user, address = request.user, address_of(request)
    if not user.is_authenticated:
        return Acting(Via.STRANGER, address=address)
    # The REST framework hands on who a token belongs to, and the token.
    if token := getattr(request, "auth", None):
        return Acting(Via.TOKEN, user.email, f"{token.token_key}…", address)
    viewer = getattr(request, "viewer", None)
    return Acting(
        Via.SESSION,
        viewer.email if viewer else user.email,
        _fingerprint(request.session.session_key or ""),
        address,
        seen_as=user.email if viewer else "",
    )


def address_of(request: HttpRequest) -> str:
    """The caller's address behind TRUSTED_PROXY_COUNT proxies, as the limits on sign-ins see it;
    empty where the proxies did not say."""
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""


def _fingerprint(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:12] if session_key else ""


@lru_cache
def _operator() -> tuple[str, str]:
    """The system's user and the command, such as ("deploy", "manage.py import_accounts")."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # A container's user need not have a name.
        name = str(os.getuid())
    return name, " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
