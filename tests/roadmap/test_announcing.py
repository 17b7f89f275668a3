"""What webhooks are told of judging, findings and imports, and what they are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from collectors.services import s3control
from inventory.models import Delivery, Role, Webhook
from roadmap.evaluation import judge
from roadmap.models import Finding, ScanImport
from roadmap.registry import FindingKind
from roadmap.scan_uploads import take_in, work
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Verdict, failed, passed
from tests.factories import AccountFactory, UserFactory, observe
from tests.organization import World
from tests.roadmap.conftest import make_item
from tests.roadmap.test_scan_import import MINE, PASSING, result

KEY = "surface.open"
SECRET = "refinement.honey_tokens"
Event = Webhook.Event


def by_block(subject: Subject) -> Verdict:
    block = subject.facts.get(s3control.public_access_block)
    if not block.buckets:
        return passed("Closed.")
    arn = f"arn:aws:s3:::{subject.account.account_id}"
    return failed("Open.", problems=[Problem("bucket_open", arn)])


@pytest.fixture(autouse=True)
def judged(catalogue: Any, world: World) -> None:
    kinds = {"bucket_open": FindingKind("Bucket open", Severity.CRITICAL)}
    catalogue(
        make_item(KEY, by_block, order="6.1", findings=kinds),
        make_item(SECRET, by_block, order="8.1", findings=kinds),
    )
    close(world, True)
    Webhook.objects.create(name="All", url="https://hooks.example.com/", events=Event.values)


def close(world: World, is_closed: bool) -> None:
    for account in world.accounts:
        buckets = () if is_closed else (s3control.BucketBlock("photos"),)
        block = s3control.PublicAccessBlock(s3control.Flags(True, True, True, True), buckets)
        observe(account, s3control.public_access_block, block, at=datetime.now(UTC))
    judge()


def told(event: Webhook.Event) -> list[Delivery]:
    return list(Delivery.objects.filter(event=event).order_by("pk"))


def test_verdicts_that_go_backwards_are_told_together_without_restricted_items(
    world: World,
) -> None:
    assert told(Event.SETBACK) == []
    close(world, False)
    (one,) = told(Event.SETBACK)
    assert one.text == "6 verdicts went backwards in 6 accounts"
    assert any("payments (444444444444): surface.open (Pass → Fail)" in d for d in one.details)
    assert not any(SECRET in detail for detail in one.details)
    judge()
    assert len(told(Event.SETBACK)) == 1
    close(world, True)
    assert len(told(Event.SETBACK)) == 1


def test_new_critical_findings_are_told_once_without_restricted_items(world: World) -> None:
    close(world, False)
    (one,) = told(Event.CRITICAL_FINDING)
    assert one.text == "6 new critical findings"
    assert len(one.details) == 6
    judge()
    assert len(told(Event.CRITICAL_FINDING)) == 1
    assert Finding.objects.filter(item=SECRET).exists()


def test_nothing_is_written_where_nobody_asks(world: World) -> None:
    Webhook.objects.update(events=[Event.CAMPAIGN])
    close(world, False)
    assert not Delivery.objects.exists()


def test_an_import_that_fails_is_told_and_one_that_works_is_not(world: World) -> None:
    user = UserFactory.create(role=Role.SECURITY)
    row = ScanImport.objects.create(name="scan.json", size=1, label="Prowler", uploaded_by=user)
    work()
    row.refresh_from_db()
    assert row.state == ScanImport.State.FAILED
    (one,) = told(Event.IMPORT_FAILED)
    assert one.text == "scan.json could not be imported"
    assert one.url == row.get_absolute_url()


def test_an_import_that_works_is_not_told_and_its_critical_findings_are(world: World) -> None:
    AccountFactory.create(account_id=MINE)
    content = json.dumps([result(severity="Critical"), PASSING]).encode()
    take_in(SimpleUploadedFile("scan.json", content), UserFactory.create(role=Role.SECURITY))
    work()
    assert ScanImport.objects.get().state == ScanImport.State.DONE
    assert told(Event.IMPORT_FAILED) == []
    assert [one.text for one in told(Event.CRITICAL_FINDING)] == ["1 new critical finding"]
