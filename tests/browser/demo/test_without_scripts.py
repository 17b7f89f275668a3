"""With JavaScript off: filtering, editing a cell, starting and cancelling a run on the demo."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from inventory.models import Role

Visit = Callable[..., Page]


@pytest.fixture
def plain(visit: Visit) -> Page:
    return visit(Role.SECURITY, "/accounts/", java_script_enabled=False)


def test_accounts_are_searched_and_filtered(plain: Page) -> None:
    plain.get_by_label("Search accounts").fill("payments")
    plain.get_by_label("Search accounts").press("Enter")
    expect(plain.locator("p.sentence")).to_contain_text("matching “payments”")
    plain.get_by_text("Filters", exact=True).click()
    plain.get_by_role("combobox", name="Environment").select_option("dev")
    plain.get_by_role("button", name="Show accounts").click()
    expect(plain.locator("tbody tr")).to_have_count(1)
    expect(plain.locator("tbody tr")).to_contain_text("payments-dev")


def test_a_cell_is_edited_on_its_own_page_and_undone(plain: Page) -> None:
    plain.goto("/accounts/?q=search-prod")
    plain.get_by_role("link", name="Production", exact=True).click()
    plain.get_by_label("Environment").fill("staging")
    plain.get_by_role("button", name="Save").click()
    expect(plain.locator("#messages")).to_contain_text("is now staging")
    plain.get_by_role("region", name="History of the row").get_by_role("link").first.click()
    plain.get_by_role("button", name="Undo this change set").click()
    expect(plain.locator("#messages")).to_contain_text("Undone")
    plain.goto("/accounts/?q=search-prod")
    expect(plain.get_by_role("link", name="Production", exact=True)).to_be_visible()


def test_a_run_is_started_looked_at_and_cancelled(plain: Page) -> None:
    plain.goto("/organizations/o-larkfield0/")
    plain.get_by_role("button", name="Collect now").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("of Larkfield")
    expect(plain.get_by_role("progressbar", name="Units done")).to_be_visible()
    plain.get_by_role("button", name="Cancel this run").click()
    expect(plain.locator(".run-state").first).to_have_text("Cancelled")
    expect(plain.get_by_role("button", name="Resume this run")).to_be_visible()


def test_an_item_opens_and_leads_to_a_page_of_its_own(plain: Page) -> None:
    plain.goto("/accounts/343434343434/")
    item = plain.locator("#initial_scan")
    item.locator("summary").first.click()
    item.get_by_role("link", name="Findings, how to fix it and the evidence").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(
        "First scan done, urgent issues handled"
    )
    expect(plain.get_by_role("heading", name="How to fix it")).to_be_visible()
    expect(plain.get_by_text("Rule line")).to_be_visible()
