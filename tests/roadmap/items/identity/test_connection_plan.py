"""A plan for how accounts connect, and ties that lead to somebody known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import accessanalyzer, ec2, iam, ram
from collectors.services.accessanalyzer import ExternalAccess, ExternalFinding
from collectors.services.ec2 import Peering, TransitGatewayAttachment
from collectors.services.iam import Authorization, Role, Trust
from collectors.services.ram import Share, Shares
from roadmap.items.identity.connection_plan import item, judge
from roadmap.subject import Attested, Company, Excepted, Subject
from roadmap.verdicts import Reason, Severity, Status
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    ORGANIZATION,
    SECURITY,
    attested,
    row,
    standalone,
    subject,
)

STRANGER, VENDOR = "999999999999", "888888888888"
SISTER, COUSIN = "777777777777", "666666666677"
HOME, OTHER = "us-east-1", "eu-west-1"
KNOWN = (MANAGEMENT, ACCOUNT, SECURITY, LOGS)
COMPANY = Company(
    accounts={account: row(account) for account in KNOWN},
    registered_ids=frozenset({SISTER}),
    of_other_organizations=frozenset({COUSIN, "o-cousins"}),
)
SETTINGS = {"VENDOR_ACCOUNTS": {VENDOR: "Cost Vendor"}}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/partner"
NONE: dict[Any, Any] = {
    (ACCOUNT, iam.authorization): Authorization(),
    **{(ACCOUNT, ram.shares, region): Shares() for region in (HOME, OTHER)},
    **{(ACCOUNT, ec2.peerings, region): () for region in (HOME, OTHER)},
    **{(ACCOUNT, ec2.transit_gateway_attachments, region): () for region in (HOME, OTHER)},
    **{
        (owner, accessanalyzer.external_access, region): ExternalAccess(owner == SECURITY)
        for owner in (SECURITY, LOGS)
        for region in (HOME, OTHER)
    },
}


def plan(claim: str = "done", **more: Any) -> Attested:
    return attested(item.key, claim, "organization", **more)


def seen(*facts: dict[Any, Any], plan: Attested | None = None, **rest: Any) -> Subject:
    values = dict(NONE)
    for one in facts:
        values |= one
    options: dict[str, Any] = {"company": COMPANY, "settings": SETTINGS, **rest}
    return subject(values, attestations=[plan] if plan else [], **options)


def trusting(*principals: str, conditions: tuple[str, ...] = (), **more: Any) -> dict[Any, Any]:
    return letting_in(Trust(principals, tuple(("stringequals", key) for key in conditions), **more))


def letting_in(*trusts: Trust) -> dict[Any, Any]:
    return {
        (ACCOUNT, iam.authorization): Authorization(roles=(Role("partner", ROLE, trusts=trusts),))
    }


def found(**more: Any) -> dict[Any, Any]:
    known = {"id": "f", "account_id": ACCOUNT, "resource": "arn:aws:s3:::exports", **more}
    access = ExternalAccess(True, (ExternalFinding(**known),))
    return {(SECURITY, accessanalyzer.external_access, HOME): access}


def shared(*principals: str) -> dict[Any, Any]:
    share = Share("arn:aws:ram:us-east-1:2:resource-share/s", principals=principals)
    return {(ACCOUNT, ram.shares, HOME): Shares((share,))}


def attachment(**more: Any) -> dict[Any, Any]:
    one = TransitGatewayAttachment("tgw-attach-1", "tgw-1", resource_owner_id=ACCOUNT, **more)
    return {(ACCOUNT, ec2.transit_gateway_attachments, HOME): (one,)}


UNKNOWN_TIES: dict[str, tuple[dict[Any, Any], str, Severity | None]] = {
    "trust in an account": (trusting(f"arn:aws:iam::{STRANGER}:root"), STRANGER, None),
    "trust in an account by its id": (trusting(STRANGER), STRANGER, None),
    "trust in a role": (trusting(f"arn:aws:iam::{STRANGER}:role/x"), STRANGER, None),
    "trust in anybody": (trusting("*"), "anybody", None),
    "trust in anybody with an external id": (
        trusting("*", conditions=("sts:externalid",)),
        "anybody",
        None,
    ),
    "trust in anybody of another organization": (
        trusting("*", organizations=(ORGANIZATION, "o-other")),
        "o-other",
        None,
    ),
    "trust in anybody, by a condition that asks for no organization": (
        trusting("*", conditions=("aws:principalorgid",)),
        "anybody",
        None,
    ),
    "a public bucket": (found(is_public=True), "anybody", None),
    "a bucket that another organization reaches": (
        found(principals=("*",), conditions=("aws:principalorgid",)),
        "anybody",
        None,
    ),
    "a bucket others reach": (found(principals=(STRANGER,)), STRANGER, None),
    "a bucket somebody reaches by a canonical id": (
        found(principals=("CanonicalUser:abc",)),
        "CanonicalUser:abc",
        None,
    ),
    "a share with an account": (shared(STRANGER), STRANGER, None),
    "a share with another organization": (
        shared(f"arn:aws:organizations::{STRANGER}:organization/o-other"),
        STRANGER,
        None,
    ),
    "a share of a stranger": (
        {(ACCOUNT, ram.shares, HOME): Shares(of_others=(Share("arn:s", owner_id=STRANGER),))},
        STRANGER,
        None,
    ),
    "a peering": (
        {(ACCOUNT, ec2.peerings, HOME): (Peering("pcx-1", "active", (ACCOUNT, STRANGER)),)},
        STRANGER,
        Severity.MEDIUM,
    ),
    "a transit gateway of others": (
        attachment(transit_gateway_owner_id=STRANGER, state="available"),
        STRANGER,
        Severity.MEDIUM,
    ),
    "a transit gateway in a state nobody knows": (
        attachment(transit_gateway_owner_id=STRANGER, state="tomorrow"),
        STRANGER,
        Severity.MEDIUM,
    ),
}


@pytest.mark.parametrize(("tie", "far", "severity"), UNKNOWN_TIES.values(), ids=UNKNOWN_TIES)
def test_a_tie_to_nobody_known_is_half_of_it_with_a_plan(
    tie: dict[Any, Any], far: str, severity: Severity | None
) -> None:
    verdict = judge(seen(tie, plan=plan()))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "plan, and unknown ties")
    (problem,) = verdict.problems
    assert (problem.code, problem.severity) == ("unknown_account_edge", severity)
    assert far in problem.detail
    assert far in verdict.sentence


KNOWN_TIES: dict[str, dict[Any, Any]] = {
    "none": {},
    "trust in the organization": trusting(f"arn:aws:iam::{SECURITY}:role/x"),
    "trust in itself": trusting(f"arn:aws:iam::{ACCOUNT}:root"),
    "trust in a registered account": trusting(SISTER),
    "trust in an account of another organization of the company": trusting(COUSIN),
    "trust in anybody of another organization of the company": trusting(
        "*", organizations=("o-cousins", ORGANIZATION)
    ),
    "trust in anybody of the organization": trusting("*", organizations=(ORGANIZATION,)),
    "trust in a service": trusting("Service:ec2.amazonaws.com"),
    "trust in an identity provider": trusting("Federated:accounts.google.com"),
    "trust in somebody who is gone": trusting("AROAEXAMPLEEXAMPLE12"),
    "trust in a vendor with an external id": trusting(VENDOR, conditions=("sts:externalid",)),
    "a share with a unit": shared(f"arn:aws:organizations::{MANAGEMENT}:ou/o-1/ou-1"),
    "a share with a service": shared("codebuild.amazonaws.com"),
    "a bucket of another account": found(account_id=LOGS, is_public=True),
    "a peering of its own": {
        (ACCOUNT, ec2.peerings, HOME): (Peering("pcx-1", "active", (ACCOUNT, ACCOUNT)),)
    },
    "a gateway that is gone": attachment(transit_gateway_owner_id=STRANGER, state="deleted"),
}


@pytest.mark.parametrize("tie", KNOWN_TIES.values(), ids=KNOWN_TIES)
def test_with_a_plan_and_ties_to_somebody_known_it_passes(tie: dict[Any, Any]) -> None:
    verdict = judge(seen(tie, plan=plan()))
    assert (verdict.status, verdict.rule) == (Status.PASS, "plan, and no unknown tie")
    assert not verdict.problems


UNPLANNED: dict[str, Attested | None] = {
    "nobody said": None,
    "not done": plan("not_done"),
    "said too long ago": plan(days_left=-1),
    "only in part": plan("partly"),
}


@pytest.mark.parametrize("said", UNPLANNED.values(), ids=UNPLANNED)
def test_without_a_plan_an_unknown_tie_fails(said: Attested | None) -> None:
    verdict = judge(seen(trusting(STRANGER), plan=said))
    assert (verdict.status, verdict.rule) == (Status.FAIL, "no plan, unknown ties")
    assert {problem.code for problem in verdict.problems} == {
        "unknown_account_edge",
        "plan_missing",
    }


@pytest.mark.parametrize("claim", ["not_done", "partly"])
def test_known_ties_without_a_plan_are_half_of_it(claim: str) -> None:
    verdict = judge(seen(plan=plan(claim)))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "no plan, but no unknown tie")
    (problem,) = verdict.problems
    assert (problem.code, problem.organization) == ("plan_missing", True)


@pytest.mark.parametrize(
    ("said", "reason"),
    [(None, Reason.NOT_ATTESTED), (plan(days_left=-1), Reason.ATTESTATION_EXPIRED)],
    ids=["nobody said", "said too long ago"],
)
def test_known_ties_and_a_plan_nobody_vouches_for_are_unknown(
    said: Attested | None, reason: Reason
) -> None:
    verdict = judge(seen(plan=said))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, reason)


GAPS: dict[str, dict[Any, Any]] = {
    "roles": {(ACCOUNT, iam.authorization): Outcome.ACCESS_DENIED},
    "shares": {(ACCOUNT, ram.shares, OTHER): Outcome.ACCESS_DENIED},
    "peerings": {(ACCOUNT, ec2.peerings, OTHER): Outcome.ACCESS_DENIED},
    "gateways": {(ACCOUNT, ec2.transit_gateway_attachments, HOME): Outcome.ACCESS_DENIED},
    "whose a gateway is": attachment(state="available"),
    "whose a peering is": {(ACCOUNT, ec2.peerings, HOME): (Peering("pcx-1", "", (ACCOUNT, "")),)},
    "whose a share is": {(ACCOUNT, ram.shares, HOME): Shares(of_others=(Share("arn:s"),))},
    "access": {(SECURITY, accessanalyzer.external_access, HOME): Outcome.ACCESS_DENIED},
}


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_what_could_not_be_seen_may_be_a_tie_to_anybody(gap: dict[Any, Any]) -> None:
    verdict = judge(seen(gap, plan=plan()))
    assert (verdict.status, verdict.rule) == (Status.UNKNOWN, "ties could not be seen")
    assert verdict.reason in (Reason.ACCESS_DENIED, Reason.API_ERROR)
    assert len(verdict.facts["gaps"]) == 1


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_an_unknown_tie_decides_whatever_could_not_be_seen(gap: dict[Any, Any]) -> None:
    if (ACCOUNT, iam.authorization) in gap:
        tie = shared(STRANGER)
    else:
        tie = trusting(STRANGER)
    verdict = judge(seen(gap, tie, plan=plan()))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, True)


NO_GAPS: dict[str, dict[Any, Any]] = {
    "another security account sees no analyzer": {
        (LOGS, accessanalyzer.external_access, HOME): Outcome.ACCESS_DENIED
    },
    "AWS does not offer the service there": {
        (ACCOUNT, ram.shares, OTHER): Outcome.SERVICE_UNAVAILABLE
    },
    "a policy blocks the Region": {(ACCOUNT, ec2.peerings, OTHER): Outcome.REGION_BLOCKED},
    "no analyzer looks": {(SECURITY, accessanalyzer.external_access, HOME): ExternalAccess()},
}


@pytest.mark.parametrize("gap", NO_GAPS.values(), ids=NO_GAPS)
def test_where_there_is_nothing_to_see_nothing_is_missing(gap: dict[Any, Any]) -> None:
    assert judge(seen(gap, plan=plan())).status == Status.PASS


def test_findings_nobody_has_read_may_be_of_anybody() -> None:
    unread = {
        (SECURITY, accessanalyzer.external_access, HOME): ExternalAccess(True, (), {ACCOUNT: 3})
    }
    verdict = judge(seen(unread, plan=plan()))
    assert verdict.status == Status.UNKNOWN
    assert "3 findings" in verdict.sentence
    elsewhere = {
        (SECURITY, accessanalyzer.external_access, HOME): ExternalAccess(True, (), {LOGS: 3})
    }
    assert judge(seen(elsewhere, plan=plan())).status == Status.PASS


def test_the_regions_of_the_account_must_be_known() -> None:
    verdict = judge(seen(plan=plan(), regions={SECURITY: (HOME,)}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_a_security_account_of_unknown_regions_may_have_an_analyzer_anywhere() -> None:
    unknown = {ACCOUNT: (HOME, OTHER), LOGS: (HOME, OTHER)}
    verdict = judge(seen(plan=plan(), regions=unknown))
    assert (verdict.status, verdict.rule) == (Status.UNKNOWN, "ties could not be seen")
    everywhere_looked_at = {ACCOUNT: (HOME, OTHER), SECURITY: (HOME, OTHER)}
    assert judge(seen(plan=plan(), regions=everywhere_looked_at)).status == Status.PASS
    half = {ACCOUNT: (HOME, OTHER), SECURITY: (HOME,)}
    assert judge(seen(plan=plan(), regions=half)).status == Status.UNKNOWN


def test_a_vendor_s_role_needs_an_external_id() -> None:
    verdict = judge(seen(trusting(VENDOR), plan=plan()))
    assert verdict.status == Status.PASS
    (problem,) = verdict.problems
    assert (problem.code, problem.resource) == ("trust_without_external_id", ROLE)
    assert "Cost Vendor" in problem.detail


OPEN_STATEMENTS: dict[str, tuple[Trust, ...]] = {
    "beside one that asks for it": (
        Trust((VENDOR,), (("stringequals", "sts:externalid"),)),
        Trust((VENDOR,)),
    ),
    "by a condition that leaves one value out": (
        Trust((VENDOR,), (("stringnotequals", "sts:externalid"),)),
    ),
    "by a condition that lets in whoever brings none": (
        Trust((VENDOR,), (("stringequalsifexists", "sts:externalid"),)),
    ),
    "by a condition that asks for none": (Trust((VENDOR,), (("null", "sts:externalid"),)),),
}


@pytest.mark.parametrize("trusts", OPEN_STATEMENTS.values(), ids=OPEN_STATEMENTS)
def test_one_statement_without_an_external_id_is_enough(trusts: tuple[Trust, ...]) -> None:
    verdict = judge(seen(letting_in(*trusts), plan=plan()))
    assert [problem.code for problem in verdict.problems] == ["trust_without_external_id"]
    assert len(verdict.facts["edges"]) == 1


def test_an_excepted_tie_may_lead_anywhere() -> None:
    excused = [Excepted(item.key, "*:transit-gateway-attachment/tgw-attach-1")]
    verdict = judge(seen(attachment(state="available"), plan=plan(), exceptions=excused))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, False)


def test_two_unknown_ends_of_one_role_are_one_problem() -> None:
    verdict = judge(seen(trusting(STRANGER, "666666666666"), plan=plan()))
    (problem,) = verdict.problems
    assert "666666666666" in problem.detail
    assert "2 ties" in verdict.sentence


def test_the_same_tie_seen_twice_is_one() -> None:
    twice = found(resource=ROLE, principals=(STRANGER,))
    verdict = judge(seen(trusting(STRANGER), twice, plan=plan()))
    assert len(verdict.facts["edges"]) == 1


def test_an_excepted_resource_ties_nothing() -> None:
    excused = [Excepted(item.key, "*:role/partner")]
    verdict = judge(seen(trusting(STRANGER), plan=plan(), exceptions=excused))
    assert verdict.status == Status.PASS
    assert not verdict.facts["edges"]


def test_ties_within_the_organization_are_counted() -> None:
    facts = judge(seen(trusting(SECURITY, SISTER), plan=plan())).facts
    assert facts["within_organization"] == {"role trust": 1}
    assert [(one["far"], one["known_as"]) for one in facts["edges"]] == [(SISTER, "registered")]


def test_the_collector_is_known() -> None:
    own = f"arn:aws:iam::{STRANGER}:role/cairn"
    company = replace(COMPANY, collector_principals=(own,))
    assert judge(seen(trusting(own), plan=plan(), company=company)).status == Status.PASS


def test_outside_any_organization_registered_accounts_are_known() -> None:
    verdict = judge(seen(trusting(SISTER), account=standalone()))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "no plan, but no unknown tie")
    assert "No plan of an organization covers the account" in verdict.sentence
    assert verdict.facts["note"] == "not_in_organization"
    strange = judge(seen(trusting(STRANGER), account=standalone()))
    assert (strange.status, strange.rule) == (Status.FAIL, "no plan, unknown ties")


def test_every_declared_finding_occurs() -> None:
    everything = judge(seen(trusting(STRANGER, VENDOR)))
    assert {problem.code for problem in everything.problems} == set(item.findings)


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(subject())
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
