"""What AWS's errors mean: section 0.6 of the evidence rules, decided here and nowhere else."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from botocore import exceptions
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from collectors.outcomes import Missing, Outcome

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedException",
        "UnauthorizedOperation",
        "Client.UnauthorizedOperation",
        "NotAuthorized",
        "403",
    }
)
# In one Region only: the Region is not enabled there, or does not know the credentials yet.
REGION_AUTH = frozenset(
    {
        "AuthFailure",
        "InvalidClientTokenId",
        "NotOptedInException",
        "OptInRequired",
        "UnrecognizedClientException",
    }
)
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
THROTTLING = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "429",
    }
)
TRANSIENT = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InternalServiceError",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Unavailable",
        "502",
        "503",
        "504",
    }
)
SCP_DENY = "explicit deny in a service control policy"

MANY = 10  # attempts, where waiting helps
TWICE = 2  # attempts, where an odd answer may have been an accident
ONCE = 1


class CallFailed(Missing):
    """A call to AWS that gave no answer; ``code`` is AWS's error code or the exception's name."""

    def __init__(
        self, outcome: Outcome, message: str, code: str = "", request_id: str = ""
    ) -> None:
        super().__init__(outcome, message)
        self.code = code
        self.request_id = request_id


class WrongIdentity(CallFailed):
    """Credentials that answer for another account than the one they were made for."""


@dataclass(frozen=True)
class Verdict:
    """``attempts``: how often such a call may be tried in all."""

    outcome: Outcome
    code: str
    message: str
    attempts: int = ONCE
    request_id: str = ""


ERRORS = (ClientError, BotoCoreError, ResponseParserError)


def classify(error: Exception, *, is_regional: bool, sts_host: str = "") -> Verdict:
    """The verdict on an error of botocore; ``sts_host`` is the same Region's STS endpoint."""
    if isinstance(error, ClientError):
        return _answered(error, is_regional=is_regional)
    code = type(error).__name__
    if isinstance(error, ResponseParserError):
        message = "AWS answered with a page that is no answer of this operation."
        return Verdict(Outcome.API_ERROR, code, message, TWICE)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        message = "Cairn has no AWS credentials of its own; give the workers a role or a profile."
        return Verdict(Outcome.API_ERROR, code, message)
    if isinstance(error, EndpointConnectionError) and _has_no_endpoint(error, sts_host):
        message = "The service has no endpoint in this Region."
        return Verdict(Outcome.SERVICE_UNAVAILABLE, code, message, TWICE)
    if isinstance(error, exceptions.ConnectionError | HTTPClientError):
        return Verdict(Outcome.API_ERROR, code, f"No connection to AWS: {error}", MANY)
    return Verdict(Outcome.API_ERROR, code, str(error))


def _answered(error: ClientError, *, is_regional: bool) -> Verdict:
    answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    text = answer.get("Error", {}).get("Message", "")
    metadata = answer.get("ResponseMetadata", {})
    request_id = metadata.get("RequestId", "")
    status = metadata.get("HTTPStatusCode", 0)
    message = f"{code}: {text}" if text else code
    if code.isdigit():  # The body was a page of HTML, not an answer.
        message = f"HTTP status {code} instead of an answer of this operation"

    def verdict(outcome: Outcome, attempts: int = ONCE) -> Verdict:
        return Verdict(outcome, code, message, attempts, request_id)

    if code in DENIED:
        blocked = is_regional and SCP_DENY in text
        return verdict(Outcome.REGION_BLOCKED if blocked else Outcome.ACCESS_DENIED)
    if code in REGION_AUTH:
        return verdict(Outcome.REGION_UNREACHABLE if is_regional else Outcome.ACCESS_DENIED)
    if code in EXPIRED:
        return verdict(Outcome.ACCESS_DENIED, TWICE)
    if code in THROTTLING:
        return verdict(Outcome.THROTTLED, MANY)
    if code in TRANSIENT:
        return verdict(Outcome.API_ERROR, MANY)
    return verdict(Outcome.API_ERROR, TWICE if status >= 500 else ONCE)


def _has_no_endpoint(error: EndpointConnectionError, sts_host: str) -> bool:
    """Whether the name of the endpoint is unknown while the Region's STS has one.

    A network that is down must not look like a service that AWS does not offer: rules take the
    latter for "not applicable".
    """
    if not sts_host or "resolve" not in str(error.kwargs.get("error", "")).lower():
        return False
    try:
        socket.getaddrinfo(sts_host, 443)
    except OSError:
        return False
    return True
