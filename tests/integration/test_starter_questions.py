"""Hand-written questions on the corpus: most are answered rightly and from a right source, the others declined."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rag import Answer, Assistant
from tests.conftest import ROOT

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "evals/datasets/starter.jsonl").read_text(encoding="utf-8").splitlines()
]


def is_right(case: dict[str, Any], answer: Answer) -> bool:
    text = answer.answer.casefold()
    complete = all(any(form.casefold() in text for form in forms) for forms in case["must_contain"])
    return not answer.abstained and complete and any(c.doc_id in case["doc_ids"] for c in answer.citations)


@pytest.fixture(scope="module")
def answers(default_assistant: Assistant) -> dict[str, Answer]:
    return {case["id"]: default_assistant.ask(case["question"]) for case in CASES}


def test_at_least_27_of_30_are_answered_with_the_right_content_and_source(answers: dict[str, Answer]) -> None:
    wrong = [case["id"] for case in CASES if case["answerable"] and not is_right(case, answers[case["id"]])]
    assert len(wrong) <= 3, wrong


def test_answers_are_short(answers: dict[str, Answer]) -> None:
    lengths = [len(answers[case["id"]].answer) for case in CASES if not answers[case["id"]].abstained]
    assert sum(lengths) / len(lengths) <= 500


def test_all_off_topic_and_at_least_6_of_10_unanswerable_ones_are_declined(answers: dict[str, Answer]) -> None:
    answered = [case["id"] for case in CASES if not case["answerable"] and not answers[case["id"]].abstained]
    assert len(answered) <= 4, answered
    assert not [case["id"] for case in CASES if case["kind"] == "off-topic" and case["id"] in answered]
