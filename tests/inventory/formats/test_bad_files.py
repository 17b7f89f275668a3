"""Files that cannot be imported: what each message says, and that memory stays bounded."""

import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from inventory.formats import Unreadable, limits, read_file

ROOT = Path(__file__).resolve().parents[3]


def xlsx(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]  # a new book has a sheet
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A workbook with the parts that ``change`` gives."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return file.getvalue()


def sheet_xml(body: str) -> Callable[[str, bytes], bytes]:
    opening = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'

    def change(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        return f"{opening}<sheetData>{body}</sheetData></worksheet>".encode()

    return change


def declared_bomb() -> bytes:
    big = b"0" * (limits.MAX_UNPACKED + 1)
    return repacked(xlsx(["id"]), lambda name, old: big if "sheet1" in name else old)


def lying_bomb() -> bytes:
    """A part that unpacks to 300 MB and declares 1,000 bytes, with the checksum of those."""
    content = repacked(xlsx(["id"]), sheet_xml("<row/>"))
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            body = b" " * (300 * 2**20) if "sheet1" in part.filename else old.read(part)
            new.writestr(part.filename, body)
    bomb = bytearray(file.getvalue())
    name = b"xl/worksheets/sheet1.xml"
    central = bomb.rindex(name) - 46
    checksum = zlib.crc32(b" " * 1000)
    bomb[central + 16 : central + 20] = struct.pack("<I", checksum)
    bomb[central + 24 : central + 28] = struct.pack("<I", 1000)
    local = bomb.index(name) - 30
    bomb[local + 14 : local + 18] = struct.pack("<I", checksum)
    bomb[local + 22 : local + 26] = struct.pack("<I", 1000)
    return bytes(bomb)


def far_corners() -> bytes:
    """Two cells whose rectangle is larger than any memory."""
    cells = ((1, "A1"), (1_048_576, "XFD1048576"))
    body = "".join(f'<row r="{row}"><c r="{cell}"><v>1</v></c></row>' for row, cell in cells)
    return repacked(xlsx(["id"]), sheet_xml(body))


def one_text_everywhere() -> bytes:
    """A shared text of 30,000 characters in 100,000 cells."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_001))

    relation = (
        b'<Relationship Id="shared" Target="sharedStrings.xml" Type="http://schemas.openxmlformats'
        b'.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )

    def change(name: str, content: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            return content.replace(b"</Relationships>", relation)
        return sheet_xml(cells)(name, content)

    file = io.BytesIO(repacked(xlsx(["id"]), change))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as book:
        text = f"<si><t>{'x' * 30_000}</t></si>"
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}">{text}</sst>')
    return file.getvalue()


def encrypted() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )


BAD: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "is empty"),
    ("white space", b" \r\n\t\n", "is empty"),
    ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF document"),
    ("a JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", "a JPEG picture"),
    ("a web page named .xls", b"\xef\xbb\xbf\n<HTML><body><table><tr><td>1", "a web page"),
    ("YAML", b"# accounts\naccounts:\n- account_id: '1'\n", "This is YAML"),
    ("a zip archive", b"PK\x03\x04\x14\0\0\0\x08\0", "a zip archive"),
    ("random bytes", bytes(range(256)) * 40, "NUL byte|not text|not a text file"),
    ("an encrypted workbook", encrypted(), "is encrypted; open it with its password"),
    ("a damaged workbook", xlsx(["Account id"], ["111122223333"])[:-200], "is damaged"),
    ("a NUL byte", b"id,name\n111122223333,a\0b\n", "Row 2 holds a NUL byte"),
    ("100,000 columns", b"id," + b"x," * 100_000 + b"\n", "Row 1 has 100,002 columns and 500"),
    ("too many rows", b"id\n" + b"1\n" * (limits.MAX_ROWS + 60), "more than 100,000 rows"),
    ("a huge cell", b"id,name\n1," + b"x" * 40_000, "Row 2 .*more than 32,000 characters"),
    ("an unclosed quotation mark", b'id,name\n1,"a\n2,b\n', "row 2 and is never closed"),
    ("60 MB", b"x,y\n" * (15 * 2**20), "60 MB and 25 MB is the limit"),
    ("JSON cut off", b'{"Accounts": [{"Id": "1"', "breaks off in line 1"),
    ("JSON of something else", b'{"Buckets": []}', "holds no account list"),
    ("JSON, one page", b'{"Accounts": [], "NextToken": "x"}', "only one page"),
    ("JSON nested without end", b"[" * 100_000 + b'"', "nested too deeply|breaks off"),
    ("half a surrogate pair", json.dumps([{"Id": "\ud800"}]).encode(), "Row 2, Id: holds a char"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_file_that_is_no_account_list_is_told_what_it_is(content: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read_file(content)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (declared_bomb, "unpacks to 250 MB|unpacks to 251 MB|250 MB in 2,000 is the limit"),
        (lying_bomb, "unpacks to another size than declared"),
        (far_corners, "needs more than 1024 MB of memory|columns and 500 is the limit"),
        (one_text_everywhere, "needs more than 1024 MB of memory|characters and"),
    ],
)
def test_a_workbook_that_would_fill_the_memory_is_refused(
    make: Callable[[], bytes], message: str
) -> None:
    with pytest.raises(Unreadable, match=message):
        read_file(make())


def peak_megabytes(tmp_path: Path, content: bytes, code: str) -> float:
    """The most memory that a process of its own, children included, takes to read a file."""
    file = tmp_path / "file"
    file.write_bytes(content)
    program = (
        "import resource, sys\n"
        "content = open(sys.argv[1], 'rb').read()\n"
        f"{code}\n"
        # getrusage would count what this test process held before it became that program.
        "own = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print((int(own.split()[1]) + children) / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        capture_output=True, check=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return float(done.stdout)


REFUSED = """
from inventory.formats import Unreadable, read_file
try:
    read_file(content)
except Unreadable:
    pass
else:
    raise SystemExit("was read")
"""


@pytest.mark.parametrize("make", [lying_bomb, far_corners, one_text_everywhere])
def test_a_bomb_takes_no_more_memory_than_the_parser_is_given(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    ceiling = limits.PARSER_MEMORY / 2**20 + 150
    assert peak_megabytes(tmp_path, make(), REFUSED) < ceiling


def test_24_megabytes_of_csv_are_read_in_less_than_500(tmp_path: Path) -> None:
    row = "%012d,name %d,owner%d@example.com," + ",".join(["some words."] * 17) + "\n"
    header = "Account id,Name,Owner," + ",".join(f"c{n}" for n in range(17)) + "\n"
    content = (header + "".join(row % (n, n, n % 900) for n in range(100_000))).encode()
    assert 23 * 2**20 < len(content) < limits.MAX_BYTES
    code = "from inventory.formats import read_file\nread_file(content)"
    assert peak_megabytes(tmp_path, content, code) < 500
