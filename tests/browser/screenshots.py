"""The demo's main pages as pictures: ``make screenshots``, for whoever changes a page.

Each page at 1400 and at 390 pixels, light and dark, goes into var/screenshots; the overview goes
into docs/images too, for the README. It looks at the demo whose address it is given, or starts
one of its own and ends it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.chromium import open_chromium, sign_in
from tests.serving import ROOT, Served, free_port

PICTURES = ROOT / "var" / "screenshots"
FOR_README = ROOT / "docs" / "images" / "overview.png"
WIDTHS = (1400, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What is cut off below are more rows of the same.
LOWEST, HIGHEST = 844, 3000
README_HEIGHT = 1350
SHEET = ROOT / "simulated_aws" / "data" / "accounts-broken.csv"
ADMINISTRATOR, PASSWORD = "ada.winter@example.com", "cairn-demo"


@dataclass(frozen=True)
class Shot:
    """A page by its address, and what its reader does there before the picture is taken."""

    name: str
    path: str
    act: Callable[[Page], None] = lambda page: None


def _open_evidence(page: Page) -> None:
    page.locator("#cloudtrail > .item-body > .item-place > details > summary").click()
    page.get_by_text("Rule line").filter(visible=True).wait_for()


def _choose_file(page: Page) -> None:
    page.get_by_label("A file", exact=True).set_input_files(SHEET)
    page.get_by_role("button", name="Continue to the columns").click()
    page.get_by_role("heading", name="What the columns are").wait_for()


def _preview(page: Page) -> None:
    _choose_file(page)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("heading", name="What would change").wait_for()


def _discard(page: Page) -> None:
    page.get_by_role("button", name="Back to the columns").click()


def _follow(pattern: str) -> Callable[[Page], None]:
    """Follow the first link in the page's content whose address begins so."""

    def follow(page: Page) -> None:
        page.locator(f"main a[href^='{pattern}']").first.click()
        page.wait_for_load_state()

    return follow


def _edit_cell(page: Page) -> None:
    page.locator("a.cell:visible").nth(1).click()
    page.locator(".cell-form").wait_for()


def _test_connection(page: Page) -> None:
    page.get_by_label("Management role", exact=True).fill("arn:aws:iam::111122223333:role/Missing")
    page.get_by_role("button", name="Test the connection").click()
    page.get_by_role("heading", name="What the test found").wait_for()


def _choose_check(page: Page) -> None:
    page.locator(".pick").first.check()
    page.get_by_label("Put to").select_option(index=1)


def _move_checks(page: Page) -> None:
    _choose_check(page)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("link", name="Change nothing").wait_for()


