"""The inspector in a real browser: why an answer is as it is, and where an expected passage was lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from rag.protocols import Embedder
from tests.assistants import indexed, write_files
from tests.browser import ask, launched, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILES = {
    "chips.md": "---\ntitle: Chips in Ohio\n---\nThe Alpha plant in Ohio made 700 chips in January 2026.",
    "models.md": "---\ntitle: Models <b>now</b>\n---\nThe Beta laboratory trained 12 models in March 2025.",
} | {f"filler-{n}.md": f"Pottery of the dynasty number {n} is kept in museum {n}." for n in range(20)}
QUESTION = "How many chips did the Alpha plant make?"


@pytest.fixture(scope="module")
def inspect_url(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("inspect")
    write_files(folder / "corpus", FILES)
    with (
        indexed(folder / "corpus", folder / "data", embedder, candidates=10) as assistant,
        launched(assistant) as url,
    ):
        yield url


@pytest.fixture
def page(browser: Browser, inspect_url: str) -> Iterator[Page]:
    page = opened(browser, inspect_url)
    page.get_by_role("tab", name="Inspect").click()
    page.fill("#inspected-question textarea", QUESTION)
    yield page
    page.context.close()


def test_it_shows_what_was_searched_ranked_and_weighed(page: Page) -> None:
    page.click("#inspect-go")
    shown = page.locator("#inspection")
    expect(shown).to_contain_text("the threshold of 55%")
    expect(shown.locator(".facts-list")).to_contain_text(QUESTION)
    expect(shown.locator(".scroll .ranked tbody tr").first).to_contain_text("Chips in Ohio")
    expect(shown.locator(".evidence li").first).to_contain_text("700 chips")


def test_pasted_words_are_followed_to_where_they_were_lost(page: Page) -> None:
    page.get_by_text("Why was this not found?").click()
    page.fill("#expected-words textarea", "Pottery of the dynasty number 17")
    page.click("#find-lost")
    expect(page.locator("#inspection .verdict")).to_contain_text("Lost in")
    expect(page.locator("#inspection .stages li.bad").last).to_contain_text("Answer")


def test_a_chosen_passage_is_followed(page: Page) -> None:
    page.get_by_text("Why was this not found?").click()
    page.click("#expected-document input")
    page.get_by_role("option", name="Chips in Ohio").click()
    page.click("#expected-passage input")
    page.get_by_role("option").first.click()
    page.click("#find-lost")
    expect(page.locator("#inspection .stages")).to_contain_text("Answer")
    expect(page.locator("#inspection .verdict")).to_contain_text("Not lost")


def test_an_empty_question_is_told_in_a_line(page: Page) -> None:
    page.fill("#inspected-question textarea", " ")
    page.click("#inspect-go")
    expect(page.locator("#inspection .error")).to_contain_text("the question is empty")


def test_titles_never_become_live(page: Page) -> None:
    page.fill("#inspected-question textarea", "How many models <b>did</b> the Beta laboratory train?")
    page.click("#inspect-go")
    expect(page.locator("#inspection .scroll .ranked").first).to_contain_text("Models <b>now</b>")
    assert page.locator("#inspection .ranked summary b, #inspection dd b").count() == 0


def test_the_last_question_of_the_chat_is_offered(browser: Browser, inspect_url: str) -> None:
    page = opened(browser, inspect_url)
    ask(page, QUESTION)
    page.get_by_role("tab", name="Inspect").click()
    expect(page.locator("#inspected-question textarea")).to_have_value(QUESTION)
    page.context.close()
