"""Who is an administrator by which policy, and what boundaries and denials take away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.services.iam import Authorization, Group, Policy, Role, UserAccess
from inventory.policy_settings import SETTINGS
from roadmap.readings.iam_access import administrator

NEAR_ADMIN = SETTINGS["NEAR_ADMIN_ACTIONS"].default
BOUNDARY = "arn:aws:iam::222222222222:policy/boundary"


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*", **more}


def policy(*statements: dict[str, Any], name: str = "p", arn: str = "") -> Policy:
    return Policy(name, arn, json.dumps({"Statement": list(statements)}))


def of(*statements: dict[str, Any], boundary: Policy | None = None) -> str | None:
    role = Role("r", "arn:r", inline=(policy(*statements),), boundary=BOUNDARY if boundary else "")
    known = Authorization(roles=(role,), policies=(boundary,) if boundary else ())
    found = administrator(known, role, NEAR_ADMIN)
    return found.action if found else None


MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
CASES: dict[str, tuple[list[dict[str, Any]], str | None]] = {
    "everything": ([allow("*")], "*"),
    "everything of everything": ([allow("*:*")], "*"),
    "every IAM action": ([allow("iam:*")], "iam:*"),
    "IAM in capitals": ([allow("IAM:*")], "iam:*"),
    "one near action": ([allow("s3:GetObject", "iam:PassRole")], "iam:PassRole"),
    "a pattern over near actions": ([allow("iam:Put*")], "iam:PutUserPolicy"),
    "all but S3": ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], "iam:*"),
    "all but IAM": ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "sts:AssumeRole"),
    "all resources but one": (
        [{"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:x"}],
        "iam:PassRole",
    ),
    "an effect nobody knows": ([{**allow("*"), "Effect": "Maybe"}], "*"),
    "reading": ([allow("iam:Get*", "iam:List*", "s3:*")], None),
    "one resource": ([allow("iam:PassRole", resource="arn:aws:iam::1:role/app")], None),
    "a condition": ([allow("*", **MFA)], None),
    "denied": ([allow("iam:*"), deny("iam:*")], None),
    "partly denied": ([allow("iam:PassRole", "sts:AssumeRole"), deny("iam:*")], "sts:AssumeRole"),
    "denied without a second factor": ([allow("iam:*"), deny("iam:*", **MFA)], "iam:*"),
    "nothing": ([], None),
}


@pytest.mark.parametrize(("statements", "action"), CASES.values(), ids=CASES)
def test_what_makes_an_administrator(statements: list[dict[str, Any]], action: str | None) -> None:
    assert of(*statements) == action


BOUNDARIES: dict[str, tuple[Policy, str | None]] = {
    "allows as much": (policy(allow("*"), arn=BOUNDARY), "*"),
    "allows other things": (policy(allow("s3:*"), arn=BOUNDARY), None),
    "allows one near action": (policy(allow("iam:PassRole"), arn=BOUNDARY), "iam:PassRole"),
    "denies": (policy(allow("*"), deny("iam:*", "sts:*"), arn=BOUNDARY), None),
    "allows with a condition": (policy(allow("*", **MFA), arn=BOUNDARY), None),
    "has a text nobody told": (Policy("boundary", BOUNDARY), "*"),
}


@pytest.mark.parametrize(("boundary", "action"), BOUNDARIES.values(), ids=BOUNDARIES)
def test_a_boundary_cuts_what_policies_allow(boundary: Policy, action: str | None) -> None:
    assert of(allow("*"), boundary=boundary) == action


def test_a_group_makes_its_users_administrators() -> None:
    group = Group("ops", "arn:g", inline=(policy(allow("*"), name="all"),))
    user = UserAccess("ana", "arn:u", groups=("ops",))
    found = administrator(Authorization(users=(user,), groups=(group,)), user, NEAR_ADMIN)
    assert found is not None
    assert (found.policy, found.index, str(found)) == ("all", 0, "every action by all")


def test_everything_counts_even_where_no_action_is_near() -> None:
    role = Role("r", "arn:r", inline=(policy(allow("*")), policy(allow("iam:PassRole"))))
    found = administrator(Authorization(roles=(role,)), role, [])
    assert found is not None
    assert found.action == "*"


def test_the_widest_grant_is_named() -> None:
    narrow, wide = policy(allow("iam:PassRole"), name="n"), policy(allow("*"), name="w")
    role = Role("r", "arn:r", inline=(narrow, wide))
    found = administrator(Authorization(roles=(role,)), role, NEAR_ADMIN)
    assert found is not None
    assert found.policy == "w"
