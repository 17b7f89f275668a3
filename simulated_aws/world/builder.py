"""Filling a world by AWS's own API: boto3 clients that call the application without a network.

The calls act as the root user of any account one names, which nobody can do over HTTP.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from simulated_aws import clients, moto_adjustments
from simulated_aws.application import ACTING_ACCOUNT, SimulatedAwsApplication
from simulated_aws.wire import Reply

HOME_REGION: Final = "us-east-1"
ENDPOINT: Final = "http://127.0.0.1"


class Builder:
    def __init__(self, application: SimulatedAwsApplication) -> None:
        self._application = application
        self._account = ""
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = clients.session_for({"AccessKeyId": "builder", "SecretAccessKey": "-"})
        events: Any = self._session.events
        events.register("before-send", self._send)

    def client(self, service: str, account: str, region: str = HOME_REGION) -> Any:
        """A client whose calls act in the account, until a client of another one is asked for."""
        self._account = account
        if (service, region) not in self._clients:
            self._clients[service, region] = clients.client(
                self._session, service, ENDPOINT, region
            )
        return self._clients[service, region]

    @contextmanager
    def identifier(self, chosen: str) -> Iterator[None]:
        """The id of the account or organizational unit created within."""
        moto_adjustments.IDENTIFIERS.chosen = chosen
        yield
        if moto_adjustments.IDENTIFIERS.chosen is not None:
            raise LookupError(f"Nothing took the identifier {chosen}.")

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """botocore's hook before a request is sent: an answer keeps it from being sent."""
        uri = str(request.url).removeprefix(ENDPOINT) or "/"
        path, _question_mark, query = uri.partition("?")
        environ = EnvironBuilder(
            method=request.method,
            base_url=ENDPOINT,
            path=path,
            query_string=query,
            headers=Headers([(str(k), _text(v)) for k, v in request.headers.items()]),
            data=_bytes(request.body),
        ).get_environ()
        environ["RAW_URI"] = uri
        environ[ACTING_ACCOUNT] = self._account
        reply = self._application.answer(environ)
        headers: Any = reply.headers
        return AWSResponse(request.url, reply.status, headers, _Raw(reply))


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _bytes(body: object) -> bytes:
    return bytes(body) if isinstance(body, bytes | bytearray) else str(body or "").encode()


class _Raw(io.BytesIO):
    """What botocore reads a response's body from."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body)

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()
