"""The account list in a browser: cells in place, filters while typing, many rows at once."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from inventory.models import Role
from tests.inventory.sheet import (
    CHECKOUT,
    LEDGER,
    account,
    build_sheet,
    recorded,
    user,
)

SignIn = Callable[..., None]
PASSWORD = "a long passphrase"


@pytest.fixture
def accounts(page: Page, sign_in: SignIn) -> Page:
    """The account list as security sees it."""
    build_sheet()
    sign_in(page, user(Role.SECURITY).email, PASSWORD, reverse("inventory:accounts"))
    return page


def test_a_cell_is_edited_in_place_and_undone_from_the_message(accounts: Page) -> None:
    cell = accounts.get_by_role("row", name="2222").get_by_role("link", name="dev")
    cell.focus()
    accounts.keyboard.press("Enter")
    accounts.get_by_label("Environment optional").fill("stage")
    accounts.keyboard.press("Enter")
    expect(accounts.locator("#messages")).to_contain_text("Environment of ledger is now stage.")
    saved = accounts.get_by_role("row", name="2222").get_by_role("link", name="stage")
    expect(saved).to_be_focused()
    assert account(LEDGER).environment == "stage"
    accounts.locator("#messages").get_by_role("button", name="Undo").click()
    expect(accounts.locator("#messages")).to_contain_text("Undone")
    assert account(LEDGER).environment == "dev"


def test_an_edit_stands_in_the_history_of_its_row(accounts: Page) -> None:
    cell = accounts.get_by_role("row", name="2222").get_by_role("link", name="dev")
    cell.focus()
    accounts.keyboard.press("Enter")
    accounts.get_by_label("Environment optional").fill("stage")
    accounts.keyboard.press("Enter")
    expect(accounts.locator("#messages")).to_contain_text("is now stage")
    accounts.goto(f"/accounts/{LEDGER}/")
    newest = accounts.get_by_role("region", name="Changes of the row").get_by_role("row").nth(1)
    expect(newest).to_contain_text("security@example.com")
    expect(newest.locator("del")).to_have_text("dev")
    expect(newest.locator("ins")).to_have_text("stage")


def test_escape_leaves_the_cell_as_it_was(accounts: Page) -> None:
    accounts.get_by_role("row", name="2222").get_by_role("link", name="dev").click()
    accounts.get_by_label("Environment optional").fill("nonsense")
    accounts.keyboard.press("Escape")
    expect(accounts.get_by_role("row", name="2222").get_by_role("link", name="dev")).to_be_focused()
    assert account(LEDGER).environment == "dev"


def test_a_conflict_is_shown_in_the_cell(accounts: Page) -> None:
    accounts.get_by_role("row", name="2222").get_by_role("link", name="dev").click()
    accounts.get_by_label("Environment optional").fill("mine")
    recorded(LEDGER, environment="theirs")
    accounts.get_by_role("button", name="Save").click()
    expect(accounts.get_by_role("alert")).to_contain_text("changed this from “dev” to “theirs”")
    accounts.get_by_role("button", name="Save mine").click()
    expect(
        accounts.get_by_role("row", name="2222").get_by_role("link", name="mine")
    ).to_be_visible()


def test_typing_and_choosing_filter_the_list_and_write_the_address(accounts: Page) -> None:
    accounts.get_by_label("Search accounts").press_sequentially("1111-22")
    expect(accounts.locator("tbody tr")).to_have_count(1)
    assert accounts.url.endswith("/accounts/?q=1111-22")
    accounts.get_by_label("Search accounts").fill("")
    expect(accounts.locator("tbody tr")).to_have_count(4)
    accounts.get_by_text("Filters", exact=True).click()
    accounts.get_by_role("combobox", name="Team").select_option(label="Payments")
    expect(accounts.locator(".sentence")).to_have_text("2 of 4 accounts in Payments")
    accounts.get_by_role("link", name="Team: Payments").click()
    expect(accounts.locator(".sentence")).to_have_text("4 accounts")
    accounts.go_back()
    expect(accounts.locator(".sentence")).to_have_text("2 of 4 accounts in Payments")


def test_a_heading_sorts(accounts: Page) -> None:
    accounts.get_by_role("link", name="Name", exact=True).click()
    expect(accounts.locator("tbody tr").first).to_contain_text("build")
    heading = accounts.get_by_role("columnheader", name="Name")
    expect(heading).to_have_attribute("aria-sort", "ascending")


def test_selected_rows_are_set_together(accounts: Page) -> None:
    expect(accounts.locator("#bulk")).to_be_hidden()
    accounts.get_by_label(f"Select {CHECKOUT}").check()
    accounts.get_by_label(f"Select {LEDGER}").check()
    expect(accounts.locator("#bulk")).to_contain_text("2 rows selected")
    accounts.get_by_label("Set", exact=True).select_option("environment")
    accounts.get_by_label("to", exact=True).fill("test")
    accounts.get_by_role("button", name="Show what would change").click()
    accounts.get_by_role("button", name="Apply 2 changes").click()
    expect(accounts.locator("#messages")).to_contain_text("Environment of 2 accounts changed.")
    assert account(LEDGER).environment == account(CHECKOUT).environment == "test"


def test_the_lists_have_no_accessibility_violation(
    accounts: Page, violations: Callable[[Page], list[str]]
) -> None:
    for path in (
        "/accounts/?team=payments",
        "/teams/",
        "/people/",
        "/search/?q=carol",
        "/new/team/",
    ):
        accounts.goto(path)
        assert violations(accounts) == [], path
    accounts.goto("/accounts/")
    accounts.get_by_role("row", name="2222").get_by_role("link", name="dev").click()
    accounts.get_by_label("Environment optional").wait_for()
    assert violations(accounts) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_rows_are_cards_and_nothing_scrolls_sideways(
    accounts: Page, open_context: Callable[..., BrowserContext], scripts: bool
) -> None:
    context = open_context(
        viewport={"width": 390, "height": 844},
        java_script_enabled=scripts,
        storage_state=accounts.context.storage_state(),
    )
    phone = context.new_page()
    for path in ("/accounts/", "/teams/"):
        phone.goto(path)
        box = phone.locator("tbody tr").first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
        expect(phone.locator("tbody tr").first).to_have_css("display", "block")
    context.close()


def test_without_scripts_a_cell_has_a_page_of_its_own(
    accounts: Page, open_context: Callable[..., BrowserContext]
) -> None:
    plain = open_context(
        java_script_enabled=False, storage_state=accounts.context.storage_state()
    ).new_page()
    plain.goto("/accounts/?q=ledger")
    plain.get_by_role("link", name="dev").click()
    plain.get_by_label("Environment optional").fill("stage")
    plain.get_by_role("button", name="Save").click()
    expect(plain.locator("#messages")).to_contain_text("is now stage")
    assert account(LEDGER).environment == "stage"
