"""Policy files are tried out without AWS and without a database."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from roadmap.registry import children

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "scp"
KEEP = SAMPLES / "Deny-member-accounts-from-leaving-your-AWS-organization.json"
TEMPLATE = SAMPLES / "Deny-modifications-to-specific-IAM-roles.json"
COMMENTED = SAMPLES / "deny-service-specific-credential-by-type.json"


def run(*files: Path | str, form: str = "json") -> str:
    out = io.StringIO()
    call_command("evaluate_scps", *map(str, files), format=form, stdout=out)
    return out.getvalue()


def test_each_file_has_a_row_with_every_guardrail() -> None:
    rows: list[dict[str, Any]] = json.loads(run(KEEP, TEMPLATE))
    assert [row["file"] for row in rows] == [str(KEEP), str(TEMPLATE)]
    keys = [item.key for item in children("surface.scps")]
    assert [list(row["guardrails"]) for row in rows] == [keys, keys]
    assert rows[0]["guardrails"]["surface.scp_leave_org"] == "pass"
    assert [row["error"] for row in rows] == [None, None]


def test_a_template_that_nobody_filled_in_is_said_to_be_one() -> None:
    rows = json.loads(run(KEEP, TEMPLATE))
    assert [row["unfinished"] for row in rows] == [False, True]
    assert "[PRIVILEGED_ROLE]" in rows[1]["placeholders"]
    assert "unfinished template" in run(TEMPLATE, form="text")


def test_a_file_that_is_refused_costs_the_others_nothing() -> None:
    refused, row = json.loads(run(COMMENTED, KEEP))
    assert "line 15" in refused["error"]
    assert refused["guardrails"] == {}
    assert row["error"] is None


@pytest.mark.parametrize("name", [COMMENTED, "nowhere.json"], ids=["a comment", "no such file"])
def test_where_no_file_holds_a_policy_it_fails(name: Path | str) -> None:
    with pytest.raises(CommandError, match="None of the files"):
        run(name)


def test_five_megabytes_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    huge.write_text('{"Statement": [' + " " * 5_000_000 + "]}")
    (row, _) = json.loads(run(huge, KEEP))
    assert "longer than" in row["error"]
