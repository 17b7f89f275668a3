"""Many checks at once in a browser: ticked by keyboard, on a phone, and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from inventory.models import Role
from roadmap.models import ScannerCheck
from tests.inventory.sheet import build_sheet, user

SignIn = Callable[..., None]
PASSWORD = "a long passphrase"
LIST = "/findings/checks/?show=unmapped"
ITEM = "visibility.macie"


@pytest.fixture
def checks(page: Page, sign_in: SignIn) -> Page:
    """Three checks of no item, as security sees them."""
    build_sheet()
    for number in range(3):
        ScannerCheck.objects.create(
            tool="prowler",
            check_id=f"s3_bucket_that_has_a_rather_long_name_and_number_{number}",
            title=f"No bucket is like number {number}",
        )
    sign_in(page, user(Role.SECURITY).email, PASSWORD, LIST)
    return page


def put_to_item(page: Page) -> None:
    page.get_by_label("Put to").select_option(ITEM)
    page.get_by_role("button", name="Show what would change").click()


def there() -> int:
    return ScannerCheck.objects.filter(item=ITEM).count()


def test_ticked_checks_are_moved_and_moved_back_by_keyboard(checks: Page) -> None:
    expect(checks.locator("#bulk")).to_be_hidden()
    for number in range(2):
        checks.get_by_label(f"number_{number}").focus()
        checks.keyboard.press("Space")
    expect(checks.locator("#bulk")).to_contain_text("2 rows selected")
    put_to_item(checks)
    checks.get_by_role("button", name="Move 2 checks").press("Enter")
    expect(checks.locator("#messages")).to_contain_text("2 checks put to")
    assert checks.url.endswith(LIST)
    expect(checks.locator("tbody tr")).to_have_count(1)
    assert there() == 2
    checks.get_by_role("link", name="See or undo this").press("Enter")
    checks.get_by_role("button", name="Undo this move").press("Enter")
    expect(checks.locator("#messages")).to_contain_text("2 checks moved back")
    assert there() == 0


def test_all_that_match_are_moved_on_a_phone(checks: Page) -> None:
    checks.set_viewport_size({"width": 390, "height": 844})
    checks.get_by_label("number_0").check()
    checks.get_by_label("All 3 that match").check()
    expect(checks.locator("[data-bulk-count]")).to_have_text("All matching selected")
    assert_fits(checks, "Scanners' checks")
    put_to_item(checks)
    assert_fits(checks, "Put checks to")
    checks.get_by_role("button", name="Move 3 checks").click()
    checks.get_by_role("link", name="See or undo this").click()
    assert_fits(checks, "Move")
    assert there() == 3


def assert_fits(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_scripts_the_bar_is_there_from_the_start(
    checks: Page, open_context: Callable[..., BrowserContext]
) -> None:
    plain = open_context(
        java_script_enabled=False, storage_state=checks.context.storage_state()
    ).new_page()
    plain.goto(LIST)
    plain.get_by_label("number_2").check()
    put_to_item(plain)
    plain.get_by_role("button", name="Move 1 check").click()
    expect(plain.locator("#messages")).to_contain_text("1 check put to")
    assert there() == 1


def test_no_step_has_an_accessibility_violation(
    checks: Page, violations: Callable[[Page], list[str]]
) -> None:
    checks.get_by_label("number_0").check()
    found = {"list": violations(checks)}
    put_to_item(checks)
    move = checks.get_by_role("button", name="Move 1 check")
    expect(move).to_be_visible()
    found["what would change"] = violations(checks)
    move.click()
    checks.get_by_role("link", name="See or undo this").click()
    expect(checks.get_by_role("button", name="Undo this move")).to_be_visible()
    found["what was moved"] = violations(checks)
    assert {step: problems for step, problems in found.items() if problems} == {}
