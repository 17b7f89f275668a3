"""Imported scans as seen from outside: rows in, verdicts, findings, history and pages out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from collectors.outcomes import Outcome
from collectors.services import account as account_service
from collectors.services import sts
from inventory.models import Account, PolicySetting
from roadmap.evaluation import judge
from roadmap.evaluation.scans import scans_of
from roadmap.models import (
    AccountScan,
    AccountVerdict,
    Finding,
    RuleException,
    ScannerCheck,
    VerdictChange,
)
from roadmap.queries.verdicts import verdicts_of
from roadmap.registry import ImportUse
from roadmap.scan_import import import_file
from roadmap.scans import Counted, Failure
from roadmap.subject import Subject
from roadmap.verdicts import Source, Verdict, failed, passed
from tests.collectors.scanners.test_readers import ocsf
from tests.factories import NOW, AccountFactory, observe, signed_in
from tests.organization import World
from tests.roadmap.conftest import make_item

Catalogue = Callable[..., None]
WEST = "eu-west-1"
ARN = "arn:aws:s3:::leaky"
DAY = timedelta(days=1)


def by_identity(subject: Subject) -> Verdict:
    role = subject.facts.get(sts.identity).role_name
    facts = {"role": role}
    return passed("Good.", facts=facts) if role == "Good" else failed("Bad.", facts=facts)


def by_scans(subject: Subject) -> Verdict:
    """Fails where a scan shows something open."""
    for scan in subject.scans.found:
        subject.scans.keep(scan, READING.key)
    names = [failure.resource for failure in subject.scans.failing(READING.key)]
    return failed(", ".join(names)) if names else passed("Nothing is open.")


SOURCES = (Source.AUTOMATIC, Source.IMPORTED)
IDENTITY = make_item(
    "inventory.identity", by_identity, reads=(sts.identity,), sources=SOURCES,
    imports={"prowler": ("open_port", "no_mfa")},
)  # fmt: skip
READING = make_item(
    "visibility.reading", by_scans, order="3.1", sources=SOURCES,
    import_use=ImportUse.RULE, imports={"prowler": ("public_bucket",)},
)  # fmt: skip


def scan(account: Account, days_ago: float = 1, tool: str = "prowler", **results: Any) -> None:
    at = (NOW - days_ago * DAY).isoformat()
    AccountScan.objects.update_or_create(
        account=account,
        tool=tool,
        defaults={
            "scanned_at": at,
            "version": "5.13.0",
            "scan_id": "scan-1",
            "regions": {WEST: at},
            "results": {check: {WEST: [at, *numbers]} for check, numbers in results.items()},
        },
    )


def failing(account: Account, check: str, resource: str = ARN, state: str = "open") -> None:
    Finding.objects.create(
        account=account, source="prowler", item="", code=check, region=WEST, resource=resource,
        title=check, state=state, first_seen_at=NOW - DAY, last_seen_at=NOW - DAY,
    )  # fmt: skip


def seen(account: Account, role: str = "Good", **more: Any) -> None:
    arn = f"arn:aws:sts::{account.account_id}:assumed-role/{role}/cairn"
    observe(account, sts.identity, sts.Identity(account.account_id, arn), **more)


@pytest.fixture
def denied(world: World, catalogue: Catalogue) -> Account:
    """An account whose role is refused and whose Regions the organization tells."""
    catalogue(IDENTITY, READING)
    observe(world.denied, account_service.regions, account_service.Regions(enabled=(WEST,)))
    observe(world.denied, sts.identity, outcome=Outcome.ASSUME_ROLE_DENIED)
    return world.denied


def verdict(account: Account, item: str = IDENTITY.key) -> AccountVerdict:
    return AccountVerdict.objects.get(account=account, item=item)


def told(account: Account, item: str = IDENTITY.key) -> tuple[str, str]:
    found = verdict(account, item)
    return found.status, found.source


def test_a_scan_serves_for_an_account_that_cannot_be_entered(denied: Account) -> None:
    judge(now=NOW)
    assert told(denied) == ("unknown", "automatic")
    scan(denied, open_port=[3, 1, 1, 2])
    judge(now=NOW)
    assert told(denied) == ("partial", "imported")
    record = verdicts_of(denied)[IDENTITY.key].evidence
    assert (record.source, record.settings["IMPORT_FALLBACK_DAYS"]) == ("imported", 14)
    (kept,) = record.scans
    assert (kept["tool"], kept["version"], kept["scan_id"]) == ("prowler", "5.13.0", "scan-1")
    counts = kept["checks"]["open_port"]
    assert [counts[n] for n in ("passed", "failed", "muted", "undecided")] == [3, 1, 1, 2]
    assert record.expires_at == NOW + 13 * DAY
    judge(now=NOW + 13 * DAY)
    assert told(denied) == ("unknown", "automatic")


def test_the_evidence_is_as_old_as_the_scan_in_cairns_place(denied: Account) -> None:
    seen(denied, at=NOW - DAY / 24, outcome=Outcome.ACCESS_DENIED)
    scan(denied, 5, open_port=[1, 0, 0, 0])
    scan(denied, 3, tool="securityhub")
    judge(now=NOW)
    assert told(denied) == ("pass", "imported")
    assert verdicts_of(denied)[IDENTITY.key].evidence.collected_at == NOW - 5 * DAY


def test_the_evidence_of_cairns_own_verdict_is_as_old_as_its_facts(denied: Account) -> None:
    seen(denied, at=NOW - DAY / 24)
    scan(denied, 5, open_port=[0, 1, 0, 0])
    judge(now=NOW)
    assert verdict(denied).evidence["scans"]
    assert verdicts_of(denied)[IDENTITY.key].evidence.collected_at == NOW - DAY / 24


def test_a_rule_that_reads_scans_is_as_old_as_the_oldest_it_rests_on(
    denied: Account, catalogue: Catalogue
) -> None:
    def by_both(subject: Subject) -> Verdict:
        at, newest = subject.scans.newest(WEST) or (NOW, None)
        assert newest is not None
        subject.facts.get(sts.identity)
        subject.scans.keep(newest, READING.key, at=at)
        return passed("Scanned.", source=Source.IMPORTED)

    catalogue(replace(READING, judge=by_both, reads=(sts.identity,)))
    for facts, scanned in ((1, 5), (2, 1)):
        seen(denied, at=NOW - facts * DAY)
        scan(denied, scanned)
        judge(now=NOW)
        evidence = verdicts_of(denied)[READING.key].evidence
        assert evidence.collected_at == NOW - max(facts, scanned) * DAY
        assert evidence.expires_at == NOW + (3 - facts) * DAY


def test_pages_say_as_of_when_a_scan_is(denied: Account) -> None:
    scan(denied, 5, open_port=[1, 0, 0, 0])
    judge(now=NOW)
    item = reverse("roadmap:verdict", args=[denied.account_id, "inventory", "identity"])
    for address in (item, denied.get_absolute_url()):
        page = " ".join(signed_in().get(address).content.decode().split())
        at = NOW - 5 * DAY
        assert f'as of <time datetime="{at.isoformat()}"' in page, address
    assert "<dt>As of</dt>" in signed_in().get(item).content.decode()
    seen(denied, at=NOW)
    judge(now=NOW)
    page = signed_in().get(item).content.decode()
    assert "as of" not in page
    assert "<dt>Collected</dt>" in page


def test_the_page_and_the_json_show_what_was_imported(denied: Account) -> None:
    scan(denied, open_port=[3, 1, 1, 0])
    judge(now=NOW)
    address = reverse("roadmap:verdict", args=[denied.account_id, "inventory", "identity"])
    page = signed_in().get(address).content.decode()
    assert "Prowler 5.13.0" in page
    assert "3 passed, 1 failed, 1 of them muted" in page
    answer = signed_in().get(f"{address}?format=json").json()
    assert answer["source"] == "imported"
    assert answer["scans"][0]["checks"]["open_port"]["failed_in"] == [WEST]


def test_a_check_that_a_person_put_elsewhere_counts_there_and_only_there(denied: Account) -> None:
    scan(denied, open_port=[0, 1, 0, 0], bought=[1, 0, 0, 0])
    ScannerCheck.objects.create(tool="prowler", check_id="open_port", item=READING.key)
    judge(now=NOW)
    assert told(denied) == ("unknown", "automatic")
    ScannerCheck.objects.create(tool="prowler", check_id="bought", item=IDENTITY.key)
    judge(now=NOW)
    assert told(denied) == ("pass", "imported")


def test_a_check_put_elsewhere_is_a_setting_in_history(denied: Account) -> None:
    scan(denied, open_port=[0, 1, 0, 0])
    judge(now=NOW)
    ScannerCheck.objects.create(tool="prowler", check_id="open_port", item=READING.key)
    judge(now=NOW, cause=VerdictChange.Cause.SETTING)
    change = VerdictChange.objects.filter(account=denied, item=IDENTITY.key).first()
    assert change is not None
    assert (change.from_status, change.to_status, change.cause) == ("fail", "unknown", "setting")


def test_a_difference_is_a_finding_until_both_agree(denied: Account) -> None:
    seen(denied)
    scan(denied, open_port=[0, 1, 0, 0])
    judge(now=NOW)
    assert told(denied) == ("pass", "automatic")
    found = Finding.objects.get(code="source_disagreement")
    assert (found.item, found.severity, found.state) == (IDENTITY.key, "low", "open")
    assert (found.title, found.resource) == (
        "Source disagreement",
        f"arn:aws:iam::{denied.account_id}:root",
    )
    assert verdict(denied).evidence["scans"][0]["tool"] == "prowler"
    scan(denied, open_port=[1, 0, 0, 0])
    judge(now=NOW)
    found.refresh_from_db()
    assert found.state == "resolved"
    assert "scans" not in verdict(denied).evidence


def test_a_difference_ends_when_the_scan_is_too_old(denied: Account) -> None:
    seen(denied, at=NOW)
    scan(denied, open_port=[0, 1, 0, 0])
    judge(now=NOW)
    later = NOW + 13 * DAY
    seen(denied, at=later)
    judge(now=later)
    assert Finding.objects.get(code="source_disagreement").state == "resolved"


def test_a_scan_that_serves_resolves_nothing(denied: Account) -> None:
    seen(denied, "Bad", at=NOW)
    scan(denied, open_port=[1, 0, 0, 0])
    judge(now=NOW)
    observe(denied, sts.identity, outcome=Outcome.ASSUME_ROLE_DENIED, at=NOW + DAY)
    judge(now=NOW + DAY)
    assert told(denied) == ("pass", "imported")
    assert Finding.objects.get(code="source_disagreement").state == "open"


def test_a_rule_reads_the_resources_that_fail(denied: Account) -> None:
    scan(denied, public_bucket=[0, 2, 1, 0])
    failing(denied, "public_bucket")
    failing(denied, "public_bucket", "arn:aws:s3:::muted", "muted")
    failing(denied, "public_bucket", "arn:aws:s3:::gone", "resolved")
    failing(denied, "open_port", "arn:aws:s3:::other")
    judge(now=NOW)
    found = verdict(denied, READING.key)
    assert (found.status, found.sentence) == ("fail", f"{ARN}, arn:aws:s3:::muted")


def test_resources_under_an_exception_leave_the_count(denied: Account) -> None:
    scan(denied, open_port=[1, 1, 0, 0])
    failing(denied, "open_port")
    RuleException.objects.create(
        item=IDENTITY.key, pattern="arn:aws:s3:::le*", approved_at=NOW, expires_at=NOW + DAY
    )
    judge(now=NOW)
    assert told(denied) == ("pass", "imported")
    assert [e["resource"] for e in verdict(denied).evidence["exceptions"]] == [ARN]


def test_scans_are_read_with_the_checks_that_belong_somewhere(denied: Account) -> None:
    scan(denied, open_port=[1, 2, 3, 4], nobodys=[9, 9, 9, 9])
    failing(denied, "open_port")
    checks = {IDENTITY.key: {("prowler", "open_port")}}
    found = scans_of([denied.pk], checks, {("prowler", "open_port")})
    at = NOW - DAY
    (one,) = found[denied.pk].found
    assert (one.regions, one.results) == (
        {WEST: at},
        {"open_port": {WEST: Counted(at, 1, 2, 3, 4)}},
    )
    assert found[denied.pk].failures == [Failure("prowler", "open_port", WEST, ARN, at)]
    (empty,) = scans_of([denied.pk], {}, ())[denied.pk].found
    assert empty.results == {}


def test_queries_do_not_grow_with_scanned_accounts(denied: Account, world: World) -> None:
    def count() -> int:
        judge(now=NOW)
        with CaptureQueriesContext(connection) as queries:
            judge(now=NOW)
        return len(queries)

    scan(denied, public_bucket=[0, 1, 0, 0])
    failing(denied, "public_bucket")
    few = count()
    for account in AccountFactory.create_batch(40, observed_organization=world.organization):
        for tool in ("prowler", "scoutsuite"):
            scan(account, tool=tool, public_bucket=[0, 1, 0, 0])
        failing(account, "public_bucket")
    assert count() == few


def imported(account: Account, *statuses: str, day: int = 0) -> None:
    results = [
        ocsf(
            metadata={"event_code": "open_port"},
            status_code=status,
            resources=[{"uid": f"sg-{number}", "region": WEST}],
            cloud={"provider": "aws", "account": {"uid": account.account_id}, "region": WEST},
            time_dt=(NOW - DAY + timedelta(hours=day)).isoformat(),
        )
        for number, status in enumerate(statuses)
    ]
    import_file(io.BytesIO(json.dumps(results).encode()), "scan.json", NOW)


def test_an_import_judges_its_accounts_and_history_names_it(
    denied: Account, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    PolicySetting.objects.create(
        name="IMPORT_MIN_CHECKS", level=PolicySetting.Level.INSTALLATION, value=1
    )
    for setting, value in (("IMPORT_FALLBACK_DAYS", 3650), ("EVIDENCE_MAX_AGE_HOURS", 87600)):
        PolicySetting.objects.create(
            name=setting, level=PolicySetting.Level.INSTALLATION, value=value
        )
    judge()
    AccountVerdict.objects.filter(account=world.payments).delete()
    with django_capture_on_commit_callbacks(execute=True):
        imported(denied, "PASS", "PASS")
    assert told(denied) == ("pass", "imported")
    assert not AccountVerdict.objects.filter(account=world.payments).exists()
    with django_capture_on_commit_callbacks(execute=True):
        imported(denied, "PASS", "FAIL", day=1)
    changes = VerdictChange.objects.filter(account=denied, item=IDENTITY.key).order_by("pk")
    assert [(c.from_status, c.to_status, c.get_cause_display()) for c in changes][-2:] == [
        ("unknown", "pass", "Scanner results"),
        ("pass", "partial", "Scanner results"),
    ]


def test_a_failure_that_a_newer_scan_no_longer_names_decides_nothing(denied: Account) -> None:
    PolicySetting.objects.create(
        name="IMPORT_MIN_CHECKS", level=PolicySetting.Level.INSTALLATION, value=1
    )
    imported(denied, "FAIL")
    judge(now=NOW)
    assert told(denied) == ("fail", "imported")
    newer = [
        ocsf(
            metadata={"event_code": check},
            status_code="PASS",
            resources=[{"uid": "sg-9", "region": region}],
            cloud={"provider": "aws", "account": {"uid": denied.account_id}},
            time_dt=(NOW - DAY / 2).isoformat(),
        )
        for check, region in (("open_port", "us-east-1"), ("another", WEST))
    ]
    import_file(io.BytesIO(json.dumps(newer).encode()), "scan.json", NOW)
    judge(now=NOW)
    assert told(denied) == ("pass", "imported")


def test_history_names_the_scan_only_where_one_decides(denied: Account) -> None:
    seen(denied)
    judge(now=NOW)
    seen(denied, "Bad", at=NOW + timedelta(hours=1))
    judge(now=NOW + timedelta(hours=1), cause=VerdictChange.Cause.IMPORT)
    change = VerdictChange.objects.filter(account=denied, item=IDENTITY.key).first()
    assert change is not None
    assert (change.to_status, change.cause) == ("fail", "evidence")
