"""The results that any evaluator must give: 11.8 of the evidence rules.

One policy on the account, FullAWSAccess on every level. Published policies are filled in as the
rules say: an account or Region by *, the trail by TRAIL, the protected prefix by stacksets-exec-,
the privileged role by break-glass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.services import cloudtrail, ec2, iam
from inventory.policy_settings import SETTINGS
from roadmap.evaluation.judging import apply_rule
from roadmap.guardrails.case import case_of
from roadmap.guardrails.documents import content_of, read_policy
from roadmap.guardrails.evaluation import REMEMBERED_AT_MOST, Effect
from roadmap.guardrails.probes import (
    P1,
    P2,
    ROOT,
    Answer,
    Principal,
    anonymous_read,
    demands_tags,
    probe,
)
from roadmap.guardrails.regions import PROBES as OF_REGIONS
from roadmap.guardrails.regions import blocked_regions
from roadmap.guardrails.trial import trial
from roadmap.guardrails.watching import GROUPS
from roadmap.items.surface.scp_imdsv2 import LAUNCH, MODIFY, USE
from roadmap.registry import items
from roadmap.subject import Subject
from roadmap.verdicts import Status, Verdict
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT
from tests.roadmap.items.surface.guardrails import deny, except_for, guarded, in_regions

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "scp"
FILLED = {
    "${Account}": "*",
    "${Region}": "*",
    "[CLOUDTRAIL_NAME]": "TRAIL",
    "[PROTECTED_ROLE_PREFIX]": "stacksets-exec-",
    "[PROTECTED_ROLE_NAME]": "stacksets-exec-",
    "[PRIVILEGED_ROLE]": "break-glass",
}
UNPROTECTED = {
    (MANAGEMENT, iam.organizations_features): (),
    **in_regions(ec2.vpc_block, ec2.VpcBlock()),
    **in_regions(ec2.metadata_defaults, ec2.MetadataDefaults()),
}


def published(name: str) -> Sequence[Mapping[str, Any]]:
    text = (SAMPLES / f"{name}.json").read_text()
    for placeholder, value in FILLED.items():
        text = text.replace(placeholder, value)
    document = read_policy(text, name)
    assert not document.is_unfinished
    statements: Sequence[Mapping[str, Any]] = content_of(document)["Statement"]
    return statements


def under(*statements: Mapping[str, Any], **more: Any) -> Subject:
    return guarded(*statements, facts={**UNPROTECTED, **more.pop("facts", {})}, **more)


def judged(key: str, about: Subject) -> Verdict:
    return apply_rule(items()[key], about)


def asked(
    about: Subject, *probes: Any, who: Sequence[Principal] = (P1,), where: Any = None
) -> set[Effect]:
    answers: Sequence[Answer] = case_of(about).ask(probes, who, where)
    return {answer.decision.effect for answer in answers}


def test_full_access_alone_fails_every_guardrail() -> None:
    full = read_policy((SAMPLES / "FullAWSAccess.json").read_text())
    about = trial(full, {name: setting.default for name, setting in SETTINGS.items()})
    children = [item for item in items().values() if item.parent == "surface.scps"]
    assert {apply_rule(item, about).status for item in children} == {Status.FAIL}
    assert len(children) == 10


ROOT_DENIED = "Deny-the-root-user-from-performing-actions-except-S3-bucketpolicy-changes"


def test_the_root_user_is_denied() -> None:
    assert judged("surface.scp_root", under(*published(ROOT_DENIED))).status == Status.PASS


def test_the_root_user_is_denied_but_for_short_sessions() -> None:
    (statement,) = published(ROOT_DENIED)
    condition = {**statement["Condition"], "Null": {"aws:AssumedRoot": "true"}}
    about = under({**statement, "Condition": condition})
    assert judged("surface.scp_root", about).status == Status.PASS


def test_regions_are_denied_by_request() -> None:
    about = under(*published("Deny-access-to-AWS-based-on-the-requested-AWS-region"))
    case = case_of(about)
    enabled = ["ap-south-1", "eu-west-1"]
    assert blocked_regions(case.chain, case.place, enabled) == ["ap-south-1"]
    assert asked(about, *OF_REGIONS, who=case.ordinary, where=["eu-west-1"]) == {Effect.ALLOW}


def test_critical_actions_of_iam_users_are_denied() -> None:
    about = under(*published("Deny-critical-IAM-user-actions"))
    assert judged("surface.scp_access_keys", about).status == Status.PASS


def test_leaving_is_denied_and_moving_is_not() -> None:
    about = under(*published("Deny-member-accounts-from-leaving-your-AWS-organization"))
    everybody = (*case_of(about).ordinary, ROOT)
    handshake = "organizations::{a}:handshake/o-abcdefghij/invite/h-0123456789"
    leaving = probe("organizations:LeaveOrganization")
    moving = probe("organizations:AcceptHandshake", handshake)
    assert asked(about, leaving, who=everybody) == {Effect.DENY}
    assert asked(about, moving, who=everybody) == {Effect.ALLOW}


def test_public_connectivity_of_vpcs_is_denied() -> None:
    about = under(*published("Prevent-creating-or-expanding-public-connectivity-for-VPCs"))
    assert judged("surface.scp_internet_vpc", about).status == Status.PASS


def holds(group: str, about: Subject) -> bool:
    """Whether the requests of a group are all denied."""
    probes = next(one.probes for one in GROUPS if one.name == group)
    return asked(about, *probes, who=case_of(about).ordinary) == {Effect.DENY}


GUARDDUTY = deny(
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:DeleteMembers",
    "guardduty:StopMonitoringMembers",
)


def test_denying_changes_of_guardduty_leaves_a_way_out() -> None:
    about = under(GUARDDUTY)
    assert not holds("GuardDuty", about)
    leaving = probe("guardduty:DisassociateFromAdministratorAccount")
    assert asked(about, leaving) == {Effect.ALLOW}


CONFIG = deny("config:StopConfigurationRecorder", "config:Delete*", "config:Put*")
HUB = deny("securityhub:DisableSecurityHub", "securityhub:Disassociate*")
ANALYZER = "Deny-deletion-of-AWS-Access-Analyzer-and-findings-in-an-account"


@pytest.mark.parametrize(
    ("group", "statements"),
    [
        ("Access Analyzer", published(ANALYZER)),
        ("Config", [CONFIG]),
        ("Security Hub", [HUB]),
    ],
    ids=["Access Analyzer", "Config", "Security Hub"],
)
def test_denying_changes_of_a_service_protects_it(group: str, statements: Any) -> None:
    assert holds(group, under(*statements))


def test_denying_changes_of_a_trail_protects_it() -> None:
    arn = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/TRAIL"
    trails = in_regions(cloudtrail.trails, (cloudtrail.Trail(arn),))
    about = under(*published("Deny-modifications-to-specific-CloudTrail-trails"), facts=trails)
    verdict = judged("surface.scp_security_services", about)
    assert verdict.facts["groups"]["CloudTrail"]["holds"]


def test_denying_changes_of_roles_protects_them() -> None:
    settings = {"PROTECTED_ROLE_PATTERNS": ["stacksets-exec-*"]}
    about = under(*published("Deny-modifications-to-specific-IAM-roles"), settings=settings)
    assert judged("surface.scp_protected_roles", about).status == Status.PASS


def test_launches_without_required_tokens_are_denied() -> None:
    tokens = {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}
    launch = deny("ec2:RunInstances", condition=tokens, Resource="arn:aws:ec2:*:*:instance/*")
    about = under(launch, deny("ec2:ModifyInstanceMetadataOptions"))
    unsaid = probe(LAUNCH.action, *LAUNCH.resources)
    assert asked(about, LAUNCH, MODIFY, unsaid, who=case_of(about).roles) == {Effect.DENY}


def test_use_of_credentials_got_without_a_token_is_denied() -> None:
    old = deny("*", condition={"NumericLessThan": {"ec2:RoleDelivery": "2.0"}})
    assert asked(under(old), *USE) == {Effect.DENY}


def test_an_allow_list_denies_what_it_does_not_name() -> None:
    allow = {"Effect": "Allow", "Action": ["ec2:*", "s3:*", "iam:*"], "Resource": "*"}
    about = under(allow, full=False)
    (implicit,) = case_of(about).ask([probe("gamelift:CairnProbe")], [P1], ["eu-west-1"])
    assert (implicit.decision.effect, implicit.decision.policy) == (Effect.DENY, "")
    assert implicit.decision.level == "ou-1"
    assert asked(about, probe("ec2:CairnProbe")) == {Effect.ALLOW}


def test_a_deny_without_mfa_is_a_way_around() -> None:
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    about = under(deny("iam:CreateAccessKey", condition=without))
    key = probe("iam:CreateAccessKey", "iam::{a}:user/cairn-probe")
    answers = case_of(about).ask([key], [P1, P2])
    assert all(answer.is_allowed and answer.bypasses_mfa for answer in answers)


def test_accounts_that_no_policy_tells_apart_are_evaluated_once() -> None:
    statements = published("Prevent-creating-or-expanding-public-connectivity-for-VPCs")
    case, other = case_of(under(*statements)), case_of(under(*statements))
    assert case.chain is other.chain
    assert case.ask([LAUNCH], [P1]) is other.ask([LAUNCH], [P1])


def test_what_is_remembered_of_a_chain_has_an_end() -> None:
    """A policy that looks at the clock is asked anew at every moment."""
    until = {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}
    about = under(deny("*", condition=until))
    for minute in range(3000):
        case = case_of(replace(about, now=about.now + timedelta(minutes=minute)))
        (answer,) = case.ask([probe("iam:CreateUser")], [P1])
        assert answer.is_denied
    assert len(case.chain.memory) <= REMEMBERED_AT_MOST


def test_tags_are_demanded_where_launches_without_them_are_denied() -> None:
    untagged = deny("ec2:RunInstances", condition={"Null": {"aws:RequestTag/owner": "true"}})
    tags = {"owner": ["security"]}
    keyless = deny(
        "ec2:RunInstances", condition={"ForAllValues:StringNotEquals": {"aws:TagKeys": ["owner"]}}
    )
    for statements, demanded in (
        ([untagged], True),
        ([keyless], True),
        ([], False),
        ([deny("ec2:*")], False),
    ):
        case = case_of(under(*statements))
        assert demands_tags(case.chain, case.place, tags, case.regions) is demanded


def test_strangers_are_kept_from_a_bucket_by_a_resource_control_policy() -> None:
    ours = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    services = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    for statement, denied in (
        (deny("s3:*", condition=ours | services), True),
        (deny("s3:*", condition={**ours, **except_for("arn:aws:iam::*:role/reader")}), True),
        (deny("s3:*", condition={"Null": {"aws:userid": "false"}}), False),
        (deny("s3:PutObject", condition=ours), False),
    ):
        case = case_of(under(statement))
        decision = anonymous_read(case.chain, case.place, "reports", "eu-west-1")
        assert decision.is_denied is denied
