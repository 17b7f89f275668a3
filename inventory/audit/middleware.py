"""Lets the audit log know the request that is being answered."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from inventory.audit.acting import answering
from inventory.audit.recording import phones_together


class AuditMiddleware:
    """Stands after authentication. An answer is given only once its reads are recorded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with answering(request), phones_together():
            return self.get_response(request)
