"""The library in a real browser: filter what the chat searches, read, add and remove documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rag import Assistant
from rag.protocols import Embedder
from tests.assistants import indexed, write_files
from tests.browser import ask, launched, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILES = {
    "chips.md": "---\ntitle: Chips in Ohio\nkind: official\npublisher: Ministry\npublisher_country: US\n"
    "date: 2026-02-01\nthemes: [chips]\n---\nThe Alpha plant in Ohio made 700 chips in January 2026.",
    "models.md": "---\ntitle: Models in Hangzhou\nkind: news\npublisher: Daily\npublisher_country: CN\ndate: 2025-03\n"
    "themes: [models]\n---\nThe Beta laboratory in Hangzhou trained 12 models in March 2025.",
    "evil.md": '---\ntitle: "<img src=x onerror=window.pwned=1>"\npublisher: "<script>window.pwned=1</script>"\n'
    "themes: ['\"><b onmouseover=window.pwned=1>']\n---\nNothing of note <img src=x onerror=window.pwned=1>.",
}
ABOUT_MODELS = "How many models did the Beta laboratory train?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("library")
    write_files(folder / "corpus", FILES)
    with indexed(folder / "corpus", folder / "data", embedder, abstain_below=0.3) as assistant:
        yield assistant


@pytest.fixture(scope="module")
def library_url(assistant: Assistant) -> Iterator[str]:
    with launched(assistant) as url:
        yield url


@pytest.fixture
def page(browser: Browser, library_url: str) -> Iterator[Page]:
    page = opened(browser, library_url)
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("#shelf tbody tr")).to_have_count(3)
    yield page
    page.context.close()


def rows(page: Page) -> list[str]:
    return page.locator("#shelf tbody tr:visible .open").all_inner_texts()


def choose(page: Page, title: str) -> None:
    page.get_by_label(f"Choose {title}").check()


def test_the_table_is_searched_and_sorted(page: Page) -> None:
    page.fill("#shelf input[type=search]", "hangzhou")
    assert rows(page) == ["Models in Hangzhou"]
    page.fill("#shelf input[type=search]", "")
    page.locator("#shelf .sort", has_text="Date").click()
    assert rows(page)[:2] == ["Models in Hangzhou", "Chips in Ohio"]
    page.locator("#shelf .sort", has_text="Date").click()
    assert rows(page)[:2] == ["Chips in Ohio", "Models in Hangzhou"]
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Date")


def test_a_filter_holds_for_the_chat_until_cleared(page: Page) -> None:
    page.fill("#filter-since input, #filter-since textarea", "2026")
    page.keyboard.press("Enter")
    expect(page.locator("#in-force")).to_contain_text("only 1 of 3 documents: since 2026")
    expect(page.locator("#shelf tbody tr")).to_have_count(1)
    page.get_by_role("tab", name="Chat").click()
    expect(page.locator("#scope")).to_contain_text("since 2026")
    ask(page, ABOUT_MODELS)
    expect(page.locator("#chat .card", has_text="Models in Hangzhou")).to_have_count(0)
    page.get_by_role("tab", name="Library").click()
    page.click("#in-force [data-clear]")
    expect(page.locator("#shelf tbody tr")).to_have_count(3)
    expect(page.locator("#filter-since input, #filter-since textarea")).to_have_value("")
    page.get_by_role("tab", name="Chat").click()
    ask(page, ABOUT_MODELS)
    expect(page.locator("#chat .card", has_text="Models in Hangzhou").first).to_be_visible()


def test_chosen_documents_alone_are_searched(page: Page) -> None:
    choose(page, "Chips in Ohio")
    page.get_by_role("button", name="Ask only these").click()
    expect(page.locator("#in-force")).to_contain_text("only 1 of 3 documents: 1 document")
    expect(page.locator("#shelf tbody tr")).to_have_count(1)


def test_a_date_that_is_none_is_told_in_a_line(page: Page) -> None:
    page.fill("#filter-since input, #filter-since textarea", "soon")
    page.keyboard.press("Enter")
    expect(page.locator("#filter-problem .error")).to_contain_text("soon")
    expect(page.locator("#shelf tbody tr")).to_have_count(3)


def test_a_title_opens_the_document_and_escape_closes_it(page: Page) -> None:
    page.get_by_role("button", name="Chips in Ohio").click()
    expect(page.locator("#library-reader .body")).to_contain_text("700 chips")
    expect(page.locator("#library-reader .close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#library-reader .body")).to_be_hidden()


def test_a_file_is_added_found_and_removed(page: Page, tmp_path: Path, assistant: Assistant) -> None:
    file = tmp_path / "robots of Seoul.txt"
    file.write_text("The Gamma works in Seoul built 45 robots in May 2026.")
    empty = tmp_path / "empty.txt"
    empty.write_text(" ")
    page.get_by_text("Add documents").click()
    page.set_input_files("#files input[type=file]", [str(file), str(empty)])
    expect(page.locator("#files")).to_contain_text("robots of Seoul")
    page.click("#add")
    report = page.locator("#report .report")
    expect(report).to_contain_text("robots of Seoul.txt: added")
    expect(report).to_contain_text("empty.txt: not added it is empty")
    expect(page.locator("#shelf tbody tr")).to_have_count(4)
    page.get_by_role("tab", name="Chat").click()
    ask(page, "How many robots did the Gamma works build?")
    expect(page.locator("#chat .answer").first).to_contain_text("45 robots")

    page.get_by_role("tab", name="Library").click()
    page.locator("#shelf tr[data-id=robots-of-seoul] input").check()
    page.get_by_role("button", name="Remove …").click()
    expect(page.locator("dialog.confirm")).to_contain_text("Remove 1 document?")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#shelf tbody tr")).to_have_count(4)
    page.get_by_role("button", name="Remove …").click()
    page.get_by_role("button", name="Remove from the index").click()
    expect(page.locator("#shelf tbody tr")).to_have_count(3)
    assert assistant.document("robots-of-seoul") is None


def test_an_address_that_is_none_is_told(page: Page) -> None:
    page.get_by_text("Add documents").click()
    page.fill("#addresses textarea", "file:///etc/passwd")
    page.click("#add")
    expect(page.locator("#report .error")).to_contain_text("is no web address")


def test_the_state_of_the_index_is_shown_and_it_can_be_rebuilt(page: Page, assistant: Assistant) -> None:
    page.get_by_text("State of the index").click()
    state = page.locator("#health-state")
    expect(state).to_contain_text("all-MiniLM-L6-v2")
    expect(state).to_contain_text("Near-duplicates: none")
    before = assistant.index.manifest.created
    page.click("#rebuild")
    expect(state).not_to_contain_text(before.replace("T", " ").replace("+00:00", " UTC"))


def test_the_table_fits_a_phone(browser: Browser, library_url: str) -> None:
    page = opened(browser, library_url, width=390, height=844)
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("#shelf tbody tr")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Chips in Ohio").click()
    expect(page.locator("#library-reader h2")).to_be_in_viewport()
    page.click("#library-reader .close")
    expect(page.locator("#library-reader h2")).to_be_hidden()
    page.context.close()


def test_what_documents_say_of_themselves_never_becomes_live(page: Page) -> None:
    page.get_by_role("button", name=re.compile("<img")).click()
    expect(page.locator("#library-reader .body")).to_contain_text("<img")
    expect(page.locator("#library-reader .close")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#shelf td.themes").last.hover()
    assert page.evaluate("window.pwned") is None
    assert page.locator("#shelf img, #shelf script, #shelf b, #library-reader img").count() == 0
