"""Each role signs in and is shown the places it may open, and no others."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from inventory.models import Role

Visit = Callable[..., Page]

EVERYBODY = [
    "Overview",
    "My work",
    "Accounts",
    "Teams",
    "Roadmap",
    "Decisions",
    "Attestations",
    "Exceptions",
    "Guardrails",
    "Findings",
    "Changes",
]
READERS = {*EVERYBODY, "Without owner"}
OPERATORS = {
    *READERS,
    "Organizations",
    "Runs",
    "Import",
    "Settings",
    "Notifications",
    "Audit",
}
PLACES = {
    Role.VIEWER: {*READERS, "Organizations", "Runs"},
    Role.OWNER: {*EVERYBODY},
    Role.FINANCE: {*READERS},
    Role.SECURITY: OPERATORS,
    Role.ADMIN: {*OPERATORS, "Sign-in"},
}


@pytest.mark.parametrize("role", list(Role))
def test_the_navigation_shows_what_the_role_may_open(visit: Visit, role: Role) -> None:
    page = visit(role)
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    places = {link.inner_text(): str(link.get_attribute("href")) for link in links.all()}
    assert set(places) == PLACES[role]
    for name, address in places.items():
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, name
        here = page.get_by_role("navigation", name="Main").locator("[aria-current=page]")
        expect(here).to_have_text(name)


def test_an_owner_sees_their_own_accounts_and_no_button_for_what_they_may_not(visit: Visit) -> None:
    page = visit(Role.OWNER, "/accounts/")
    expect(page.locator("tbody tr").first).to_be_visible()
    for row in page.locator("tbody tr").all():
        expect(row).to_contain_text("Payments")
    expect(page.get_by_role("link", name="Import a spreadsheet")).to_have_count(0)
    answer = page.request.get("/import/")
    assert answer.status == 403
    assert page.request.get("/accounts/101010101010/").status == 404


def test_a_viewer_is_offered_nothing_that_writes(visit: Visit) -> None:
    page = visit(Role.VIEWER, "/accounts/303030303030/")
    expect(page.get_by_role("button", name="Confirm this account")).to_have_count(0)
    expect(page.locator("main form[method=post] button:visible")).to_have_count(0)
    expect(page.get_by_role("link", name="Answer for this account")).to_have_count(0)
    page.goto("/accounts/")
    expect(page.locator("a.cell")).to_have_count(0)
