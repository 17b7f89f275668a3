"""The roles through which security looks into an account."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.iam import Trust, ViewRole, trusts_of, view_roles
from tests.collectors.services.canned import NOW, Refusal, by, collect, thinned

SETTINGS = {"SECURITY_ROLE_NAMES": ["CairnReadOnly", "SecurityAudit"]}
ARN = "arn:aws:iam::222222222222:role/CairnReadOnly"
COLLECTOR = "arn:aws:iam::555555555555:role/cairn"
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": COLLECTOR},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "x", "aws:PrincipalOrgID": "o-1"}},
        }
    ],
}
NO_ROLE = Refusal("NoSuchEntity", Outcome.API_ERROR)


def role(document: Any = DOCUMENT) -> dict[str, Any]:
    """The document as a mapping, which is what boto3 makes of the text that AWS sends."""
    return {
        "Role": {
            "Path": "/",
            "RoleName": "CairnReadOnly",
            "RoleId": "AROAEXAMPLEEXAMPLE",
            "Arn": ARN,
            "CreateDate": NOW,
            "AssumeRolePolicyDocument": document,
            "RoleLastUsed": {"LastUsedDate": NOW},
        }
    }


def answers(found: Any = None) -> dict[str, Any]:
    given_role = role(quote(json.dumps(DOCUMENT))) if found is None else found
    return {
        "get_role": by("RoleName", {"CairnReadOnly": given_role, "SecurityAudit": NO_ROLE}),
        "list_attached_role_policies": [
            {"AttachedPolicies": [{"PolicyName": "ViewOnlyAccess"}], "IsTruncated": True},
            {"AttachedPolicies": [{"PolicyName": "SecurityAudit"}]},
        ],
        "list_role_policies": {"PolicyNames": ["Extras"]},
    }


def test_it_reads_the_roles_that_the_setting_names() -> None:
    found = collect(view_roles, answers(), settings=SETTINGS)

    assert found.asked == ("CairnReadOnly", "SecurityAudit")
    assert found.found == (
        ViewRole(
            name="CairnReadOnly",
            arn=ARN,
            trusts=(
                Trust(
                    (COLLECTOR,),
                    (("stringequals", "sts:externalid"), ("stringequals", "aws:principalorgid")),
                    ("o-1",),
                ),
            ),
            trust_policy=json.dumps(DOCUMENT, sort_keys=True),
            policies=("Extras", "SecurityAudit", "ViewOnlyAccess"),
            last_used_at=NOW,
        ),
    )


def test_boto3_may_have_decoded_the_document() -> None:
    (found,) = collect(view_roles, answers(role()), settings=SETTINGS, is_checked=False).found
    assert found.trusts[0].principals == (COLLECTOR,)


def test_no_role_is_a_fact() -> None:
    found = collect(view_roles, answers(NO_ROLE), settings=SETTINGS)
    assert (found.asked, found.found) == (("CairnReadOnly", "SecurityAudit"), ())


@pytest.mark.parametrize(
    "operation", ["get_role", "list_attached_role_policies", "list_role_policies"]
)
def test_being_denied_is_not_absent(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(view_roles, {**answers(), operation: Refusal("AccessDenied")}, settings=SETTINGS)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


STATEMENTS: dict[str, tuple[Any, list[tuple[str, ...]]]] = {
    "one, not in a list": ({"Effect": "Allow", "Principal": {"AWS": "1"}}, [("1",)]),
    "several principals": (
        {"Effect": "Allow", "Principal": {"AWS": ["1", "2"], "Service": "ec2.amazonaws.com"}},
        [("1", "2", "Service:ec2.amazonaws.com")],
    ),
    "everybody": ({"Effect": "Allow", "Principal": "*"}, [("*",)]),
    "everybody but one": ({"Effect": "Allow", "NotPrincipal": {"AWS": "1"}}, [("*",)]),
    "nobody named": ({"Effect": "Allow", "Principal": {}}, [("*",)]),
    "no effect": ({"Principal": {"AWS": "1"}}, [("1",)]),
    "an effect nobody knows": ({"Effect": "Maybe", "Principal": {"AWS": "1"}}, [("1",)]),
    "a refusal": ({"Effect": "Deny", "Principal": "*"}, []),
    "nothing": (None, []),
}


@pytest.mark.parametrize(("statement", "principals"), STATEMENTS.values(), ids=STATEMENTS)
def test_who_is_let_in(statement: Any, principals: list[tuple[str, ...]]) -> None:
    found = trusts_of({"Statement": statement})
    assert [trust.principals for trust in found] == principals


CONDITIONS: dict[str, tuple[Any, bool, tuple[str, ...]]] = {
    "none": ({}, False, ()),
    "an external id": ({"StringEquals": {"sts:ExternalId": "x"}}, True, ()),
    "a pattern": ({"StringLike": {"sts:externalid": "x*"}}, True, ()),
    "all but one": ({"StringNotEquals": {"sts:ExternalId": "x"}}, False, ()),
    "one if there is any": ({"StringEqualsIfExists": {"sts:ExternalId": "x"}}, False, ()),
    "any at all": ({"Null": {"sts:ExternalId": "false"}}, False, ()),
    "an organization": ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False, ("o-1",)),
    "organizations": (
        {"StringLike": {"aws:PrincipalOrgId": ["o-2", "o-1"]}},
        False,
        ("o-1", "o-2"),
    ),
    "a path": (
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-1/r-1/ou-1/*"]}},
        False,
        ("o-1",),
    ),
    "any organization": ({"StringLike": {"aws:PrincipalOrgID": ["o-1", "o-*"]}}, False, ()),
    "other organizations": ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, False, ()),
    "an organization if any": (
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
        False,
        (),
    ),
    "every value of none": (
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}},
        False,
        (),
    ),
    "what is no condition": ("StringEquals", False, ()),
}


@pytest.mark.parametrize(("condition", "asks", "of"), CONDITIONS.values(), ids=CONDITIONS)
def test_what_is_asked_of_whoever_comes_in(condition: Any, asks: bool, of: tuple[str, ...]) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Condition": condition}
    (trust,) = trusts_of({"Statement": statement})
    assert (trust.asks_for("sts:externalid"), trust.organizations) == (asks, of)


@pytest.mark.parametrize("document", ["no JSON", "[]"])
def test_a_document_that_is_none_lets_nobody_in(document: str) -> None:
    (found,) = collect(view_roles, answers(role(document)), settings=SETTINGS).found
    assert found.trusts == ()


@given(thinned({"get_role": role()}))
def test_with_fields_missing_nobody_is_thought_narrower(thin: Any) -> None:
    table = {
        **answers(),
        "get_role": by("RoleName", {"CairnReadOnly": thin["get_role"], "SecurityAudit": NO_ROLE}),
    }
    (found,) = collect(view_roles, table, settings=SETTINGS, is_checked=False).found
    for trust in found.trusts:
        assert trust.principals in ((COLLECTOR,), ("*",), ("TOMORROW",))
        assert set(trust.conditions) <= {
            ("stringequals", "sts:externalid"),
            ("stringequals", "aws:principalorgid"),
        }
