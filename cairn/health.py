"""Is Cairn alive, and can it work? /healthz and /readyz, for load balancers and orchestrators.

A worker is alive when it was heard of lately; see ``record_heartbeat`` in cairn.celery.
"""

import logging
import os
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cairn.celery import HEARTBEAT_KEY, app

logger = logging.getLogger(__name__)

WORKER_SILENT_SECONDS = 60


class HealthMiddleware:
    """Answers the probes first of all, whatever Host header or scheme they come with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path_info == "/readyz":
            return ready()
        return self.get_response(request)


def ready() -> JsonResponse:
    """503 names the part that is missing; why it is goes to the log, not to strangers."""
    problems = {
        "database": database_problem(),
        "broker": broker_problem(),
        "worker": worker_problem(),
    }
    body = {part: problem or "ok" for part, problem in problems.items()}
    answer = JsonResponse(body, status=503 if any(problems.values()) else 200)
    # A probe asks every few seconds: Django would log each 503 as an error of its own.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def database_problem() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("database not ready", extra={"error": error})
        return "does not answer"
    return ""


def broker_problem() -> str:
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_in")
    if folder:
        return "" if os.access(folder, os.W_OK) else "its folder cannot be written"
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=3)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("broker not ready", extra={"error": error})
        return "does not answer"
    return ""


def worker_problem() -> str:
    try:
        last = cache.get(HEARTBEAT_KEY)
    except (RedisError, OSError) as error:
        logger.warning("cache not ready", extra={"error": error})
        return "unknown: the cache does not answer"
    if last is None:
        return "none has been heard of"
    age = time.time() - last
    return f"last heard of {age:.0f} s ago" if age > WORKER_SILENT_SECONDS else ""
