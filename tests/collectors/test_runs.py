"""Collection runs over real HTTP: what each kind of account comes out as, and a run's life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors import runs
from collectors.models import Connection, Fact, Run, Unit
from collectors.progress import causes_of, problems_of, progress_of
from collectors.store import organization_facts
from collectors.working import work
from inventory.models import Account, AccountState, ChangeSet, Origin
from roadmap.models import AccountVerdict
from simulated_aws import SimulatedAws
from simulated_aws.process import count
from tests.collectors.conftest import CORE, Collect
from tests.factories import AccountFactory

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:moto")

DENYING = "717171717171"  # its role wants another external id
LOSING_A_REGION = "707070707070"  # every call in eu-west-1 fails
THROTTLING = "525252525252"  # its first calls
SUSPENDED = "808080808080"
GOOD = "505050505050"
ROLE = "visibility.security_role"


def states(run: Run, account_id: str) -> dict[str, str]:
    units = Unit.objects.filter(run=run, account__account_id=account_id)
    return dict(units.values_list("collector", "state"))


def facts(account_id: str, kind: str) -> dict[str, str]:
    """Region → outcome."""
    rows = Fact.objects.filter(account__account_id=account_id, kind=kind)
    return dict(rows.values_list("region", "outcome"))


def test_every_account_comes_out_as_what_it_is(aws: SimulatedAws, collect: Collect) -> None:
    run = collect()
    assert run.state == Run.State.FINISHED
    assert run.listing_complete is True
    assert Account.objects.filter(observed_organization=run.organization).count() == 30

    denied = states(run, DENYING)
    assert {denied[name] for name in ("sts.identity", "ec2.vpcs", "s3.buckets")} == {"denied"}
    assert facts(DENYING, "sts.identity") == {"": "assume_role_denied"}
    assert not Fact.objects.filter(account__account_id=DENYING, kind="ec2.vpcs").exists()
    assert denied["account.regions"] == "done"

    assert states(run, LOSING_A_REGION)["ec2.vpcs"] == "partial"
    assert facts(LOSING_A_REGION, "ec2.vpcs") == {
        "us-east-1": "collected",
        "eu-west-1": "region_unreachable",
    }
    assert "sts.identity" not in states(run, SUSPENDED)
    assert set(states(run, THROTTLING).values()) == {"done"}
    assert set(states(run, GOOD).values()) == {"done"}


def test_a_role_that_is_refused_makes_every_fact_of_the_account_say_so(collect: Collect) -> None:
    run = collect()
    found = organization_facts(run.organization, Account.objects.filter(account_id=DENYING))
    assert found.find(DENYING, "s3.buckets").outcome == "assume_role_denied"
    assert found.find(DENYING, "ec2.vpcs", "us-east-1").outcome == "assume_role_denied"
    assert found.find(DENYING, "account.regions").outcome == "collected"


def test_problems_are_grouped_by_cause_and_name_a_cure(collect: Collect) -> None:
    run = collect()
    causes = {cause.outcome: cause for cause in causes_of(run)}
    assert DENYING in causes["assume_role_denied"].accounts
    assert "trust policy" in causes["assume_role_denied"].cure
    assert causes["region_unreachable"].accounts == [LOSING_A_REGION]


def test_the_organization_is_written_into_the_inventory_as_one_change_set(collect: Collect) -> None:
    run = collect(names=("organizations.listing",))
    account = Account.objects.get(account_id=GOOD)
    assert account.observed_name == "warehouse-prod"
    assert account.observed_payer == "111122223333"
    assert account.ou is not None
    assert account.ou.path.endswith("Workloads/Production")
    assert len(account.ou.ancestors) == 2
    assert Account.objects.get(account_id=SUSPENDED).state == AccountState.SUSPENDED
    written = ChangeSet.objects.filter(origin=Origin.SYNC, source=f"Run {run.pk}")
    assert written.count() == 1
    again = collect(names=("organizations.listing",))
    assert not ChangeSet.objects.filter(source=f"Run {again.pk}").exists()


def test_an_account_that_left_is_marked_so_by_a_complete_listing(
    aws: SimulatedAws, collect: Collect
) -> None:
    collect(names=("organizations.listing",))
    aws.client("organizations").remove_account_from_organization(AccountId=GOOD)
    run = collect(names=("organizations.listing",))
    left = Account.objects.get(account_id=GOOD)
    assert left.state == AccountState.LEFT
    assert left.ou is None
    assert left.observed_organization == run.organization


@pytest.mark.parametrize(
    "answer",
    [
        {"operation": "ListAccounts", "error": "denied"},
        {"operation": "ListAccounts", "result": {"Accounts": []}},
        {"operation": "ListOrganizationalUnitsForParent", "error": "denied"},
    ],
    ids=["a page that fails", "no account at all", "a tree that fails"],
)
def test_an_incomplete_listing_marks_nothing_as_gone(
    aws: SimulatedAws, collect: Collect, answer: dict[str, Any]
) -> None:
    collect(names=("organizations.listing",))
    before = dict(Account.objects.values_list("account_id", "state"))
    aws.add_answer(service="organizations", **answer)
    run = collect()
    assert run.listing_complete is False
    assert dict(Account.objects.values_list("account_id", "state")) == before
    assert states(run, GOOD)["sts.identity"] == "done"


def test_an_account_that_only_the_sheet_puts_into_the_organization_answers_for_itself(
    aws: SimulatedAws, connection: Connection, collect: Collect
) -> None:
    aws.client("organizations").remove_account_from_organization(AccountId=GOOD)
    AccountFactory.create(account_id=GOOD, organization=connection.organization, state="")
    stranger = AccountFactory.create(account_id="919191919191", state="")
    run = collect()
    assert facts(GOOD, "s3.buckets") == {"": "collected"}
    assert set(facts(GOOD, "ec2.vpcs").values()) == {"collected"}
    assert states(run, stranger.account_id) == {}
    assert Account.objects.get(account_id=GOOD).observed_organization is None
    assert AccountVerdict.objects.get(account__account_id=GOOD, item=ROLE).status == "unknown"


def test_credentials_that_answer_for_another_account_read_nothing(
    aws: SimulatedAws, collect: Collect
) -> None:
    identity = {"Account": "111122223333", "Arn": "arn:aws:sts::111122223333:x", "UserId": "x"}
    aws.add_answer(service="sts", operation="GetCallerIdentity", account=GOOD, result=identity)
    aws.forget_calls()
    run = collect(names=CORE)
    assert states(run, GOOD)["ec2.vpcs"] == "failed"
    assert not Fact.objects.filter(account__account_id=GOOD, kind="ec2.vpcs").exists()
    assert count(aws.calls(), service="ec2", account=GOOD) == 0
    problem = next(p for p in problems_of(run) if p["account"] == GOOD)
    assert problem["code"] == "WrongIdentity"
    assert "answer for account 111122223333" in problem["message"]


def test_throttled_calls_are_tried_again_and_counted(aws: SimulatedAws, collect: Collect) -> None:
    throttled = {"service": "ec2", "operation": "DescribeVpcs", "error": "throttled"}
    aws.add_answer(account=GOOD, region="us-east-1", times=3, **throttled)
    run = collect()
    assert states(run, GOOD)["ec2.vpcs"] == "done"
    aws.add_answer(account=GOOD, **throttled)
    run = collect()
    assert states(run, GOOD)["ec2.vpcs"] == "failed"
    assert set(facts(GOOD, "ec2.vpcs").values()) == {"throttled"}


def test_an_operation_that_aws_does_not_know_costs_only_its_own_facts(
    aws: SimulatedAws, collect: Collect
) -> None:
    aws.add_answer(
        service="ec2", operation="DescribeVpcs", account=GOOD, error="InternalFailure", status=500
    )
    run = collect()
    assert states(run, GOOD)["ec2.vpcs"] == "failed"
    assert states(run, GOOD)["s3.buckets"] == "done"


def test_calls_are_kept_with_the_fact(collect: Collect) -> None:
    collect()
    fact = Fact.objects.get(account__account_id=GOOD, kind="ec2.vpcs", region="us-east-1")
    assert [
        (c["client"], c["operation"], c["caller"], c["account"], c["region"], c["status"])
        for c in fact.calls
    ] == [("ec2", "describe_vpcs", "A", GOOD, "us-east-1", "ok")]


def test_two_runs_of_an_organization_never_overlap(connection: Connection) -> None:
    first = runs.start(connection.organization)
    with pytest.raises(runs.NotPossible, match=f"Run {first.pk} .* is not finished"):
        runs.start(connection.organization)
    runs.cancel(first)
    runs.start(connection.organization)


def test_a_cancelled_run_keeps_what_it_has_and_can_be_resumed(connection: Connection) -> None:
    run = runs.start(connection.organization, names=CORE)
    handed: list[Account] = []

    def first_account_only(run: Run, accounts: Sequence[Account]) -> None:
        handed.extend(accounts)
        work(run, connection, accounts[:1])
        if run.planned_at:
            runs.cancel(run)
        else:
            runs.carry_on(run, first_account_only)

    runs.carry_on(run, first_account_only)
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    collected = Unit.objects.filter(run=run, state=Unit.State.DONE).count()
    assert 0 < collected < run.units.count()
    finished_before = set(run.units.filter(state=Unit.State.DONE).values_list("pk", "finished_at"))

    def inline(run: Run, accounts: Sequence[Account]) -> None:
        work(run, connection, accounts, side_by_side=4)
        runs.carry_on(run, inline)

    runs.resume(run)
    runs.carry_on(run, inline)
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED
    assert progress_of(run).done == run.units.count()
    assert finished_before <= set(run.units.values_list("pk", "finished_at"))


def test_a_retry_collects_only_what_was_wanting(
    aws: SimulatedAws, connection: Connection, collect: Collect
) -> None:
    run = collect()
    wanting = set(
        run.units.filter(state__in=Unit.WANTING).values_list("account__account_id", "collector")
    )
    assert (DENYING, "ec2.vpcs") in wanting
    again = runs.retry(run)

    def inline(run: Run, accounts: Sequence[Account]) -> None:
        work(run, connection, accounts)
        runs.carry_on(run, inline)

    runs.carry_on(again, inline)
    again.refresh_from_db()
    assert again.state == Run.State.FINISHED
    assert set(again.units.values_list("account__account_id", "collector")) == wanting


def test_what_is_billed_is_not_asked_again_within_its_hours(
    aws: SimulatedAws, collect: Collect
) -> None:
    collect(names=("ce.anomalies",))
    aws.forget_calls()
    run = collect(names=("ce.anomalies",))
    assert set(run.units.values_list("state", flat=True)) == {"skipped"}
    assert count(aws.calls(), service="ce") == 0
    Fact.objects.filter(kind="ce.anomalies").update(
        observed_at=datetime.now(UTC) - timedelta(hours=25)
    )
    collect(names=("ce.anomalies",))
    assert count(aws.calls(), service="ce") > 0


def test_a_unit_that_kills_its_workers_is_given_up(connection: Connection) -> None:
    run = runs.start(connection.organization, names=("organizations.listing",))
    run.units.update(
        state=Unit.State.LEASED,
        attempts=runs.MOST_ATTEMPTS,
        lease_owner="dead",
        lease_until=datetime.now(UTC) - timedelta(seconds=1),
    )
    runs.carry_on(run, lambda run, accounts: pytest.fail("nothing should be handed out"))
    assert set(run.units.values_list("state", flat=True)) == {"failed"}
    run.refresh_from_db()
    assert run.listing_complete is False
