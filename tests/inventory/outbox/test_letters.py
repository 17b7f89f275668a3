"""What names can do to a mail: nothing."""

from __future__ import annotations

import re

import pytest

from inventory.models import Message
from inventory.outbox import Letter, Line, Section, queue, send_waiting
from inventory.outbox.letters import one_line, render
from tests.factories import PersonFactory
from tests.smtp_server import MailServer

NAMES = {
    "line breaks": "Penny\r\nBcc: victim@example.com\r\n\r\nBody",
    "a lone line feed": "Penny\nSubject: Other",
    "NUL": "Pen\x00ny",
    "a line separator": "Penny\u2028Bcc: victim@example.com",
    "very long": "Penny " * 40,
    "right to left": "\u05e4\u05e0\u05d9 \u05db\u05d4\u05df",
    "turned around": "\u202egnp.exe\u202c",
    "commas and quotes": 'Lane, "Penny" <victim@example.com>; (x)',
    "a backslash": "Penny\\",
    "an encoded word": "=?utf-8?q?Penny?=",
    "half a sign": "Penny \ud800",
    "signs of all kinds": "Žoë 🦔 <b>",
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_reaches_beyond_its_header(name: str, mail_server: MailServer) -> None:
    person = PersonFactory.build(email="penny@example.com", name=name)
    stored = name.encode("utf-8", "replace").decode().replace("\x00", "\x01")[:200]
    person = PersonFactory.create(email="penny@example.com", name=stored)
    letter = Letter(f"About {name}", f"Of {name}", "Why", [Section("A", [Line(name, "/x/", name)])])
    assert queue(letter, kind=Message.Kind.CAMPAIGN, key="1", person=person)
    assert send_waiting() == 1
    (got,) = mail_server.received
    assert got.to == ["penny@example.com"]
    assert [a.addr_spec for a in got.mail["To"].addresses] == ["penny@example.com"]
    assert got.mail["Bcc"] is None
    assert len(got.mail.get_all("Subject", [])) == 1
    assert "\n" not in got.mail["Subject"]
    assert len(got.mail["Subject"].strip()) <= 200
    assert b"\r\nBcc:" not in got.raw
    assert b"\n" not in got.raw.replace(b"\r\n", b"")
    assert max(map(len, got.raw.split(b"\r\n"))) <= 998


def test_a_line_has_no_breaks_and_no_turns_and_keeps_letters_of_every_script() -> None:
    assert one_line("a\r\nb\x00c\td") == "a b c d"
    assert one_line("\u202eabc\u2066d") == "abcd"
    assert one_line("\u05e4\u05e0\u05d9") == "\u05e4\u05e0\u05d9"
    assert one_line("x" * 600) == "x" * 499 + "…"


def test_both_parts_say_the_same_and_only_the_html_is_escaped() -> None:
    line = Line("<script>alert(1)</script> & more", "/a/?b=1&c=2", 'Tom\'s "note"')
    more = Line("And 3 more", "/all/")
    letter = Letter("S", "O <b>", "W", [Section("T", [line], more)], Line("Do it", "/do/"))
    rendered = render(letter, name="<Penny>", footer=[Line("Unsubscribe", "/off/")])
    assert "<script>alert(1)</script> & more" in rendered.text
    assert 'Tom\'s "note"' in rendered.text
    assert "<script>" not in rendered.html
    assert "&lt;script&gt;" in rendered.html
    assert "&lt;Penny&gt;" in rendered.html
    paths = ["/a/?b=1&c=2", "/all/", "/do/", "/off/"]
    assert re.findall(r"https://cairn\.example(\S+)", rendered.text) == paths
    hrefs = re.findall(r'href="https://cairn\.example([^"]+)"', rendered.html)
    assert [href.replace("&amp;", "&") for href in hrefs] == paths
