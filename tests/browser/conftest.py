"""Chromium for the tests marked ``browser``: Debian's own, headless, on pages of the live server.

Every page fails its test when it wrote an error to the console, which is also how a breach of the
content security policy shows.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect
from pytest_django.live_server_helper import LiveServer

from demo.people import PASSWORD, SIGN_INS
from inventory.models import Role
from tests.browser.chromium import CHROMIUM, open_chromium, sign_in

# Playwright keeps an event loop in this thread; Django would refuse the tests' own queries for it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

AXE = "axe-core/axe.min.js"
TIMEOUT = 30_000  # milliseconds; a busy machine is slow

expect.set_options(timeout=TIMEOUT)

_SIGNED_IN: dict[Role, StorageState] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest) -> str:
    """The address of the demo: of the one that runs at CAIRN_DEMO_URL, or of one for all tests."""
    running = os.environ.get("CAIRN_DEMO_URL")
    return running or str(request.getfixturevalue("served_demo").url)


@pytest.fixture
def visit(chromium: Browser, demo: str) -> Iterator[Callable[..., Page]]:
    """Opens a page of the demo as its person of a role: ``visit(Role.OWNER, "/teams/")``.

    Further arguments are those of a browser context. No console may show an error.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(role: Role, path: str = "/", **options: Any) -> Page:
        if role not in _SIGNED_IN:
            page = chromium.new_page(base_url=demo)
            email = next(one.email for one in SIGN_INS if one.role == role)
            sign_in(page, email, PASSWORD)
            _SIGNED_IN[role] = page.context.storage_state()
            page.close()
        options = {"viewport": {"width": 1400, "height": 900}, **options}
        context = chromium.new_context(
            base_url=demo, storage_state=_SIGNED_IN[role], reduced_motion="reduce", **options
        )
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        note_errors(page, errors)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def note_errors(page: Page, errors: list[str]) -> None:
    """Keep what the page's console says is wrong."""

    def note(message: ConsoleMessage) -> None:
        # Chromium says so too when a form is answered with its errors, which is no mistake.
        refused = "status of 4" in message.text and message.location["url"] == page.url
        if message.type == "error" and not refused:
            errors.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))


@pytest.fixture
def open_context(
    chromium: Browser, live_server: LiveServer
) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts (``viewport=…``, ``color_scheme=…``) on the live server."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A page 1400 pixels wide; the test fails if its console shows an error."""
    page = open_context(viewport={"width": 1400, "height": 900}).new_page()
    errors: list[str] = []
    note_errors(page, errors)
    yield page
    assert errors == []


@pytest.fixture(name="sign_in")
def signing_in() -> Callable[..., None]:
    """Signs in through the form and goes on to a page, the start page if none is named."""
    return sign_in


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[str]]:
    """What axe-core finds on the page, each as one line; the page's own policy stays in force.

    ``rules`` names the only ones to check.
    """
    axe = (settings.NODE_MODULES / AXE).read_text()

    def find(page: Page, rules: Sequence[str] = ()) -> list[str]:
        options = {"runOnly": list(rules)} if rules else {}
        # Over the debugging protocol, since the page itself forbids scripts from elsewhere.
        session = page.context.new_cdp_session(page)
        if page.evaluate("typeof axe === 'undefined'"):
            session.send("Runtime.evaluate", {"expression": axe})
        answer = session.send(
            "Runtime.evaluate",
            {
                "expression": f"axe.run({json.dumps(options)})"
                ".then((found) => JSON.stringify(found.violations))",
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        session.detach()
        return [
            f"{violation['impact']} {violation['id']}: {node['html'][:200]}"
            for violation in json.loads(answer["result"]["value"])
            for node in violation["nodes"]
        ]

    return find
