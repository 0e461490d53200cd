"""The Evals tab in a real browser: run, compare, turn feedback into a case, review citations with the keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from evals.cases import check_dataset, read_cases
from rag import Assistant
from tests.e2e.test_app import browser, launched
from ui.feedback import FeedbackStore
from ui.reviews import ReviewStore

__all__ = ["browser"]  # the fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILES = {
    "moon.md": "---\ntitle: Moon\n---\nThe Zorblax probe reached the Moon on 3 May 2024. It weighed 412 kilograms.\n",
    "mars.md": "---\ntitle: Mars\n---\nThe Quibble rover landed on Mars on 9 June 2023. It cost 77 million dollars.\n",
}
MOON, MARS = "When did the Zorblax probe reach the Moon?", "How much did the Quibble rover cost?"
CASES = [
    {"id": "moon", "question": MOON, "kind": "factoid", "answerable": True, "must_contain": [["3 May 2024"]]},
    {"id": "mars", "question": MARS, "kind": "list", "answerable": True, "must_contain": [["77 million"]]},
    {"id": "<img src=x onerror=window.pwned=1>", "question": "Who <b>baked</b> ${bread} {{x}}?", "answerable": False},
]
HOSTILE = "<img src=x onerror=window.pwned=1> ${window.pwned=1} {{window.pwned=1}}"


@pytest.fixture
def assistant(make_assistant: Callable[..., Assistant]) -> Assistant:
    assistant = make_assistant(FILES, abstain_below=0.0)
    assistant.sync()
    return assistant


@pytest.fixture
def page(browser: Browser, assistant: Assistant) -> Iterator[Page]:
    for url in launched(assistant):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(30_000)
        page.goto(url)
        page.wait_for_selector("text=Ready:")
        yield page
        page.close()


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in CASES))
    return path


def open_evals(page: Page, part: str = "Runs") -> None:
    page.get_by_role("tab", name="Evals").click()
    page.get_by_role("tab", name=part).click()


def upload(page: Page, questions: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.click("#eval-upload")
    chooser.value.set_files(questions)


def run(page: Page, number: int) -> None:
    page.click("#eval-run")
    expect(page.locator("#eval-status")).to_contain_text(f"Finished {number} question", timeout=60_000)


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option).last.click()


def add_feedback(assistant: Assistant, **given: Any) -> None:
    answer = assistant.ask(MOON).to_dict()
    store = FeedbackStore(assistant.settings.data_dir / "feedback.jsonl")
    store.add(**({"verdict": "up", "reason": None, "note": "", "answer": answer, "user": ""} | given))


def test_a_subset_runs_and_its_report_opens(page: Page, questions: Path, assistant: Assistant) -> None:
    open_evals(page)
    upload(page, questions)
    expect(page.locator("#eval-count")).to_contain_text("3 questions")
    page.get_by_role("button", name="Only some of them").click()
    page.fill("#eval-text textarea, #eval-text input", "zorblax")
    expect(page.locator("#eval-count")).to_contain_text("1 question")
    run(page, 1)
    report = page.frame_locator("iframe.report")
    expect(report.locator("h1")).to_contain_text("mine.jsonl")
    report.get_by_role("link", name="How it was made").click()
    expect(report.locator("#run")).to_be_in_viewport()
    (folder,) = (assistant.settings.data_dir / "evals").iterdir()
    assert {"manifest.json", "results.jsonl", "report.html", "report.md"} <= {path.name for path in folder.iterdir()}


def test_two_runs_are_compared_question_by_question(page: Page, questions: Path, assistant: Assistant) -> None:
    open_evals(page)
    upload(page, questions)
    expect(page.locator("#eval-count")).to_contain_text("3 questions")
    run(page, 3)
    mars = assistant.settings.corpus_dir / "mars.md"
    mars.write_text(mars.read_text().replace("77 million", "88 million"))
    assistant.sync()
    run(page, 3)
    expect(page.locator("#eval-history figure svg[role=img]")).to_have_attribute(
        "aria-label", re.compile("right answers")
    )
    choose(page, "Compared with", re.compile("mine"))
    comparison = page.locator("#eval-comparison")
    expect(comparison).to_contain_text("3 questions are in both runs: 0 went better, 1 worse")
    worse = comparison.locator("details.pairs").first
    expect(worse.locator("summary").first).to_have_text("Worse (1)")
    worse.locator("details.pair summary").click()
    expect(worse).to_contain_text("77 million")
    expect(worse).to_contain_text("88 million")
    assert page.evaluate("window.pwned") is None
    assert page.frames[1].locator("img, script").count() == 0


def test_a_run_can_be_stopped_and_leaves_nothing(page: Page, tmp_path: Path, assistant: Assistant) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text("".join(json.dumps({"question": f"{MOON} {n}"}) + "\n" for n in range(2000)))
    open_evals(page)
    upload(page, many)
    expect(page.locator("#eval-count")).to_contain_text("2000 questions")
    page.click("#eval-run")
    expect(page.locator("#eval-status [role=progressbar]")).to_be_visible()
    page.click("#eval-stop")
    expect(page.locator("#eval-status")).to_contain_text("nothing of the run was kept")
    assert list((assistant.settings.data_dir / "evals").iterdir()) == []


def test_a_file_that_holds_no_questions_is_told(page: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"query": "x"}\n')
    open_evals(page)
    upload(page, wrong)
    expect(page.locator("#eval-count [role=alert]")).to_contain_text("wrong.jsonl line 1: question: Field required")


def test_feedback_becomes_a_case_after_editing(page: Page, assistant: Assistant) -> None:
    add_feedback(assistant, note=HOSTILE)
    open_evals(page, "Feedback")
    expect(page.locator("#feedback-list")).to_contain_text(HOSTILE)
    assert page.evaluate("window.pwned") is None
    page.get_by_role("button", name="Make it a case").click()
    expect(page.locator("#case-question textarea")).to_have_value(MOON)
    page.fill("#case-answer textarea", "")
    page.fill("#case-facts textarea", "4 May 2024")
    page.click("#case-save")
    expect(page.locator("#case-status [role=alert]")).to_contain_text("none of its documents has 4 May 2024")
    page.fill("#case-facts textarea", "3 May 2024 | May 3, 2024")
    page.click("#case-save")
    expect(page.locator("#case-status")).to_contain_text("Saved as")
    expect(page.get_by_role("button", name="Saved as a case")).to_be_visible()
    path = assistant.settings.data_dir / "evals" / "from_chat.jsonl"
    (case,) = read_cases(path)
    assert (case.question, case.doc_ids) == (MOON, ("moon",))
    assert check_dataset(path, assistant.settings.corpus_dir) == []
    page.get_by_role("tab", name="Runs").click()
    choose(page, "Questions", "from_chat")
    expect(page.locator("#eval-count")).to_contain_text("1 question")


def test_passages_are_reviewed_with_the_keyboard(page: Page, assistant: Assistant) -> None:
    add_feedback(assistant)
    open_evals(page, "Review")
    expect(page.locator("#review mark")).to_contain_text("Zorblax")
    before = page.locator("#review .quiet").first.inner_text()
    page.locator("#review .under-review").click()
    page.keyboard.press("1")
    expect(page.locator("#review [role=alert]")).to_contain_text("name")
    name = page.locator("#review-name").locator("input, textarea")
    name.fill("Ada 1")  # typing a digit gives no verdict
    name.press("Enter")
    expect(page.locator("#review [role=alert]")).to_have_count(0)
    assert page.locator("#review .quiet").first.inner_text() == before
    page.locator("#review .under-review").click()
    page.keyboard.press("2")
    expect(page.locator("#review-figures")).to_contain_text("wrong passage: 1")
    expect(page.locator("#review-figures .big")).to_have_text("0.0%")
    judged = ReviewStore(assistant.settings.data_dir / "reviews.jsonl").judgements()
    assert [(reviewer, verdict) for (_, reviewer), verdict in judged.items()] == [("Ada 1", "wrong passage")]
