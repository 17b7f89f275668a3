"""An account holds one workload, and nobody administers production and security alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.services import iam, sso_admin
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.iam import Authorization, Policy, Role, Trust
from collectors.services.resourcegroupstaggingapi import Tagged, TagSet
from collectors.services.sso_admin import Access, PermissionSet
from collectors.tags import Tags
from roadmap.items.incident import blast_radius
from roadmap.items.incident.blast_radius import item
from roadmap.subject import AccountRow, Company, Excepted
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    NOW,
    ORGANIZATION,
    REGIONS,
    SECURITY,
    attested,
    codes,
    row,
    standalone,
    subject,
)

Facts = dict[tuple[Any, ...], Any]
PROD = row(classes=["production"])
OTHER_PROD = row("555555555555", name="Shop", classes=["production"])
DEV = row("666666666666", name="Dev")
AUDIT = row(SECURITY, name="Audit", classes=["security"])
SETTINGS = {"SECURITY_ACCOUNTS": {SECURITY: ["tooling"], LOGS: ["log_archive"]}}
ADMIN_ARN = "arn:aws:iam::aws:policy/AdministratorAccess"
GROUP = "arn:aws:identitystore:::group/both"


def access(*groups: str, users: Sequence[str] = (), policy: str = "AdministratorAccess") -> Access:
    one = PermissionSet("arn:ps", "Set", (policy,), groups, tuple(users))
    return Access("arn:instance", "us-east-1", (one,))


def role(
    account: str,
    *trusted: str,
    name: str = "Operator",
    attached: Sequence[str] = (),
    allows: Sequence[str] = (),
    but: Sequence[str] = (),
    path: str = "/",
) -> Role:
    """A role with an inline policy that allows some actions, or all but some."""
    kind = {"NotAction": list(but)} if but else {"Action": list(allows)}
    document = json.dumps({"Statement": {"Effect": "Allow", "Resource": "*", **kind}})
    inline = (Policy("Inline", document=document),) if allows or but else ()
    arn = f"arn:aws:iam::{account}:role{path}{name}"
    return Role(name, arn, path, trusts=(Trust(trusted),), attached=tuple(attached), inline=inline)


def roles(account: str, *found: Role, policies: Sequence[Policy] = ()) -> Facts:
    return {(account, iam.authorization): Authorization(roles=found, policies=tuple(policies))}


def tag_set(count: int, *keys: str, **values: str) -> TagSet:
    return TagSet("ec2:instance", Tags((*keys, *values), tuple(values.items())), count)


def tagged(region: str, **environments: int) -> Facts:
    sets = [tag_set(count, environment=name) for name, count in environments.items()]
    return {(a, tagging.tagged, region): Tagged(tuple(sets)) for a in EVERYBODY}


EVERYBODY = (ACCOUNT, SECURITY, LOGS, OTHER_PROD.account_id, DEV.account_id)
CLEAN: Facts = {
    **{(a, sso_admin.access): access(f"of-{a}") for a in EVERYBODY},
    **{(a, iam.authorization): Authorization() for a in EVERYBODY},
    **{(a, tagging.tagged, region): Tagged() for a in EVERYBODY for region in REGIONS},
}


def judge(
    found: Mapping[tuple[Any, ...], Any] | None = None,
    said: str = "done",
    about: AccountRow = PROD,
    *,
    others: Sequence[AccountRow] = (PROD, OTHER_PROD, DEV, AUDIT),
    days_left: int = 30,
    settings: Mapping[str, Any] | None = None,
    **more: Any,
) -> Verdict:
    """What all accounts' access facts say, the rule sees of the company."""
    facts = CLEAN | dict(found or {})
    seen = {
        name: Observation(
            "sso_admin.access",
            name,
            "",
            value if isinstance(value, Outcome) else Outcome.COLLECTED,
            None if isinstance(value, Outcome) else value,
            observed_at=NOW,
        )
        for (name, collector, *_), value in facts.items()
        if collector is sso_admin.access
    }
    company = Company(
        accounts={one.account_id: one for one in others},
        access=seen,
        collector_principals=(f"arn:aws:iam::{ACCOUNT}:role/Cairn",),
    )
    answers = [attested("incident.blast_radius", said, days_left=days_left)] if said else []
    return blast_radius.judge(
        subject(
            facts,
            about,
            settings=SETTINGS | dict(settings or {}),
            company=company,
            attestations=answers,
            regions=dict.fromkeys(EVERYBODY, REGIONS),
            **more,
        )
    )


