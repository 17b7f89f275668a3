"""The simulated AWS: who calls, may they, and who answers (canned, our own function, moto)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import Flask
from moto.core.exceptions import ServiceException
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from simulated_aws import authorization, identity, regions, wire
from simulated_aws.answers import CANNED, FUNCTIONS, Result
from simulated_aws.call_log import CALLS
from simulated_aws.control import Control
from simulated_aws.errors import AwsError, invalid_credentials
from simulated_aws.wire import Call, Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger(__name__)

# Set in process only, by the builder of a world: a header of a request cannot make such a key.
ACTING_ACCOUNT: Final = "simulated_aws.acting_account"


class SimulatedAwsApplication:
    def __init__(self, world: Mapping[str, Any], latency_ms: float = 0) -> None:
        self.moto = DomainDispatcherApplication(_create_backend)
        self.control = Control(world, latency_ms)

    def delay(self) -> float:
        return self.control.latency_ms / 1000

    def answer(self, environ: WSGIEnvironment) -> Reply:
        if environ["PATH_INFO"].startswith("/_sim/"):
            return self.control.answer(environ)
        call = wire.read(environ)
        if call is None:
            return Reply.of_json({"Message": "Missing Authentication Token"}, 403)
        try:
            reply = self._outcome(call)
        except AwsError as error:
            CALLS.record(call, error.code)
            return wire.reply(call, error)
        except Exception:
            # Whatever broke, the client gets what AWS answers then.
            log.exception("%s.%s could not be answered", call.service, call.operation)
            CALLS.record(call, "InternalFailure")
            return wire.reply(call, AwsError("InternalFailure", "The simulation failed.", 500))
        CALLS.record(call, None if reply.status < 400 else str(reply.status))
        return reply

    def _outcome(self, call: Call) -> Reply:
        if not wire.is_operation(call):
            raise AwsError(
                "UnknownOperationException", f"{call.service} has no such operation.", 404
            )
        acting = call.environ.get(ACTING_ACCOUNT)
        if acting:
            call.principal = identity.root_of(acting)
        else:
            result = self._admit(call)
            if result is not None:
                return wire.reply(call, result)
        function = FUNCTIONS.get((call.service, call.operation))
        result = function(call) if function else None
        return self._by_moto(call) if result is None else wire.reply(call, result)

    @staticmethod
    def _admit(call: Call) -> Result | None:
        """A canned result, or None for a caller who may go on; every refusal is raised."""
        call.principal = identity.authenticate(call)
        if not regions.is_enabled(call.account, call.region):
            raise invalid_credentials(call.error_family)
        canned = CANNED.take(call)
        if isinstance(canned, AwsError):
            raise canned
        if canned is None:
            authorization.check(call, call.principal)
        return canned

    def _by_moto(self, call: Call) -> Reply:
        environ = call.rewound()
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> object:
            started.append((status, headers))
            return lambda _: None

        try:
            body = b"".join(self.moto(environ, start))
        except NotImplementedError as error:
            raise _not_simulated(call) from error
        except ServiceException as error:
            raise AwsError(error.code, error.message) from error
        status, headers = started[0]
        # moto answers an HTML page for what it lacks; botocore cannot read that.
        if body.startswith((b"<!doctype html", b"<!DOCTYPE html")):
            raise _not_simulated(call)
        dropped = ("content-length", "status")
        kept = {k: str(v) for k, v in headers if k.lower() not in dropped}
        return Reply(int(status.split()[0]), kept, body)


def _create_backend(name: str | None) -> Flask:
    if name is None:
        raise NotImplementedError
    return create_backend_app(name)  # type: ignore[arg-type]  # a name that moto has found


def _not_simulated(call: Call) -> AwsError:
    return AwsError(
        "NotImplemented", f"The simulated AWS does not answer {call.service}:{call.operation}.", 501
    )
