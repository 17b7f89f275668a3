"""Findings read from Security Hub itself, over HTTP: all it has, nothing twice, and what it does
not name any more is gone."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from collectors.models import Connection
from inventory.models import Account, PolicySetting, Role
from roadmap import scan_uploads
from roadmap.models import AccountScan, Finding, ScanImport
from roadmap.scan_uploads import pull_soon, work
from simulated_aws import SimulatedAws
from tests.collectors.conftest import Collect, aws, collect, connection, wish
from tests.factories import UserFactory

__all__ = ["aws", "collect", "connection", "wish"]  # fixtures
pytestmark = pytest.mark.django_db

TOOLING = "222233334444"
WAREHOUSE = "505050505050"
FACTS = ("securityhub.delegated_administrators", "securityhub.hub", "securityhub.aggregators")
CORE = ("organizations.listing", "account.regions", "sts.identity", *FACTS)
EARLY, LATE = "2026-11-21T08:00:00.000Z", "2026-11-22T08:00:00.000Z"
State = Finding.State


@pytest.fixture
def hub(collect: Collect, connection: Connection) -> Connection:
    """Larkfield, known well enough to ask its Security Hub."""
    PolicySetting.objects.create(
        name="SECURITY_ACCOUNTS",
        level=PolicySetting.Level.INSTALLATION,
        value={TOOLING: ["tooling"]},
    )
    collect(names=CORE)
    return connection


def told(
    aws: SimulatedAws,
    control: str,
    resource: str,
    status: str = "FAILED",
    *,
    region: str = "eu-west-1",
    updated: str = EARLY,
    **more: Any,
) -> None:
    """What Security Hub says of a resource in warehouse-prod from now on."""
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": f"{control}/{resource}",
        "ProductArn": f"arn:aws:securityhub:{region}::product/aws/securityhub",
        "ProductName": "Security Hub",
        "GeneratorId": f"security-control/{control}",
        "AwsAccountId": WAREHOUSE,
        "Region": region,
        "CreatedAt": EARLY,
        "UpdatedAt": updated,
        "Title": f"{control} is checked",
        "Description": "It is checked.",
        "Severity": {"Label": "HIGH"},
        "Compliance": {"Status": status, "SecurityControlId": control},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        "Resources": [{"Type": "AwsS3Bucket", "Id": resource, "Region": region}],
        **more,
    }
    client = aws.client("securityhub", account=WAREHOUSE, region=region)
    answer = client.batch_import_findings(Findings=[finding])
    assert answer["SuccessCount"] == 1


def pulled(connection: Connection) -> ScanImport:
    pull_soon(connection.organization)
    work()
    return ScanImport.objects.latest("id")


def states(code: str) -> dict[str, str]:
    rows = Finding.objects.filter(source="securityhub", code=code, account__account_id=WAREHOUSE)
    return {row.resource: row.state for row in rows}


def test_it_brings_what_security_hub_has_and_nothing_twice(
    aws: SimulatedAws, hub: Connection
) -> None:
    for number in range(120):  # More than a page.
        told(aws, "S3.9", f"bucket-{number:03}")
    told(aws, "S3.9", "quiet-bucket", Workflow={"Status": "SUPPRESSED"})
    told(aws, "EC2.6", "vpc-1", "PASSED")

    first = pulled(hub)

    assert (first.state, first.message) == (ScanImport.State.DONE, "")
    assert first.accounts == first.accounts_read == Account.objects.filter(state="ACTIVE").count()
    found = states("S3.9")
    assert len(found) == 121
    assert found.pop("quiet-bucket") == State.MUTED
    assert set(found.values()) == {State.OPEN}
    assert not states("EC2.6")
    # The demo's own: an urgent finding in a Region that is drawn into the home Region.
    assert list(states("EC2.19").values()) == [State.OPEN]
    assert first.counts["new"] == Finding.objects.filter(source="securityhub").count()

    before = list(Finding.objects.order_by("pk").values())
    second = pulled(hub)
    assert second.state == ScanImport.State.DONE
    assert {name: n for name, n in second.counts.items() if n} == {}
    assert list(Finding.objects.order_by("pk").values()) == before


def test_what_it_archived_is_resolved_though_its_control_names_nothing_any_more(
    aws: SimulatedAws, hub: Connection
) -> None:
    told(aws, "S3.9", "bucket")
    told(aws, "S3.8", "bucket")
    pulled(hub)
    told(aws, "S3.9", "bucket", updated=LATE, RecordState="ARCHIVED")

    done = pulled(hub)

    assert done.counts["resolved"] == 1
    assert states("S3.9") == {"bucket": State.RESOLVED}
    assert states("S3.8") == {"bucket": State.OPEN}


def test_what_returned_is_reopened(aws: SimulatedAws, hub: Connection) -> None:
    told(aws, "S3.9", "bucket")
    pulled(hub)
    told(aws, "S3.9", "bucket", "PASSED", updated=LATE)
    pulled(hub)
    assert states("S3.9") == {"bucket": State.RESOLVED}
    told(aws, "S3.9", "bucket", updated="2026-11-23T08:00:00.000Z")

    assert pulled(hub).counts["reopened"] == 1
    assert states("S3.9") == {"bucket": State.OPEN}


def test_a_region_of_which_nothing_is_told_keeps_its_findings(
    aws: SimulatedAws, hub: Connection
) -> None:
    told(aws, "S3.9", "bucket", region="us-east-1")
    pulled(hub)
    aws.client("securityhub", account=WAREHOUSE, region="us-east-1").disable_security_hub()
    told(aws, "S3.8", "bucket", updated=LATE)

    pulled(hub)

    assert states("S3.9") == {"bucket": State.OPEN}
    assert states("S3.8") == {"bucket": State.OPEN}


def test_a_few_controls_are_no_complete_scan(aws: SimulatedAws, hub: Connection) -> None:
    """It resolves by what it reads, but proves no more of a Region than a file would."""
    told(aws, "S3.9", "bucket")
    pulled(hub)
    scan = AccountScan.objects.get(account__account_id=WAREHOUSE)
    assert (scan.regions, scan.scan_id) == ({}, "GetFindings")


def test_a_refusal_says_what_is_missing_and_keeps_what_was_read(
    aws: SimulatedAws, hub: Connection
) -> None:
    aws.add_answer(service="securityhub", operation="GetFindings", error="denied", times=20)

    done = pulled(hub)

    assert done.state == ScanImport.State.FAILED
    assert "securityhub.get_findings" in done.message
    assert TOOLING in done.message
    assert not Finding.objects.filter(source="securityhub").exists()


def test_a_worker_that_dies_loses_nothing(
    aws: SimulatedAws, hub: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(BaseException):
        pass

    def die(*args: Any, **options: Any) -> None:
        raise Dead

    for number in range(3):
        told(aws, "S3.9", f"bucket-{number}")
    with monkeypatch.context() as patch:
        patch.setattr("roadmap.storage.scans._write_scan", die)
        with pytest.raises(Dead):
            pulled(hub)
    work()

    done = ScanImport.objects.get()
    assert (done.state, done.attempts) == (ScanImport.State.DONE, 2)
    assert len(states("S3.9")) == 3
    assert done.counts["new"] == Finding.objects.filter(source="securityhub").count()


def test_one_reading_at_a_time(aws: SimulatedAws, hub: Connection) -> None:
    assert pull_soon(hub.organization) == pull_soon(hub.organization)
    assert ScanImport.objects.count() == 1


def test_it_follows_a_whole_run_unless_the_connection_says_no(
    hub: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collectors.runs import run_finished

    run = hub.organization.runs.latest("id")
    run_finished.send(type(run), run=run)
    assert not ScanImport.objects.exists()  # It was of some collectors only.
    run.collectors = []
    hub.reads_security_hub = False
    hub.save()
    run_finished.send(type(run), run=run)
    assert not ScanImport.objects.exists()
    hub.reads_security_hub = True
    hub.save()
    run_finished.send(type(run), run=run)
    assert ScanImport.objects.get().organization == hub.organization


def test_nobody_is_asked_where_nobody_administers_it(connection: Connection) -> None:
    done = pulled(connection)
    assert done.state == ScanImport.State.FAILED
    assert "No delegated administrator of Security Hub is known" in done.message


def test_an_administrator_that_is_no_security_account_is_named(
    collect: Collect, connection: Connection
) -> None:
    collect(names=CORE)
    done = pulled(connection)
    assert done.state == ScanImport.State.FAILED
    assert TOOLING in done.message
    assert "SECURITY_ACCOUNTS" in done.message


def test_a_reading_that_is_cancelled_asks_about_no_further_account(
    aws: SimulatedAws, hub: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(aws, "S3.9", "bucket")
    user, save = UserFactory.create(), scan_uploads._save

    def saves(row: ScanImport, owner: str, **values: Any) -> None:
        save(row, owner, **values)
        if values.get("accounts_read") == 1:
            scan_uploads.cancel(row, user)

    monkeypatch.setattr(scan_uploads, "_save", saves)
    done = pulled(hub)
    assert (done.state, done.cancelled_by, done.accounts_read) == ("cancelled", user, 1)
    assert states("S3.9") == {}
    monkeypatch.setattr(scan_uploads, "_save", save)
    assert pulled(hub).state == ScanImport.State.DONE
    assert states("S3.9") == {"bucket": State.OPEN}


def test_the_command_reads_it_in_the_foreground(aws: SimulatedAws, hub: Connection) -> None:
    told(aws, "S3.9", "bucket")
    out = StringIO()
    call_command("pull_findings", hub.organization.organization_id, stdout=out)
    assert states("S3.9") == {"bucket": State.OPEN}
    assert "Larkfield" in out.getvalue()
    with pytest.raises(CommandError, match="o-none is not connected"):
        call_command("pull_findings", "o-none")


def test_it_can_be_asked_for_in_the_browser(hub: Connection, client: Client) -> None:
    client.force_login(UserFactory.create(role=Role.SECURITY))
    page = client.get("/findings/import/").content.decode()
    assert "Read Larkfield" in page
    address = f"/findings/import/security-hub/{hub.organization.organization_id}/"
    answer = client.post(address)
    row = ScanImport.objects.get()
    assert answer["Location"] == row.get_absolute_url()
    work()
    page = client.get(row.get_absolute_url()).content.decode()
    assert (
        f"of {row.organization and Account.objects.filter(state='ACTIVE').count()} account" in page
    )
    assert client.get("/api/v1/findings/imports/").status_code == 200
    client.force_login(UserFactory.create(role=Role.VIEWER))
    assert client.post(address).status_code == 403