OVERLAP: Facts = {
    (ACCOUNT, sso_admin.access): access("both", "of-prod"),
    (LOGS, sso_admin.access): access("both"),
}
LINES: dict[str, tuple[str, Facts, Status, Reason | None, str]] = {
    "done, holding": ("done", {}, Status.PASS, None, "attested and separated"),
    "done, broken": ("done", OVERLAP, Status.PARTIAL, None, "attested, not separated"),
    "partly, holding": ("partly", {}, Status.PARTIAL, None, "attested in part, separated"),
    "partly, broken": ("partly", OVERLAP, Status.FAIL, None, "attested in part, not separated"),
    "not done, holding": ("not_done", {}, Status.FAIL, None, "attested not done"),
    "not done, broken": ("not_done", OVERLAP, Status.FAIL, None, "attested not done"),
    "nothing, holding": ("", {}, Status.UNKNOWN, Reason.NOT_ATTESTED, "not attested"),
    "nothing, broken": ("", OVERLAP, Status.FAIL, None, "not attested, not separated"),
    "a claim of tomorrow": ("mostly", {}, Status.UNKNOWN, Reason.NOT_ATTESTED, "not attested"),
}


@pytest.mark.parametrize(("said", "found", "status", "reason", "rule"), LINES.values(), ids=LINES)
def test_the_answer_and_the_separation_decide(
    said: str, found: Facts, status: Status, reason: Reason | None, rule: str
) -> None:
    verdict = judge(found, said)
    assert (verdict.status, verdict.reason, verdict.rule) == (status, reason, rule)
    assert codes(verdict) == ({"duty_overlap"} if found else set())


@pytest.mark.parametrize("said", ["done", "partly", "not_done"])
def test_an_answer_that_has_expired_is_none(said: str) -> None:
    verdict = judge({}, said, days_left=0)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ATTESTATION_EXPIRED)
    assert verdict.rule == "attestation expired"
    assert judge(OVERLAP, said, days_left=0).rule == "not attested, not separated"


def test_an_overlap_names_the_group_and_not_its_people() -> None:
    verdict = judge(OVERLAP)
    (problem,) = verdict.problems
    assert problem.resource == GROUP
    assert verdict.facts["overlap"] == [GROUP]
    assert "1 group or user is administrator of both" in verdict.sentence


TO_SECURITY = roles(
    SECURITY, role(SECURITY, f"arn:aws:iam::{ACCOUNT}:role/Deploy", attached=[ADMIN_ARN])
)
BY_STATEMENT = roles(SECURITY, role(SECURITY, f"arn:aws:iam::{ACCOUNT}:root", allows=["*"]))
WRITING = roles(ACCOUNT, role(ACCOUNT, f"arn:aws:iam::{SECURITY}:root", allows=["s3:PutObject"]))
BY_POLICY = roles(
    ACCOUNT, role(ACCOUNT, LOGS, attached=["arn:aws:iam::aws:policy/PowerUserAccess"])
)
UNDESCRIBED = roles(
    ACCOUNT, role(ACCOUNT, LOGS, attached=[f"arn:aws:iam::{ACCOUNT}:policy/ReadOnly"])
)


def trusting_anybody(account: str, **limits: Any) -> Facts:
    one = replace(role(account, allows=["*"]), trusts=(Trust(("*",), **limits),))
    return roles(account, one)


