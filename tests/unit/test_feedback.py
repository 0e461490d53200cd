"""Feedback: what was added is there, in order, whatever happened to the process that added it."""

from __future__ import annotations

import multiprocessing
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ConfigurationError
from ui.feedback import REASONS, FeedbackStore

words = st.text(max_size=80)
given_feedback = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from(["up", "down"]),
        "reason": st.none() | st.sampled_from(REASONS),
        "note": words.map(str.strip),
        "answer": st.fixed_dictionaries({"question": words, "answer": words}),
        "user": words,
    }
)


@given(st.lists(given_feedback, max_size=8), st.binary(max_size=40).filter(lambda cut: b"\n" not in cut))
@settings(max_examples=40, deadline=None)
def test_what_is_added_is_read_back_in_order_and_an_unfinished_line_spoils_nothing(
    items: list[dict[str, Any]], cut: bytes
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feedback.jsonl"
        store = FeedbackStore(path)
        for position, item in enumerate(items):
            if position == len(items) // 2:
                with path.open("ab") as file:
                    file.write(b'{"id": "' + cut)  # a process was killed here
            store.add(**item)
        kept = [{name: getattr(feedback, name) for name in item} for item, feedback in _paired(items, store)]
        assert kept == items[::-1]
        assert len(store.newest()) == len(items)


def _paired(items: list[dict[str, Any]], store: FeedbackStore) -> Any:
    return zip(items[::-1], store.newest(), strict=True)


def _add(path: Path, name: str) -> None:
    for number in range(20):
        FeedbackStore(path).add(verdict="up", reason=None, note=f"{name}{number}", answer={}, user=name)


def test_several_processes_add_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    processes = [multiprocessing.get_context("spawn").Process(target=_add, args=(path, name)) for name in "abc"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    for name in "abc":
        assert [f.note for f in FeedbackStore(path).newest(name)] == [f"{name}{n}" for n in reversed(range(20))]


def test_users_see_their_own(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "feedback.jsonl")
    for user in ("ada", "bob"):
        store.add(verdict="down", reason="incomplete", note=user, answer={}, user=user)
    assert [feedback.note for feedback in store.newest("ada")] == ["ada"]
    assert [feedback.note for feedback in store.newest()] == ["bob", "ada"]


@pytest.mark.parametrize("wrong", [{"verdict": "sideways"}, {"reason": "too long"}])
def test_verdict_and_reason_are_known_ones(tmp_path: Path, wrong: dict[str, Any]) -> None:
    values = {"verdict": "up", "reason": None, "note": "", "answer": {}, "user": ""} | wrong
    with pytest.raises(ValueError, match=r"one of|up or down"):
        FeedbackStore(tmp_path / "feedback.jsonl").add(**values)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        FeedbackStore(tmp_path / "file" / "feedback.jsonl").add(verdict="up", reason=None, note="", answer={}, user="")
