"""What Parliament knows of policies, and that nothing else pays for knowing it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from collectors.policies import linting
from collectors.policies.linting import Issue, Unlimited, issues_of, limitable, unlimited
from collectors.services.iam import statements_of


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


ISSUES: dict[str, tuple[dict[str, Any], tuple[Issue, ...]]] = {
    "nothing wrong": (allow("s3:GetObject", Resource="arn:aws:s3:::exports/*"), ()),
    "every resource, which Cairn tells itself": (allow("s3:GetObject"), ()),
    "an action there is none of": (allow("s3:GetObjekt"), (Issue("UNKNOWN_ACTION"),)),
    "a resource of another kind": (
        allow("s3:GetObject", Resource="arn:aws:s3:::exports"),
        (Issue("RESOURCE_MISMATCH", is_serious=True),),
    ),
    "a condition that never holds": (
        allow("s3:GetObject", Condition={"StringEquals": {"ec2:Vpc": "vpc-1"}}),
        (Issue("UNKNOWN_CONDITION_FOR_ACTION", is_serious=True),),
    ),
}


@pytest.mark.parametrize(("statement", "issues"), ISSUES.values(), ids=ISSUES)
def test_mistakes_are_found(statement: dict[str, Any], issues: tuple[Issue, ...]) -> None:
    assert issues_of(document(statement)) == issues


def test_the_same_mistake_twice_is_one() -> None:
    assert issues_of(document(allow("s3:Nope"), allow("s3:Neither"))) == (Issue("UNKNOWN_ACTION"),)


def test_a_policy_that_parliament_cannot_read_is_an_issue(monkeypatch: Any) -> None:
    def fail(_document: str) -> None:
        raise Exception("Unexpected format for ARN")

    monkeypatch.setattr(linting._parliament(), "analyze_policy_string", fail)
    assert issues_of(document(allow("s3:*"))) == (Issue("EXCEPTION", is_serious=True),)


LIMITABLE = {
    "one with resources": ("s3:GetObject", ("s3:GetObject",)),
    "in other letters": ("S3:getobject", ("S3:GetObject",)),
    "one without": ("ec2:DescribeInstances", ()),
    "a pattern of those without": ("ec2:DescribeInstanceS*", ()),
    "a pattern of both": ("ec2:DescribeInstance*", ("ec2:DescribeInstanceAttribute",)),
    "an action nobody knows": ("s3:TomorrowsAction", ("s3:TomorrowsAction",)),
    "a service nobody knows": ("tomorrow:Do", ("tomorrow:Do",)),
}


@pytest.mark.parametrize(("written", "actions"), LIMITABLE.values(), ids=LIMITABLE)
def test_which_actions_could_be_limited_to_resources(
    written: str, actions: tuple[str, ...]
) -> None:
    assert limitable(written) == actions


def test_a_pattern_means_every_action_it_matches() -> None:
    assert {"sqs:SendMessage", "sqs:DeleteQueue"} <= set(limitable("sqs:*"))


UNLIMITED: dict[str, tuple[dict[str, Any], tuple[Unlimited, ...]]] = {
    "every resource": (
        allow("s3:GetObject", "ec2:DescribeInstances"),
        (Unlimited(0, ("s3:GetObject",), 1),),
    ),
    "actions that know no resources": (allow("ec2:DescribeInstances"), ()),
    "a resource": (allow("s3:GetObject", Resource="arn:aws:s3:::b/*"), ()),
    "a condition": (allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}), ()),
    "a denial": ({**allow("s3:GetObject"), "Effect": "Deny"}, ()),
    "all but some actions": ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, ()),
    "all but some resources": (
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "*"},
        (),
    ),
}


@pytest.mark.parametrize(("statement", "found"), UNLIMITED.values(), ids=UNLIMITED)
def test_statements_that_could_be_limited(
    statement: dict[str, Any], found: tuple[Unlimited, ...]
) -> None:
    assert tuple(unlimited(statements_of(document(statement)))) == found


def test_of_many_actions_some_are_named() -> None:
    (found,) = unlimited(statements_of(document(allow("sqs:*"))))
    assert len(found.actions) == 5
    assert found.count > 15


def test_nothing_imports_parliament_before_there_is_a_policy() -> None:
    program = (
        "import sys; import collectors.services.accessanalyzer as a;"
        "a.validation.linting.version();"
        "assert 'parliament' not in sys.modules;"
        "a.validation.linting.issues_of('{}');"
        "assert 'parliament' in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
