"""The browser, and the app that it looks at: one server for all tests that only ask."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from rag import Assistant
from tests.browser import launched, opened

_BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if _BROWSER is None:
        if os.environ.get("AIRACE_BROWSER_REQUIRED"):
            pytest.fail("no browser is installed, and this run must not do without: install chromium")
        pytest.skip("no browser is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_BROWSER, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def url(default_assistant: Assistant) -> Iterator[str]:
    """The app on the default corpus."""
    with launched(default_assistant) as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """The app in a browser that has never seen it."""
    page = opened(browser, url)
    yield page
    page.context.close()
