"""The commands judge, verdicts and progress: what they print, and how they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from collectors.services import organizations, sts
from roadmap.evaluation import judge
from roadmap.models import DailyProgress
from roadmap.registry import Flow
from roadmap.subject import Subject
from roadmap.verdicts import Verdict, failed, passed
from tests.factories import observe
from tests.organization import PAYMENTS, World
from tests.roadmap.conftest import make_item


def by_identity(subject: Subject) -> Verdict:
    identity = subject.facts.get(sts.identity)
    return passed("Good.", facts={"arn": identity.arn}) if identity.arn else failed("Bad.")


def by_services(subject: Subject) -> Verdict:
    return passed("Ok.", facts={"n": len(subject.facts.management(organizations.service_access))})


@pytest.fixture(autouse=True)
def judged(catalogue: Callable[..., None], world: World) -> None:
    catalogue(
        make_item("inventory.identity", by_identity),
        make_item("surface.served", by_services, order="6.1", flow=Flow.INHERIT),
    )
    now = datetime.now(UTC)
    arn = f"arn:aws:sts::{PAYMENTS}:assumed-role/R/cairn"
    observe(world.payments, sts.identity, sts.Identity(PAYMENTS, arn), at=now)
    observe(world.management, organizations.service_access, ("x",), at=now)


def run(*arguments: str) -> Any:
    out = StringIO()
    call_command(*arguments, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


def test_judge_tells_what_changed_and_changes_nothing_twice() -> None:
    first = run("judge")
    assert (first["accounts"], first["changed"], first["unchanged"]) == (7, 14, 0)
    second = run("judge")
    assert (second["accounts"], second["changed"], second["unchanged"]) == (7, 0, 14)


def test_judge_takes_single_accounts() -> None:
    assert run("judge", "--account", PAYMENTS)["accounts"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["judge", "--account", "123456789012"], "No account 123456789012"),
        (["verdicts", "--account", "123456789012"], "No account 123456789012"),
        (["verdicts", "--item", "inventory.nothing"], "No item inventory.nothing"),
        (["progress", "--as-of", "2020-01-01"], "Nothing was recorded on 2020-01-01"),
        (["progress", "--by", "account", "--as-of", "2020-01-01"], "per group, not per account"),
        (["progress", "--by", "colour"], "invalid choice"),
        (["progress", "--as-of", "yesterday"], "yesterday is not a day"),
    ],
)
def test_refusals_say_why(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command(*arguments)


def test_verdicts_have_the_shape_others_rely_on() -> None:
    judge()
    rows = run("verdicts", "--account", PAYMENTS)
    assert [row["item"] for row in rows] == ["inventory.identity", "surface.served"]
    own, inherited = rows
    assert {k: own[k] for k in ("account", "status", "reason", "source", "sentence")} == {
        "account": PAYMENTS,
        "status": "pass",
        "reason": None,
        "source": "automatic",
        "sentence": "Good.",
    }
    assert own["incomplete"] is False
    evidence = own["evidence"]
    assert own["observed_at"] == evidence["collected_at"]
    assert evidence["verdict"] == "pass"
    assert evidence["facts"]["arn"].startswith("arn:aws:sts")
    assert evidence["settings"] == {"EVIDENCE_MAX_AGE_HOURS": 72}
    assert evidence["calls"][0]["client"] == "sts"
    assert evidence["scope"]["organization"] == "o-cairnexample"
    assert inherited["source"] == "inherited"
    assert inherited["evidence"]["inherits_from"] == "o-cairnexample"
    assert inherited["evidence"]["facts"] == {"n": 1}
    assert inherited["observed_at"]


def test_verdicts_of_one_item_are_one_per_account() -> None:
    judge()
    rows = run("verdicts", "--item", "inventory.identity")
    assert len(rows) == 7
    assert {row["item"] for row in rows} == {"inventory.identity"}


def test_verdicts_before_any_judging_are_an_empty_list() -> None:
    assert run("verdicts") == []


def test_progress_has_the_shape_others_rely_on() -> None:
    judge()
    rows = run("progress", "--by", "team")
    assert len(rows) == 3 * 10
    row = next(r for r in rows if r["group"] == "Payments" and r["stage"] == 1)
    assert row == {
        "group": "Payments", "label": "Payments", "stage": 1, "accounts": 2, "pass": 1,
        "partial": 0, "fail": 0, "unknown": 1, "not_applicable": 0, "score": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("all", {""}),
        ("organization", {"o-cairnexample"}),
        ("ou", {"r-exam", "ou-exam-workload"}),
        ("payer", {"111111111111"}),
        ("environment", {"", "production", "development"}),
    ],
)
def test_progress_groups(by: str, groups: set[str]) -> None:
    judge()
    assert {row["group"] for row in run("progress", "--by", by)} == groups


def test_progress_by_account_is_one_row_per_account_and_stage() -> None:
    judge()
    rows = run("progress", "--by", "account")
    assert len(rows) == 70
    row = next(r for r in rows if r["group"] == PAYMENTS and r["stage"] == 6)
    assert (row["accounts"], row["pass"], row["score"]) == (1, 1, 1.0)


def test_progress_as_of_a_day_is_what_was_recorded_then() -> None:
    judge()
    today = datetime.now(UTC).date()
    day = today - timedelta(days=30)
    DailyProgress.objects.create(
        day=day, dimension="team", group="Old", stage=1, accounts=2, passed=1, failed=1
    )
    (row,) = run("progress", "--by", "team", "--as-of", str(day))
    assert (row["group"], row["pass"], row["fail"], row["score"]) == ("Old", 1, 1, 0.5)
    assert len(run("progress", "--as-of", str(today))) == 30
    with pytest.raises(CommandError, match=f"The last one before was on {day}"):
        run("progress", "--as-of", str(today - timedelta(days=1)))


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("judge")
    call_command("verdicts", "--account", PAYMENTS)
    call_command("progress", "--by", "organization")
    printed = capsys.readouterr().out
    assert "7 accounts judged" in printed
    assert f"{PAYMENTS}  ● inventory.identity: pass. Good." in printed
    assert "Example  stage 1: 17% of 7 accounts" in printed
