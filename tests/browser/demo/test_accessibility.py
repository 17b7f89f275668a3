"""Every page an administrator reaches by links, in both themes, on a desk and on a phone.

The pages are found as a person finds them, by following links from the start page, one address
for each name. An address with a page that no link leads to fails the test.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import Literal
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, get_resolver, resolve
from playwright.sync_api import Page, expect

from inventory.models import Role
from tests.test_every_address import POST_ONLY, names

LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
WIDTHS = (1400, 390)
HEAVIEST = 150_000  # bytes of HTML
# What axe-core judges by colour; all else is the same in both themes.
COLOURS = ["color-contrast", "link-in-text-block"]
FOREIGN = ("admin:",)  # Django's own pages
# Their pages follow on a form that was sent; tests of those forms look at them.
AFTER_A_FORM = {
    "inventory:import_mapping",
    "inventory:campaign",
    "collectors:contact_push",
    "inventory:bulk_finish",
    "inventory:rows_with_errors",
    "roadmap:move_checks",
    "roadmap:bulk_move",
}
# Shown in frames without scripts; tests of the outbox look at them. A mail leads to the last one.
MAILS = {"inventory:message_html", "roadmap:digest_sample", "inventory:unsubscribe"}
# Opened with an item of an account whose evidence is shown in place.
OPENED = "/accounts/303030303030/?item=visibility.account_baseline"


def name_of(address: str) -> str | None:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def reachable(page: Page) -> dict[str, str]:
    """View name → the first address found by following links; only pages, no files."""
    found: dict[str, str] = {}
    waiting = ["/", "/search/?q=payments"]  # Every page has the search form.
    while waiting:
        address = waiting.pop(0)
        name = name_of(address)
        if name is None or name in found or name.startswith(FOREIGN):
            continue
        answer = page.request.get(address)
        assert answer.status == 200, address
        found[name] = address if "text/html" in answer.headers["content-type"] else ""
        if found[name]:
            links = (urljoin(address, unescape(link)) for link in LINK.findall(answer.text()))
            waiting += [link for link in links if link.startswith("/")]
    return found


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Filled by the first test that needs it, since a page is opened for a test."""
    return {}


@pytest.fixture
def admin(visit: Callable[..., Page], pages: dict[str, str]) -> Page:
    page = visit(Role.ADMIN)
    if not pages:
        pages.update(reachable(page))
    return page


def test_links_lead_to_every_page(admin: Page, pages: dict[str, str]) -> None:
    api = {name for name in names() if "/api/" in str(get_resolver().reverse_dict.getlist(name))}
    ours = {name for name in names() if ":" in name}
    assert ours - POST_ONLY - AFTER_A_FORM - MAILS - api - set(pages) == set()


def test_no_page_weighs_more_than_a_phone_should_have_to_load(
    admin: Page, pages: dict[str, str]
) -> None:
    answers = {name: admin.request.get(address) for name, address in pages.items() if address}
    weights = {name: len(answer.body()) for name, answer in answers.items()}
    assert {name: n for name, n in weights.items() if n > HEAVIEST} == {}


def wear(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_has_a_violation_or_scrolls_sideways(
    admin: Page, pages: dict[str, str], violations: Callable[..., list[str]], width: int
) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    if width < WIDTHS[0]:
        schemes = ("dark", "light")
    wrong: dict[str, list[str]] = {}
    for address in [*filter(None, pages.values()), OPENED]:
        wear(admin, schemes[0])
        admin.set_viewport_size({"width": width, "height": 844})
        admin.goto(address)
        problems = violations(admin)
        wear(admin, schemes[1])
        problems += violations(admin, rules=COLOURS)
        if admin.evaluate("document.documentElement.scrollWidth") > width:
            problems.append("scrolls sideways")
        if admin.locator("h1").count() != 1:
            problems.append("has not exactly one h1")
        if problems:
            wrong[address] = problems
    assert wrong == {}
