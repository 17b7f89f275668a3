"""The sheet's contacts written to AWS and taken back, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from inventory.models import Role

NETWORK_HUB = "444455556666"  # The sheet names another operations contact than AWS.
WRITTEN = 60_000  # milliseconds

Visit = Callable[..., Page]
Violations = Callable[..., list[str]]


def check(page: Page, violations: Violations) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def compared(page: Page) -> str:
    """What the account page says of the operations contact beside AWS's."""
    page.goto(f"/accounts/{NETWORK_HUB}/")
    row = page.locator(".contact-pairs tbody tr").filter(has_text="Operations contact")
    return re.sub(r"\s+", " ", row.inner_text())


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Write 1 contact of 1 account to AWS").click()
    state = page.locator("#push .run-state")
    expect(state).to_have_text("Finished", timeout=WRITTEN)
    expect(page.locator("#push")).to_contain_text("1 of 1 contact written and read back")


@pytest.mark.parametrize("width", [1400, 390])
def test_a_contact_is_planned_written_watched_and_taken_back(
    visit: Visit, violations: Violations, width: int
) -> None:
    page = visit(Role.ADMIN, f"/accounts/{NETWORK_HUB}/", viewport={"width": width, "height": 844})
    assert "operations@example.com" in compared(page)
    page.get_by_role("link", name="Write ours to AWS").click()
    expect(page.get_by_label("Accounts", exact=False).last).to_have_value(NETWORK_HUB)
    page.get_by_label("Security contact").uncheck()
    page.get_by_label("Billing contact").uncheck()
    check(page, violations)
    page.get_by_role("button", name="Make a plan").click()
    page.wait_for_url("**/contacts/*/")
    # The page looks again by itself until a worker has read what AWS holds.
    expect(page.locator("#push")).to_contain_text(
        "1 contact of 1 account would be written", timeout=WRITTEN
    )
    row = page.locator("#push tbody tr")
    expect(row).to_contain_text("operations@example.com")
    expect(row).to_contain_text("mara.lindqvist@example.com")
    check(page, violations)
    plan = page.url
    confirm(page)
    check(page, violations)
    assert "Same" in compared(page)

    page.goto(plan)
    page.get_by_role("button", name="Plan an undo of 1 contact").click()
    expect(page.locator("#push")).to_contain_text("would be written", timeout=WRITTEN)
    expect(page.locator("main h1")).to_contain_text("contacts as they were")
    confirm(page)
    assert "Differs" in compared(page)
    assert "operations@example.com" in compared(page)
    page.goto(plan)
    expect(page.locator("#push")).to_contain_text("Undo: plan")


def test_a_viewer_sees_both_sides_without_phones_and_is_offered_nothing(visit: Visit) -> None:
    page = visit(Role.VIEWER, f"/accounts/{NETWORK_HUB}/")
    card = page.get_by_role("region", name="Contacts in AWS")
    expect(card).to_contain_text("Phone hidden")
    expect(card).not_to_contain_text("+1202555")
    expect(page.get_by_role("link", name="Write ours to AWS")).to_have_count(0)
    page.goto("/organizations/")
    page.get_by_role("link", name="Larkfield").click()
    page.get_by_role("link", name="Beside those in AWS").click()
    expect(page.get_by_role("heading", name="Contacts of Larkfield")).to_be_visible()
    expect(page.get_by_role("button", name="Make a plan")).to_have_count(0)
