"""What the organization's policies of the newer kinds come to in one account."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.organizations import (
    AISERVICES_OPT_OUT_POLICY,
    GUARDDUTY_POLICY,
    S3_POLICY,
    effective_policies,
)
from collectors.services.organizations.effective import EFFECTIVE as EFFECTIVE_TYPES
from tests.collectors.services.canned import (
    ACCOUNT,
    Answers,
    Refusal,
    by,
    collect,
    thinned,
)

UPDATED = datetime(2026, 11, 1, tzinfo=UTC)
OPT_OUT = {"services": {"default": {"opt_out_policy": "optOut"}}}
NOT_FOUND = Refusal("EffectivePolicyNotFoundException")
DENIED = Refusal()
EFFECTIVE = {
    "EffectivePolicy": {
        "PolicyContent": json.dumps(OPT_OUT),
        "LastUpdatedTimestamp": UPDATED,
        "TargetId": ACCOUNT,
        "PolicyType": AISERVICES_OPT_OUT_POLICY,
    }
}
NO_ERRORS: dict[str, Any] = {
    "list_effective_policy_validation_errors": {"EffectivePolicyValidationErrors": []}
}


def answers(ai: Any = EFFECTIVE, s3: Any = NOT_FOUND, guardduty: Any = NOT_FOUND) -> Answers:
    none_of_the_rest = dict.fromkeys(EFFECTIVE_TYPES, NOT_FOUND)
    found = {AISERVICES_OPT_OUT_POLICY: ai, S3_POLICY: s3, GUARDDUTY_POLICY: guardduty}
    found = none_of_the_rest | found
    return {"describe_effective_policy": by("PolicyType", found), **NO_ERRORS}


def test_it_maps_each_type_to_what_applies() -> None:
    found = collect(effective_policies, answers())

    assert found.content(AISERVICES_OPT_OUT_POLICY) == OPT_OUT
    assert found.get(AISERVICES_OPT_OUT_POLICY).last_updated_timestamp == UPDATED
    assert found.content(S3_POLICY) is None


@pytest.mark.parametrize(
    "code",
    [
        "EffectivePolicyNotFoundException",
        "AWSOrganizationsNotInUseException",
        "InvalidInputException",
        "UnsupportedAPIEndpointException",
    ],
)
def test_a_policy_that_is_not_there_is_a_fact(code: str) -> None:
    assert collect(effective_policies, answers(ai=Refusal(code))).content(S3_POLICY) is None


def test_it_keeps_what_aws_found_wrong_with_the_policies() -> None:
    wrong = {"ErrorCode": "ELEMENTS_TOO_DEEP", "ErrorMessage": "Too deep."}
    errors = {"EffectivePolicyValidationErrors": [wrong]}

    found = collect(
        effective_policies, {**answers(), "list_effective_policy_validation_errors": errors}
    )

    assert found.get(AISERVICES_OPT_OUT_POLICY).validation_errors == ["Too deep."]


def test_denied_validation_errors_lose_nothing_else() -> None:
    denied = {**answers(), "list_effective_policy_validation_errors": DENIED}

    assert collect(effective_policies, denied).content(AISERVICES_OPT_OUT_POLICY) == OPT_OUT


def test_where_the_management_account_is_denied_the_account_is_asked_without_a_target() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    own = {"describe_effective_policy": answers()["describe_effective_policy"]}

    found = collect(
        effective_policies,
        {"describe_effective_policy": DENIED, **NO_ERRORS},
        own=own,
        asked=asked,
    )

    assert found.content(AISERVICES_OPT_OUT_POLICY) == OPT_OUT
    assert ("describe_effective_policy", {"PolicyType": S3_POLICY}) in asked


def test_a_type_that_nobody_may_read_is_missing_and_the_others_are_not() -> None:
    found = collect(
        effective_policies, answers(s3=DENIED), own={"describe_effective_policy": DENIED}
    )

    with pytest.raises(Missing) as missing:
        found.content(S3_POLICY)
    assert missing.value.outcome == Outcome.ACCESS_DENIED
    assert found.content(AISERVICES_OPT_OUT_POLICY) == OPT_OUT


def test_a_throttled_type_is_missing_without_asking_the_account() -> None:
    found = collect(
        effective_policies, answers(s3=Refusal("ThrottlingException", Outcome.THROTTLED))
    )

    with pytest.raises(Missing) as missing:
        found.content(S3_POLICY)
    assert missing.value.outcome == Outcome.THROTTLED


def test_a_type_that_was_never_asked_for_is_missing() -> None:
    with pytest.raises(Missing):
        collect(effective_policies, answers()).content("CHATBOT_POLICY")


@given(thinned({"ai": EFFECTIVE}))
def test_a_policy_whose_content_is_lost_is_missing_and_not_absent(thin: dict[str, Any]) -> None:
    found = collect(effective_policies, answers(**thin), is_checked=False)

    policy = found.by_type[AISERVICES_OPT_OUT_POLICY]
    known = policy.content == OPT_OUT and policy.outcome == Outcome.COLLECTED
    assert known or policy.outcome == Outcome.API_ERROR
