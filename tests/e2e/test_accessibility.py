"""Keyboard, screen readers and contrast."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import QUESTION, UNANSWERABLE, ask, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, from the package that carries it."""
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        pytest.skip("axe-core is not installed: pip install axe-playwright-python")
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_any_state(browser: Browser, url: str, axe: str, scheme: str, width: int) -> None:
    page = opened(browser, url, width=width, color_scheme=scheme)
    assert violations(page, axe) == []
    ask(page, QUESTION)
    expect(page.locator("#suggestions .example").first).to_be_visible()
    page.click("#chat .thumb.down")
    assert violations(page, axe) == []
    page.locator("#chat .cite").first.click()
    expect(page.locator("#reader mark.quoted")).to_be_visible()
    assert violations(page, axe) == []
    page.keyboard.press("Escape")
    ask(page, UNANSWERABLE)
    page.click("#conversations summary")
    assert violations(page, axe) == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_the_other_tabs(browser: Browser, url: str, axe: str, scheme: str, width: int) -> None:
    page = opened(browser, url, width=width, color_scheme=scheme)
    ask(page, QUESTION)
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("#shelf tbody tr").first).to_be_visible()
    assert violations(page, axe) == []
    page.get_by_role("tab", name="Inspect").click()
    page.click("#inspect-go")
    expect(page.locator("#inspection .scroll .ranked").first).to_be_visible()
    assert violations(page, axe) == []
    page.get_by_role("tab", name="Evals").click()
    expect(page.locator("#eval-count")).to_be_visible()
    assert violations(page, axe) == []
    page.context.close()


def test_the_dark_scheme_is_dark(browser: Browser, url: str) -> None:
    page = opened(browser, url, color_scheme="dark")
    red, green, blue = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    assert max(red, green, blue) < 60
    page.context.close()


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    page.locator("body").press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    markers = page.locator("#chat .cite[data-n]")
    expect(markers.first).to_be_visible()

    markers.first.focus()
    expect(page.locator("#hovercard")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(markers.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#reader .steps")).to_contain_text("Citation 2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#reader .steps")).to_contain_text("Citation 1")
    expect(page.locator("#reader mark.quoted")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    expect(markers.first).to_be_focused()


def test_focus_goes_to_the_document_that_lies_over_the_chat_and_back(browser: Browser, url: str) -> None:
    page = opened(browser, url, width=390, height=844)
    ask(page, QUESTION)
    page.locator("#chat .cite").first.click()
    expect(page.locator("#reader .close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#chat .cite").first).to_be_focused()
    page.context.close()
