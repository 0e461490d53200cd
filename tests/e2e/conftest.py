"""The browser, and the app that it looks at: one server for all tests that only ask."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from rag import Assistant
from rag.protocols import Embedder
from tests.assistants import indexed
from tests.browser import launched, opened
from tests.conftest import ROOT

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
_DOCUMENTS = ("corpus.yaml", "labs-01-*", "labs-02-*", "labs-03-*", "economy-08-*", "chips-05-*", "security-03-*")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if _BROWSER is None:
        if os.environ.get("AIRACE_BROWSER_REQUIRED"):
            pytest.fail("no browser is installed, and this run must not do without: install chromium")
        pytest.skip("no browser is installed (Debian: apt-get install chromium)")
    expect.set_options(timeout=15_000)  # ms; a busy machine is no failure
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_BROWSER, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def small_assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """A few documents of the default corpus: enough to ask, and indexed in seconds."""
    folder = tmp_path_factory.mktemp("small")
    corpus = folder / "corpus"
    corpus.mkdir()
    for pattern in _DOCUMENTS:
        for path in (ROOT / "corpus").glob(pattern):
            shutil.copy(path, corpus)
    with indexed(corpus, folder / "data", embedder) as assistant:
        yield assistant


@pytest.fixture(scope="session")
def url(small_assistant: Assistant) -> Iterator[str]:
    """The app on the small corpus."""
    with launched(small_assistant) as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """The app in a browser that has never seen it."""
    page = opened(browser, url)
    yield page
    page.context.close()
