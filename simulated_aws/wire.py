"""From an HTTP request to a named AWS call, and from a boto3-shaped answer back to HTTP.

The shapes are botocore's service models; reading and writing them is moto's router, parsers and
serializers, which know all protocols. Nothing here knows what any operation means.
"""

from __future__ import annotations

import functools
import io
import json
import re
import uuid
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import (
    DefaultAttributePicker,
    SerializationContext,
    get_serializer_class,
)
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug.exceptions import NotFound

from simulated_aws.errors import AwsError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from simulated_aws.identity import Principal

# Most error codes of AWS are not in its service models, and moto warns of each.
warnings.filterwarnings("ignore", message=".* does not match an error shape")

CREDENTIAL: Final = re.compile(
    r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]*)/(?P<service>[^/]+)/aws4_request"
)
ACTION: Final = re.compile(rb"(?:^|&)Action=(\w+)")

# Where the name in the signature is not boto3's name of the client.
CLIENT_OF_SIGNING_NAME: Final = {
    "access-analyzer": "accessanalyzer",
    "monitoring": "cloudwatch",
    "elasticfilesystem": "efs",
    "sso": "sso-admin",
    "tagging": "resourcegroupstaggingapi",
    "states": "stepfunctions",
    "email": "ses",
}


@dataclass
class Call:
    """One request: who signed it, for which service and region, and what it asks."""

    environ: WSGIEnvironment
    body: bytes
    access_key_id: str
    service: str
    operation: str
    region: str
    uri_parameters: dict[str, Any] = field(default_factory=dict)
    principal: Principal | None = None

    @property
    def account(self) -> str:
        if self.principal is None:
            raise LookupError("The call has not been authenticated yet.")
        return self.principal.account

    @property
    def session_token(self) -> str | None:
        token: str | None = self.environ.get("HTTP_X_AMZ_SECURITY_TOKEN")
        return token

    @functools.cached_property
    def protocol(self) -> str:
        model = get_service_model(self.service)
        return determine_request_protocol(model, self.environ.get("CONTENT_TYPE"))

    @property
    def error_family(self) -> str:
        """Which of the tables of `errors` words this call's refusals."""
        if self.service in ("s3", "s3control"):
            return "s3"
        return "rest-json" if self.protocol == "rest-xml" else self.protocol

    @functools.cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The request's parameters under the names boto3 gives them."""
        operation = get_service_model(self.service).operation_model(self.operation)
        request = self.request()
        parsed: Mapping[str, Any] = PROTOCOL_PARSERS[self.protocol](operation, map_type=dict).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": self.uri_parameters,
            }
        )
        return parsed

    def request(self) -> BackendRequest:
        """A request object of its own, whose body nobody has read yet."""
        return BackendRequest(self.rewound())

    def rewound(self) -> WSGIEnvironment:
        """The environment with its body at the start again."""
        environ = {k: v for k, v in self.environ.items() if not k.startswith("werkzeug.request")}
        environ["wsgi.input"] = io.BytesIO(self.body)
        return environ


@dataclass(frozen=True)
class Reply:
    """then is called once the answer is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    then: Callable[[], object] | None = None

    @classmethod
    def of_json(cls, value: object, status: int = 200) -> Reply:
        body = json.dumps(value, default=str).encode()
        return cls(status, {"Content-Type": "application/json"}, body)


def read(environ: WSGIEnvironment) -> Call | None:
    """The call in a request, or None when it is not signed as calls of a known service are.

    An operation the service does not have is the empty string.
    """
    signature = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if not signature:
        return None
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    service = _client_name(signature["service"], environ["PATH_INFO"], body)
    try:
        get_service_model(service)
    except UnknownServiceError:
        return None
    call = Call(
        environ,
        body,
        access_key_id=signature["key"],
        service=service,
        operation="",
        region=signature["region"],
    )
    call.operation, call.uri_parameters = _operation(call)
    return call


def _client_name(signing_name: str, path: str, body: bytes) -> str:
    if signing_name == "s3":
        return "s3control" if path.startswith("/v20180820/") else "s3"
    if signing_name == "elasticloadbalancing":
        return "elb" if b"Version=2012-06-01" in body else "elbv2"
    return CLIENT_OF_SIGNING_NAME.get(signing_name, signing_name)


def _operation(call: Call) -> tuple[str, dict[str, Any]]:
    # The two cheap cases are most calls; the router below reads any request.
    target = call.environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rpartition(".")[2], {}
    action = ACTION.search(call.body)
    if action:
        return action[1].decode(), {}
    try:
        operation, parameters = get_service_router(call.service).match(call.request())
    except (NotFound, NotImplementedError):
        return "", {}
    return operation.name, parameters


def is_operation(call: Call) -> bool:
    return call.operation in get_service_model(call.service).operation_names


def reply(call: Call, outcome: Mapping[str, Any] | AwsError) -> Reply:
    """The HTTP answer for a boto3-shaped result, or for an error."""
    model = get_service_model(call.service)
    known = is_operation(call)
    request_id = str(uuid.uuid4())
    serializer = get_serializer_class(call.service, call.protocol)(
        operation_model=model.operation_model(
            call.operation if known else model.operation_names[0]
        ),
        context=SerializationContext(request_id),
        value_picker=DefaultAttributePicker(),
    )
    serialized = serializer.serialize(outcome)
    status = int(serialized["status_code"])
    if isinstance(outcome, AwsError):
        status = outcome.status or max(status, 400)
    body = serialized["body"]
    headers = {str(k): str(v) for k, v in serialized["headers"].items()}
    headers["x-amzn-RequestId"] = request_id
    return Reply(status, headers, body.encode() if isinstance(body, str) else body)
