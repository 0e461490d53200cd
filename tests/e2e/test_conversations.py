"""Conversations stay in the browser: they survive a reload and a restart of the server, and can be managed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import QUESTION, ask, launched, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def menu(page: Page) -> Any:
    if not page.locator("#conversations details[open]").count():
        page.click("#conversations summary")
    return page.locator("#conversations .kept li")


def test_a_conversation_survives_a_reload_and_goes_on(page: Page) -> None:
    ask(page, QUESTION)
    text = page.locator("#chat .answer").inner_text()
    page.reload()
    expect(page.locator("#chat .answer")).to_have_text(text, use_inner_text=True)
    page.click("#chat .cite[data-n='1']")
    expect(page.locator("#reader mark.quoted")).to_be_in_viewport()
    ask(page, "When was that?")
    expect(page.locator("#chat .understood")).to_contain_text(QUESTION)


def test_conversations_are_listed_opened_renamed_and_deleted(page: Page) -> None:
    ask(page, QUESTION)
    page.click("#clear")
    expect(page.locator("#chat .turn")).to_have_count(0)
    ask(page, "Who called R1 a Sputnik moment?")
    expect(menu(page)).to_have_count(2)
    menu(page).filter(has_text=QUESTION).locator(".title").click()
    expect(page.locator("#chat .question")).to_have_text(QUESTION)

    menu(page).first.get_by_text("Rename").click()
    page.fill("#conversations .kept input", "Shock <b>")
    page.press("#conversations .kept input", "Enter")
    expect(menu(page).filter(has_text="Shock <b>")).to_have_count(1)

    item = menu(page).filter(has_text="Shock <b>")
    item.get_by_text("Delete").click()
    item.get_by_text("Really?").click()
    expect(menu(page)).to_have_count(1)


def test_conversations_are_exported_and_imported_elsewhere(browser: Browser, url: str, tmp_path: Path) -> None:
    page = opened(browser, url)
    ask(page, QUESTION)
    menu(page)
    with page.expect_download() as saving:
        page.get_by_text("Export all").click()
    file = tmp_path / "conversations.json"
    saving.value.save_as(file)
    assert json.loads(file.read_text(encoding="utf-8"))["conversations"][0]["title"] == QUESTION
    other = opened(browser, url)
    expect(menu(other)).to_have_count(0)
    other.set_input_files("#conversations input[type=file]", file)
    menu(other).locator(".title").click()
    expect(other.locator("#chat .answer .cite").first).to_be_visible()
    page.context.close()
    other.context.close()


def test_a_conversation_that_cannot_be_read_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps({"conversations": [{"title": "bad", "turns": [{"answer": "<b>"}]}]}), encoding="utf-8")
    menu(page)
    page.set_input_files("#conversations input[type=file]", file)
    menu(page).locator(".title").click()
    expect(page.get_by_text("this conversation cannot be read").first).to_be_visible()


def test_a_conversation_survives_a_restart_of_the_server(browser: Browser, make_assistant: Any) -> None:
    assistant = make_assistant({"a.txt": "Nvidia lost $589 billion on 27 January 2025.\n"}, abstain_below=0.0)
    assistant.sync()
    with launched(assistant) as url:
        page = opened(browser, url)
        ask(page, "How much did Nvidia lose?")
        kept = page.context.storage_state()
        current = page.evaluate("JSON.stringify(sessionStorage)")
        page.context.close()
    with launched(assistant) as url:
        for origin in kept["origins"]:
            origin["origin"] = url.rstrip("/")
        context = browser.new_context(storage_state=kept)
        context.add_init_script(
            f"Object.entries({current}).forEach(([key, value]) => sessionStorage.setItem(key, value))"
        )
        page = context.new_page()
        page.goto(url)
        expect(page.locator("#chat .answer")).to_contain_text("Nvidia lost $589 billion")
        context.close()