KEEP = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]
}"""


def _try_policy(page: Page) -> None:
    page.get_by_label("Attached to a root or OU").select_option(label="Larkfield: Root")
    page.get_by_label("Or a document").fill(KEEP)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("heading", name="What would change").wait_for()


def _try_setting(page: Page) -> None:
    page.get_by_label("Value").fill("1")
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("heading", name="What would change").wait_for()


SHOTS = (
    Shot("overview", "/"),
    Shot("accounts", "/accounts/"),
    Shot("accounts-cell", "/accounts/?q=storefront", _edit_cell),
    Shot(
        "account", "/accounts/303030303030/?item=visibility.cloudtrail#cloudtrail", _open_evidence
    ),
    Shot("verdict", "/accounts/303030303030/items/visibility/guardduty/"),
    Shot("team", "/teams/payments/"),
    Shot("teams", "/teams/"),
    Shot("roadmap", "/roadmap/"),
    Shot("item", "/roadmap/visibility/cloudtrail/"),
    Shot("findings", "/findings/"),
    Shot("findings-grouped", "/findings/?by=fix"),
    Shot("findings-searched", "/findings/?q=s3&state=any"),
    Shot("attest", "/roadmap/visibility/account_baseline/attest/account/303030303030/"),
    Shot("attestations", "/attestations/"),
    Shot("answer-many", "/attestations/many/?item=identity.secret_hooks:team"),
    Shot("answers-import", "/attestations/import/"),
    Shot("exceptions", "/exceptions/"),
    Shot("ask-exception", "/exceptions/ask/?item=surface.imdsv2&account=505050505050"),
    Shot("scan-imports", "/findings/imports/"),
    Shot("scan-import", "/findings/imports/", _follow("/findings/imports/")),
    Shot("checks", "/findings/checks/?show=unmapped", _choose_check),
    Shot("checks-move", "/findings/checks/?show=unmapped", _move_checks),
    Shot("guardrails", "/guardrails/"),
    Shot("guardrail", "/accounts/525252525252/items/surface/scp_internet_vpc/"),
    Shot("policy", "/guardrails/", _follow("/guardrails/policies/p-")),
    Shot("guardrails-try", "/guardrails/try/", _try_policy),
    Shot("import", "/import/"),
    Shot("import-columns", "/import/", _choose_file),
    Shot("import-preview", "/import/", _preview),
    Shot("changes", "/changes/"),
    Shot("change-set", "/changes/?origin=import", _follow("/changes/")),
    Shot("runs", "/runs/"),
    Shot("run", "/runs/", _follow("/runs/")),
    Shot("organizations", "/organizations/"),
    Shot("organization", "/organizations/", _follow("/organizations/o-")),
    Shot("connect", "/organizations/connect/", _test_connection),
    Shot("notifications", "/notifications/"),
    Shot("next-digest", "/notifications/digest/"),
    Shot("webhooks", "/notifications/webhooks/"),
    Shot("my-notifications", "/notifications/mine/"),
    Shot("settings", "/settings/"),
    Shot("settings-found", "/settings/?find=backup"),
    Shot("setting", "/settings/BACKUP_MAX_AGE_HOURS/", _try_setting),
    Shot("search", "/search/?q=payments"),
    Shot("login", "/auth/login/"),
)


def take(browser: Browser, url: str, wanted: list[str]) -> Iterator[Path]:
    """The pictures, one file after the other."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        viewport = ViewportSize(width=width, height=LOWEST)
        signed_in = browser.new_context(base_url=url, viewport=viewport)
        page = signed_in.new_page()
        page.set_default_timeout(60_000)
        sign_in(page, ADMINISTRATOR, PASSWORD)
        for shot in SHOTS:
            if wanted and shot.name not in wanted:
                continue
            looked_at = (
                browser.new_page(base_url=url, viewport=viewport) if shot.name == "login" else page
            )
            yield from _take(looked_at, shot, width)
        signed_in.close()


def _take(page: Page, shot: Shot, width: int) -> Iterator[Path]:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": LOWEST})
    page.goto(shot.path)
    shot.act(page)
    # The window grows to the page, so that the navigation beside it does too.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height, LOWEST), HIGHEST)})
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # A chart draws itself again in the other colours.
        file = PICTURES / f"{shot.name}-{width}-{scheme}.png"
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=file)
        yield file
    if (shot.name, width) == ("overview", WIDTHS[0]):
        yield _take_for_readme(page)
    if shot.act is _preview:
        _discard(page)


def _take_for_readme(page: Page) -> Path:
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(300)
    FOR_README.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(
        path=FOR_README, clip={"x": 0, "y": 0, "width": WIDTHS[0], "height": README_HEIGHT}
    )
    return FOR_README


@contextmanager
def demo() -> Iterator[str]:
    """The address of a demo of our own."""
    with tempfile.TemporaryDirectory(prefix="cairn-screenshots-") as folder:
        served = Served(Path(folder) / "data", free_port(), "--demo", AWS_PORT=str(free_port()))
        try:
            served.wait_for("Ctrl-C stops everything")
            yield served.url
        finally:
            served.stop()


def main() -> None:
    options = argparse.ArgumentParser(
        prog="python -m tests.browser.screenshots", description=__doc__
    )
    options.add_argument("--url", help="the address of a running demo; without it one is started")
    options.add_argument("names", nargs="*", help="only these pages", metavar="page")
    chosen = options.parse_args()
    if chosen.url:
        _draw(chosen.url, chosen.names)
    else:
        with demo() as url:
            _draw(url, chosen.names)


def _draw(url: str, wanted: list[str]) -> None:
    with open_chromium() as browser:
        for file in take(browser, url, wanted):
            print(file.relative_to(ROOT))  # noqa: T201  (for the person at the terminal)


if __name__ == "__main__":
    main()
