"""The account is governed by an organization; the management account runs nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import dynamodb, ec2, ecs, lambda_, organizations, rds, s3
from collectors.services.organizations import Account, Invitation, Listing, Organization
from roadmap.items.inventory import organization
from roadmap.subject import Company
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.subjects import (
    ACCOUNT,
    MANAGEMENT,
    ORGANIZATION,
    REGIONS,
    reported,
    row,
    standalone,
    subject,
)

ALL_FEATURES = Organization(
    ORGANIZATION, "arn:aws:organizations::1:organization/o-1", "ALL", MANAGEMENT
)
LISTING = Listing(
    ALL_FEATURES,
    roots=[organizations.Root("r-1", name="Root")],
    organizational_units=[organizations.OrganizationalUnit("ou-1", "r-1", name="Prod")],
    accounts=[
        Account(MANAGEMENT, state="ACTIVE", ou_ids=["r-1"]),
        Account(ACCOUNT, state="ACTIVE", joined_method="CREATED", ou_ids=["r-1", "ou-1"]),
    ],
)
PROBES: tuple[Any, ...] = (
    ec2.instances,
    rds.instances,
    lambda_.functions,
    ecs.clusters,
    dynamodb.tables,
)
EMPTY: dict[Any, Any] = {
    (MANAGEMENT, s3.buckets): (),
    **{(MANAGEMENT, probe, region): () for probe in PROBES for region in REGIONS},
}


def in_state(state: str) -> Listing:
    accounts = [replace(a, state=state) if a.id == ACCOUNT else a for a in LISTING.accounts]
    return replace(LISTING, accounts=accounts)


def judge(
    listing: Any, invitations: Any = (), *, account_id: str = ACCOUNT, **more: Any
) -> Verdict:
    values = {
        (MANAGEMENT, organizations.listing): listing,
        (MANAGEMENT, organizations.invitations): invitations,
    }
    about = row(account_id, email=more.get("email", ""))
    return organization.judge(subject(values | more.get("probes", {}), about))


def test_an_active_member_of_an_organization_with_all_features_passes() -> None:
    verdict = judge(LISTING)

    assert verdict.status == Status.PASS
    assert verdict.sentence == f"It is active in {ORGANIZATION} (Root/Prod), with all features."
    assert verdict.facts["joined_method"] == "CREATED"


def test_consolidated_billing_only_is_partial() -> None:
    billing = replace(ALL_FEATURES, feature_set="CONSOLIDATED_BILLING")

    verdict = judge(replace(LISTING, organization=billing))

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == ["billing_only_features"]


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        pytest.param("SUSPENDED", Status.FAIL, None, id="suspended"),
        pytest.param("PENDING_CLOSURE", Status.FAIL, None, id="closing"),
        pytest.param("CLOSED", Status.FAIL, None, id="closed and not confirmed"),
        pytest.param("HIBERNATING", Status.UNKNOWN, Reason.UNDETERMINED, id="state of tomorrow"),
        pytest.param("", Status.UNKNOWN, Reason.UNDETERMINED, id="no state"),
    ],
)
def test_only_an_active_member_passes(state: str, status: Status, reason: Reason | None) -> None:
    verdict = judge(in_state(state))

    assert (verdict.status, verdict.reason) == (status, reason)


def test_features_that_aws_did_not_name_are_unknown() -> None:
    verdict = judge(replace(LISTING, organization=replace(ALL_FEATURES, feature_set="")))

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.UNDETERMINED)


def test_an_account_may_be_invited_by_its_address() -> None:
    only_management = replace(LISTING, accounts=LISTING.accounts[:1])
    invitations = (Invitation("h-1", "OPEN", email="AWS@example.com"),)

    verdict = judge(only_management, invitations, email="aws@example.com")

    assert verdict.status == Status.PARTIAL


@pytest.mark.parametrize("state", ["REQUESTED", "OPEN"])
def test_an_open_invitation_is_partial(state: str) -> None:
    only_management = replace(LISTING, accounts=LISTING.accounts[:1])

    verdict = judge(only_management, (Invitation("h-1", state, ACCOUNT),))

    assert verdict.status == Status.PARTIAL
    assert verdict.facts["handshake"] == "h-1"


@pytest.mark.parametrize(
    "invitations",
    [
        pytest.param((), id="not invited"),
        pytest.param((Invitation("h-1", "EXPIRED", ACCOUNT),), id="invitation expired"),
        pytest.param((Invitation("h-1", "OPEN", MANAGEMENT),), id="someone else invited"),
    ],
)
def test_an_account_missing_from_a_complete_list_fails(invitations: tuple[Invitation, ...]) -> None:
    verdict = judge(replace(LISTING, accounts=LISTING.accounts[:1]), invitations)

    assert verdict.status == Status.FAIL
    assert reported(verdict) == ["not_in_organization"]


def test_an_account_missing_from_an_incomplete_list_is_unknown() -> None:
    listing = replace(LISTING, accounts=(), gaps=["The list lacks the management account."])

    verdict = judge(listing)

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_a_list_that_was_not_collected_is_missing() -> None:
    with pytest.raises(Missing) as missing:
        judge(Outcome.ACCESS_DENIED)

    assert missing.value.outcome == Outcome.ACCESS_DENIED


def test_a_standalone_account_fails() -> None:
    verdict = organization.judge(subject({}, standalone()))

    assert verdict.status == Status.FAIL
    assert reported(verdict) == ["not_in_organization"]
    assert verdict.facts["note"] == "not_in_organization"


@pytest.mark.parametrize("invited", [ACCOUNT, "aws@example.com"], ids=["by id", "by mail"])
def test_a_standalone_account_that_is_invited_is_partial(invited: str) -> None:
    company = Company(invitations={invited: ORGANIZATION}, unread_invitations=["o-other"])
    about = standalone(email="AWS@example.com")

    verdict = organization.judge(subject({}, about, company=company))

    assert verdict.status == Status.PARTIAL


def test_invitations_that_nobody_could_read_may_be_to_a_standalone_account() -> None:
    company = Company(unread_invitations=["o-other"])

    verdict = organization.judge(subject({}, standalone(), company=company))

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert "o-other" in verdict.sentence


class TestManagementAccount:
    def judge(self, listing: Listing = LISTING, **probes: Any) -> Verdict:
        return judge(listing, account_id=MANAGEMENT, probes=EMPTY | probes.get("found", {}))

    def test_it_passes_without_workload(self) -> None:
        verdict = self.judge()

        assert verdict.status == Status.PASS
        assert "runs no workload" in verdict.sentence

    @pytest.mark.parametrize(
        ("key", "value", "arn"),
        [
            pytest.param(
                (MANAGEMENT, ec2.instances, "eu-west-1"),
                (ec2.Instance("i-1", "web", "running"),),
                f"arn:aws:ec2:eu-west-1:{MANAGEMENT}:instance/i-1",
                id="EC2 instance",
            ),
            pytest.param(
                (MANAGEMENT, rds.instances, "eu-west-1"),
                (rds.DbInstance("db", "arn:aws:rds:eu-west-1:1:db:db"),),
                "arn:aws:rds:eu-west-1:1:db:db",
                id="RDS instance",
            ),
            pytest.param(
                (MANAGEMENT, lambda_.functions, "us-east-1"),
                (lambda_.Function("sync"),),
                f"arn:aws:lambda:us-east-1:{MANAGEMENT}:function:sync",
                id="Lambda function",
            ),
            pytest.param(
                (MANAGEMENT, ecs.clusters, "us-east-1"),
                (ecs.Cluster("arn:aws:ecs:us-east-1:1:cluster/main"),),
                "arn:aws:ecs:us-east-1:1:cluster/main",
                id="ECS cluster",
            ),
            pytest.param(
                (MANAGEMENT, dynamodb.tables, "us-east-1"),
                ("orders",),
                f"arn:aws:dynamodb:us-east-1:{MANAGEMENT}:table/orders",
                id="DynamoDB table",
            ),
            pytest.param(
                (MANAGEMENT, s3.buckets),
                (s3.Bucket("data", "eu-west-1"),),
                "arn:aws:s3:::data",
                id="bucket",
            ),
        ],
    )
    def test_it_is_partial_with_workload(self, key: Any, value: Any, arn: str) -> None:
        verdict = self.judge(found={key: value})

        assert verdict.status == Status.PARTIAL
        assert reported(verdict) == ["management_workload"]
        assert verdict.problems[0].resource == arn
        assert len(verdict.facts["workload"]) == 1

    def test_allowed_names_and_terminated_instances_are_no_workload(self) -> None:
        verdict = self.judge(
            found={
                (MANAGEMENT, s3.buckets): (s3.Bucket("cf-templates-1abc-eu-west-1"),),
                (MANAGEMENT, ec2.instances, "eu-west-1"): (
                    ec2.Instance("i-1", "old", "terminated"),
                ),
            }
        )

        assert verdict.status == Status.PASS

    def test_an_instance_whose_state_is_not_known_counts(self) -> None:
        found = {(MANAGEMENT, ec2.instances, "eu-west-1"): (ec2.Instance("i-1"),)}

        assert self.judge(found=found).status == Status.PARTIAL

    def test_it_is_unknown_where_a_probe_was_denied(self) -> None:
        verdict = self.judge(found={(MANAGEMENT, s3.buckets): Outcome.ACCESS_DENIED})

        assert verdict.status == Status.UNKNOWN
        assert verdict.reason == Reason.PARTIAL_COLLECTION

    def test_it_is_unknown_for_one_reason_when_nothing_could_be_read(self) -> None:
        denied = dict.fromkeys(EMPTY, Outcome.ASSUME_ROLE_DENIED)

        assert self.judge(found=denied).reason == Reason.ASSUME_ROLE_DENIED

    def test_workload_seen_decides_even_where_a_probe_was_denied(self) -> None:
        found: dict[Any, Any] = {
            (MANAGEMENT, s3.buckets): Outcome.ACCESS_DENIED,
            (MANAGEMENT, dynamodb.tables, "us-east-1"): ("orders",),
        }

        verdict = self.judge(found=found)

        assert verdict.status == Status.PARTIAL
        assert verdict.incomplete

    def test_a_service_that_aws_does_not_offer_there_is_no_gap(self) -> None:
        found = {(MANAGEMENT, ecs.clusters, "eu-west-1"): Outcome.SERVICE_UNAVAILABLE}

        assert self.judge(found=found).status == Status.PASS

    def test_it_does_not_pass_while_its_regions_are_not_known(self) -> None:
        values = {(MANAGEMENT, organizations.listing): LISTING, (MANAGEMENT, s3.buckets): ()}

        verdict = organization.judge(subject(values, row(MANAGEMENT), regions={}))

        assert verdict.status == Status.UNKNOWN

    def test_its_workload_is_reported_besides_missing_features(self) -> None:
        billing = replace(
            LISTING, organization=replace(ALL_FEATURES, feature_set="CONSOLIDATED_BILLING")
        )

        verdict = self.judge(billing, found={(MANAGEMENT, s3.buckets): (s3.Bucket("data"),)})

        assert verdict.status == Status.PARTIAL
        assert reported(verdict) == ["billing_only_features", "management_workload"]
        assert not verdict.incomplete

    def test_workload_not_seen_leaves_missing_features_incomplete(self) -> None:
        billing = replace(ALL_FEATURES, feature_set="CONSOLIDATED_BILLING")
        found = {(MANAGEMENT, s3.buckets): Outcome.ACCESS_DENIED}

        verdict = self.judge(replace(LISTING, organization=billing), found=found)

        assert verdict.status == Status.PARTIAL
        assert verdict.incomplete
