"""Errors as AWS words them: the same refusal has another code in each protocol.

The codes and texts are those of the services' API references ("Common Errors"); EC2, S3 and the
query, JSON and REST protocols each have their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# moto looks for the service's error model by the module of the exception's class, so this class
# has to live outside of moto's own modules.
from moto.core.exceptions import ServiceException


class AwsError(ServiceException):
    """An error answer; status None leaves the HTTP status to the service's model."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(code, message)
        self.status = status


def _by_family(codes: Mapping[str, tuple[str, int]], family: str, message: str) -> AwsError:
    code, status = codes[family]
    return AwsError(code, message, status)


_DENIED: Final = {
    "ec2": ("UnauthorizedOperation", 403),
    "s3": ("AccessDenied", 403),
    "query": ("AccessDenied", 403),
    "json": ("AccessDeniedException", 400),
    "rest-json": ("AccessDeniedException", 403),
}
_INVALID_CREDENTIALS: Final = {
    "ec2": ("AuthFailure", 401),
    "s3": ("InvalidAccessKeyId", 403),
    "query": ("InvalidClientTokenId", 403),
    "json": ("UnrecognizedClientException", 400),
    "rest-json": ("UnrecognizedClientException", 403),
}
_EXPIRED: Final = {
    "ec2": ("RequestExpired", 400),
    "s3": ("ExpiredToken", 400),
    "query": ("ExpiredToken", 403),
    "json": ("ExpiredTokenException", 400),
    "rest-json": ("ExpiredTokenException", 403),
}
_THROTTLED: Final = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "query": ("Throttling", 400),
    "json": ("ThrottlingException", 400),
    "rest-json": ("TooManyRequestsException", 429),
}


def denied(family: str, message: str) -> AwsError:
    return _by_family(_DENIED, family, message)


def invalid_credentials(family: str) -> AwsError:
    message = {
        "ec2": "AWS was not able to validate the provided access credentials",
        "s3": "The AWS Access Key Id you provided does not exist in our records.",
    }.get(family, "The security token included in the request is invalid.")
    return _by_family(_INVALID_CREDENTIALS, family, message)


def expired(family: str) -> AwsError:
    return _by_family(_EXPIRED, family, "The security token included in the request is expired")


def throttled(family: str) -> AwsError:
    return _by_family(_THROTTLED, family, "Rate exceeded")
