"""Planted credentials that raise an alarm."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import iam
from collectors.services.iam import (
    AccessKey,
    Authorization,
    Group,
    Policy,
    User,
    UserAccess,
    Users,
)
from roadmap.items.refinement.honey_tokens import ACCESS_KEY, OF_OTHERS, item, judge
from roadmap.subject import Attested, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import ACCOUNT, LOGS, MANAGEMENT, NOW, attested, row, subject

ARN = f"arn:aws:iam::{ACCOUNT}:user/canary"
KEY = AccessKey("AB12", "Active", NOW - timedelta(days=400))
TESTED = f"{NOW - timedelta(days=20):%Y-%m-%d}"
LONG_AGO = f"{NOW - timedelta(days=200):%Y-%m-%d}"


def token(claim: str = "done", about: str = "AKIAEXAMPLEEXAMPAB12", **more: Any) -> Attested:
    details: dict[str, Any] = {"kind": ACCESS_KEY, "user": ARN, "tested_on": TESTED}
    options = {key: more.pop(key) for key in ("days_left", "level") if key in more}
    return attested(
        item.key, claim, **{"level": "organization", **options}, about=about, **(details | more)
    )


def known(
    *keys: AccessKey, document: str = "", attached: tuple[str, ...] = (), account: str = ACCOUNT
) -> dict[Any, Any]:
    """The user with its keys, and what it may do."""
    user = User("canary", ARN, keys=keys or (KEY,))
    access = UserAccess(
        "canary",
        ARN,
        attached=attached,
        inline=(Policy("p", document=document),) if document else (),
    )
    return {
        (account, iam.users): Users((user,)),
        (account, iam.authorization): Authorization((access,)),
    }


def seen(
    *answers: Attested, facts: dict[Any, Any] | None = None, about: str = MANAGEMENT, **rest: Any
) -> Subject:
    values = known() if facts is None else facts
    return subject(values, row(about), attestations=answers, **rest)


ALLOW = json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}})
DENY = json.dumps({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"

CASES: dict[str, tuple[Attested, dict[Any, Any], Status, str, set[str]]] = {
    "in place and tested": (token(), known(), Status.PASS, "token in place and tested", set()),
    "said to be partly done": (
        token("partly"),
        known(),
        Status.PASS,
        "token in place and tested",
        set(),
    ),
    "denied everything": (
        token(),
        known(document=DENY, attached=("arn:aws:iam::aws:policy/AWSDenyAll",)),
        Status.PASS,
        "token in place and tested",
        set(),
    ),
    "never tested": (
        token(tested_on=""),
        known(),
        Status.PARTIAL,
        "token not tested lately",
        {"honey_token_untested"},
    ),
    "tested long ago": (
        token(tested_on=LONG_AGO),
        known(),
        Status.PARTIAL,
        "token not tested lately",
        {"honey_token_untested"},
    ),
    "tested on a day that is none": (
        token(tested_on="in spring"),
        known(),
        Status.PARTIAL,
        "token not tested lately",
        {"honey_token_untested"},
    ),
    "to be tested": (
        token(tested_on=f"{NOW + timedelta(days=1):%Y-%m-%d}"),
        known(replace(KEY, last_used_at=NOW - timedelta(hours=1))),
        Status.PARTIAL,
        "token not tested lately",
        {"honey_token_used", "honey_token_untested"},
    ),
    "may do something and was never tested": (
        token(tested_on=""),
        known(document=ALLOW),
        Status.PARTIAL,
        "token with permissions",
        {"honey_token_privileged", "honey_token_untested"},
    ),
    "said too long ago": (
        token(days_left=-1),
        known(),
        Status.PARTIAL,
        "token not tested lately",
        {"honey_token_untested"},
    ),
    "may do something": (
        token(),
        known(document=ALLOW),
        Status.PARTIAL,
        "token with permissions",
        {"honey_token_privileged"},
    ),
    "has a policy of AWS": (
        token(),
        known(attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",)),
        Status.PARTIAL,
        "token with permissions",
        {"honey_token_privileged"},
    ),
    "has a policy nobody described": (
        token(),
        known(attached=(OWN,)),
        Status.PARTIAL,
        "token with permissions",
        {"honey_token_privileged"},
    ),
    "inactive": (
        token(),
        known(replace(KEY, status="Inactive")),
        Status.FAIL,
        "token gone or inactive",
        set(),
    ),
    "gone": (
        token(about="AKIAEXAMPLEEXAMPZZ99"),
        known(),
        Status.FAIL,
        "token gone or inactive",
        set(),
    ),
    "its user gone": (
        token(user=f"{ARN}-2"),
        known(),
        Status.FAIL,
        "token gone or inactive",
        set(),
    ),
    "used since": (
        token(),
        known(replace(KEY, last_used_at=NOW - timedelta(days=2), last_used_region="eu-north-1")),
        Status.PASS,
        "token in place and tested",
        {"honey_token_used"},
    ),
    "used by the test": (
        token(),
        known(replace(KEY, last_used_at=NOW - timedelta(days=20))),
        Status.PASS,
        "token in place and tested",
        set(),
    ),
    "used and never tested": (
        token(tested_on=""),
        known(replace(KEY, last_used_at=NOW - timedelta(days=300))),
        Status.PARTIAL,
        "token not tested lately",
        {"honey_token_used", "honey_token_untested"},
    ),
    "said not to be": (token("not_done", ""), known(), Status.FAIL, "said not to be done", set()),
    "of a third party": (
        token(kind=OF_OTHERS, user="", about="a document"),
        {},
        Status.PASS,
        "token in place and tested",
        set(),
    ),
    "of a third party and not tested": (
        token(kind=OF_OTHERS, user="", about="a document", tested_on=LONG_AGO),
        {},
        Status.PARTIAL,
        "token not tested lately",
        {"honey_token_untested"},
    ),
    "of a user nobody named": (token(user=""), known(), Status.UNKNOWN, "token not seen", set()),
    "in an account nobody saw": (token(), {}, Status.UNKNOWN, "token not seen", set()),
    "of a key the report does not name": (
        token(),
        known(replace(KEY, ending="")),
        Status.UNKNOWN,
        "token not seen",
        set(),
    ),
    "of a key that the report calls inactive": (
        token(),
        known(replace(KEY, ending="", status="Inactive")),
        Status.FAIL,
        "token gone or inactive",
        set(),
    ),
    "of a user whose permissions nobody told": (
        token(),
        known() | {(ACCOUNT, iam.authorization): Authorization()},
        Status.UNKNOWN,
        "token not seen",
        set(),
    ),
    "of a key with a status nobody knows": (
        token(),
        known(replace(KEY, status="Dreaming")),
        Status.UNKNOWN,
        "token not seen",
        set(),
    ),
}


@pytest.mark.parametrize(("answer", "facts", "status", "rule", "codes"), CASES.values(), ids=CASES)
def test_a_token_and_what_was_said_of_it_decide(
    answer: Attested, facts: dict[Any, Any], status: Status, rule: str, codes: set[str]
) -> None:
    verdict = judge(seen(answer, facts=facts))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert {problem.code for problem in verdict.problems} == codes
    assert all(p.organization and p.resource == answer.details["user"] for p in verdict.problems)


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_nobody_has_registered_any() -> None:
    verdict = judge(seen())
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_ATTESTED)


def test_one_good_token_is_enough() -> None:
    others = [token(about="AKIAEXAMPLEEXAMPZZ99"), token(about="AKIAEXAMPLEEXAMPQQ11", user="")]
    verdict = judge(seen(token(), *others))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)
    assert [one["state"] for one in verdict.facts["tokens"]] == ["good", "gone", "unseen"]


def test_a_token_that_could_not_be_seen_may_be_in_place() -> None:
    gone = token(about="AKIAEXAMPLEEXAMPZZ99")
    verdict = judge(seen(gone, token(about="AKIAEXAMPLEEXAMPQQ11", user="")))
    assert verdict.status == Status.UNKNOWN


def test_the_newest_answer_about_a_token_counts() -> None:
    old, new = token(days_left=10, tested_on=LONG_AGO), token(days_left=90)
    assert judge(seen(new, old)).status == Status.PASS


def test_a_user_gets_permissions_from_its_groups() -> None:
    group = Group("g", "arn:g", inline=(Policy("p", document=ALLOW),))
    access = Authorization((UserAccess("canary", ARN, groups=("g",)),), (group,))
    verdict = judge(seen(token(), facts=known() | {(ACCOUNT, iam.authorization): access}))
    assert verdict.rule == "token with permissions"


def test_the_days_are_a_setting() -> None:
    patient = seen(token(tested_on=LONG_AGO), settings={"HONEY_TOKEN_TEST_DAYS": 365})
    assert judge(patient).status == Status.PASS


def test_the_secret_of_where_it_lies_stays_in_the_evidence() -> None:
    verdict = judge(seen(token(placement=["the wiki"])))
    assert verdict.facts["tokens"][0]["placement"] == ["the wiki"]
    assert "wiki" not in verdict.sentence
    assert "AKIAEXAMPLE" not in f"{verdict.facts} {verdict.sentence}"


def test_what_people_say_alone_is_marked_so() -> None:
    other = token(kind=OF_OTHERS, user="", about="a document")
    assert judge(seen(other, facts={})).source == Source.ATTESTED
    assert judge(seen(token())).source == Source.AUTOMATIC


EACH = {"HONEY_TOKEN_SCOPE": "account"}


def test_where_each_account_needs_one_the_organization_s_counts_where_it_lies() -> None:
    here = seen(token(), about=ACCOUNT, settings=EACH)
    elsewhere = seen(token(), about=LOGS, settings=EACH)
    assert judge(here).status == Status.PASS
    assert judge(elsewhere).reason == Reason.NOT_ATTESTED


def test_where_each_account_needs_one_its_findings_are_its_own() -> None:
    own = token(level="account", tested_on="")
    (problem,) = judge(seen(own, about=ACCOUNT, settings=EACH)).problems
    assert not problem.organization


def test_an_account_that_registered_its_own_answers_by_it() -> None:
    own = token(level="account", about="AKIAEXAMPLEEXAMPZZ99")
    assert judge(seen(token(), own, about=ACCOUNT)).status == Status.FAIL


def test_the_management_account_answers_for_the_organization_by_all() -> None:
    own = token(level="account", about="AKIAEXAMPLEEXAMPZZ99")
    assert judge(seen(token(), own)).status == Status.PASS


def test_a_key_that_may_not_be_listed_is_unknown() -> None:
    denied = {(ACCOUNT, iam.users): Outcome.ACCESS_DENIED}
    assert judge(seen(token(), facts=known() | denied)).reason == Reason.ACCESS_DENIED
