"""What the browser tests do again and again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from rag import Assistant

__all__ = ["QUESTION", "UNANSWERABLE", "ask", "launched", "opened"]

QUESTION = "How much did Nvidia lose after DeepSeek?"
UNANSWERABLE = "How many parameters does Llama 5 have?"
_PATIENCE = 30_000  # ms


@contextmanager
def launched(assistant: Assistant) -> Iterator[str]:
    """The app's address while it runs."""
    from ui.app import launch

    server = launch(assistant, host="127.0.0.1", port=0)
    try:
        yield server.local_url
    finally:
        server.close()


def opened(browser: Browser, url: str, *, width: int = 1440, height: int = 900, **context: Any) -> Page:
    """The app, ready, in a browser context of its own."""
    page = browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
    page.set_default_timeout(_PATIENCE)
    page.goto(url)
    page.wait_for_selector("text=Ready:")
    return page


def ask(page: Page, question: str) -> None:
    """Ask, and wait for what comes back."""
    answers = page.locator("#chat .answer:not(.provisional), #chat .error")
    before = answers.count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(answers).to_have_count(before + 1, timeout=_PATIENCE)
