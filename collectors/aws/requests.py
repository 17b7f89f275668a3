"""One request to AWS: its turn under the rate limit, its credentials, and another try where one
may help. Everything Cairn sends goes through ``send``."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.client import BaseClient
from botocore.credentials import ReadOnlyCredentials

from collectors.aws import clients
from collectors.aws.errors import ERRORS, EXPIRED, CallFailed, Verdict, classify
from collectors.limits import Limit, wait_for_turn
from collectors.outcomes import Outcome

LONGEST_PAUSE = 20.0  # seconds between two tries


@dataclass
class Patience:
    """How long all tries of one call may take together, in seconds."""

    seconds: float = 120.0
    first_pause: float = 0.5


PATIENCE = Patience()


def send(
    client: BaseClient,
    name: str,
    params: dict[str, Any],
    *,
    limit: Limit,
    credentials: Callable[[bool], ReadOnlyCredentials] | None,
    is_regional: bool,
    absent: tuple[str, ...] = (),
    is_write: bool = False,
) -> dict[str, Any]:
    """AWS's answer. Raises CallFailed.

    ``credentials`` gives the caller's, new ones when asked with True; without it the process's
    own are used. An error code of ``absent`` is an answer and is not tried again. Nor is a write,
    unless AWS refused to look at it: whoever sent it must first look what became of it.
    """
    deadline = time.monotonic() + PATIENCE.seconds
    attempt = 0
    renew = False
    while True:
        attempt += 1
        keys = credentials(renew) if credentials else None
        wait_for_turn(limit)
        try:
            return _send_as(client, name, params, keys)
        except ERRORS as error:
            verdict = classify(error, is_regional=is_regional, sts_host=_sts_host(client))
        pause = random.uniform(0, min(LONGEST_PAUSE, PATIENCE.first_pause * 2**attempt))  # noqa: S311  (jitter, no secret)
        renew = verdict.code in EXPIRED
        may_help = not is_write or renew or verdict.outcome == Outcome.THROTTLED
        is_last = attempt >= verdict.attempts or time.monotonic() + pause > deadline
        if verdict.code in absent or is_last or not may_help:
            raise _failed(verdict, client, name, attempt)
        time.sleep(pause)


def _send_as(
    client: BaseClient, name: str, params: dict[str, Any], keys: ReadOnlyCredentials | None
) -> dict[str, Any]:
    method = getattr(client, name)
    if keys is None:
        return dict(method(**params))
    before = clients.current.set(keys)
    try:
        return dict(method(**params))
    finally:
        clients.current.reset(before)


def _failed(verdict: Verdict, client: BaseClient, name: str, attempt: int) -> CallFailed:
    service = client.meta.service_model.service_name
    tries = f" (tried {attempt} times)" if attempt > 1 else ""
    message = f"{service}.{name}: {verdict.message}{tries}"
    return CallFailed(verdict.outcome, message, verdict.code, verdict.request_id)


def _sts_host(client: BaseClient) -> str:
    """Empty where the endpoint is not AWS's own, so that nothing can be said of the Region."""
    host = urlsplit(client.meta.endpoint_url).hostname or ""
    for suffix in clients.AWS_HOSTS:
        if host.endswith(suffix):
            return f"sts.{client.meta.region_name}{suffix}"
    return ""