BY_ARN = (("stringlike", "aws:principalarn"),)
ALL_BUT = roles(ACCOUNT, role(ACCOUNT, SECURITY, but=["iam:*"]))
BROKEN: dict[str, tuple[AccountRow, Facts, str]] = {
    "a group": (PROD, OVERLAP, "duty_overlap"),
    "a group, seen from the log archive": (
        row(LOGS),
        {(LOGS, sso_admin.access): access("both"), (ACCOUNT, sso_admin.access): access("both")},
        "duty_overlap",
    ),
    "a user": (
        PROD,
        {
            (ACCOUNT, sso_admin.access): access(users=["u"]),
            (SECURITY, sso_admin.access): access(users=["u"], policy="IAMFullAccess"),
        },
        "duty_overlap",
    ),
    "a role to security": (PROD, TO_SECURITY, "prod_reaches_security"),
    "a role to security, by its statement": (PROD, BY_STATEMENT, "prod_reaches_security"),
    "a role to security, seen from there": (AUDIT, TO_SECURITY, "prod_reaches_security"),
    "a role to security that trusts anybody": (
        PROD,
        trusting_anybody(SECURITY),
        "prod_reaches_security",
    ),
    "a role to security that trusts the organization": (
        PROD,
        trusting_anybody(SECURITY, organizations=(ORGANIZATION,)),
        "prod_reaches_security",
    ),
    "anybody may write": (PROD, trusting_anybody(ACCOUNT), "duty_overlap"),
    "security may write": (PROD, WRITING, "duty_overlap"),
    "security may write, by a policy of AWS": (PROD, BY_POLICY, "duty_overlap"),
    "security may write, by a policy nobody described": (PROD, UNDESCRIBED, "duty_overlap"),
    "security may do all but some": (PROD, ALL_BUT, "duty_overlap"),
    "security may write elsewhere": (
        DEV,
        roles(DEV.account_id, role(DEV.account_id, SECURITY, allows=["*"])),
        "duty_overlap",
    ),
}


@pytest.mark.parametrize(("about", "found", "code"), BROKEN.values(), ids=BROKEN)
def test_what_breaks_the_separation(about: AccountRow, found: Facts, code: str) -> None:
    verdict = judge(found, about=about)
    assert (verdict.rule, codes(verdict)) == ("attested, not separated", {code})
    assert judge(found, "", about).status == Status.FAIL


