"""The server's own interface under /_sim/: what no AWS call can do to the world.

GET    /_sim/health        {"generation": n}; n is another one after a reset
GET    /_sim/world         who is who: keys, roles, accounts, and what each demonstrates
GET    /_sim/calls         counted calls; DELETE forgets them
GET    /_sim/answers       canned answers; POST adds one or a list, DELETE /_sim/answers/<id>
POST   /_sim/backdate      dates and states moto lets nobody set (see `backdating`)
POST   /_sim/expire-sessions   credentials of assumed roles are refused from now on
POST   /_sim/latency       {"ms": n} before every answer
POST   /_sim/reset         the world as it was at the start, in milliseconds
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from simulated_aws.answers import CANNED, CannedAnswer
from simulated_aws.backdating import backdate
from simulated_aws.call_log import CALLS
from simulated_aws.identity import expire_sessions
from simulated_aws.wire import Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# The exit status by which a serving process asks for a fresh copy of the world.
RESET_STATUS: Final = 75


class Control:
    def __init__(self, world: Mapping[str, Any], latency_ms: float) -> None:
        self.world = world
        self.latency_ms = latency_ms
        self.routes: Mapping[tuple[str, str], Callable[[Any, str], object]] = {
            ("GET", "health"): lambda _body, _id: {"generation": os.getpid()},
            ("GET", "world"): lambda _body, _id: self.world,
            ("GET", "calls"): lambda _body, _id: CALLS.listed(),
            ("DELETE", "calls"): lambda _body, _id: CALLS.clear(),
            ("GET", "answers"): lambda _body, _id: CANNED.listed(),
            ("POST", "answers"): _add_answers,
            ("DELETE", "answers"): lambda _body, id_: {"removed": CANNED.remove(int(id_))},
            ("POST", "backdate"): lambda body, _id: backdate(**body),
            ("POST", "expire-sessions"): lambda _body, _id: expire_sessions(),
            ("POST", "latency"): self._set_latency,
        }

    def answer(self, environ: WSGIEnvironment) -> Reply:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if (method, path) == ("POST", "/_sim/reset"):
            last_words = Reply.of_json({"generation": os.getpid()})
            return replace(last_words, then=lambda: os._exit(RESET_STATUS))
        name, _, id_ = path.removeprefix("/_sim/").partition("/")
        route = self.routes.get((method, name))
        if route is None:
            return Reply.of_json({"error": f"There is no {method} {path}."}, 404)
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            return Reply.of_json(route(json.loads(raw or b"{}"), id_))
        except (KeyError, LookupError, TypeError, ValueError) as error:
            return Reply.of_json({"error": f"{type(error).__name__}: {error}"}, 400)

    def _set_latency(self, body: Mapping[str, float], _id: str) -> None:
        self.latency_ms = float(body["ms"])


def _add_answers(body: Any, _id: str) -> dict[str, list[int]]:
    items = body if isinstance(body, list) else [body]
    return {"ids": [CANNED.add(CannedAnswer(**item)) for item in items]}
