"""Accounts share their answers where no policy tells them apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.guardrails.alike import ANY_ACCOUNT
from tests.roadmap.guardrails.chains import ACCOUNT, chain, decide, deny, document

STAND_INS = {
    "no account named": ("arn:aws:iam::*:role/team1-*", ANY_ACCOUNT),
    "another named": ("arn:aws:iam::333333333333:role/x", ANY_ACCOUNT),
    "itself named": (f"arn:aws:iam::{ACCOUNT}:role/x", ACCOUNT),
    "a part of an id": ("arn:aws:iam::2222*:role/x", ACCOUNT),
    "a part with question marks": ("arn:aws:iam::????????2222:role/x", ACCOUNT),
    "a part anywhere": ("arn:*22*", ACCOUNT),
    "a part after a name": ("arn:aws:s3:::logs-2222*", ACCOUNT),
    "a part of another after a name": ("arn:aws:s3:::logs-3*", ANY_ACCOUNT),
    "an end before a name": ("arn:aws:s3:::*2222-logs", ACCOUNT),
    "a part of another before a name": ("arn:aws:s3:::*3-logs", ANY_ACCOUNT),
    "a part of what stands for others": ("arn:aws:s3:::logs-0*", ACCOUNT),
    "a part by default": ("arn:aws:iam::${aws:PrincipalTag/a, '22'}*:role/x", ACCOUNT),
    "itself among other digits": (f"arn:aws:s3:::1{ACCOUNT}", ACCOUNT),
    "digits of a Region": ("arn:aws:ec2:eu-west-1:*:instance/*", ANY_ACCOUNT),
}


@pytest.mark.parametrize(("resource", "account"), STAND_INS.values(), ids=STAND_INS)
def test_accounts_that_no_policy_tells_apart_share_their_answers(
    resource: str, account: str
) -> None:
    assert chain(document(deny(Resource=resource))).stands_for(ACCOUNT) == account


def test_accounts_that_are_compared_by_size_are_told_apart() -> None:
    larger = deny({"NumericGreaterThan": {"aws:PrincipalAccount": "111111111111"}})
    assert chain(document(larger)).stands_for(ACCOUNT) == ACCOUNT


PIECES = st.lists(st.sampled_from(["*", "?", ACCOUNT, "22", "2", "0", "x", ":", "-"]), max_size=6)


@given(PIECES, st.sampled_from(["arn:aws:s3:::{}-x", "{}", "x{}", "x:{}:x-{}"]))
def test_who_stands_for_an_account_has_its_answers(pieces: list[str], resource: str) -> None:
    made = chain(document(deny(Resource="".join(pieces) or "*")))
    stand_in = made.stands_for(ACCOUNT)
    answers = [
        decide(made, "ec2:RunInstances", resource.replace("{}", one)).effect
        for one in (ACCOUNT, stand_in)
    ]
    assert answers[0] == answers[1]
