"""A risk is accepted by two people, on a phone and at a desk: one asks, the other approves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from inventory.models import Role
from roadmap.models import Finding
from tests import organization
from tests.browser.conftest import note_errors
from tests.inventory.sheet import user
from tests.organization import PENNY
from tests.roadmap.queries.test_findings import finding

SignIn = Callable[..., None]
PASSWORD = "a long passphrase"
SIZES = [pytest.param(390, "dark", id="phone"), pytest.param(1400, "light", id="desk")]


@pytest.fixture
def found(transactional_db: None) -> list[Finding]:
    world = organization.create()
    return [finding(world.payments, f"i-{n}", severity="high") for n in range(3)]


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_an_owner_asks_and_security_approves(
    found: list[Finding],
    open_context: Callable[..., BrowserContext],
    sign_in: SignIn,
    violations: Callable[..., list[str]],
    width: int,
    scheme: str,
) -> None:
    errors: list[str] = []

    def signed_in(role: Role, email: str, path: str) -> Page:
        context = open_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        note_errors(page, errors)
        sign_in(page, user(role, email=email).email, PASSWORD, path)
        return page

    def is_sound(page: Page) -> None:
        assert violations(page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0

    owner = signed_in(Role.OWNER, PENNY, f"/findings/{found[0].pk}/")
    is_sound(owner)
    owner.get_by_role("link", name="Accept the risk").click()
    owner.get_by_label("Why the risk can be borne").fill("The partner cannot sign before spring.")
    owner.get_by_label("What limits the risk meanwhile").fill("Two addresses of theirs alone.")
    until = datetime.now(UTC).date() + timedelta(days=60)
    owner.get_by_label("Until").fill(until.isoformat())
    is_sound(owner)
    owner.get_by_role("button", name="Ask").click()
    expect(owner.locator("#messages")).to_contain_text("once another person has approved it")
    expect(owner.get_by_role("button", name="Approve")).to_have_count(0)
    is_sound(owner)

    security = signed_in(Role.SECURITY, "security@example.com", "/decisions/")
    is_sound(security)
    security.get_by_role("link", name="Decide", exact=True).click()
    expect(security.locator("main")).to_contain_text("Two addresses of theirs alone.")
    security.get_by_role("button", name="Approve").click()
    expect(security.locator("#messages")).to_contain_text("Approved.")

    owner.goto("/findings/")
    expect(owner.locator(".sentence")).to_have_text("2 findings in state open")
    owner.goto("/findings/?state=accepted")
    expect(owner.locator("tbody tr")).to_contain_text(f"until {until.isoformat()}")
    is_sound(owner)
    owner.goto(f"/findings/{found[0].pk}/")
    owner.locator("summary", has_text="What becomes of a decision").click()
    expect(owner.get_by_role("rowheader", name="another person approves")).to_be_visible()
    is_sound(owner)
    assert errors == []


def test_ticked_findings_are_acknowledged_with_one_note(
    found: list[Finding], page: Page, sign_in: SignIn
) -> None:
    sign_in(page, user(Role.SECURITY).email, PASSWORD, "/findings/")
    for number in (0, 2):
        page.get_by_label(f"Select {found[number].title}").check()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#which-title")).to_have_text("2 findings")
    page.get_by_label("What the plan is").fill("We fix both.")
    page.get_by_label("Fixed by").fill((datetime.now(UTC).date() + timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Acknowledge for 2 findings").click()
    expect(page.locator("#messages")).to_contain_text("Acknowledged.")
    page.goto("/findings/?decision=acknowledged")
    expect(page.locator("tbody tr")).to_have_count(2)