READING = ["s3:Get*", "iam:Generate*", "ec2:Describe*"]
HOLDING: dict[str, tuple[AccountRow, Facts]] = {
    "a group of both that is no administrator here": (
        PROD,
        OVERLAP | {(ACCOUNT, sso_admin.access): access("both", policy="ViewOnlyAccess")},
    ),
    "a group of security and of an account that is not production": (
        DEV,
        {
            (DEV.account_id, sso_admin.access): access("both"),
            (LOGS, sso_admin.access): access("both"),
        },
    ),
    "a group of two production accounts": (
        PROD,
        {
            (ACCOUNT, sso_admin.access): access("both"),
            (OTHER_PROD.account_id, sso_admin.access): access("both"),
        },
    ),
    "a group of two security accounts": (
        AUDIT,
        {
            (SECURITY, sso_admin.access): access("both"),
            (LOGS, sso_admin.access): access("both"),
        },
    ),
    "a role of security that reads": (
        PROD,
        roles(SECURITY, role(SECURITY, ACCOUNT, allows=["logs:GetLogEvents"])),
    ),
    "a role of security for another account": (
        PROD,
        roles(SECURITY, role(SECURITY, OTHER_PROD.account_id, allows=["*"])),
    ),
    "a role of security for an account that is not production": (
        AUDIT,
        roles(SECURITY, role(SECURITY, DEV.account_id, allows=["*"])),
    ),
    "a role of security that trusts another organization": (
        PROD,
        trusting_anybody(SECURITY, organizations=("o-vendor00001",)),
    ),
    "a role of security that trusts anybody by ARN": (
        PROD,
        trusting_anybody(SECURITY, conditions=BY_ARN),
    ),
    "security only reads": (PROD, roles(ACCOUNT, role(ACCOUNT, SECURITY, allows=READING))),
    "security only reads, by policies of AWS": (
        PROD,
        roles(
            ACCOUNT,
            role(
                ACCOUNT,
                SECURITY,
                attached=[
                    "arn:aws:iam::aws:policy/SecurityAudit",
                    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
                ],
            ),
        ),
    ),
    "automation of security": (
        PROD,
        roles(ACCOUNT, role(ACCOUNT, SECURITY, name="AWSControlTowerExecution", allows=["*"])),
    ),
    "Cairn's own role": (
        PROD,
        roles(ACCOUNT, role(ACCOUNT, SECURITY, name="Cairn", allows=["sts:AssumeRole"])),
    ),
    "a role of AWS": (
        PROD,
        roles(ACCOUNT, role(ACCOUNT, SECURITY, path="/aws-service-role/x/", allows=["*"])),
    ),
    "a role for somebody else": (PROD, roles(ACCOUNT, role(ACCOUNT, MANAGEMENT, allows=["*"]))),
    "security among itself": (
        AUDIT,
        roles(SECURITY, role(SECURITY, LOGS, name="Backup", allows=["s3:PutObject"])),
    ),
}


@pytest.mark.parametrize(("about", "found"), HOLDING.values(), ids=HOLDING)
def test_what_does_not_break_it(about: AccountRow, found: Facts) -> None:
    verdict = judge(found, about=about)
    assert (verdict.status, codes(verdict)) == (Status.PASS, set())


def test_a_finding_says_that_anybody_may_assume_a_role() -> None:
    (problem,) = judge(trusting_anybody(SECURITY)).problems
    assert problem.detail == "An administrator of a security account that anybody may become."


def test_excepted_groups_and_roles_are_left_out() -> None:
    for found, pattern in (
        (OVERLAP, GROUP),
        (TO_SECURITY, f"arn:aws:iam::{SECURITY}:role/*"),
        (WRITING, f"arn:aws:iam::{ACCOUNT}:role/Operator"),
    ):
        verdict = judge(found, exceptions=[Excepted("incident.blast_radius", pattern)])
        assert (verdict.status, codes(verdict)) == (Status.PASS, set())


UNSEEN: list[tuple[AccountRow, str, Any]] = [
    (PROD, ACCOUNT, sso_admin.access),
    (PROD, LOGS, sso_admin.access),
    (PROD, ACCOUNT, iam.authorization),
    (PROD, LOGS, iam.authorization),
    (AUDIT, SECURITY, sso_admin.access),
    (AUDIT, OTHER_PROD.account_id, sso_admin.access),
    (AUDIT, SECURITY, iam.authorization),
]


@pytest.mark.parametrize(("about", "account", "collector"), UNSEEN, ids=str)
def test_a_separation_that_cannot_be_read_does_not_hold(
    about: AccountRow, account: str, collector: Any
) -> None:
    unseen = {(account, collector): Outcome.ACCESS_DENIED}
    for said in ("done", "partly"):
        with pytest.raises(Missing) as missing:
            judge(unseen, said, about)
        assert missing.value.outcome == Outcome.ACCESS_DENIED
    assert judge(unseen, "", about).reason == Reason.NOT_ATTESTED
    assert judge(unseen, "not_done", about).status == Status.FAIL


def test_a_break_that_was_seen_stands_although_the_rest_was_not() -> None:
    verdict = judge(OVERLAP | {(SECURITY, sso_admin.access): Outcome.THROTTLED})
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, True)
    verdict = judge(TO_SECURITY | {(LOGS, iam.authorization): Outcome.THROTTLED})
    assert (codes(verdict), verdict.incomplete) == ({"prod_reaches_security"}, True)


