"""What each format reads and writes."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from inventory.formats import formats, read_file, writers
from inventory.formats.defusing import defused, undefused

ROWS = [["Account id", "Name"], ["000011112222", "Größe; “a”"], ["111122223333", 'x\n"y", z']]


def test_every_module_of_the_folder_declares_one_format() -> None:
    assert [each.name for each in formats()] == ["xlsx", "json", "csv"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_recognised(encoding: str, delimiter: str) -> None:
    lines = [["Account id", "Name"], ["000011112222", "Größe für Käse"], ["111122223333", "Öl"]]
    text = "\r\n".join(delimiter.join(cells) for cells in lines)
    assert [list(row) for row in read_file(text.encode(encoding))[0].rows] == lines


def test_quoted_delimiters_and_line_ends_stay_in_their_cell() -> None:
    text = 'Account id,Name\n000011112222,"Größe; ""a"", b"\n111122223333,"x\ny"\n'
    rows = read_file(text.encode())[0].rows
    assert list(rows[1]) == ["000011112222", 'Größe; "a", b']
    assert list(rows[2]) == ["111122223333", "x\ny"]


def test_a_first_line_may_name_the_delimiter() -> None:
    rows = read_file(b"sep=;\nAccount id;Name\n111122223333;a,b\n")[0].rows
    assert [list(row) for row in rows] == [[], ["Account id", "Name"], ["111122223333", "a,b"]]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_what_is_written_is_read_back(name: str) -> None:
    write = writers()[name].write
    assert write is not None
    content = b"".join(write(ROWS[0], ROWS[1:]))
    assert [list(row) for row in read_file(content)[0].rows] == ROWS


def test_a_workbook_has_text_in_every_cell_and_no_formula() -> None:
    write = writers()["xlsx"].write
    assert write is not None
    content = b"".join(write(["Account id"], [["000011112222"], ["=1+1"]]))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cells = [(cell.value, cell.data_type) for row in sheet.iter_rows() for cell in row]
    assert cells == [("Account id", "s"), ("000011112222", "s"), ("'=1+1", "s")]


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-1", "@SUM(A1)", "'=x", "''@x"])
def test_formulas_are_defused(text: str) -> None:
    assert defused(text) == f"'{text}"
    assert undefused(defused(text)) == text


@pytest.mark.parametrize("text", ["'tis", "a=b", "", "'", "O'Neil"])
def test_an_apostrophe_of_the_text_itself_stays(text: str) -> None:
    assert defused(text) == text
    assert undefused(text) == text


@given(st.text(alphabet="'=+-@\t ab", max_size=6))
@settings(max_examples=300)
def test_undoing_a_defusing_gives_the_text_back(text: str) -> None:
    assert undefused(defused(text)) == text
    assert not defused(text).startswith(("=", "+", "-", "@", "\t"))


def test_list_accounts_is_read_in_both_shapes() -> None:
    account = '{"Id": "111122223333", "Arn": "arn:aws:organizations::1:account/o-a/1", "Name": "a"}'
    for text in (f'{{"Accounts": [{account}]}}', f"[{account}]"):
        grid = read_file(text.encode())[0]
        assert grid.from_aws
        assert [list(row) for row in grid.rows] == [
            ["Id", "Arn", "Name"],
            ["111122223333", "arn:aws:organizations::1:account/o-a/1", "a"],
        ]


def test_numbers_and_days_of_a_workbook_come_as_what_they_are() -> None:
    import datetime as dt

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([123456789012, dt.datetime(2026, 1, 31), True, None, "007"])  # noqa: DTZ001  (Excel)
    file = io.BytesIO()
    book.save(file)
    (row,) = read_file(file.getvalue())[0].rows
    assert list(row) == [123456789012.0, "2026-01-31", "TRUE", "", "007"]
    assert isinstance(row[0], float)
