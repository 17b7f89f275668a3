"""What AWS and Parliament say of an account's own policies, each text once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.accessanalyzer import (
    PolicyChecks,
    Validation,
    policy_checks,
    validation,
)
from collectors.services.iam import Authorization, Group, Policy, Role, UserAccess, authorization
from tests.collectors.services.canned import Refusal, collect, thinned


def document(*actions: str, resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


STAR = Policy("star", document=document("s3:GetObject"))
FINE = Policy("fine", document=document("ec2:DescribeInstances"))
OWN = Policy("own", "arn:aws:iam::222222222222:policy/own", document("sqs:Nope", resource="arn:x"))
OF_AWS = Policy("Admin", "arn:aws:iam::aws:policy/Admin", document("*"))
KNOWN = Authorization(
    users=(UserAccess("u", "arn:u", inline=(STAR,)),),
    groups=(Group("g", "arn:g", inline=(FINE,)),),
    roles=(Role("r", "arn:r", inline=(STAR, Policy("unread"))),),
    policies=(OWN, OF_AWS),
)


def finding(kind: str, code: str) -> dict[str, Any]:
    return {
        "findingDetails": "…",
        "findingType": kind,
        "issueCode": code,
        "learnMoreLink": "https://docs.aws.amazon.com/",
        "locations": [],
    }


ANSWERS: dict[str, Any] = {
    "validate_policy": [
        {"findings": [finding("ERROR", "INVALID_ACTION"), finding("ERROR", "INVALID_ACTION")]},
        {"findings": [finding("SUGGESTION", "EMPTY_ARRAY_ACTION")]},
    ]
}
SAID = (Validation("ERROR", "INVALID_ACTION", 2), Validation("SUGGESTION", "EMPTY_ARRAY_ACTION"))
Asked = list[tuple[str, dict[str, Any]]]


def check(
    answers: Any = None,
    known: Authorization = KNOWN,
    last: PolicyChecks | None = None,
    asked: Asked | None = None,
) -> PolicyChecks:
    stored: dict[str, Any] = {authorization.name: known}
    if last is not None:
        stored[policy_checks.name] = last
    found: PolicyChecks = collect(
        policy_checks, ANSWERS if answers is None else answers, stored=stored, asked=asked
    )
    return found


def test_each_text_of_the_account_is_looked_at_once() -> None:
    asked: Asked = []
    found = check(asked=asked)
    assert set(found.checks) == {STAR.digest, FINE.digest, OWN.digest}
    assert sorted(params["policyDocument"] for _, params in asked) == sorted(
        {STAR.document, FINE.document, OWN.document}
    )
    assert {params["policyType"] for _, params in asked} == {"IDENTITY_POLICY"}


def test_it_keeps_what_is_found_by_kind_and_code() -> None:
    found = check().checks
    assert found[STAR.digest].validations == SAID
    assert [one.actions for one in found[STAR.digest].unlimited] == [("s3:GetObject",)]
    assert found[FINE.digest].unlimited == ()
    assert [issue.code for issue in found[OWN.digest].issues] == ["UNKNOWN_ACTION"]


def test_a_text_that_stayed_the_same_is_not_sent_again() -> None:
    asked: Asked = []
    first = check()
    assert check({}, last=first, asked=asked) == first
    assert not asked


def test_only_what_changed_is_sent() -> None:
    asked: Asked = []
    changed = replace(KNOWN, policies=(replace(OWN, document=document("sqs:*")),))
    found = check(known=changed, last=check(), asked=asked)
    assert [params["policyDocument"] for _, params in asked] == [document("sqs:*")]
    assert OWN.digest not in found.checks


def test_where_aws_refuses_parliament_alone_tells() -> None:
    asked: Asked = []
    found = check({"validate_policy": Refusal()}, asked=asked)
    assert len(asked) == 1
    assert (found.gap_outcome, found.checks[STAR.digest].validations) == (
        Outcome.ACCESS_DENIED,
        None,
    )
    assert found.checks[STAR.digest].unlimited


def test_what_aws_said_before_stays_where_it_refuses_now() -> None:
    new = replace(KNOWN, policies=(replace(OWN, document=document("sqs:*")),))
    found = check({"validate_policy": Refusal()}, new, check())
    assert found.checks[STAR.digest].validations == SAID


def test_what_was_refused_is_asked_again_next_time() -> None:
    assert check(last=check({"validate_policy": Refusal()})) == check()


def test_a_new_parliament_looks_at_everything_again() -> None:
    first = check()
    aged = {digest: replace(one, unlimited=(), issues=()) for digest, one in first.checks.items()}
    asked: Asked = []
    assert check({}, last=replace(first, checks=aged, version="0.1"), asked=asked) == first
    assert not asked


def test_more_texts_than_are_sent_at_once_wait(monkeypatch: Any) -> None:
    monkeypatch.setattr(validation, "SENT_AT_MOST", 1)
    first = check()
    assert len([one for one in first.checks.values() if one.validations is None]) == 2
    second = check(last=first)
    assert len([one for one in second.checks.values() if one.validations is None]) == 1


def test_without_the_policies_nothing_is_known() -> None:
    with pytest.raises(Missing) as caught:
        collect(policy_checks, ANSWERS)
    assert caught.value.outcome == Outcome.NEVER_COLLECTED


@given(thinned(ANSWERS))
def test_answers_with_fields_missing_are_read(answers: dict[str, Any]) -> None:
    found = collect(policy_checks, answers, stored={authorization.name: KNOWN}, is_checked=False)
    assert all(one.validations is not None for one in found.checks.values())
