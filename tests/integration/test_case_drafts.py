"""Feedback becomes a case that `airace eval check` accepts, or a message that says why not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.cases import check_dataset, read_cases
from rag import Assistant, Settings
from rag.errors import ConfigurationError
from tests.conftest import ROOT
from ui.case_drafts import CaseDraft, case_id, draft_from, from_chat_path, save_case, saved_ids
from ui.feedback import Feedback, FeedbackStore

FILES = {
    "moon.md": "---\ntitle: Moon\n---\nThe Zorblax probe reached the Moon on 3 May 2024. It weighed 412 kilograms.\n"
}
QUESTION = "When did the Zorblax probe reach the Moon?"


@pytest.fixture
def assistant(make_assistant: Callable[..., Assistant]) -> Assistant:
    assistant = make_assistant(FILES, abstain_below=0.0)
    assistant.sync()
    return assistant


def feedback_on(assistant: Assistant, **given: Any) -> Feedback:
    store = FeedbackStore(assistant.settings.data_dir / "feedback.jsonl")
    answer = assistant.ask(QUESTION).to_dict()
    return store.add(**({"verdict": "up", "reason": None, "note": "", "answer": answer, "user": ""} | given))


def test_a_good_answer_becomes_a_case_that_passes_the_check(assistant: Assistant) -> None:
    feedback = feedback_on(assistant)
    draft = draft_from(feedback)
    assert draft.question == QUESTION
    assert "3 May 2024" in draft.answer
    path, corpus = from_chat_path(assistant.settings), assistant.settings.corpus_dir
    edited = CaseDraft(
        question=draft.question, kind=draft.kind, facts="3 May 2024 | May 3, 2024\n", doc_ids=draft.doc_ids
    )
    saved = save_case(edited, case_id(feedback), path, corpus)
    assert saved.must_contain == (("3 May 2024", "May 3, 2024"),)
    assert read_cases(path) == [saved]
    assert check_dataset(path, corpus) == []
    command = [sys.executable, "-m", "rag", "eval", "check", str(path), "--corpus", str(corpus)]
    checked = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert checked.returncode == 0, checked.stderr


def test_an_answer_that_should_have_been_declined_becomes_an_unanswerable_case(assistant: Assistant) -> None:
    feedback = feedback_on(assistant, verdict="down", reason="should have abstained")
    draft = draft_from(feedback)
    assert not draft.is_answerable
    path = from_chat_path(assistant.settings)
    saved = save_case(draft, case_id(feedback), path, assistant.settings.corpus_dir)
    assert saved.answerable is False
    assert check_dataset(path, assistant.settings.corpus_dir) == []


def test_a_bad_answer_says_nothing_of_what_is_right(assistant: Assistant) -> None:
    draft = draft_from(feedback_on(assistant, verdict="down", reason="wrong claim"))
    assert (draft.answer, draft.facts, draft.doc_ids) == ("", "", ())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"question": " "}, "no question"),
        ({"facts": "", "answer": ""}, "right answer"),
        ({"doc_ids": ()}, "no source"),
        ({"doc_ids": ("mars",)}, "no document mars"),
        ({"facts": "4 June 1999"}, "none of its documents has 4 June 1999"),
    ],
)
def test_what_does_not_fit_is_not_saved(assistant: Assistant, change: dict[str, Any], told: str) -> None:
    fields: dict[str, Any] = {"question": QUESTION, "kind": "factoid", "facts": "3 May 2024", "doc_ids": ("moon",)}
    path = from_chat_path(assistant.settings)
    with pytest.raises(ConfigurationError, match=told):
        save_case(CaseDraft(**(fields | change)), "chat-1", path, assistant.settings.corpus_dir)
    assert saved_ids(path) == set()


def test_saving_again_replaces_the_case(assistant: Assistant) -> None:
    path = from_chat_path(assistant.settings)
    for fact in ("3 May 2024", "412 kilograms"):
        draft = CaseDraft(question=QUESTION, kind="factoid", facts=fact, doc_ids=("moon",))
        save_case(draft, "chat-1", path, assistant.settings.corpus_dir)
    (line,) = path.read_text().splitlines()
    assert json.loads(line)["must_contain"] == [["412 kilograms"]]


def test_cases_about_a_corpus_of_ones_own_stay_in_the_data_folder(assistant: Assistant) -> None:
    assert from_chat_path(assistant.settings).is_relative_to(assistant.settings.data_dir)


def test_cases_about_the_corpus_that_comes_along_stand_beside_the_other_datasets(tmp_path: Path) -> None:
    path = from_chat_path(Settings(data_dir=tmp_path))
    assert path.name == "from_chat.jsonl"
    assert path.parent.name == "datasets"
