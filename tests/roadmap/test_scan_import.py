"""Scanner files as findings: once, whatever is imported how often and in which order."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collectors.scanners import Unreadable
from inventory.models import PolicySetting, Sighting
from roadmap.models import AccountScan, Finding, ScannerCheck
from roadmap.scan_import import Imported, import_file
from roadmap.storage.scans import Counts
from tests.collectors.scanners.test_readers import (
    AUDIT,
    CSV_5,
    PUBLIC,
    asff,
    ocsf,
    rule,
    scoutsuite,
)
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

MINE, OTHER = "111122223333", "222233334444"
DAY = datetime(2026, 11, 20, 8, tzinfo=UTC)
State = Finding.State


@pytest.fixture(autouse=True)
def accounts() -> None:
    for account_id in (MINE, OTHER):
        AccountFactory.create(account_id=account_id)
    PolicySetting.objects.create(
        name="IMPORT_MIN_CHECKS", level=PolicySetting.Level.INSTALLATION, value=2
    )


def result(
    check: str = "open_port",
    resource: str = "sg-1",
    status: str = "FAIL",
    *,
    account: str = MINE,
    region: str = "eu-west-1",
    day: int = 0,
    **more: Any,
) -> dict[str, Any]:
    return ocsf(
        metadata={"event_code": check},
        status_code=status,
        resources=[{"uid": resource, "region": region}] if resource else [],
        cloud={"provider": "aws", "account": {"uid": account}, "region": region},
        time_dt=(DAY + timedelta(days=day)).isoformat(),
        **more,
    )


def imported(*results: dict[str, Any], **options: Any) -> Imported:
    return whole(json.dumps(results), **options)


def whole(content: str, name: str = "scan.json", **options: Any) -> Imported:
    now = DAY + timedelta(days=30)
    return import_file(io.BytesIO(content.encode()), name, now, **options)


def states(**only: Any) -> dict[tuple[str, str], str]:
    rows = Finding.objects.filter(**only)
    return {(row.code, row.resource): row.state for row in rows}


PASSING = result("other_check", "x", "PASS")


def test_failing_results_become_findings() -> None:
    done = imported(result(), result(resource="sg-2", severity="Critical"), PASSING)
    assert asdict(done.counts) == {
        "read": 3,
        "named": 2,
        "new": 2,
        "changed": 0,
        "resolved": 0,
        "reopened": 0,
        "unmapped": 2,
        "refused": 0,
    }
    first, second = Finding.objects.order_by("resource")
    assert (first.source, first.code, first.item, first.region) == (
        "prowler",
        "open_port",
        "",
        "eu-west-1",
    )
    assert (first.severity, second.severity, first.title) == (
        "high",
        "critical",
        "No public addresses: sg-1",
    )
    assert first.first_seen_at == first.last_seen_at == DAY
    assert set(ScannerCheck.objects.values_list("check_id", flat=True)) == {
        "open_port",
        "other_check",
    }


def test_the_same_run_twice_changes_nothing() -> None:
    run = [result(), result(resource="sg-2"), PASSING]
    imported(*run)
    before = list(Finding.objects.values())
    again = imported(*run)
    assert list(Finding.objects.values()) == before
    counts = again.counts
    assert (counts.new, counts.changed, counts.resolved, counts.reopened) == (0, 0, 0, 0)


def test_csv_and_json_of_one_run_are_one_run() -> None:
    imported(result(), PASSING)
    before = list(Finding.objects.values())
    rows = [
        CSV_5.strip(),
        *(
            f"2026-11-20 08:00:00;{MINE};aws;{check};No public addresses;{status};"
            f"i-1 has a public address.;False;high;{resource};aws;eu-west-1"
            for check, status, resource in (
                ("open_port", "FAIL", "sg-1"),
                ("other_check", "PASS", "x"),
            )
        ),
    ]
    done = whole("\n".join(rows) + "\n", "scan.csv")
    assert (done.counts.new, done.counts.changed) == (0, 0)
    assert list(Finding.objects.values()) == before


def test_what_passed_and_failed_fails() -> None:
    imported(result(), result(status="PASS"), result("other_check", "x", "PASS"))
    assert states() == {("open_port", "sg-1"): State.OPEN}


def test_a_newer_complete_run_resolves_what_is_gone_and_reopens_what_returned() -> None:
    imported(result(), result(resource="sg-2"), PASSING)
    fixed = [
        result(resource="sg-2", day=1),
        result(resource="sg-1", status="PASS", day=1),
        result("other_check", "x", "PASS", day=1),
    ]
    assert imported(*fixed).counts.resolved == 1
    assert states() == {("open_port", "sg-1"): State.RESOLVED, ("open_port", "sg-2"): State.OPEN}
    returned = imported(result(day=2), result("other_check", "x", "PASS", day=2)).counts
    assert (returned.reopened, returned.resolved, returned.new) == (1, 1, 0)
    found = Finding.objects.get(resource="sg-1")
    assert (found.state, found.reopened, found.resolved_at) == (State.OPEN, 1, None)
    assert found.first_seen_at == DAY


NOTHING_GONE: Sequence[Any] = [
    pytest.param([result("other_check", "x", "PASS", day=1)], id="a run of too few checks"),
    pytest.param(
        [
            result("open_port", "y", "PASS", day=1, region="us-east-1"),
            result("other_check", "x", "PASS", day=1, region="us-east-1"),
        ],
        id="of another Region",
    ),
    pytest.param(
        [
            result("open_port", "y", "PASS", day=1, account=OTHER),
            result("other_check", "x", "PASS", day=1, account=OTHER),
        ],
        id="of another account",
    ),
    pytest.param(
        [result("third_check", "x", "PASS", day=1), result("other_check", "x", "PASS", day=1)],
        id="that did not make the check",
    ),
    pytest.param(
        [result("open_port", "", "MANUAL", day=1), result("other_check", "", "MANUAL", day=1)],
        id="that decided nothing",
    ),
    pytest.param(
        [result("open_port", "y", "PASS", day=-1), result("other_check", "x", "PASS", day=-1)],
        id="that is older",
    ),
]


@pytest.mark.parametrize("run", NOTHING_GONE)
def test_a_run_resolves_nothing_that_it_did_not_cover(run: list[dict[str, Any]]) -> None:
    imported(result(), PASSING)
    assert imported(*run).counts.resolved == 0
    assert states(resource="sg-1") == {("open_port", "sg-1"): State.OPEN}


def test_the_importer_may_declare_a_region_complete() -> None:
    imported(result(), PASSING)
    run = [result("open_port", "y", "PASS", day=1)]
    assert imported(*run, complete_regions=["eu-west-1"]).counts.resolved == 1


def scout(
    day: int,
    *items: str,
    regions: Sequence[str] = ("eu-west-1", "us-east-1"),
    other: int = 1,
    path: str = "ec2.regions.id.security_groups.id",
) -> str:
    """A run of ScoutSuite: an open port in each of the items, and another check that passes."""
    findings = {"open-port": rule(5, *items), "other": rule(other)}
    return scoutsuite(
        {},
        services={
            "ec2": {
                "findings": {name: made | {"path": path} for name, made in findings.items()},
                "regions": {name: {} for name in regions},
            }
        },
        last_run={"time": (DAY + timedelta(days=day)).isoformat()},
    )


OPEN = "ec2.regions.eu-west-1.vpcs.vpc-1.security_groups.sg-1"
SCOUTED: dict[str, tuple[str, int]] = {
    "that passes everywhere": (scout(1), 1),
    "that fails in another Region": (scout(1, OPEN.replace("eu-west-1", "us-east-1")), 1),
    "that still fails there": (scout(1, OPEN), 0),
    "of another Region": (scout(1, regions=["us-east-1"]), 0),
    "of too few checks with a result": (scout(1, other=0), 0),
    "of checks that are not made Region by Region": (scout(1, path="ec2.groups.id"), 0),
    "that is older": (scout(-1), 0),
}


@pytest.mark.parametrize(("run", "resolved"), SCOUTED.values(), ids=SCOUTED)
def test_a_newer_scoutsuite_run_resolves_in_the_regions_that_it_looked_in(
    run: str, resolved: int
) -> None:
    whole(scout(0, OPEN))
    assert whole(run).counts.resolved == resolved
    found = Finding.objects.get(region="eu-west-1")
    assert found.state == (State.RESOLVED if resolved else State.OPEN)


def test_the_regions_that_scoutsuite_looked_in_are_seen_whole_without_results_of_their_own() -> (
    None
):
    whole(scout(0))
    scan = AccountScan.objects.get()
    assert set(scan.regions) == {"global", "eu-west-1", "us-east-1"}
    assert scan.results["open-port"] == {"global": [DAY.isoformat(), 1, 0, 0, 0]}


DAY_1 = [result(f"check-{n}", "x", "PASS", day=1) for n in range(2)]
NOT_NAMED: dict[str, tuple[list[dict[str, Any]], dict[str, Any], bool]] = {
    "that is said to have made all checks": (DAY_1, {"all_checks": True}, True),
    "of few checks, whose Region is declared": (
        DAY_1[:1], {"all_checks": True, "complete_regions": ["eu-west-1"]}, True,
    ),
    "of which nobody says so": (DAY_1, {}, False),
    "of few checks": (DAY_1[:1], {"all_checks": True}, False),
    "of another Region": (
        [result(f"check-{n}", "x", "PASS", day=1, region="us-east-1") for n in range(2)],
        {"all_checks": True},
        False,
    ),
    "of another account": (
        [result(f"check-{n}", "x", "PASS", day=1, account=OTHER) for n in range(2)],
        {"all_checks": True},
        False,
    ),
    "that is older": (
        [result(f"check-{n}", "x", "PASS", day=-1) for n in range(2)], {"all_checks": True}, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("run", "said", "is_gone"), NOT_NAMED.values(), ids=NOT_NAMED)
def test_what_a_run_of_all_checks_does_not_name_is_gone(
    run: list[dict[str, Any]], said: dict[str, Any], is_gone: bool
) -> None:
    """As Prowler, which does not name a check whose last resource was deleted."""
    imported(result(), PASSING)
    assert imported(*run, **said).counts.resolved == is_gone
    assert states() == {("open_port", "sg-1"): State.RESOLVED if is_gone else State.OPEN}
    scan = AccountScan.objects.get(account__account_id=MINE)
    assert ("eu-west-1" in scan.results["open_port"]) is not is_gone


def test_a_run_of_all_checks_resolves_nothing_of_another_tool() -> None:
    finding = asff(Resources=[{"Id": "sg-1", "Region": "eu-west-1"}])
    whole(json.dumps([finding | {"UpdatedAt": DAY.isoformat()}]))
    assert imported(*DAY_1, all_checks=True).counts.resolved == 0
    assert Finding.objects.get().state == State.OPEN


def test_an_older_run_brings_nothing_back_that_a_run_of_all_checks_did_not_name() -> None:
    imported(*DAY_1, all_checks=True)
    assert imported(result(), PASSING).counts.new == 0
    assert AccountScan.objects.get().results["open_port"] == {}
    elsewhere = result(resource="sg-9", region="us-east-1")
    assert imported(elsewhere).counts.new == 1


def test_an_older_run_brings_nothing_back() -> None:
    imported(result(), PASSING)
    imported(result("open_port", "y", "PASS", day=2), result("other_check", "x", "PASS", day=2))
    late = imported(result(day=1), result(resource="sg-9", day=1), result("other_check", day=1))
    assert (late.counts.new, late.counts.reopened) == (0, 0)
    assert states() == {("open_port", "sg-1"): State.RESOLVED}


def test_muted_results_stay_visible_as_muted() -> None:
    imported(result(status="FAIL") | {"status": "Suppressed"}, PASSING)
    assert states() == {("open_port", "sg-1"): State.MUTED}
    imported(result(day=1), result("other_check", "x", "PASS", day=1))
    assert states() == {("open_port", "sg-1"): State.OPEN}


def test_a_changed_word_is_a_change() -> None:
    imported(result(), PASSING)
    done = imported(result(day=1, severity="Low"), result("other_check", "x", "PASS", day=1))
    assert (done.counts.changed, Finding.objects.get().severity) == (1, "low")


def test_no_severity_is_invented() -> None:
    imported(result(severity="Fatal"), result(resource="sg-2", severity=None))
    assert set(Finding.objects.values_list("severity", flat=True)) == {""}
    assert ScannerCheck.objects.get().severity == "fatal"


def test_what_is_no_account_of_ours_is_told_and_left_out() -> None:
    done = imported(result(), result(account="999988887777"), result(account="<account_uid>"))
    assert (done.counts.new, done.counts.refused) == (1, 2)
    assert done.refused == {"<account_uid>": 1}
    assert done.unknown == {("aws", "999988887777"): 1}
    sighting = Sighting.objects.get()
    assert (sighting.account_id, sighting.source, sighting.detail) == (
        "999988887777",
        "scan",
        "scan.json",
    )
    imported(result(account="999988887777"))
    assert Sighting.objects.count() == 1


def test_a_file_that_breaks_off_leaves_nothing_behind() -> None:
    content = json.dumps([result(), result(resource="sg-2"), PASSING])
    with pytest.raises(Unreadable):
        whole(content[:-40])
    assert not Finding.objects.exists()
    assert not ScannerCheck.objects.exists()
    assert not AccountScan.objects.exists()


def test_an_interrupted_import_is_finished_by_doing_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("roadmap.storage.scans.BATCH", 2)
    run = [result(resource=f"sg-{number}") for number in range(7)] + [PASSING]

    def stop(stage: str, number: int) -> None:
        if stage == "writing" and number == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(*run, progress=stop)
    assert Finding.objects.count() == 2  # The batch that was not told of is not written either.
    assert imported(*run, counts=Counts(new=2)).counts.new == 7
    assert Finding.objects.count() == 7


def test_scans_without_a_time_are_of_when_they_are_said_to_be() -> None:
    whole(json.dumps(AUDIT), at=DAY)
    assert Finding.objects.get().first_seen_at == DAY


def test_names_of_any_length_are_kept_apart() -> None:
    longest = "é" * 3000
    imported(result(resource=f"{longest}a"), result(resource=f"{longest}b"))
    assert Finding.objects.count() == 2
    assert imported(result(resource=f"{longest}a")).counts.new == 0


@pytest.mark.parametrize("most", ["MOST_TALLIES", "MOST_CHECKS"])
def test_more_checks_than_any_scan_has_are_refused(
    most: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"roadmap.surveying.{most}", 3)
    names = [MINE, MINE, OTHER, "999988887777" if most == "MOST_TALLIES" else MINE]
    run = [result(f"check-{number}", account=names[number]) for number in range(4)]
    assert imported(*run[:3], *run[:3]).counts.new == 3
    with pytest.raises(Unreadable, match="which no scan has"):
        imported(*run)


def test_it_keeps_what_each_check_said_per_region() -> None:
    imported(result(), result(resource="sg-2", status="PASS"), PASSING)
    scan = AccountScan.objects.get()
    assert (scan.tool, scan.scanned_at) == ("prowler", DAY)
    assert scan.regions == {"eu-west-1": DAY.isoformat()}
    assert scan.results["open_port"] == {"eu-west-1": [DAY.isoformat(), 1, 1, 0, 0]}
    imported(result("third", day=-3))
    scan.refresh_from_db()
    assert scan.scanned_at == DAY
    assert set(scan.results) == {"open_port", "other_check", "third"}


def counted(check: str) -> dict[str, list[int]]:
    """Region → passed and failed, as kept for verdicts."""
    results = AccountScan.objects.get().results[check]
    return {region: numbers[:2] for region, (_, *numbers) in results.items()}


ELSEWHERE = result("open_port", "sg-9", "PASS", day=1, region="us-east-1")
COUNTED: dict[str, tuple[list[dict[str, Any]], dict[str, list[int]]]] = {
    "that saw the Region whole": (
        [ELSEWHERE, *(result(f"check-{n}", "x", "PASS", day=1) for n in range(2))],
        {"us-east-1": [1, 0]},
    ),
    "that did not see the Region whole": (
        [ELSEWHERE], {"us-east-1": [1, 0], "eu-west-1": [0, 1]},
    ),
    "that did not make the check": (
        [result(f"check-{n}", "x", "PASS", day=1) for n in range(2)], {"eu-west-1": [0, 1]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("run", "left"), COUNTED.values(), ids=COUNTED)
def test_what_a_newer_run_no_longer_names_is_counted_until_it_is_resolved(
    run: list[dict[str, Any]], left: dict[str, list[int]]
) -> None:
    imported(result(), PASSING)
    imported(*run)
    assert counted("open_port") == left
    assert states(state=State.OPEN) == (
        {("open_port", "sg-1"): State.OPEN} if "eu-west-1" in left else {}
    )


def test_an_older_run_counts_nothing_that_a_newer_one_did_not_find() -> None:
    imported(ELSEWHERE, *(result(f"check-{n}", "x", "PASS", day=1) for n in range(2)))
    imported(result(), PASSING)
    assert counted("open_port") == {"us-east-1": [1, 0]}
    assert states() == {}


def test_what_scoutsuite_passed_everywhere_and_now_fails_somewhere_has_failed() -> None:
    whole(scout(0, OPEN.replace("eu-west-1", "us-east-1")))
    whole(scout(1))
    assert counted("open-port") == {"global": [1, 0]}
    whole(scout(2, OPEN))
    assert counted("open-port") == {"eu-west-1": [0, 1]}


def test_it_keeps_the_scanner_and_the_run_of_the_newest_time() -> None:
    def run(day: int, version: str) -> dict[str, Any]:
        told = {"event_code": "open_port", "product": {"version": version}}
        return result(day=day) | {"metadata": told, "unmapped": {"scan_id": f"scan-{day}"}}

    for day, version in ((1, "5.13.0"), (3, "5.46.0"), (2, "5.20.0")):
        imported(run(day, version))
    scan = AccountScan.objects.get()
    assert (scan.version, scan.scan_id) == ("5.46.0", "scan-3")


def test_tools_are_kept_apart() -> None:
    finding = asff(Compliance={"Status": "FAILED", "SecurityControlId": "open_port"})
    whole(json.dumps([finding | {"Resources": [{"Id": "sg-1", "Region": "eu-west-1"}]}]))
    imported(result(), PASSING)
    assert set(Finding.objects.values_list("source", flat=True)) == {"prowler", "securityhub"}


def test_more_results_take_more_batches_and_no_query_each() -> None:
    with CaptureQueriesContext(connection) as queries:
        imported(*(result(resource=f"sg-{number}") for number in range(500)))
    assert len(queries) < 25


# What the command says of the same file a second time.
SHAPE = {
    "applied": True,
    "error": None,
    "format": "Prowler OCSF JSON",
    "tool": "prowler",
    "read": 3,
    "new": 0,
    "changed": 0,
    "unchanged": 1,
    "resolved": 0,
    "reopened": 0,
    "unmapped": 2,
    "refused": [{"where": "account id x", "message": "1 results name no AWS account."}],
    "accounts": [MINE],
    "unknown_accounts": [],
}


class TestCommand:
    def run(self, *arguments: str, **options: Any) -> str:
        out = io.StringIO()
        call_command("import_findings", *arguments, stdout=out, stderr=io.StringIO(), **options)
        return out.getvalue()

    def test_it_says_what_it_did(self, tmp_path: Any) -> None:
        file = tmp_path / "scan.json"
        file.write_text(json.dumps([result(), result(account="x"), PASSING]))
        told = self.run(str(file))
        assert "Prowler OCSF JSON, 3 results: 1 new, 0 changed, 0 resolved, 0 reopened" in told
        assert "1 name x, which is no AWS account id" in told
        answer = json.loads(self.run(str(file), "--format=json"))
        assert {name: answer[name] for name in SHAPE} == SHAPE

    def test_a_file_of_another_format_than_asked_for_is_refused(self, tmp_path: Any) -> None:
        file = tmp_path / "scan.json"
        file.write_text(json.dumps([result()]))
        out = io.StringIO()
        with pytest.raises(CommandError, match="Not every file"):
            call_command(
                "import_findings",
                str(file),
                scanner="securityhub",
                format="json",
                stdout=out,
                stderr=io.StringIO(),
            )
        answer = json.loads(out.getvalue())
        message = "This is Prowler OCSF JSON, and securityhub was asked for."
        assert answer["refused"] == [{"where": str(file), "message": message}]
        assert (answer["applied"], answer["read"]) == (False, 0)
        for name in ("prowler", "prowler_ocsf"):
            assert "1 new" in self.run(str(file), f"--scanner={name}")
            Finding.objects.all().delete()

    def test_a_file_without_a_result_says_so_and_is_no_scan(self, tmp_path: Any) -> None:
        file = tmp_path / "scan.csv"
        file.write_text(CSV_5)
        assert "Prowler CSV without a result" in self.run(str(file))
        answer = json.loads(self.run(str(file), "--format=json"))
        assert (answer["applied"], answer["read"]) == (False, 0)
        assert "without a result" in answer["note"]
        assert not AccountScan.objects.exists()

    def test_it_may_be_told_that_all_checks_were_made(self, tmp_path: Any) -> None:
        imported(result(), PASSING)
        file = tmp_path / "scan.json"
        file.write_text(json.dumps(DAY_1))
        assert "0 resolved" in self.run(str(file))
        assert "1 resolved" in self.run(str(file), "--all-checks")

    def test_a_dry_run_writes_nothing(self, tmp_path: Any) -> None:
        file = tmp_path / "scan.json"
        file.write_text(json.dumps([result()]))
        assert "1 results" in self.run(str(file), "--dry-run")
        assert not Finding.objects.exists()

    @pytest.mark.parametrize(
        ("is_terminal", "verbosity", "told"),
        [
            pytest.param(
                True, 1, r"\r\x1b\[K\S+: reading, 1,000 results, \d+ %\r.*K$", id="terminal"
            ),
            pytest.param(False, 1, r"\S+: reading, 1,000 results, \d+ %\n\S+: writing", id="file"),
            pytest.param(False, 0, "$", id="asked to be quiet"),
        ],
    )
    def test_it_says_how_far_it_is(
        self,
        is_terminal: bool,
        verbosity: int,
        told: str,
        tmp_path: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for pause in ("ON_TERMINAL", "ELSEWHERE"):
            monkeypatch.setattr(f"roadmap.management.commands.import_findings.{pause}", 0)
        err = io.StringIO()
        monkeypatch.setattr(err, "isatty", lambda: is_terminal)
        file = tmp_path / "scan.json"
        file.write_text(json.dumps([PASSING] * 1500))
        call_command(
            "import_findings", str(file), stdout=io.StringIO(), stderr=err, verbosity=verbosity
        )
        assert re.match(told, err.getvalue(), re.DOTALL)

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            pytest.param(["none.json"], "Not every file", id="no file"),
            pytest.param(["none.json", "--at=soon"], "soon is no time", id="no time"),
        ],
    )
    def test_what_cannot_be_done_fails(self, arguments: list[str], told: str) -> None:
        with pytest.raises(CommandError, match=told):
            self.run(*arguments)


def test_a_whole_audit_that_names_only_what_is_wrong_resolves_what_it_does_not_name() -> None:
    other = AUDIT | {"issue": "AMI_PUBLIC", "resource": "ami-1"}
    whole(f"{json.dumps(AUDIT)}\n{json.dumps(other)}", at=DAY)
    resolved = [
        whole(
            json.dumps(other), at=DAY + timedelta(days=1), complete_regions=regions
        ).counts.resolved
        for regions in ([], ["us-east-1"], ["eu-west-1"])
    ]
    assert resolved == [0, 0, 1]
    assert AccountScan.objects.get().results["RDS_PUBLIC_IP"] == {}
    assert whole(json.dumps(AUDIT), at=DAY + timedelta(hours=1)).counts.reopened == 0
    assert states() == {
        ("RDS_PUBLIC_IP", AUDIT["resource"]): State.RESOLVED,
        ("AMI_PUBLIC", "ami-1"): State.OPEN,
    }


def test_what_is_public_and_the_audit_say_nothing_of_each_other() -> None:
    whole(json.dumps(PUBLIC), at=DAY)
    whole(json.dumps(AUDIT), at=DAY)
    region: dict[str, Any] = {"at": DAY + timedelta(days=1), "complete_regions": ["eu-west-1"]}
    other = AUDIT | {"issue": "AMI_PUBLIC", "resource": "ami-1"}
    assert whole(json.dumps(other), **region).counts.resolved == 1
    assert whole(json.dumps(PUBLIC[1:]), **region).counts.resolved == 1
    assert states(state=State.RESOLVED) == {
        ("RDS_PUBLIC_IP", AUDIT["resource"]): State.RESOLVED,
        ("ec2", PUBLIC[0]["arn"]): State.RESOLVED,
    }


def test_what_has_no_account_in_a_list_of_what_is_public_is_told() -> None:
    done = whole(json.dumps(PUBLIC), at=DAY)
    assert done.refused == {"other": 1}
    assert done.unknown == {("aws-us-gov", MINE): 1}
    assert done.counts.new == 5
