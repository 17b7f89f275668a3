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


def run(*files: Path | str, form: str = "json", explain: bool = False) -> str:
    out = io.StringIO()
    call_command("evaluate_scps", *map(str, files), format=form, explain=explain, stdout=out)
    return out.getvalue()


def test_each_file_has_a_row_with_every_guardrail() -> None:
    rows: list[dict[str, Any]] = json.loads(run(KEEP, TEMPLATE))
    assert [row["file"] for row in rows] == [str(KEEP), str(TEMPLATE)]
    keys = [item.key for item in children("surface.scps")]
    assert [list(row["guardrails"]) for row in rows] == [keys, keys]
    assert rows[0]["guardrails"]["surface.scp_leave_org"] == "pass"
    assert [row["error"] for row in rows] == [None, None]


def test_a_table_has_a_line_for_each_file_and_a_column_for_each_guardrail() -> None:
    lines = run(KEEP, COMMENTED, form="text").splitlines()
    header = next(line for line in lines if line.endswith("  file"))
    assert header.split() == [*map(str, range(1, 11)), "file"]
    row = next(line for line in lines if line.endswith(KEEP.name))
    assert row.split()[:10] == [*"-----Y----"]
    assert row.rindex(str(KEEP)) == header.rindex("file")
    assert any("refused:" in line and "line 15" in line for line in lines)
    assert not any("Nobody in the account" in line for line in lines)


def test_it_explains_each_column_if_asked() -> None:
    told = run(KEEP, form="text", explain=True)
    assert " 6 Nobody in the account can take it out of the organization" in told


def test_a_template_that_nobody_filled_in_is_said_to_be_one() -> None:
    rows = json.loads(run(KEEP, TEMPLATE))
    assert [row["unfinished"] for row in rows] == [False, True]
    assert "[PRIVILEGED_ROLE]" in rows[1]["placeholders"]
    assert "unfinished template" in run(TEMPLATE, form="text")


def test_a_file_that_is_refused_costs_the_others_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused, row = json.loads(run(COMMENTED, KEEP))
    assert "line 15" in refused["error"]
    assert refused["guardrails"] == {}
    assert row["error"] is None
    assert "1 of 2 files could not be read as a policy." in capsys.readouterr().err


CURES = {
    "a comment": (COMMENTED, f"{COMMENTED}, line 15: It is not JSON. There is a comment"),
    "no such file": ("nowhere.json", "nowhere.json: No such file or directory."),
    "a folder": (SAMPLES, f"{SAMPLES}: It is a folder. Name the files in it, such as {SAMPLES}/*"),
}


@pytest.mark.parametrize(("name", "told"), CURES.values(), ids=CURES)
def test_where_no_file_holds_a_policy_it_fails_and_says_why(name: Path | str, told: str) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="None of the files"):
        call_command("evaluate_scps", str(name), stdout=out)
    assert f"refused: {told}" in out.getvalue()


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    image = tmp_path / "map.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (row, _) = json.loads(run(image, KEEP))
    assert row["error"].startswith(f"{image}, line 1: It is not text in UTF-8")


def test_a_name_that_is_no_text_is_printed_all_the_same() -> None:
    assert "odd\\udcff.json" in run("odd\udcff.json", KEEP, form="text")


def test_a_policy_may_come_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(KEEP.read_bytes())))
    (row,) = json.loads(run("-"))
    assert (row["file"], row["guardrails"]["surface.scp_leave_org"]) == ("-", "pass")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    (row, _) = json.loads(run("-", KEEP))
    assert row["error"].startswith("standard input, line 1: ")


def test_a_policy_that_aws_would_refuse_for_its_size_is_evaluated_and_said_to_be(
    tmp_path: Path,
) -> None:
    large = tmp_path / "large.json"
    policy = json.loads(KEEP.read_text())
    large.write_text(json.dumps({**policy, "Id": "x" * 6000}))
    (row,) = json.loads(run(large))
    assert row["guardrails"]["surface.scp_leave_org"] == "pass"
    assert "AWS may refuse it" in row["too_large"]
    assert "AWS may refuse it" in run(large, form="text")
    assert "AWS may refuse it" not in run(KEEP, form="text")


def test_five_megabytes_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    huge.write_text('{"Statement": [' + " " * 5_000_000 + "]}")
    (row, _) = json.loads(run(huge, KEEP))
    assert "longer than" in row["error"]
