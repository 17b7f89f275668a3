"""The command: its answer, its exit codes, and what it does with real and messy files."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from inventory.changes import Edit, undo, write
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS, ORGANIZATIONS
from inventory.kinds import UNSTORABLE
from inventory.models import Account, ChangeSet, CustomColumn, Origin, Person, RowChange

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[4]

MESSY = """\
Our AWS accounts (export of 2026-11-01);;;;;;
;;;;;;
AWS Acct #;Account name;Biz Unit;Acct Owner (email);Owner name;Data class;env
111122223333;Shop;Payments;"Jane Doe <JANE@x.com>";;secret ;prod
0000-1111-2222;=HYPERLINK("x");<b>Ops</b>;bob@x.com;Bob Builder;;dev

'444455556666;"Two
lines";payments;;;;
"""


class Answer(dict[str, Any]):
    code: int


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(content: str | bytes, *options: str, name: str = "accounts.csv") -> Answer:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        code = 0
        try:
            call_command("import_accounts", str(file), "--format", "json", *options)
        except CommandError as error:
            code = error.returncode
        out = capsys.readouterr().out
        answer = Answer(json.loads(out) if out else {})
        answer.code = code
        return answer

    return run


def written() -> tuple[int, int, int]:
    return Account.objects.count(), ChangeSet.objects.count(), Person.objects.count()


def test_a_messy_file_is_understood(run: Any) -> None:
    answer = run(MESSY)
    assert (answer.code, answer["applied"], answer["errors"]) == (0, True, [])
    assert (answer["new"], answer["changed"], answer["unchanged"], answer["parked"]) == (3, 0, 0, 0)
    assert answer["new_columns"] == ["Data class"]
    rows = {a.account_id: a for a in Account.objects.select_related("team")}
    shop, ops, two = rows["111122223333"], rows["000011112222"], rows["444455556666"]
    assert (shop.name, shop.environment, shop.custom) == (
        "Shop",
        "prod",
        {"x_data_class": "secret"},
    )
    assert (ops.name, ops.team and ops.team.name) == ('=HYPERLINK("x")', "<b>Ops</b>")
    assert (two.name, two.team) == ("Two\nlines", shop.team)
    people = dict(Person.objects.values_list("email", "name"))
    assert people == {"jane@x.com": "Jane Doe", "bob@x.com": "Bob Builder"}
    numbers = dict(RowChange.objects.filter(sheet="account").values_list("key", "row"))
    assert numbers == {"aws:111122223333": 4, "aws:000011112222": 5, "aws:444455556666": 7}


def test_the_same_file_twice_changes_nothing(run: Any) -> None:
    run(MESSY)
    before = written()
    answer = run(MESSY)
    assert (answer.code, answer["applied"], answer["unchanged"]) == (0, True, 3)
    assert (answer["new"], answer["changed"], answer["change_set"]) == (0, 0, None)
    assert written() == before


def test_a_dry_run_tells_the_same_and_writes_nothing(run: Any) -> None:
    answer = run(MESSY, "--dry-run")
    assert (answer.code, answer["applied"], answer["new"]) == (0, False, 3)
    assert written() == (0, 0, 0)
    assert not CustomColumn.objects.exists()


WRONG = """\
Account id,Name,Owner,Closed on
111122223333,good,jo@x.com,
12345678901,eleven,,
1234567890123,thirteen,,
444455556666,twice,not a mail,
444455556666,again,,soon
,no id,,
"""


def test_all_problems_of_all_rows_are_told_at_once_and_nothing_is_written(run: Any) -> None:
    answer = run(WRONG)
    assert (answer.code, answer["applied"], answer["change_set"]) == (1, False, None)
    told = [(e["row"], e["column"], e["value"], e["message"]) for e in answer["errors"]]
    assert [each[:3] for each in told] == [
        (3, "Account id", "12345678901"),
        (4, "Account id", "1234567890123"),
        (5, "Account id", "444455556666"),
        (5, "Owner", "not a mail"),
        (6, "Account id", "444455556666"),
        (6, "Closed on", "soon"),
        (7, "Account id", ""),
    ]
    assert "has 12" in told[0][3]
    assert "13 digits" in told[1][3]
    assert "also in row 6" in told[2][3]
    assert written() == (0, 0, 0)


def test_partial_applies_the_good_rows_and_parks_the_rest_with_the_reason(run: Any) -> None:
    answer = run(WRONG, "--partial")
    assert (answer.code, answer["applied"]) == (0, True)
    assert (answer["new"], answer["parked"]) == (1, 5)
    assert [a.name for a in Account.objects.all()] == ["good"]
    parked = ChangeSet.objects.get(pk=answer["change_set"]).report["parked"]
    assert parked["headers"] == ["Account id", "Name", "Owner", "Closed on"]
    assert parked["rows"][0][:2] == [3, ["12345678901", "eleven", "", ""]]
    assert "has 12" in parked["rows"][0][2]


def test_a_column_that_only_refused_rows_fill_is_not_made(run: Any) -> None:
    content = "Account id,Colour,Size\n111122223333,red,\n12,,big\n"
    answer = run(content, "--partial")
    assert answer["new_columns"] == ["Colour"]
    assert CustomColumn.objects.get().label == "Colour"
    refused = run("Account id,Shape\n12,round\n", "--partial")
    assert (refused["new"], refused["parked"], refused["new_columns"]) == (0, 1, [])


def test_a_blank_cell_keeps_unless_told_to_clear(run: Any) -> None:
    run("Account id,Name,Owner\n111122223333,Shop,jo@x.com\n")
    blank = "Account id,Name,Owner\n111122223333,,\n"
    assert run(blank)["unchanged"] == 1
    assert run(blank, "--blank", "clear")["changed"] == 1
    account = Account.objects.get()
    assert (account.name, account.contacts.count()) == ("", 0)


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]  # a new book has a sheet
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_number_of_a_workbook_gets_its_lost_zero_back_and_that_is_said(run: Any) -> None:
    content = workbook(["Account id", "Name"], [12345678901, "lost"], [123456789012, "whole"])
    answer = run(content, name="a.xlsx")
    assert answer["repaired"] == [
        {"row": 2, "column": "Account id", "from": "12345678901", "to": "012345678901"}
    ]
    ids = Account.objects.values_list("account_id", flat=True)
    assert set(ids) == {"012345678901", "123456789012"}


@pytest.mark.parametrize("digits", ["1234567890", "123000000000"])
def test_a_number_that_several_ids_could_be_is_refused(run: Any, digits: str) -> None:
    answer = run(workbook(["Account id"], [int(digits)]), name="a.xlsx")
    assert answer.code == 1
    assert "as text" in answer["errors"][0]["message"]


def test_text_is_repaired_only_where_one_known_id_is_meant(run: Any) -> None:
    run("Account id\n012345678901\n123456789012\n123400000001\n")
    answer = run(
        "Account id;Name\n"
        "12345678901;a known id without its zero\n"
        "1.23457E+11;rounded, and one known id rounds to it\n"
        "1,234E+11;the same with a decimal comma\n"
        "3.33344445555E+11;all twelve digits\n"
    )
    assert answer.code == 0, answer["errors"]
    assert [(r["row"], r["from"], r["to"]) for r in answer["repaired"]] == [
        (2, "12345678901", "012345678901"),
        (3, "1.23457E+11", "123456789012"),
        (4, "1,234E+11", "123400000001"),
        (5, "3.33344445555E+11", "333344445555"),
    ]


@pytest.mark.parametrize(
    ("text", "cure"), [("1.23E+11", "the other digits are lost"), ("12345678901", "as text")]
)
def test_an_unknown_damaged_id_is_refused_with_the_cure(run: Any, text: str, cure: str) -> None:
    answer = run(f"Account id,Name\n{text},x\n")
    assert answer.code == 1
    assert cure in answer["errors"][0]["message"]
    assert written() == (0, 0, 0)


def test_full_scientific_notation_is_exact(run: Any) -> None:
    assert run("Account id\n1.23456789012E+11\n").code == 0
    assert Account.objects.get().account_id == "123456789012"


def test_a_rounded_id_that_two_accounts_could_be_is_refused(run: Any) -> None:
    run("Account id\n123456789012\n123499999999\n")
    answer = run("Account id,Name\n1.23E+11,x\n")
    assert "which 2 known accounts could be" in answer["errors"][0]["message"]


def test_the_partition_comes_from_the_arn_and_must_agree(run: Any) -> None:
    answer = run(
        "Account id,ARN,Partition\n"
        "111122223333,arn:aws-us-gov:iam::111122223333:root,\n"
        "444455556666,arn:aws-us-gov:iam::444455556666:root,aws\n"
        "777788889999,arn:aws:iam::000000000000:root,\n"
        "222233334444,not an arn,\n",
        "--partial",
    )
    assert [(e["row"], e["column"]) for e in answer["errors"]] == [
        (3, "Partition"), (4, "ARN"), (5, "ARN"),
    ]  # fmt: skip
    assert (
        "The ARN is of partition aws-us-gov and the row says aws" in answer["errors"][0]["message"]
    )
    assert Account.objects.get().key == "aws-us-gov:111122223333"


def test_columns_are_mapped_kept_or_left_out_as_told_and_never_dropped_silently(run: Any) -> None:
    content = "Account id,Whose,Colour,Secret\n111122223333,jo@x.com,red,s\n"
    answer = run(content, "--map", "Whose=owner", "--map", "Secret=ignore")
    assert answer["new_columns"] == ["Colour"]
    assert answer["left_out"] == [{"column": "Secret", "why": "left out as asked"}]
    account = Account.objects.get()
    assert account.contacts.get().email == "jo@x.com"
    assert account.custom == {"x_colour": "red"}


@pytest.mark.parametrize("option", ["Nothing=owner", "Name=nowhere", "Name"])
def test_a_mapping_that_names_nothing_is_wrong_usage(run: Any, option: str) -> None:
    assert run("Account id,Name\n111122223333,a\n", "--map", option).code == 2


def test_a_column_of_names_is_not_taken_for_addresses(run: Any) -> None:
    answer = run("Account id,Owner,Owner email\n111122223333,Jane Doe,jane@x.com\n")
    assert answer.code == 0, answer["errors"]
    assert Person.objects.get().name == "Jane Doe"
    answer = run("Account id,Owner\n444455556666,Jane Doe\n")
    assert answer["new_columns"] == ["Owner"]


def test_a_header_may_stand_twice(run: Any) -> None:
    answer = run("Account id,Name,Name\n111122223333,a,b\n")
    assert answer["new_columns"] == ["Name (2)"]
    assert Account.objects.get().custom == {"x_name_2": "b"}


def test_rows_without_a_header_are_found_by_their_ids(run: Any) -> None:
    answer = run("111122223333\tShop\n444455556666\tOps\n")
    assert answer["new"] == 2
    assert answer["new_columns"] == ["Column B"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("Account id,Name\n", "a header and no rows"),
        ("Colour,Size\nred,1\n", "No column holds the account ids"),
        (b"%PDF-1.4", "a PDF document"),
    ],
)
def test_an_unreadable_file_is_refused_by_name(run: Any, content: Any, message: str) -> None:
    answer = run(content)
    assert answer.code == 1
    assert answer["errors"][0]["value"] == "accounts.csv"
    assert message in answer["errors"][0]["message"]
    assert written() == (0, 0, 0)


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as raised:
        call_command("import_accounts", str(tmp_path / "none.csv"))
    assert raised.value.returncode == 2


LISTED = json.dumps(
    {
        "Accounts": [
            {
                "Id": "111122223333",
                "Arn": "arn:aws:organizations::999988887777:account/o-a1b2c3d4e5/111122223333",
                "Email": "Root@Example.com",
                "Name": "Shop",
                "Status": "SUSPENDED",
                "JoinedMethod": "CREATED",
                "JoinedTimestamp": 1481835795.5,
            }
        ]
    }
)


@pytest.mark.parametrize("text", [LISTED, json.dumps(json.loads(LISTED)["Accounts"])])
def test_an_aws_list_fills_what_aws_says_and_what_nobody_recorded(run: Any, text: str) -> None:
    write([Edit(ORGANIZATIONS, "o-a1b2c3d4e5", {"name": "Corp"})], origin=Origin.SYNC)
    answer = run(text, name="accounts.json")
    assert (answer.code, answer["new"]) == (0, 1), answer["errors"]
    account = Account.objects.get()
    assert (account.name, account.observed_name) == ("Shop", "Shop")
    assert account.email == "root@example.com"
    assert (account.state, account.joined_method) == ("SUSPENDED", "CREATED")
    assert str(account.joined_at) == "2016-12-15 21:03:15+00:00"
    assert account.observed_organization is not None
    assert run(text, name="accounts.json")["unchanged"] == 1


def test_an_aws_list_leaves_recorded_names_alone(run: Any) -> None:
    run("Account id,Name\n111122223333,Our shop\n")
    run(LISTED, name="accounts.json")
    account = Account.objects.get()
    assert (account.name, account.observed_name) == ("Our shop", "Shop")


def test_the_list_that_the_organizations_console_exports_is_what_aws_says(run: Any) -> None:
    arn = "arn:aws-us-gov:organizations::999988887777:account/o-a1b2c3d4e5/000011112222"
    answer = run(
        "Account ID,ARN,Email,Name,Status,Joined method,Joined timestamp\n"
        f"000011112222,{arn},r@x.com,Shop,ACTIVE,INVITED,2021-03-04T05:06:07.000Z\n"
    )
    assert (answer.code, answer["new_columns"], answer["left_out"]) == (0, [], []), answer
    account = Account.objects.get()
    assert (account.key, account.state) == ("aws-us-gov:000011112222", "ACTIVE")
    assert (account.name, account.observed_name) == ("Shop", "Shop")
    assert (account.joined_method, str(account.joined_at)) == (
        "INVITED",
        "2021-03-04 05:06:07+00:00",
    )


def test_what_aws_decides_is_left_out_of_a_spreadsheet_and_that_is_said(run: Any) -> None:
    answer = run("Account id,State\n111122223333,SUSPENDED\n")
    assert answer["left_out"] == [
        {"column": "State", "why": "AWS says this; a file cannot change it"}
    ]
    assert Account.objects.get().state == ""


def test_an_import_can_be_undone_whole(run: Any) -> None:
    answer = run(MESSY)
    undo(ChangeSet.objects.get(pk=answer["change_set"]))
    assert written()[0] == 0
    assert not CustomColumn.objects.exists()


WORDS = st.text(max_size=15).filter(lambda text: not UNSTORABLE.search(text))
SHEET = st.dictionaries(
    st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii),
    st.fixed_dictionaries(
        {},
        optional={
            "name": WORDS,
            "notes": st.text("=+-@'\t\n ,;\"a", max_size=8),
            "team": st.sampled_from(["Ops", "Größe", "-Dev"]),
            "owner": st.sampled_from(["a@x.com", "+b@x.com"]),
            "classes": st.sampled_from(["edge", "production; edge"]),
            "closed_on": st.dates().map(str),
            "x_own": WORDS,
        },
    ),
    min_size=1,
    max_size=6,
)


@given(sheet=SHEET, name=st.sampled_from(["csv", "xlsx"]))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_an_untouched_export_imports_as_no_change(
    sheet: dict[str, dict[str, str]], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Account.objects.all().delete()
    edits = [Edit(ACCOUNTS, f"aws:{key}", values) for key, values in sheet.items()]
    write([Edit(CUSTOM_COLUMNS, "x_own", {"label": "Own"}), *edits], origin=Origin.EDIT)
    seen = Edit(ACCOUNTS, "aws:999999999999", {"observed_name": "Seen", "state": "ACTIVE"})
    write([seen], origin=Origin.SYNC)
    file = tmp_path / f"out.{name}"
    call_command("export_accounts", "--as", name, "--output", str(file))
    capsys.readouterr()
    for blank in ("keep", "clear"):
        call_command("import_accounts", str(file), "--format", "json", "--blank", blank)
        answer = json.loads(capsys.readouterr().out)
        assert (answer["errors"], answer["unchanged"]) == ([], len(sheet.keys() | {"999999999999"}))
        assert (answer["new"], answer["changed"], answer["change_set"]) == (0, 0, None)


def test_the_whole_command_line_gives_exit_codes_and_one_document(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "CAIRN_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    environment["DJANGO_SETTINGS_MODULE"] = "cairn.settings.dev"
    file = tmp_path / "a.csv"
    file.write_text("Account id,Name\n12,x\n")

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert manage("migrate").returncode == 0
    refused = manage("import_accounts", str(file), "--format", "json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["errors"][0]["row"] == 2
    assert manage("import_accounts").returncode == 2
    file.write_text("Account id,Name\n111122223333,x\n")
    assert manage("import_accounts", str(file)).returncode == 0
    assert b"111122223333" in manage("export_accounts").stdout.encode()
