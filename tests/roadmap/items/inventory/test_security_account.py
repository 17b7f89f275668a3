"""The organization has a member account that does security work and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import cloudtrail, dynamodb, ec2, ecs, lambda_, organizations, rds, s3
from collectors.services.cloudtrail import Trail
from collectors.services.organizations import (
    Account,
    DelegatedAdministrator,
    Listing,
    Organization,
)
from roadmap.items.inventory import security_account
from roadmap.subject import Company
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.subjects import (
    LOGS,
    MANAGEMENT,
    ORGANIZATION,
    REGIONS,
    SECURITY,
    reported,
    row,
    standalone,
    subject,
)

GUARDDUTY = "guardduty.amazonaws.com"
PROBES: tuple[Any, ...] = (
    ec2.instances,
    rds.instances,
    lambda_.functions,
    ecs.clusters,
    dynamodb.tables,
)
TRAIL = Trail(
    "arn:aws:cloudtrail:us-east-1:1:trail/t", bucket="trail-logs", is_organization_trail=True
)


TO_SECURITY = (DelegatedAdministrator(SECURITY, services=(GUARDDUTY,)),)


def nothing_runs_in(account_id: str) -> dict[tuple[Any, ...], Any]:
    probes = {(account_id, probe, region): () for probe in PROBES for region in REGIONS}
    return {(account_id, s3.buckets): (), **probes}


def listing(**states: str) -> Listing:
    named = {MANAGEMENT: "ACTIVE", SECURITY: "ACTIVE", LOGS: "ACTIVE"} | {
        account.removeprefix("_"): state for account, state in states.items()
    }
    return Listing(
        Organization(ORGANIZATION, management_account_id=MANAGEMENT),
        accounts=[Account(account, state=state) for account, state in named.items() if state],
    )


def judge(
    named: dict[str, list[str]],
    *,
    delegated: Any = TO_SECURITY,
    trails: Any = (TRAIL,),
    listed: Any = None,
    found: dict[tuple[Any, ...], Any] | None = None,
) -> Verdict:
    values = {
        (MANAGEMENT, organizations.listing): listed or listing(),
        (MANAGEMENT, organizations.delegated_administrators): delegated,
        (MANAGEMENT, cloudtrail.organization_trails): trails,
        **nothing_runs_in(SECURITY),
        **nothing_runs_in(LOGS),
        **(found or {}),
    }
    settings = {"SECURITY_ACCOUNTS": named}
    company = Company(accounts={SECURITY: row(SECURITY, name="Audit")})
    return security_account.judge(
        subject(values, row(MANAGEMENT), settings=settings, company=company)
    )


def test_an_account_that_administers_a_security_service_passes() -> None:
    verdict = judge({SECURITY: ["tooling"]})

    assert verdict.status == Status.PASS
    assert verdict.sentence == (
        f"{SECURITY} (Audit) administers {GUARDDUTY} and holds no workload."
    )


def test_an_account_that_owns_the_trails_bucket_passes() -> None:
    buckets = {(LOGS, s3.buckets): (s3.Bucket("trail-logs"),)}

    verdict = judge({LOGS: ["log_archive"]}, delegated=(), found=buckets)

    assert verdict.status == Status.PASS
    assert verdict.facts["accounts"][LOGS]["trail_buckets"] == ["trail-logs"]


def test_one_account_that_does_it_all_is_enough() -> None:
    verdict = judge({SECURITY: ["tooling"], LOGS: ["log_archive"]})

    assert verdict.status == Status.PASS
    assert reported(verdict) == ["security_account_idle"]


@pytest.mark.parametrize(
    ("delegated", "trails"),
    [
        pytest.param((), (), id="nothing delegated, no trail"),
        pytest.param(
            (DelegatedAdministrator(SECURITY, services=("servicecatalog.amazonaws.com",)),),
            (),
            id="only other services delegated",
        ),
        pytest.param((), (TRAIL,), id="another account's bucket"),
        pytest.param(
            (), (Trail("arn:aws:cloudtrail:::trail/t", bucket="mine"),), id="no organization trail"
        ),
    ],
)
def test_an_account_without_a_function_is_partial(delegated: Any, trails: Any) -> None:
    verdict = judge(
        {SECURITY: ["tooling"]},
        delegated=delegated,
        trails=trails,
        found={(SECURITY, s3.buckets): (s3.Bucket("mine"),)},
    )

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == ["security_account_idle"]


@pytest.mark.parametrize("state", ["SUSPENDED", "", "HIBERNATING"])
def test_an_account_that_is_no_active_member_is_partial(state: str) -> None:
    verdict = judge({SECURITY: ["tooling"]}, listed=listing(**{f"_{SECURITY}": state}))

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == ["security_account_idle"]


def test_an_account_missing_from_an_incomplete_list_is_unknown() -> None:
    cut = replace(listing(**{f"_{SECURITY}": ""}), gaps=["The list lacks an account."])

    verdict = judge({SECURITY: ["tooling"]}, listed=cut)

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert not verdict.problems


def test_workload_outside_the_allow_list_is_partial() -> None:
    found: dict[tuple[Any, ...], Any] = {
        (SECURITY, s3.buckets): (s3.Bucket("org-cloudtrail-1"), s3.Bucket("shop-data")),
        (SECURITY, lambda_.functions, "eu-west-1"): (lambda_.Function("siem-forwarder"),),
    }

    verdict = judge({SECURITY: ["tooling"]}, found=found)

    assert verdict.status == Status.PARTIAL
    assert [(p.code, p.resource) for p in verdict.problems] == [
        ("security_account_workload", "arn:aws:s3:::shop-data")
    ]
    assert "S3 bucket shop-data" in verdict.sentence


def test_a_security_service_delegated_to_the_management_account_is_partial() -> None:
    misplaced = DelegatedAdministrator(MANAGEMENT, services=("macie.amazonaws.com",))

    verdict = judge({SECURITY: ["tooling"]}, delegated=(*TO_SECURITY, misplaced))

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == ["delegated_to_management"]


@pytest.mark.parametrize(
    ("named", "rule"),
    [
        pytest.param({}, "none named", id="none named"),
        pytest.param(
            {MANAGEMENT: ["tooling"]},
            "only the management account",
            id="only the management account",
        ),
        pytest.param({LOGS: ["backup"]}, "none named", id="only for backups"),
    ],
)
def test_no_security_account_fails(named: dict[str, list[str]], rule: str) -> None:
    verdict = judge(named)

    assert verdict.status == Status.FAIL
    assert verdict.rule == rule
    assert reported(verdict) == ["no_security_account"]


def test_workload_that_could_not_be_seen_is_unknown() -> None:
    denied = dict.fromkeys(nothing_runs_in(SECURITY), Outcome.ASSUME_ROLE_DENIED)

    verdict = judge({SECURITY: ["tooling"]}, found=denied)

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ASSUME_ROLE_DENIED)
    assert verdict.sentence == f"What runs in {SECURITY} (Audit) could not be seen."


@pytest.mark.parametrize(
    ("trails", "found"),
    [
        pytest.param(Outcome.ACCESS_DENIED, {}, id="trails denied"),
        pytest.param(
            (TRAIL,), {(SECURITY, s3.buckets): Outcome.ACCESS_DENIED}, id="buckets denied"
        ),
    ],
)
def test_a_function_that_could_not_be_seen_is_unknown(trails: Any, found: Any) -> None:
    verdict = judge({SECURITY: ["tooling"]}, delegated=(), trails=trails, found=found)

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_another_account_that_could_not_be_seen_leaves_a_pass_incomplete() -> None:
    denied = dict.fromkeys(nothing_runs_in(LOGS), Outcome.ACCESS_DENIED)

    verdict = judge({SECURITY: ["tooling"], LOGS: ["log_archive"]}, found=denied)

    assert verdict.status == Status.PASS
    assert verdict.incomplete


@pytest.mark.parametrize(
    "collector", [organizations.listing, organizations.delegated_administrators]
)
def test_an_organization_that_was_not_read_is_missing(collector: Any) -> None:
    with pytest.raises(Missing):
        judge({SECURITY: ["tooling"]}, found={(MANAGEMENT, collector): Outcome.ACCESS_DENIED})


def test_a_standalone_account_fails() -> None:
    assert security_account.judge(subject({}, standalone())).status == Status.FAIL


def test_its_findings_belong_to_the_organization() -> None:
    verdict = judge({SECURITY: ["tooling"]}, delegated=(), trails=())

    assert all(problem.organization for problem in verdict.problems)
    assert verdict.problems[0].resource == f"arn:aws:iam::{SECURITY}:root"
