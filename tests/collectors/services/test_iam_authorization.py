"""Who may do what in an account, by its users, groups, roles and policies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.iam import Authorization, Policy, Role, Trust, authorization, statements_of
from tests.collectors.services.canned import ACCOUNT, NOW, Refusal, collect, thinned

SETTINGS = {"NEAR_ADMIN_ACTIONS": ["iam:PassRole", "sts:AssumeRole"]}
USED = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/orders"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
UNHELD = f"arn:aws:iam::{ACCOUNT}:policy/nobodys"


def document(*actions: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def encoded(content: Any) -> str:
    """As AWS sends documents; boto3 decodes some of them."""
    return quote(json.dumps(content))


def managed(arn: str, content: Any, *, old: Any = None) -> dict[str, Any]:
    versions = [
        {"VersionId": "v2", "IsDefaultVersion": True, "Document": encoded(content)},
        {"VersionId": "v1", "IsDefaultVersion": False, "Document": encoded(old or document("a:b"))},
    ]
    return {
        "PolicyName": arn.rpartition("/")[2],
        "Arn": arn,
        "AttachmentCount": 2,
        "PolicyVersionList": versions[::-1],
    }


def attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com", "AWS": "arn:aws:iam::999999999999:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "not-to-be-kept"}},
    },
}
ROLE = {
    "Path": "/apps/",
    "RoleName": "orders",
    "RoleId": "AROAEXAMPLEEXAMPLE",
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/apps/orders",
    "CreateDate": NOW,
    "AssumeRolePolicyDocument": encoded(TRUST),
    "RolePolicyList": [{"PolicyName": "in", "PolicyDocument": encoded(document("s3:GetObject"))}],
    "AttachedManagedPolicies": attached(OWN, ADMIN),
    "PermissionsBoundary": {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": BOUNDARY,
    },
    "Tags": [{"Key": "team", "Value": "not-to-be-kept"}, {"Key": "app", "Value": "x"}],
    "RoleLastUsed": {"LastUsedDate": USED, "Region": "eu-west-1"},
}
IDLE = {"RoleName": "idle", "Arn": f"arn:aws:iam::{ACCOUNT}:role/idle", "RoleLastUsed": {}}
USER = {
    "UserName": "ana",
    "Arn": f"arn:aws:iam::{ACCOUNT}:user/ana",
    "CreateDate": NOW,
    "GroupList": ["ops"],
    "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": encoded(document("sqs:*"))}],
    "AttachedManagedPolicies": [],
}
GROUP = {
    "GroupName": "ops",
    "Arn": f"arn:aws:iam::{ACCOUNT}:group/ops",
    "AttachedManagedPolicies": attached(READ),
    "GroupPolicyList": [],
}
PAGES = [
    {"UserDetailList": [USER], "RoleDetailList": [ROLE], "IsTruncated": True, "Marker": "m"},
    {
        "GroupDetailList": [GROUP],
        "RoleDetailList": [IDLE],
        "Policies": [
            managed(OWN, document("dynamodb:*")),
            managed(ADMIN, document("*")),
            managed(READ, document("s3:Get*", "IAM:Get*", "sts:GetCallerIdentity", "*:List*")),
            managed(BOUNDARY, document("s3:*", NotResource="arn:aws:s3:::secret/*")),
            managed(UNHELD, document("*")),
        ],
    },
]
ANSWERS = {"get_account_authorization_details": PAGES}


def seen(answers: Any = None) -> Authorization:
    found: Authorization = collect(authorization, answers or ANSWERS, settings=SETTINGS)
    return found


def test_all_pages_are_read_in_one_go() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found: Authorization = collect(authorization, ANSWERS, settings=SETTINGS, asked=asked)
    assert [name for name, _ in asked] == ["get_account_authorization_details"]
    assert [role.name for role in found.roles] == ["orders", "idle"]
    assert [user.name for user in found.users] == ["ana"]
    assert [group.name for group in found.groups] == ["ops"]


def test_a_role_tells_whom_it_lets_in_and_when_it_was_used() -> None:
    orders, idle = seen().roles
    assert (orders.path, orders.created_at, orders.last_used_at) == ("/apps/", NOW, USED)
    assert orders.last_used_region == "eu-west-1"
    assert orders.trusts == (
        Trust(
            ("Service:ec2.amazonaws.com", "arn:aws:iam::999999999999:root"),
            (("stringequals", "sts:externalid"),),
        ),
    )
    assert (orders.boundary, orders.tag_keys) == (BOUNDARY, ("app", "team"))
    assert idle.last_used_at is None


def test_no_external_id_and_no_value_of_a_tag_is_kept() -> None:
    assert "not-to-be-kept" not in repr(seen())


def test_of_a_managed_policy_the_default_version_counts_and_only_if_somebody_has_it() -> None:
    found = seen()
    assert set(found.by_arn) == {OWN, ADMIN, READ, BOUNDARY}
    (statement,) = found.by_arn[OWN].statements
    assert (statement.actions, statement.resources) == (("dynamodb:*",), ("*",))
    assert found.by_arn[OWN].attachments == 2


def test_of_policies_of_aws_only_what_makes_an_administrator_is_kept() -> None:
    found = seen()
    assert found.services == ("iam", "sts")
    (everything,) = found.by_arn[ADMIN].statements
    (reading,) = found.by_arn[READ].statements
    assert everything.actions == ("*",)
    assert reading.actions == ("IAM:Get*", "sts:GetCallerIdentity", "*:List*")


def test_policies_of_a_principal_are_inline_attached_and_of_its_groups() -> None:
    found = seen()
    assert [policy.name for policy in found.policies_of(found.roles[0])] == [
        "in",
        "orders",
        "AdministratorAccess",
    ]
    assert [policy.name for policy in found.policies_of(found.users[0])] == [
        "own",
        "ReadOnlyAccess",
    ]


def test_a_boundary_excepts_resources() -> None:
    found = seen()
    boundary = found.boundary_of(found.roles[0])
    assert boundary is not None
    (statement,) = boundary.statements
    assert (statement.but_resources, statement.resources) == (True, ("arn:aws:s3:::secret/*",))
    assert found.boundary_of(found.users[0]) is None


def test_a_policy_that_aws_does_not_describe_has_no_document() -> None:
    role = Role("r", "arn:r", attached=(OWN,), boundary=BOUNDARY)
    (policy,) = Authorization(roles=(role,)).policies_of(role)
    assert (policy.name, policy.document, policy.statements) == ("orders", "", ())
    assert Authorization().boundary_of(role) == Policy("boundary", BOUNDARY)


def test_a_digest_changes_with_the_text() -> None:
    one, other = Policy("p", document='{"a":1}'), Policy("p", document='{"a":2}')
    assert one.digest != other.digest
    assert one.digest == Policy("q", document='{"a":1}').digest


@pytest.mark.parametrize(
    ("path", "is_linked", "is_of_aws"),
    [
        ("/", False, False),
        ("/aws-service-role/guardduty.amazonaws.com/", True, True),
        ("/aws-reserved/sso.amazonaws.com/", False, True),
    ],
)
def test_roles_of_aws_are_told_by_their_path(path: str, is_linked: bool, is_of_aws: bool) -> None:
    role = Role("r", "arn:r", path)
    assert (role.is_service_linked, role.is_of_aws) == (is_linked, is_of_aws)


@pytest.mark.parametrize(
    ("effect", "is_allow"), [("Allow", True), ("Deny", False), ("Perhaps", True), (None, True)]
)
def test_only_a_deny_does_not_allow(effect: str | None, is_allow: bool) -> None:
    text = json.dumps({"Statement": {"Effect": effect, "NotAction": "iam:*", "Resource": "*"}})
    (statement,) = statements_of(text)
    assert statement.is_allow is is_allow
    assert (statement.but_actions, statement.actions) == (True, ("iam:*",))


def test_denied_is_not_empty() -> None:
    with pytest.raises(Missing) as caught:
        seen({"get_account_authorization_details": Refusal()})
    assert caught.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"get_account_authorization_details": PAGES}))
def test_answers_with_fields_missing_are_read(answers: dict[str, Any]) -> None:
    found: Authorization = collect(authorization, answers, settings=SETTINGS, is_checked=False)
    for role in found.roles:
        assert all(statement.resources for p in role.inline for statement in p.statements)
