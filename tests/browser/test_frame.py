"""The frame in a browser: themes, keyboard, menus, and what axe-core says about it."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import BrowserContext, Page, expect

FRAME = "/auth/password/change/"
PASSWORD = "granite cairn on the ridge"

SignIn = Callable[..., None]


@pytest.fixture(autouse=True)
def person(transactional_db: None) -> None:
    get_user_model().objects.create_superuser("wren@example.com", PASSWORD)


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_context: Callable[..., BrowserContext],
    sign_in: SignIn,
    violations: Callable[[Page], list[str]],
    width: int,
    scheme: str,
) -> None:
    page = open_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.goto("/auth/login/")
    assert violations(page) == []
    sign_in(page, "wren@example.com", PASSWORD, to=FRAME)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_theme_follows_the_system_until_one_is_chosen_and_is_kept(
    page: Page, sign_in: SignIn
) -> None:
    sign_in(page, "wren@example.com", PASSWORD, to=FRAME)
    root = page.locator("html")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Light").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", "light")


def test_the_question_mark_lists_the_keys_but_not_while_typing(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "wren@example.com", PASSWORD, to=FRAME)
    field = page.get_by_label("Current password")
    field.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_hidden()
    field.blur()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_the_person_s_menu_closes_on_escape_and_signs_out(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "wren@example.com", PASSWORD, to=FRAME)
    menu = page.get_by_label("wren@example.com: your menu")
    sign_out = page.get_by_role("button", name="Sign out")
    menu.click()
    expect(sign_out).to_be_visible()
    page.keyboard.press("Escape")
    expect(sign_out).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    sign_out.click()
    expect(page.get_by_role("heading", name="Sign in to Cairn")).to_be_visible()


def test_without_javascript_the_navigation_is_open_and_the_menu_works(
    open_context: Callable[..., BrowserContext], sign_in: SignIn
) -> None:
    context = open_context(viewport={"width": 390, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "wren@example.com", PASSWORD, to=FRAME)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_hidden()
    page.get_by_label("wren@example.com: your menu").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_skip_link_leads_past_the_navigation(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "wren@example.com", PASSWORD, to=FRAME)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
