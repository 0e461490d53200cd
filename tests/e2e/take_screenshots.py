"""Takes the pictures of docs/screenshots: the main states of the app on the default corpus (`make screenshots`)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from rag import Assistant, Settings
from tests.browser import QUESTION, UNANSWERABLE, ask, launched, opened
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "screenshots"
DISPUTED = "How much of the world's gallium does China supply?"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def welcome(page: Page) -> None:
    expect(page.locator("#chat .example").first).to_be_visible()


def answer(page: Page) -> None:
    ask(page, QUESTION)
    expect(page.locator("#suggestions .example").first).to_be_visible()
    page.hover("#chat .cite >> nth=1")


def reader(page: Page) -> None:
    ask(page, QUESTION)
    page.click("#chat .cite >> nth=1")
    expect(page.locator("#reader mark.quoted")).to_be_in_viewport()
    page.mouse.move(0, 0)
    expect(page.locator("#hovercard")).to_be_hidden()


def disagreement(page: Page) -> None:
    ask(page, DISPUTED)
    expect(page.locator("#suggestions .example").first).to_be_visible()


def abstention(page: Page) -> None:
    ask(page, UNANSWERABLE)
    expect(page.locator("#suggestions .example").first).to_be_visible()


def library(page: Page) -> None:
    page.get_by_role("tab", name="Library").click()
    expect(page.get_by_text("82 documents", exact=True)).to_be_visible()


def inspector(page: Page) -> None:
    ask(page, QUESTION)
    page.get_by_role("tab", name="Inspect").click()
    expect(page.locator("#inspected-question textarea")).to_have_value(QUESTION)
    page.click("#inspect-go")
    expect(page.locator("#inspection .scroll .ranked").first).to_be_visible()


STATES: dict[str, tuple[Callable[[Page], None], dict[str, Any]]] = {
    "welcome": (welcome, DESK),
    "answer": (answer, DESK),
    "reader": (reader, DESK),
    "reader-dark": (reader, DESK | {"color_scheme": "dark"}),
    "disagreement": (disagreement, DESK),
    "abstention": (abstention, DESK),
    "library": (library, DESK),
    "inspector": (inspector, DESK),
    "phone": (answer, PHONE),
    "phone-reader": (reader, PHONE),
}


def main() -> None:
    """Take all pictures."""
    assistant = Assistant.open(Settings(corpus_dir=ROOT / "corpus"))
    assistant.sync()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with launched(assistant) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (show, context) in STATES.items():
            page = opened(browser, url, **context)
            show(page)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.context.close()
        browser.close()
    assistant.close()


if __name__ == "__main__":
    main()
