"""Rows of findings as HTML: whatever stands in a finding is text and never markup."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from inventory.models import Account, Team, User
from roadmap.decision_states import Standing
from roadmap.finding_rows import finding_rows
from roadmap.marks import check_id
from roadmap.models import Finding, FindingDecision
from roadmap.queries.finding_answers import FindingAnswer
from roadmap.queries.findings import Line
from roadmap.registry import items
from tests.factories import NOW

SCAN = "visibility.initial_scan"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></tr></table><h1>",
    "{}{0}{{ x }}%s",
    "&lt;b&gt; &amp; &",
]


class Read(HTMLParser):
    """Tags with the names of their attributes, the attributes' values, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.values: list[str] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))
        self.values += [value or "" for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", []))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def line(text: str, *, source: str = "Prowler") -> Line:
    """A line in which everything that is not Cairn's own is this text."""
    account = Account(account_id=text, name=text, team=Team(name=text, slug=text))
    finding = Finding(
        pk=7, account=account, source="prowler", code=text, region=text, resource=text, title=text,
        severity="high", state="open", first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip
    return Line(finding, [items()[SCAN]], source, decided(text))


def decided(text: str = "") -> FindingAnswer:
    """Undecided; with a text accepted by somebody of that name."""
    if not text:
        return FindingAnswer(Standing.UNDECIDED, None, "Open")
    decision = FindingDecision(pk=3, requester=User(first_name=text), expires_at=NOW)
    return FindingAnswer(Standing.ACCEPTED, decision, "Accepted")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_is_no_markup(text: str) -> None:
    shown, plain = (
        Read(finding_rows([line(name, source=name)], picks=True)) for name in (text, "a")
    )
    assert shown.tags == plain.tags
    # Title, region, resource, account, its id, team, source, check and who decided.
    assert shown.text.count(text) + shown.text.count(f"{text} ") == 9
    assert f"Select {text}" in shown.values


def test_a_row_has_links_a_box_and_ages() -> None:
    read = Read(finding_rows([line("payments")], picks=True))
    for href in ("/findings/7/", "/decisions/3/", "/accounts/payments/", "/teams/payments/"):
        assert href in read.values
    assert f"/roadmap/{SCAN.replace('.', '/')}/" in read.values
    assert ("input", ["class", "type", "name", "value", "aria-label"]) in read.tags
    assert read.values.count("1 Nov 2026 12:00 UTC") == 2
    assert "input" not in dict(Read(finding_rows([line("x")], picks=False)).tags)


def test_what_is_missing_is_said() -> None:
    row = line("x")
    row.finding.account.team, row.finding.severity = None, ""
    read = Read(finding_rows([Line(row.finding, [], "Prowler", decided())], picks=False))
    assert {"None given", "None"} <= set(read.text)
    assert "/teams/x/" not in read.values


def test_what_was_just_seen_is() -> None:
    row = line("x")
    row.finding.last_seen_at = timezone.now() - timedelta(seconds=5)
    assert "just now" in Read(finding_rows([row], picks=False)).text


def test_a_checks_name_breaks_after_its_underscores_and_stays_text() -> None:
    assert check_id("open_<b>_port") == "open_<wbr>&lt;b&gt;_<wbr>port"
