"""Chromium for the tests marked ``browser``: Debian's own, headless, on pages of the live server.

Every page fails its test when it wrote an error to the console, which is also how a breach of the
content security policy shows.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import CHROMIUM, open_chromium, sign_in

# Playwright keeps an event loop in this thread; Django would refuse the tests' own queries for it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

AXE = "axe-core/axe.min.js"


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


@pytest.fixture
def open_context(
    chromium: Browser, live_server: LiveServer
) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts (``viewport=…``, ``color_scheme=…``) on the live server."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(10_000)
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

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture(name="sign_in")
def signing_in() -> Callable[..., None]:
    """Signs in through the form and goes on to a page, the start page if none is named."""
    return sign_in


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """What axe-core finds on the page, each as one line; the page's own policy stays in force."""
    axe = (settings.NODE_MODULES / AXE).read_text()

    def find(page: Page) -> list[str]:
        # Over the debugging protocol, since the page itself forbids scripts from elsewhere.
        session = page.context.new_cdp_session(page)
        answer = session.send(
            "Runtime.evaluate",
            {
                "expression": f"{axe}; axe.run().then((found) => JSON.stringify(found.violations))",
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        return [
            f"{violation['impact']} {violation['id']}: {node['html'][:200]}"
            for violation in json.loads(answer["result"]["value"])
            for node in violation["nodes"]
        ]

    return find
