"""A language model writes: what is shown on the way, what is withheld, and how it is stopped."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import ask, launched, opened
from tests.misbehaving_server import says, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOCUMENT = {
    "loss.txt": "Nvidia lost $589 billion of market value on 27 January 2025. It was the largest loss on record.\n"
}
RIGHT = "Nvidia lost $589 billion of market value on 27 January 2025 [1]."
WRONG = "Intel lost $900 billion in 2031 [1]."
QUESTION = "How much market value did Nvidia lose?"


def assistant_for(make_assistant: Any, url: str) -> Any:
    settings = {"engine": "openai:scripted", "base_url": url, "api_key": "sk-test-0123456789", "abstain_below": 0.0}
    assistant = make_assistant(DOCUMENT, **settings)
    assistant.sync()
    return assistant


def test_a_withheld_sentence_is_behind_one_click_with_the_reason(browser: Browser, make_assistant: Any) -> None:
    with serving(says(f"{RIGHT} {WRONG}")) as server, launched(assistant_for(make_assistant, server.url)) as url:
        page = opened(browser, url)
        ask(page, QUESTION)
        expect(page.locator("#chat .answer")).to_contain_text("$589 billion")
        expect(page.get_by_text("Intel lost")).to_be_hidden()
        page.get_by_text("1 sentence was withheld").click()
        expect(page.locator("#chat .withheld .text")).to_contain_text("Intel lost $900 billion")
        expect(page.locator("#chat .withheld .why")).not_to_be_empty()
        expect(page.locator("#chat .meta").last).to_contain_text("100 tokens in, 20 out")
        page.context.close()


def test_checked_sentences_appear_while_it_writes_and_it_can_be_stopped(browser: Browser, make_assistant: Any) -> None:
    slow = says(f"{RIGHT} It was the largest loss on record [1]. {' '.join(['and'] * 200)}", pause=0.15)
    with serving(slow) as server, launched(assistant_for(make_assistant, server.url)) as url:
        page = opened(browser, url)
        page.fill("#question textarea", QUESTION)
        page.press("#question textarea", "Enter")
        expect(page.locator("#chat .provisional")).to_contain_text("$589 billion")
        expect(page.locator("#send")).to_be_hidden()
        page.click("#stop")
        expect(page.locator("#chat .stopped")).to_contain_text("Stopped before the answer was complete.")
        expect(page.locator("#chat .stopped")).to_contain_text("$589 billion")
        expect(page.locator("#send")).to_be_visible()
        assert server.left_early.wait(10)
        page.get_by_text("Ask again").click()
        expect(page.locator("#chat .provisional")).to_be_visible()
        page.click("#stop")
        page.context.close()
