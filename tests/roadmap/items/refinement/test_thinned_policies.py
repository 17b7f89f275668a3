"""Answers about roles and policies with fields missing and words nobody knows yet: no rule passes
on what is absent. Each sample fails as it is, and must not pass whatever is left out of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from hypothesis import given

from collectors.services import accessanalyzer, iam
from collectors.services.accessanalyzer import PolicyCheck, PolicyChecks
from inventory.policy_settings import SETTINGS
from roadmap.items.identity import role_services, unused_roles
from roadmap.items.refinement import iam_policies
from roadmap.verdicts import Status
from tests.collectors.services.canned import collect, thinned
from tests.roadmap.items.subjects import ACCOUNT, NOW, subject

EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}}
OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"
DEFAULTS = {name: setting.default for name, setting in SETTINGS.items()}


def answers(last_used_days: int) -> dict[str, Any]:
    role = {
        "Path": "/",
        "RoleName": "app",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "CreateDate": NOW - timedelta(days=800),
        "AssumeRolePolicyDocument": quote(json.dumps(TRUST)),
        "AttachedManagedPolicies": [{"PolicyName": "own", "PolicyArn": OWN}],
        "RoleLastUsed": {"LastUsedDate": NOW - timedelta(days=last_used_days)},
    }
    version = {"IsDefaultVersion": True, "Document": quote(json.dumps(EVERYTHING))}
    policy = {"PolicyName": "own", "Arn": OWN, "PolicyVersionList": [version]}
    page = {"RoleDetailList": [role], "Policies": [policy]}
    return {"get_account_authorization_details": page}


def seen(given_answers: Any) -> dict[Any, Any]:
    known: iam.Authorization = collect(
        iam.authorization, given_answers, settings=DEFAULTS, is_checked=False
    )
    checks = {policy.digest: PolicyCheck(validations=()) for policy in known.policies}
    return {
        (ACCOUNT, iam.authorization): known,
        (ACCOUNT, accessanalyzer.policy_checks): PolicyChecks(checks),
        (ACCOUNT, iam.service_reports): iam.ServiceReports(),
    }


def test_the_samples_fail_as_they_are() -> None:
    assert unused_roles.judge(subject(seen(answers(300)))).status == Status.FAIL
    assert role_services.judge(subject(seen(answers(1)))).status == Status.FAIL
    assert iam_policies.judge(subject(seen(answers(1)))).status == Status.FAIL


@given(thinned(answers(300)))
def test_an_unused_role_never_passes(given_answers: Any) -> None:
    assert unused_roles.judge(subject(seen(given_answers))).status != Status.PASS


@given(thinned(answers(1)))
def test_an_administrator_on_compute_never_passes(given_answers: Any) -> None:
    assert role_services.judge(subject(seen(given_answers))).status != Status.PASS


@given(thinned(answers(1)))
def test_a_policy_that_allows_everything_never_passes(given_answers: Any) -> None:
    assert iam_policies.judge(subject(seen(given_answers))).status != Status.PASS
