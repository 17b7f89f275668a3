"""Requests are decided by Deny, then by an Allow on every level, in three-valued logic."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.guardrails.conditions import UNKNOWN_VALUE
from roadmap.guardrails.documents import read_policy
from roadmap.guardrails.evaluation import (
    Attached,
    CarveOut,
    CarveOutKind,
    Effect,
    Level,
    compile_chain,
)
from tests.roadmap.guardrails.chains import (
    ACCOUNT,
    INSTANCE,
    ROLE,
    chain,
    decide,
    deny,
    document,
    effect,
)

ACTIONS = {
    "everything": ({"Action": "*"}, True),
    "the service": ({"Action": "ec2:*"}, True),
    "in other letters": ({"Action": "EC2:runinstances"}, True),
    "a wildcard within": ({"Action": "ec2:R*Inst?nces"}, True),
    "a question mark is one letter": ({"Action": "ec2:RunInstance??"}, False),
    "another service": ({"Action": "s3:*"}, False),
    "one of several": ({"Action": ["s3:*", "ec2:RunInstances"]}, True),
    "everything but it": ({"NotAction": "ec2:*"}, False),
    "everything but another": ({"NotAction": ["s3:*", "iam:*"]}, True),
}


@pytest.mark.parametrize(("names", "denied"), ACTIONS.values(), ids=ACTIONS)
def test_actions(names: Mapping[str, Any], denied: bool) -> None:
    statement = {"Effect": "Deny", "Resource": "*", **names}
    assert (effect(statement) == Effect.DENY) is denied


RESOURCES: Mapping[str, tuple[Mapping[str, Any], str, bool]] = {
    "everything": ({"Resource": "*"}, INSTANCE, True),
    "no resource is everything": ({}, INSTANCE, True),
    "a pattern": ({"Resource": "arn:aws:ec2:*:*:instance/*"}, INSTANCE, True),
    "across segments": ({"Resource": "arn:*instance/i-1"}, INSTANCE, True),
    "letters count": ({"Resource": "arn:aws:ec2:*:*:Instance/*"}, INSTANCE, False),
    "an account's own": ({"Resource": "arn:aws:ec2:*:${aws:PrincipalAccount}:*"}, INSTANCE, True),
    "no resource type": ({"Resource": "arn:aws:ec2:*"}, "*", False),
    "no resource type, all": ({"Resource": "*"}, "*", True),
    "a star by the letter": ({"Resource": "arn:${*}"}, INSTANCE, False),
    "a star by the letter in the name": ({"Resource": "a${*}${?}${$}"}, "a*?$", True),
    "a default": ({"Resource": "*/${aws:PrincipalTag/team, 'i-1'}"}, INSTANCE, True),
    "a variable without a value": ({"Resource": "*${aws:PrincipalTag/team}"}, INSTANCE, False),
    "all but it": ({"NotResource": "arn:aws:ec2:*"}, INSTANCE, False),
    "all but another": ({"NotResource": "arn:aws:s3:::*"}, INSTANCE, True),
}


@pytest.mark.parametrize(("names", "resource", "denied"), RESOURCES.values(), ids=RESOURCES)
def test_resources(names: Mapping[str, Any], resource: str, denied: bool) -> None:
    statement = {"Effect": "Deny", "Action": "*", **names}
    assert (effect(statement, resource) == Effect.DENY) is denied


def test_in_the_old_language_variables_are_text() -> None:
    old = document(deny(Resource="*${aws:PrincipalAccount}*"), version=None)
    assert decide(chain(old)).effect == Effect.ALLOW


def test_a_request_for_several_resources_is_denied_with_one() -> None:
    statement = deny(Resource="arn:aws:ec2:*:*:vpc/*")
    vpc = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-0"
    assert effect(statement, INSTANCE) == Effect.ALLOW
    assert effect(statement, INSTANCE, vpc) == Effect.DENY


TAG = "aws:PrincipalTag/a"
CONDITIONS: Mapping[str, tuple[Mapping[str, Any], bool]] = {
    "equal": ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
    "letters count": ({"StringEquals": {"aws:RequestedRegion": "EU-west-1"}}, False),
    "letters do not count": (
        {"StringEqualsIgnoreCase": {"aws:RequestedRegion": "EU-WEST-1"}},
        True,
    ),
    "a star is itself": ({"StringEquals": {"aws:RequestedRegion": "eu-*"}}, False),
    "like": ({"StringLike": {"aws:RequestedRegion": "eu-*"}}, True),
    "key in other letters": ({"StringLike": {"AWS:requestedREGION": "eu-*"}}, True),
    "one of several": ({"StringEquals": {"aws:RequestedRegion": ["x", "eu-west-1"]}}, True),
    "none of several": ({"StringNotEquals": {"aws:RequestedRegion": ["x", "y"]}}, True),
    "not none of several": (
        {"StringNotEquals": {"aws:RequestedRegion": ["x", "eu-west-1"]}},
        False,
    ),
    "keys are all needed": (
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:PrincipalType": "User"}},
        False,
    ),
    "operators are all needed": (
        {
            "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
            "Bool": {"aws:SecureTransport": "false"},
        },
        False,
    ),
    "bool": ({"Bool": {"aws:SecureTransport": True}}, True),
    "absent, positive": ({"StringEquals": {TAG: "x"}}, False),
    "absent, negated": ({"StringNotEquals": {TAG: "x"}}, True),
    "absent, if it exists": ({"StringEqualsIfExists": {TAG: "x"}}, True),
    "absent, all values": ({"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}, True),
    "absent, any value": ({"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}, False),
    "absent, any value, negated": ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "x"}}, False),
    "null, absent": ({"Null": {TAG: "true"}}, True),
    "not null, absent": ({"Null": {TAG: "false"}}, False),
    "null, present": ({"Null": {"aws:SourceIp": "true"}}, False),
    "not null, present": ({"Null": {"aws:SourceIp": "false"}}, True),
    "a service's own key is absent": ({"Null": {"ec2:InstanceType": "true"}}, True),
    "in the network": ({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, True),
    "not in the network": ({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}}, True),
    "no network": ({"IpAddress": {"aws:SourceIp": "my-office"}}, False),
    "arn": ({"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/cairn-*"}}, True),
    "arn equals is like": ({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, True),
    "a star in an arn ends at a colon": ({"ArnLike": {"aws:PrincipalArn": "arn:*:role/*"}}, False),
    "every arn": ({"ArnLike": {"aws:PrincipalArn": "*"}}, True),
    "not the arn": ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}, True),
    "an arn with a variable": (
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/*"}},
        True,
    ),
    "text crosses colons": ({"StringLike": {"aws:PrincipalArn": "arn:*:role/*"}}, True),
    "less": ({"NumericLessThan": {"aws:EpochTime": 1795510801}}, True),
    "not equal numbers": ({"NumericNotEquals": {"aws:EpochTime": "1"}}, True),
    "a number by default": (
        {"NumericLessThan": {"aws:EpochTime": "${aws:PrincipalTag/until, '1795510801'}"}},
        True,
    ),
    "a number by a variable": ({"NumericEquals": {"aws:EpochTime": "${aws:EpochTime}"}}, True),
    "a network of the newer kind": (
        {"IpAddress": {"aws:SourceIp": ["2001:db8::/32", "198.51.100.7"]}},
        True,
    ),
    "no network of the newer kind": ({"NotIpAddress": {"aws:SourceIp": "2001:db8::/32"}}, True),
    "no number": ({"NumericLessThan": {"aws:EpochTime": "soon"}}, False),
    "later": ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, True),
    "earlier": ({"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}, False),
    "no date": ({"DateGreaterThan": {"aws:CurrentTime": "yesterday"}}, False),
    "any of its values": ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/ou-1/"}}, True),
    "all of its values": ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "*/ou-1/"}}, False),
    "every value covered": ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}, True),
    "a value that is not": (
        {"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "*/ou-1/"}},
        True,
    ),
    "an account by variable": (
        {"StringNotEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}},
        False,
    ),
}


@pytest.mark.parametrize(("condition", "denied"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(condition: Mapping[str, Any], denied: bool) -> None:
    assert effect(deny(condition)) == (Effect.DENY if denied else Effect.ALLOW)


UNKNOWN: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {
    "a key nobody knows": ({"StringEquals": {"aws:MoonPhase": "new"}}, ("aws:moonphase",)),
    "negated as well": ({"StringNotEquals": {"aws:MoonPhase": "new"}}, ("aws:moonphase",)),
    "if it exists": ({"BoolIfExists": {"aws:MoonPhase": "true"}}, ("aws:moonphase",)),
    "null": ({"Null": {"aws:MoonPhase": "true"}}, ("aws:moonphase",)),
    "an operator nobody knows": ({"MoonEquals": {"aws:SourceIp": "1"}}, ("aws:sourceip",)),
    "a variable nobody knows": ({"StringLike": {"aws:SourceIp": "${Account}"}}, ("${account}",)),
    "two of them": (
        {"Bool": {"aws:MoonPhase": "true", "aws:Tide": "true"}},
        ("aws:moonphase", "aws:tide"),
    ),
}


@pytest.mark.parametrize(("condition", "keys"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_hangs_on_something_unknown_is_undetermined(
    condition: Mapping[str, Any], keys: tuple[str, ...]
) -> None:
    decision = decide(chain(document(deny(condition))))
    assert (decision.effect, decision.keys) == (Effect.UNDETERMINED, keys)


def test_a_key_whose_value_nobody_knows_is_there_all_the_same() -> None:
    tag = {"aws__resourcetag/guard": UNKNOWN_VALUE}
    for said, denied in (("false", True), ("true", False)):
        null = deny({"Null": {"aws:ResourceTag/guard": said}})
        assert (effect(null, **tag) == Effect.DENY) is denied
    equal = deny({"StringEqualsIfExists": {"aws:ResourceTag/guard": "yes"}})
    assert effect(equal, **tag) == Effect.UNDETERMINED


def test_a_false_condition_decides_beside_an_unknown_one() -> None:
    condition = {"Bool": {"aws:MoonPhase": "true", "aws:SecureTransport": "false"}}
    assert effect(deny(condition)) == Effect.ALLOW


def test_another_deny_decides_beside_an_unknown_one() -> None:
    unsure = deny({"Bool": {"aws:MoonPhase": "true"}})
    assert decide(chain(document(unsure, deny()))).effect == Effect.DENY


def test_a_level_without_an_allow_decides_beside_an_unknown_deny() -> None:
    unsure = document(deny({"Bool": {"aws:MoonPhase": "true"}}))
    decision = decide(chain(unsure, full=False))
    assert (decision.effect, decision.level, decision.policy) == (Effect.DENY, "ou-1", "")


def test_an_allow_that_hangs_on_something_unknown_is_undetermined() -> None:
    allow = {"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"aws:MoonPhase": "true"}}}
    decision = decide(chain(document(allow), full=False))
    assert (decision.effect, decision.keys) == (Effect.UNDETERMINED, ("aws:moonphase",))


def test_it_says_which_level_policy_and_statement_decided() -> None:
    decision = decide(chain(document(deny(Sid="NoMachines"))))
    assert (decision.level, decision.policy, decision.sid) == ("ou-1", "p-0", "NoMachines")


def test_each_level_needs_an_allow() -> None:
    only = document({"Effect": "Allow", "Action": ["ec2:*", "s3:*"], "Resource": "*"})
    allowing = chain(only, full=False)
    assert decide(allowing).effect == Effect.ALLOW
    assert decide(allowing, "gamelift:CairnProbe", "*").effect == Effect.DENY
    assert decide(chain(only), "gamelift:CairnProbe", "*").effect == Effect.ALLOW


def test_it_says_whom_the_deciding_statement_lets_off() -> None:
    statement = deny(
        {
            "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/a", "arn:aws:iam::*:role/b"]},
            "StringNotEqualsIfExists": {"aws:PrincipalTag/Exempt": "yes"},
            "StringNotLike": {"aws:userid": "AROA1:*"},
            "Null": {"aws:AssumedRoot": "true"},
        }
    )
    context = {"aws__userid": "AROA2:x"}
    assert set(decide(chain(document(statement)), **context).carve_outs) == {
        CarveOut(CarveOutKind.PRINCIPAL, "arn:aws:iam::*:role/a"),
        CarveOut(CarveOutKind.PRINCIPAL, "arn:aws:iam::*:role/b"),
        CarveOut(CarveOutKind.TAG, "yes", "exempt"),
        CarveOut(CarveOutKind.USER_ID, "AROA1:*"),
        CarveOut(CarveOutKind.ASSUMED_ROOT),
    }


def test_nobody_is_let_off_whom_another_statement_stops() -> None:
    loose = deny({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}})
    assert decide(chain(document(loose, deny()))).carve_outs == ()


# What follows holds for any policies, not only for those above.

NAMES = st.sampled_from(
    ["*", "ec2:*", "ec2:RunInstances", "EC2:RUN*", "s3:*", "iam:CreateUser", "?c2:*", "ec2:Stop*"]
)
ARNS = st.sampled_from(
    ["*", INSTANCE, "arn:aws:ec2:*:*:instance/*", "arn:aws:s3:::*", "arn:aws:ec2:*:${Account}:*"]
)
TESTS = st.dictionaries(
    st.sampled_from(
        ["StringEquals", "StringNotLike", "ArnLike", "ArnNotLikeIfExists", "Null", "Bool", "Odd",
         "ForAllValues:StringLike", "ForAnyValue:StringNotEquals", "NumericLessThan"]
    ),
    st.dictionaries(
        st.sampled_from(
            ["aws:PrincipalArn", "aws:RequestedRegion", "aws:Moon", "ec2:Odd", "aws:TagKeys"]
        ),
        st.lists(
            st.sampled_from(["*", "eu-*", "true", "false", ROLE, "${aws:PrincipalArn}", "1"]),
            min_size=1,
            max_size=2,
        ),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)  # fmt: skip


@st.composite
def statements(draw: st.DrawFn, effects: Sequence[str] = ("Allow", "Deny")) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(effects))}
    made[draw(st.sampled_from(["Action", "NotAction"]))] = draw(st.lists(NAMES, min_size=1))
    made[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(st.lists(ARNS, min_size=1))
    if condition := draw(TESTS):
        made["Condition"] = condition
    return made


LISTS = st.lists(statements(), min_size=1, max_size=5)
ANY_ACTION = st.sampled_from(["ec2:RunInstances", "s3:GetObject", "iam:CreateUser"])
WRITTEN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30)
ANY_RESOURCE = st.sampled_from([INSTANCE, "*", "arn:aws:s3:::bucket"])


@given(LISTS, statements(("Deny",)), ANY_ACTION, ANY_RESOURCE)
def test_another_deny_never_allows_what_was_denied(
    some: list[dict[str, Any]], another: dict[str, Any], action: str, resource: str
) -> None:
    before = decide(chain(document(*some), full=False), action, resource)
    after = decide(chain(document(*some, another), full=False), action, resource)
    if before.is_denied:
        assert after.is_denied
    if before.effect == Effect.UNDETERMINED:
        assert after.effect != Effect.ALLOW


@given(LISTS, ANY_ACTION, ANY_RESOURCE)
def test_an_empty_level_allows_nothing(
    some: list[dict[str, Any]], action: str, resource: str
) -> None:
    made = compile_chain([Level("r", (Attached("p", document(*some)),)), Level("a")])
    assert decide(made, action, resource).is_denied


@given(LISTS, ANY_ACTION, ANY_RESOURCE, st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(
    some: list[dict[str, Any]], action: str, resource: str, order: random.Random
) -> None:
    shuffled = order.sample(some, len(some))
    assert decide(chain(document(*some)), action, resource) == decide(
        chain(document(*shuffled)), action, resource
    )


def _other_form(statement: dict[str, Any]) -> dict[str, Any]:
    """The same, with actions in capitals and lists of one as single values."""
    made = dict(statement)
    for key in ("Action", "NotAction"):
        if key in made:
            made[key] = [action.upper() for action in made[key]]
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        if len(made.get(key, ())) == 1:
            made[key] = made[key][0]
    made["Condition"] = {
        operator: {
            key.upper(): values[0] if len(values) == 1 else values for key, values in tests.items()
        }
        for operator, tests in made.get("Condition", {}).items()
    }
    return made


@given(LISTS, ANY_ACTION, ANY_RESOURCE)
def test_letters_of_actions_and_single_values_do_not_matter(
    some: list[dict[str, Any]], action: str, resource: str
) -> None:
    one = decide(chain(document(*some)), action, resource)
    other = decide(chain(document(*map(_other_form, some))), action.swapcase(), resource)
    assert one == other


@given(
    st.lists(
        st.fixed_dictionaries(
            {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": st.just("*")},
            optional={
                "Resource": WRITTEN.filter(bool),
                "Condition": st.dictionaries(
                    st.sampled_from(
                        ["StringLike", "ArnLike", "IpAddress", "DateLessThan", "NumericEquals"]
                    )
                    | WRITTEN,
                    st.dictionaries(
                        st.sampled_from(["aws:SourceIp", "aws:CurrentTime", "aws:PrincipalArn"])
                        | WRITTEN.map(str.lower),
                        WRITTEN | st.integers() | st.booleans(),
                    ),
                ),
            },
        ),
        min_size=1,
    )
)
def test_whatever_is_read_can_be_decided(some: list[dict[str, Any]]) -> None:
    read = read_policy(json.dumps({"Version": "2012-10-17", "Statement": some}))
    assert decide(chain(read)).effect in Effect


def test_many_wildcards_take_time_in_proportion() -> None:
    """Matched one try after another, this would outlast the company."""
    hostile = deny(Resource=[f"{'*a' * 1000}b{number}" for number in range(20)])
    assert effect(hostile, "a" * 2000) == Effect.ALLOW


def test_many_unknown_keys_take_time_in_proportion() -> None:
    """Put together one by one, each time anew, they took half a minute."""
    some = deny({"StringLike": {f"aws:moon{number}": "*" for number in range(6000)}})
    made = chain(document(some))
    before = time.process_time()
    for _ in range(50):
        assert len(decide(made).keys) == 6000
    assert time.process_time() - before < 5


def test_variables_of_blanks_take_time_in_proportion() -> None:
    """Whether one has a default was once looked for in every place, thrice over."""
    hostile = deny(Resource=[f"${{{' ' * 2000}}}{number}" for number in range(50)])
    before = time.process_time()
    assert effect(hostile) == Effect.UNDETERMINED
    assert time.process_time() - before < 5
