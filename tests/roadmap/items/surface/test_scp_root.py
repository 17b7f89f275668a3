"""The root user of a member account can do nothing."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import iam
from roadmap.items.surface.scp_root import judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, codes
from tests.roadmap.items.surface.guardrails import deny, guarded, only, problem

OF_ROOT = only("arn:aws:iam::*:root")
NONE_LEFT = dict.fromkeys(
    ("AccountPasswordPresent", "AccountAccessKeysPresent", "AccountSigningCertificatesPresent"), 0
)


def facts(
    features: Any = (),
    summary: dict[str, int] | Outcome = NONE_LEFT | {"AccountPasswordPresent": 1},
) -> dict[tuple[Any, ...], Any]:
    told = summary if isinstance(summary, Outcome) else iam.AccountSummary(summary)
    return {
        (MANAGEMENT, iam.organizations_features): features,
        (ACCOUNT, iam.account_summary): told,
    }


CENTRAL = ("RootCredentialsManagement",)
S3_POLICIES = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]
CASES: dict[str, tuple[list[Any], Any, Status, str, set[str]]] = {
    "all denied": ([deny("*", condition=OF_ROOT)], facts(), Status.PASS, "pass", set()),
    "all but bucket policies": (
        [deny(NotAction=S3_POLICIES, condition=OF_ROOT)],
        facts(),
        Status.PASS,
        "pass",
        set(),
    ),
    "short root sessions let off": (
        [deny("*", condition={**OF_ROOT, "Null": {"aws:AssumedRoot": "true"}})],
        facts(),
        Status.PASS,
        "pass",
        set(),
    ),
    "no credentials": (
        [],
        facts(CENTRAL, NONE_LEFT),
        Status.PASS,
        "no root credentials, managed centrally",
        set(),
    ),
    "central, a password left": (
        [],
        facts(CENTRAL),
        Status.PARTIAL,
        "managed centrally, credentials remain",
        {"guardrail_gap"},
    ),
    "a feature of tomorrow": (
        [],
        facts(("RootTomorrow",), NONE_LEFT),
        Status.FAIL,
        "nothing denied",
        {"guardrail_missing"},
    ),
    "one service": (
        [deny("ec2:*", condition=OF_ROOT)],
        facts(),
        Status.PARTIAL,
        "denied in part",
        {"guardrail_gap"},
    ),
    "nothing": ([], facts(), Status.FAIL, "nothing denied", {"guardrail_missing"}),
    "others denied": (
        [deny("*", condition=only("arn:aws:iam::*:role/*"))],
        facts(),
        Status.FAIL,
        "nothing denied",
        {"guardrail_missing"},
    ),
}


@pytest.mark.parametrize(
    ("statements", "seen", "status", "rule", "found"), CASES.values(), ids=CASES
)
def test_what_the_root_user_is_denied_decides(
    statements: list[Any], seen: Any, status: Status, rule: str, found: set[str]
) -> None:
    verdict = judge(guarded(*statements, facts=seen))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert codes(verdict) == found


@pytest.mark.parametrize(
    "seen",
    [
        facts(Outcome.ACCESS_DENIED, NONE_LEFT),
        facts(CENTRAL, Outcome.ACCESS_DENIED),
        facts(CENTRAL, {}),
    ],
    ids=["features denied", "summary denied", "summary without a count"],
)
def test_where_root_credentials_were_not_seen_it_is_unknown(seen: Any) -> None:
    assert judge(guarded(facts=seen)).status == Status.UNKNOWN


def test_what_is_denied_needs_no_other_facts() -> None:
    assert judge(guarded(deny("*", condition=OF_ROOT))).status == Status.PASS


def test_actions_that_the_company_allows_are_not_asked() -> None:
    settings = {"SCP_ROOT_ALLOWED_ACTIONS": ["KMS:createkey"]}
    statement = deny(NotAction="kms:*", condition=OF_ROOT)
    assert judge(guarded(statement, facts=facts())).status == Status.PARTIAL
    assert judge(guarded(statement, facts=facts(), settings=settings)).status == Status.PASS


def test_it_says_what_is_left() -> None:
    verdict = judge(guarded(deny("ec2:*", condition=OF_ROOT), facts=facts()))
    assert "kms:CreateKey" in str(verdict.facts["decisions"])
    assert "the root user" in problem(verdict, "guardrail_gap").detail


def test_it_keeps_the_chain_and_who_decided() -> None:
    verdict = judge(guarded(deny("*", condition=OF_ROOT, Sid="NoRoot")))
    assert [level["entity"] for level in verdict.facts["chain"]] == ["r-1", "ou-1", ACCOUNT]
    assert verdict.facts["decisions"][0]["sid"] == "NoRoot"
    assert "stopped by Own" in verdict.sentence


def test_an_undetermined_probe_is_unknown() -> None:
    condition = {**OF_ROOT, "Bool": {"aws:MoonPhase": "true"}}
    verdict = judge(guarded(deny("*", condition=condition), facts=facts()))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.UNDETERMINED)
    assert "aws:moonphase" in verdict.sentence
