"""What every page has: the frame, the security headers, the error pages."""

import logging
import re
from html.parser import HTMLParser

import pytest
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.messages.storage.cookie import CookieStorage
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from cairn.assets import NODE_FILES, NodePackageFinder
from cairn.log_fields import FieldsFormatter

FRAME = "/auth/password/change/"


class Markup(HTMLParser):
    """Inline scripts, inline styles and handlers, which the content security policy forbids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.inline.append(tag)
        self.inline += [name for name in names if name == "style" or name.startswith("on")]


@pytest.mark.django_db
def test_a_banner_says_above_every_page_what_all_must_know(
    client: Client, settings: Settings
) -> None:
    client.force_login(get_user_model().objects.create_superuser("wren@example.com", "x"))
    assert '<aside class="banner"' not in client.get(FRAME).content.decode()
    settings.BANNER = "Down on <Friday>"
    assert "Down on &lt;Friday&gt;</aside>" in client.get(FRAME).content.decode()


@pytest.fixture
def frame(client: Client) -> str:
    """A page in the frame, as an administrator sees it."""
    client.force_login(get_user_model().objects.create_superuser("wren@example.com", "x"))
    return client.get(FRAME).content.decode()


@pytest.mark.django_db
def test_the_frame_has_landmarks_one_h1_and_a_way_past_the_navigation(frame: str) -> None:
    assert frame.count("<h1") == frame.count("<main") == 1
    assert 'href="#content"' in frame
    assert 'id="content"' in frame
    assert 'aria-label="Main"' in frame
    assert re.search(r"hx-headers='\{\"x-csrftoken\": \"\w+\"\}'", frame)


@pytest.mark.django_db
def test_nothing_is_inline_or_from_elsewhere(frame: str) -> None:
    assert Markup(frame).inline == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*', frame) == []
    assert frame.count("<script") >= 5


@pytest.mark.django_db
def test_the_policy_forbids_inline_code_and_other_hosts(client: Client) -> None:
    answer = client.get("/auth/login/")
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "404.html", "500.html"])
def test_an_error_page_needs_no_context(name: str) -> None:
    page = render_to_string(name)
    assert page.count("<h1") == 1
    assert Markup(page).inline == []


def test_a_refusal_says_what_the_view_said() -> None:
    page = render_to_string("403.html", {"exception": "Only security may do this."})
    assert "Only security may do this." in page


@pytest.mark.django_db
def test_a_page_that_does_not_exist_is_said_in_words(client: Client) -> None:
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.content


@pytest.mark.django_db
def test_messages_are_announced_with_a_mark_for_their_level() -> None:
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    messages.error(request, "Row 12: <b> is not an account id.")
    html = render_to_string(
        "components/_messages.html", {"messages": messages.get_messages(request)}
    )
    assert 'aria-live="polite"' in html
    assert "alert-danger" in html
    assert "Row 12: &lt;b&gt; is not an account id." in html


def test_only_the_named_files_of_the_packages_are_served() -> None:
    finder = NodePackageFinder()
    assert [name for name, _ in finder.list(None)] == list(NODE_FILES)
    assert finder.find("tabler/tabler.min.css").endswith("tabler.min.css")
    assert finder.find("echarts/package.json") is None
    assert finder.find("@tabler/core/package.json", find_all=True) == []


def test_a_log_line_is_an_event_and_its_fields_on_one_line() -> None:
    record = logging.makeLogRecord(
        {
            "name": "collectors.runs",
            "levelname": "WARNING",
            "msg": "unit failed",
            "account": "111122223333",
            "error": ValueError("two\nlines"),
            "created": 0.25,
            "msecs": 250.0,
        }
    )
    assert FieldsFormatter().format(record) == (
        "1970-01-01T00:00:00.250Z WARNING collectors.runs: unit failed "
        'account="111122223333" error="two\\nlines"'
    )
