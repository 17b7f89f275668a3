"""The pages of runs and organizations, as people of each role meet them."""

from __future__ import annotations

import pytest
from django.test import Client

from collectors import runs, tasks
from collectors.connecting import Wish
from collectors.models import Connection, Run, Unit
from inventory.models import Account, Organization, Role, User
from inventory.policy import Place, load_policy
from simulated_aws import SimulatedAws

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    return Organization.objects.create(
        organization_id="o-views", name="Views", management_account_id="111111111111"
    )


@pytest.fixture
def run(organization: Organization) -> Run:
    account = Account.objects.create(account_id="121212121212", name="shop")
    Connection.objects.create(
        organization=organization, management_role_arn="arn:aws:iam::111111111111:role/R"
    )
    run = Run.objects.create(
        organization=organization, state=Run.State.RUNNING, planned_at="2026-11-24T10:00:00Z"
    )
    problem = {
        "region": "eu-west-1",
        "outcome": "access_denied",
        "code": "AccessDenied",
        "message": "AccessDenied: not authorized to perform: ec2:DescribeVpcs",
    }
    Unit.objects.create(run=run, account=account, collector="s3.buckets", state=Unit.State.DONE)
    Unit.objects.create(run=run, account=account, collector="sts.identity")
    Unit.objects.create(
        run=run, account=account, collector="ec2.vpcs", state=Unit.State.DENIED, problems=[problem]
    )
    return run


def signed_in(client: Client, role: Role) -> Client:
    client.force_login(User.objects.create_user(f"{role}@example.com", role=role))
    return client


def test_a_run_shows_true_progress_and_its_problems_with_a_cure(client: Client, run: Run) -> None:
    page = signed_in(client, Role.VIEWER).get(f"/runs/{run.pk}/").content.decode()
    assert "2 of 3 units" in page
    assert '<progress class="run-progress" max="100" value="66"' in page
    assert "ec2:DescribeVpcs" in page
    assert "Add the action named in the message" in page
    assert "Cancel this run" not in page


def test_the_living_part_asks_for_itself_until_the_run_is_over(client: Client, run: Run) -> None:
    signed_in(client, Role.VIEWER)
    living = client.get(f"/runs/{run.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in living
    assert "<html" not in living
    runs.cancel(run)
    over = client.get(f"/runs/{run.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in over
    assert "is over: cancelled, 2 of 3 units done" in over
    assert '<progress class="run-progress" max="100" value="66"' in over


def test_a_run_is_cancelled_resumed_and_retried_from_its_page(
    client: Client, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.carry_on, "delay", woken.append)
    signed_in(client, Role.SECURITY)
    client.post(f"/runs/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert woken == []
    client.post(f"/runs/{run.pk}/resume/")
    run.refresh_from_db()
    assert run.state == Run.State.RUNNING
    assert woken == [run.pk]
    client.post(f"/runs/{run.pk}/cancel/")
    page = client.post(f"/runs/{run.pk}/retry/", follow=True).content.decode()
    assert f'retries what <a href="/runs/{run.pk}/">' in page


def test_a_second_run_is_refused_in_words(client: Client, run: Run) -> None:
    signed_in(client, Role.ADMIN)
    page = client.post("/organizations/o-views/collect/", follow=True).content.decode()
    assert f"Run {run.pk} of Views is not finished" in page
    assert Run.objects.count() == 1


@pytest.mark.parametrize("role", [Role.OWNER, Role.FINANCE])
def test_who_may_not_see_runs_gets_no_page(client: Client, run: Run, role: Role) -> None:
    signed_in(client, role)
    for address in ("/runs/", f"/runs/{run.pk}/", "/organizations/", "/organizations/o-views/"):
        assert client.get(address).status_code == 403
    assert client.get("/api/v1/runs/").status_code == 403


def test_a_viewer_changes_nothing(client: Client, run: Run) -> None:
    signed_in(client, Role.VIEWER)
    for address in (
        f"/runs/{run.pk}/cancel/",
        "/organizations/o-views/collect/",
        "/organizations/o-views/",
        "/organizations/connect/",
    ):
        assert client.post(address).status_code == 403
    run.refresh_from_db()
    assert run.state == Run.State.RUNNING


def test_the_api_shows_runs_with_their_problems(client: Client, run: Run) -> None:
    signed_in(client, Role.VIEWER)
    (listed,) = client.get("/api/v1/runs/").json()["results"]
    assert listed["units"] == {"done": 1, "open": 1, "denied": 1}
    detail = client.get(f"/api/v1/runs/{run.pk}/").json()
    assert detail["problems"][0]["collector"] == "ec2.vpcs"


def test_a_schedule_is_changed_on_the_page(client: Client, run: Run) -> None:
    signed_in(client, Role.ADMIN)
    client.post("/organizations/o-views/", {"is_enabled": "on", "interval_hours": "12"})
    assert Connection.objects.get().interval_hours == 12
    client.post("/organizations/o-views/", {"is_enabled": "on", "interval_hours": "0"})
    assert Connection.objects.get().interval_hours == 12


def test_an_organization_is_connected_on_the_page(
    aws: SimulatedAws, wish: Wish, client: Client
) -> None:
    signed_in(client, Role.ADMIN)
    page = client.get("/organizations/connect/").content.decode()
    assert "organizations:ListAccounts" in page
    entered = {
        "role_arn": wish.role_arn,
        "external_id": "not-the-one",
        "member_role": wish.member_role,
        "name": "Larkfield",
        "regions": "eu-west-1, us-east-1",
        "security_accounts": "222233334444: tooling",
        "then": "connect",
    }
    refused = client.post("/organizations/connect/", entered).content.decode()
    assert "sts:AssumeRole on this role" in refused
    assert not Connection.objects.exists()

    entered["external_id"] = wish.external_id
    connected = client.post("/organizations/connect/", entered)
    assert connected["Location"] == "/organizations/o-larkfield0/"
    connection = Connection.objects.get()
    assert connection.regions == ["eu-west-1", "us-east-1"]
    assert connection.principals == [wish.role_arn, aws.world["collector"]["Arn"]]
    values = load_policy().at(Place(organization="o-larkfield0"))
    assert values["SECURITY_ACCOUNTS"] == {"222233334444": ["tooling"]}


def test_the_test_of_a_connection_names_the_denied_action(
    aws: SimulatedAws, wish: Wish, client: Client
) -> None:
    aws.add_answer(service="organizations", operation="ListAccounts", error="denied")
    signed_in(client, Role.ADMIN)
    entered = {"role_arn": wish.role_arn, "external_id": wish.external_id, "then": "connect"}
    page = client.post("/organizations/connect/", entered | {"member_role": wish.member_role})
    text = page.content.decode()
    assert "Denied: <code>organizations:ListAccounts</code>" in text
    assert "Add organizations:ListAccounts to the policy of the management role." in text
    assert not Connection.objects.exists()
