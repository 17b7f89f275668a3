"""The account has no IAM users, and its root user no access key."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.outcomes import Outcome
from collectors.services import iam
from collectors.services.iam import AccessKey, AccountSummary, User, Users
from roadmap.items.identity import no_users
from roadmap.items.identity.no_users import item
from roadmap.subject import Excepted
from roadmap.verdicts import Reason, Severity, Status, Verdict
from tests.roadmap.items.subjects import ACCOUNT, NOW, attested, codes, subject

Facts = dict[tuple[Any, ...], Any]
CLEAN = {"AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1, "AccountPasswordPresent": 1}
MADE = NOW - timedelta(days=10)


def user(name: str = "deploy", *keys: AccessKey, password: bool | None = False) -> User:
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return User(name, arn, MADE, has_password=password, has_mfa=False, keys=keys)


def key(status: str = "Active", made: datetime = MADE, region: str = "eu-west-1") -> AccessKey:
    return AccessKey("WXYZ", status, made, NOW, region)


def of_users(*found: User) -> Facts:
    return {(ACCOUNT, iam.users): Users(found, reported_at=NOW - timedelta(hours=3))}


def summary(**counts: int) -> Facts:
    return {(ACCOUNT, iam.account_summary): AccountSummary(CLEAN | counts)}


def judge(found: Facts, **more: Any) -> Verdict:
    return no_users.judge(subject(of_users() | summary() | found, **more))


OLD = NOW - timedelta(days=91)
IDLE = {"iam_user_idle"}
CASES: dict[str, tuple[Facts, Status, str, set[str]]] = {
    "nobody": ({}, Status.PASS, "no user", set()),
    "a user with nothing": (of_users(user()), Status.PARTIAL, "idle users only", IDLE),
    "an inactive key": (
        of_users(user("a", key("Inactive"))),
        Status.PARTIAL,
        "idle users only",
        IDLE,
    ),
    "an expired key": (
        of_users(user("a", key("Expired"))),
        Status.PARTIAL,
        "idle users only",
        IDLE,
    ),
    "an active key": (
        of_users(user("a", key()), user("b")),
        Status.FAIL,
        "user with active key",
        {"iam_user_key"} | IDLE,
    ),
    "a key of a status nobody knows": (
        of_users(user("a", key("Dormant"))),
        Status.FAIL,
        "user with active key",
        {"iam_user_key"},
    ),
    "an old active key": (
        of_users(user("a", key(made=OLD))),
        Status.FAIL,
        "user with active key",
        {"iam_user_key", "key_older_than_limit"},
    ),
    "an old inactive key": (
        of_users(user("a", key("Inactive", made=OLD))),
        Status.PARTIAL,
        "idle users only",
        IDLE,
    ),
    "a password": (
        of_users(user("a", password=True)),
        Status.FAIL,
        "user with password",
        {"iam_user_password"},
    ),
    "a key of the root user": (
        summary(AccountAccessKeysPresent=1),
        Status.FAIL,
        "root user has an access key",
        {"root_access_key"},
    ),
    "a root user with password and without MFA": (
        summary(AccountMFAEnabled=0),
        Status.PASS,
        "no user",
        {"root_without_mfa"},
    ),
    "a root user without password needs no MFA": (
        summary(AccountMFAEnabled=0, AccountPasswordPresent=0),
        Status.PASS,
        "no user",
        set(),
    ),
}


@pytest.mark.parametrize(("found", "status", "rule", "reported"), CASES.values(), ids=CASES)
def test_users_and_the_root_user_decide(
    found: Facts, status: Status, rule: str, reported: set[str]
) -> None:
    verdict = judge(found)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert codes(verdict) == reported
    assert not verdict.incomplete


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(reported for *_, reported in CASES.values()))


def test_the_sentence_says_who_can_still_sign_in_and_how() -> None:
    found = of_users(user("ann", password=True), user("bo", key(), key()), user("cy"))
    assert judge(found).sentence == (
        "2 IAM users can still get in: ann (a password) and bo (2 active keys)."
    )


def test_the_sentence_of_a_root_key_goes_on_with_users() -> None:
    verdict = judge(of_users(user("ann", key())) | summary(AccountAccessKeysPresent=1))
    assert "root user has an access key" in verdict.sentence
    assert "ann (an active key)" in verdict.sentence
    assert codes(verdict) == {"root_access_key", "iam_user_key"}


def test_a_finding_is_about_its_user() -> None:
    (problem,) = judge(of_users(user("ann", key()))).problems
    assert (problem.resource, problem.name) == (f"arn:aws:iam::{ACCOUNT}:user/ann", "ann")
    assert "…WXYZ" in problem.detail


@pytest.mark.parametrize(
    ("approved", "region", "severity"),
    [
        (["eu-west-1"], "eu-west-1", None),
        (["eu-west-1"], "ap-south-1", Severity.CRITICAL),
        (["eu-west-1"], "", None),
        ([], "ap-south-1", None),
    ],
    ids=["at home", "abroad", "never used", "no Regions approved"],
)
def test_a_key_used_where_the_company_does_nothing_is_critical(
    approved: list[str], region: str, severity: Severity | None
) -> None:
    found = of_users(user("ann", key(region=region)))
    (problem,) = judge(found, settings={"APPROVED_REGIONS": approved}).problems
    assert problem.severity == severity
    assert ("does nothing" in problem.detail) is (severity is not None)


def test_how_old_a_key_may_be_is_a_setting() -> None:
    found = of_users(user("ann", key(made=OLD)))
    verdict = judge(found, settings={"ACCESS_KEY_MAX_AGE_DAYS": 91})
    assert codes(verdict) == {"iam_user_key"}


ANN = user("ann", key(), password=True)
TOKENS = "refinement.honey_tokens"
EXEMPT: dict[str, dict[str, Any]] = {
    "kept for emergencies": {"settings": {"BREAK_GLASS_USERS": [ANN.arn]}},
    "honey token by its details": {"elsewhere": {TOKENS: [attested(TOKENS, user=ANN.arn)]}},
    "one of several honey tokens": {
        "elsewhere": {TOKENS: [attested(TOKENS, users=["arn:other", ANN.arn])]}
    },
    "honey token by its name": {"elsewhere": {TOKENS: [attested(TOKENS, about=ANN.arn)]}},
    "excepted": {"exceptions": [Excepted("identity.no_users", "arn:aws:iam::*:user/a*")]},
}
NOT_EXEMPT: dict[str, dict[str, Any]] = {
    "another is kept for emergencies": {"settings": {"BREAK_GLASS_USERS": [f"{ANN.arn}2"]}},
    "token that has expired": {
        "elsewhere": {TOKENS: [attested(TOKENS, user=ANN.arn, days_left=0)]}
    },
    "token that is none": {"elsewhere": {TOKENS: [attested(TOKENS, "not_done", user=ANN.arn)]}},
    "registered under another item": {
        "elsewhere": {"incident.practice": [attested("incident.practice", user=ANN.arn)]}
    },
    "excepted for too long": {
        "exceptions": [Excepted("identity.no_users", ANN.arn, expires_at=NOW)]
    },
}


@pytest.mark.parametrize("more", EXEMPT.values(), ids=EXEMPT)
def test_some_users_may_be_there(more: dict[str, Any]) -> None:
    verdict = judge(of_users(ANN), **more)
    assert (verdict.status, verdict.rule) == (Status.PASS, "exempt users only")
    assert not verdict.problems
    assert "ann" not in str(verdict.facts) + verdict.sentence
    others = judge(of_users(ANN, user("bo")), **more)
    assert (others.status, codes(others)) == (Status.PARTIAL, IDLE)


@pytest.mark.parametrize("more", NOT_EXEMPT.values(), ids=NOT_EXEMPT)
def test_others_may_not(more: dict[str, Any]) -> None:
    assert judge(of_users(ANN), **more).status == Status.FAIL


def listing(*found: User) -> Facts:
    """Without a credential report."""
    told = Users(found, None, "Not ready within 120 seconds.", Outcome.JOB_TIMEOUT)
    return {(ACCOUNT, iam.users): told}


def test_an_empty_list_needs_no_report() -> None:
    assert judge(listing()).status == Status.PASS


def test_an_active_key_fails_without_a_report() -> None:
    verdict = judge(listing(user("ann", key(), password=None)))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)
    assert codes(verdict) == {"iam_user_key"}


def test_whether_a_user_is_idle_is_not_known_without_a_report() -> None:
    verdict = judge(listing(user("ann", password=None)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.JOB_TIMEOUT)
    assert "ann" in verdict.sentence


def test_a_report_of_long_ago_is_stale() -> None:
    found = of_users()
    old = replace(found[ACCOUNT, iam.users], reported_at=NOW - timedelta(hours=73))
    verdict = judge({(ACCOUNT, iam.users): old})
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.STALE)
    at_most = {"EVIDENCE_MAX_AGE_HOURS": 73}
    assert judge({(ACCOUNT, iam.users): old}, settings=at_most).status == Status.PASS


def test_a_root_key_fails_although_the_users_were_not_seen() -> None:
    verdict = judge(
        {(ACCOUNT, iam.users): Outcome.ACCESS_DENIED} | summary(AccountAccessKeysPresent=1)
    )
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


def test_a_user_with_a_key_fails_although_the_root_user_was_not_seen() -> None:
    denied = {(ACCOUNT, iam.account_summary): Outcome.ACCESS_DENIED}
    verdict = judge(of_users(ANN) | denied)
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


@pytest.mark.parametrize("collector", [iam.users, iam.account_summary], ids=str)
@pytest.mark.parametrize("found", [{}, of_users(user())], ids=["nobody", "idle"])
def test_what_was_not_seen_may_be_worse(collector: Any, found: Facts) -> None:
    verdict = judge(found | {(ACCOUNT, collector): Outcome.ACCESS_DENIED})
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    is_seen = bool(found) and collector is not iam.users
    assert codes(verdict) == (IDLE if is_seen else set())


@given(st.sets(st.sampled_from(sorted(CLEAN))))
def test_a_summary_that_leaves_out_the_root_keys_passes_nobody(kept: set[str]) -> None:
    told = AccountSummary({name: CLEAN[name] for name in kept})
    verdict = judge({(ACCOUNT, iam.account_summary): told})
    assert (verdict.status == Status.PASS) is ("AccountAccessKeysPresent" in kept)


@pytest.mark.parametrize(
    ("told", "is_known"),
    [
        ({"AccountMFAEnabled": 1}, True),
        ({"AccountMFAEnabled": 0}, False),
        ({"AccountPasswordPresent": 0}, True),
        ({"AccountPasswordPresent": 1}, False),
        ({"AccountMFAEnabled": 0, "AccountPasswordPresent": 1}, True),
        ({}, False),
    ],
    ids=str,
)
def test_a_root_user_without_mfa_is_looked_for_where_aws_tells(
    told: dict[str, int], is_known: bool
) -> None:
    found = {
        (ACCOUNT, iam.account_summary): AccountSummary({"AccountAccessKeysPresent": 0, **told})
    }
    verdict = judge(found)
    assert (verdict.status, verdict.incomplete) == (Status.PASS, not is_known)