def test_access_that_was_never_collected_is_missing() -> None:
    with pytest.raises(Missing) as missing:
        judge(others=[PROD, AUDIT, row("777777777777", classes=["production"])], about=AUDIT)
    assert missing.value.outcome == Outcome.NEVER_COLLECTED
    assert "777777777777" in missing.value.message


@pytest.mark.parametrize(
    ("about", "settings"),
    [(row(), {}), (PROD, {"SECURITY_ACCOUNTS": {}})],
    ids=["no production account", "no security account"],
)
def test_without_two_sides_nothing_is_separated(
    about: AccountRow, settings: Mapping[str, Any]
) -> None:
    verdict = judge(about=about, others=[about], settings=settings)
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_CONFIGURED)
    assert verdict.rule == "nothing configured"
    unanswered = judge(said="", about=about, others=[about], settings=settings)
    assert unanswered.reason == Reason.NOT_ATTESTED


def test_environments_over_all_regions_are_compared() -> None:
    verdict = judge(tagged("us-east-1", production=3) | tagged("eu-west-1", test=1))
    (problem,) = verdict.problems
    assert (verdict.status, problem.code) == (Status.PASS, "mixed_environments")
    assert problem.detail == "Resources are tagged production (3) and test (1)."
    assert verdict.facts["environments"] == ["production", "test"]


def test_environments_are_compared_without_case_and_blanks() -> None:
    sets = (tag_set(1, environment="prod"), tag_set(1, environment=" Prod"),
            tag_set(5, environment=""), tag_set(9, "Name"))  # fmt: skip
    verdict = judge({(ACCOUNT, tagging.tagged, "us-east-1"): Tagged(sets)})
    assert verdict.facts["environments"] == ["prod"]
    assert (codes(verdict), verdict.incomplete) == (set(), False)


def test_another_environment_tag_waits_for_values_where_the_key_is_there() -> None:
    facts = {
        (ACCOUNT, tagging.tagged, "us-east-1"): Tagged((tag_set(3, "stage", environment="a"),))
    }
    renamed = judge(facts, settings=SETTINGS | {"ENVIRONMENT_TAG_KEY": "stage"})
    assert (renamed.facts["environments"], renamed.incomplete) == ([], True)
    nobody_has_it = judge(facts, settings=SETTINGS | {"ENVIRONMENT_TAG_KEY": "tier"})
    assert (nobody_has_it.facts["environments"], nobody_has_it.incomplete) == ([], False)


def test_one_environment_is_no_finding() -> None:
    one = tagged("us-east-1", production=3) | tagged("eu-west-1", production=1)
    assert codes(judge(one)) == set()


@pytest.mark.parametrize(
    ("outcome", "incomplete"),
    [(Outcome.ACCESS_DENIED, True), (Outcome.REGION_BLOCKED, False), (Outcome.STALE, True)],
)
def test_tags_decide_nothing_and_their_absence_resolves_nothing(
    outcome: Outcome, incomplete: bool
) -> None:
    verdict = judge({(ACCOUNT, tagging.tagged, "us-east-1"): outcome})
    assert (verdict.status, verdict.incomplete) == (Status.PASS, incomplete)


def test_an_account_outside_any_organization_has_roles_alone() -> None:
    alone = standalone(classes=["production"])
    unseen = {(ACCOUNT, sso_admin.access): Outcome.NEVER_COLLECTED}
    assert judge(unseen, about=alone).status == Status.PASS
    assert codes(judge(unseen | WRITING, about=alone)) == {"duty_overlap"}


def test_every_declared_finding_is_tested() -> None:
    everything = OVERLAP | TO_SECURITY | tagged("us-east-1", a=1, b=1)
    assert codes(judge(everything)) == set(item.findings)
