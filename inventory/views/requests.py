"""What views may rely on: a signed-in user, and htmx's headers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from inventory.models import User


class Request(HttpRequest):
    htmx: HtmxDetails
    user: User  # The views ask for a sign-in.


def wants_fragment(request: Request) -> bool:
    """Whether htmx asked; when it restores a page from history it needs the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def varies(response: HttpResponse) -> HttpResponse:
    """The same address answers with a page or with a part of it."""
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def ticked(sent: QueryDict) -> list[int]:
    """The keys of the rows that were ticked in a list."""
    return [int(key) for key in sent.getlist("row") if _is_key(key)]


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
