"""What AWS's errors mean: the table of section 0.6 of the evidence rules."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.parsers import ResponseParserError

from collectors.aws.errors import MANY, ONCE, TWICE, classify
from collectors.outcomes import Outcome

SCP = (
    "User: arn:aws:sts::1:assumed-role/R/cairn is not authorized to perform: ec2:DescribeVpcs "
    "with an explicit deny in a service control policy"
)


def error(code: str, message: str = "", status: int = 400) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"},
    }
    return ClientError(answer, "DescribeVpcs")  # type: ignore[arg-type]  # a part is enough


@pytest.mark.parametrize(
    ("code", "message", "status", "is_regional", "outcome", "attempts"),
    [
        ("AccessDenied", "", 403, True, Outcome.ACCESS_DENIED, ONCE),
        ("UnauthorizedOperation", "", 403, True, Outcome.ACCESS_DENIED, ONCE),
        ("AuthorizationError", "", 403, False, Outcome.ACCESS_DENIED, ONCE),
        ("UnauthorizedException", "", 401, True, Outcome.ACCESS_DENIED, ONCE),
        ("UnauthorizedOperation", SCP, 403, True, Outcome.REGION_BLOCKED, ONCE),
        ("AccessDenied", SCP, 403, False, Outcome.ACCESS_DENIED, ONCE),
        ("OptInRequired", "", 401, True, Outcome.REGION_UNREACHABLE, ONCE),
        ("AuthFailure", "", 401, True, Outcome.REGION_UNREACHABLE, ONCE),
        ("UnrecognizedClientException", "", 403, True, Outcome.REGION_UNREACHABLE, ONCE),
        ("InvalidClientTokenId", "", 403, False, Outcome.ACCESS_DENIED, ONCE),
        ("ThrottlingException", "", 400, True, Outcome.THROTTLED, MANY),
        ("RequestLimitExceeded", "", 503, True, Outcome.THROTTLED, MANY),
        ("TooManyRequestsException", "", 429, False, Outcome.THROTTLED, MANY),
        ("InternalFailure", "", 500, True, Outcome.API_ERROR, MANY),
        ("500", "<html>", 500, True, Outcome.API_ERROR, TWICE),
        ("404", "<html>", 404, True, Outcome.API_ERROR, ONCE),
        ("ValidationException", "", 400, True, Outcome.API_ERROR, ONCE),
    ],
)
def test_answers(
    code: str, message: str, status: int, is_regional: bool, outcome: Outcome, attempts: int
) -> None:
    verdict = classify(error(code, message, status), is_regional=is_regional)
    assert (verdict.outcome, verdict.attempts) == (outcome, attempts)
    assert verdict.request_id == "r-1"
    assert "<html>" not in verdict.message


def test_a_page_of_html_is_an_error_of_the_api() -> None:
    verdict = classify(ResponseParserError("<html>"), is_regional=True)
    assert (verdict.outcome, verdict.attempts) == (Outcome.API_ERROR, TWICE)


def test_missing_own_credentials_are_said_plainly_and_blame_no_account() -> None:
    verdict = classify(NoCredentialsError(), is_regional=False)
    assert verdict.outcome == Outcome.API_ERROR
    assert "no AWS credentials of its own" in verdict.message


def test_a_service_without_a_name_in_the_region_is_unavailable_but_a_dead_network_is_not() -> None:
    unknown = EndpointConnectionError(
        endpoint_url="https://macie2.eu-west-9.amazonaws.com",
        error="Failed to resolve 'macie2.eu-west-9.amazonaws.com'",
    )
    known_host = classify(unknown, is_regional=True, sts_host="localhost")
    assert known_host.outcome == Outcome.SERVICE_UNAVAILABLE
    no_network = classify(unknown, is_regional=True, sts_host="sts.invalid")
    assert no_network.outcome == Outcome.API_ERROR
