"""The golden set fits the corpus, and the check finds whatever does not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evals.cases import check_dataset, read_cases
from rag.errors import ConfigurationError
from tests.conftest import ROOT

GOLDEN = ROOT / "evals/datasets/golden.jsonl"
CASE = {
    "id": "a-1",
    "kind": "factoid",
    "question": "How much did Nvidia lose?",
    "history": [],
    "answerable": True,
    "answer": "$589 billion",
    "must_contain": [["$589 billion", "589bn"]],
    "doc_ids": ["n"],
    "quotes": [{"doc_id": "n", "text": "Nvidia lost $589 billion."}],
    "split": "test",
}
NO_ANSWER = CASE | {"kind": "unanswerable", "answerable": False, "answer": None, "must_contain": []}
NO_ANSWER |= {"id": "a-2", "doc_ids": [], "quotes": []}


def write(folder: Path, *cases: dict[str, Any]) -> tuple[Path, Path]:
    (folder / "corpus").mkdir(exist_ok=True)
    (folder / "corpus" / "n.txt").write_text("Nvidia lost $589 billion. It was a record.")
    dataset = folder / "cases.jsonl"
    dataset.write_text("\n".join(json.dumps(case) for case in cases))
    return dataset, folder / "corpus"


def test_the_golden_set_fits_the_corpus() -> None:
    assert check_dataset(GOLDEN, ROOT / "corpus") == []


def test_the_golden_set_has_every_kind_of_question_in_both_splits() -> None:
    cases = read_cases(GOLDEN)
    assert len(cases) >= 160
    kinds = Counter((case.kind, case.split) for case in cases)
    assert len({kind for kind, _ in kinds}) == 10
    assert min(kinds.values()) >= 2


def test_documents_of_answerable_cases_are_not_shared_between_the_splits() -> None:
    first = {(case.doc_ids[0], case.split) for case in read_cases(GOLDEN) if case.answerable}
    assert len({doc_id for doc_id, _ in first}) == len(first)


def test_a_sound_dataset_has_no_findings(tmp_path: Path) -> None:
    assert check_dataset(*write(tmp_path, CASE, NO_ANSWER)) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"doc_ids": ["n", "m"]}, "there is no document m"),
        ({"quotes": [{"doc_id": "n", "text": "Nvidia won."}]}, "n does not say"),
        ({"quotes": [{"doc_id": "x", "text": "Nvidia lost"}]}, "not among its documents"),
        ({"must_contain": [["$600 billion"]]}, "none of its documents has $600 billion"),
    ],
)
def test_what_does_not_fit_the_corpus_is_found(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    findings = check_dataset(*write(tmp_path, CASE | change))
    assert any(says in finding for finding in findings)


def test_an_id_that_occurs_twice_is_found(tmp_path: Path) -> None:
    assert check_dataset(*write(tmp_path, CASE, CASE)) == ["a-1: the id occurs twice"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "riddle"},
        {"mood": "good"},
        {"kind": "unanswerable"},
        {"answer": None},
        {"kind": "follow-up"},
        {"history": [{"role": "user", "content": "x"}]},
        {"split": "train"},
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="line 2"):
        check_dataset(*write(tmp_path, CASE, CASE | change))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mine.jsonl", '{"question": "Who won?"}\n\n{"question": "When?", "answer": "In 2025"}\n'),
        ("mine.csv", "question,answer\nWho won?,\nWhen?,In 2025\n"),
        ("mine.CSV", "\ufeffid,question,answer,note\n,Who won?,\n,When?,In 2025\n".replace(",note", "")),
    ],
)
def test_a_question_is_enough_and_an_answer_makes_it_answerable(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    first, second = read_cases(path)
    assert (first.question, first.answerable, first.answer) == ("Who won?", None, None)
    assert (second.question, second.answerable, second.answer) == ("When?", True, "In 2025")
    assert first.id.startswith("line-")


def test_a_question_in_a_csv_file_may_have_commas_quotes_and_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text('question,answerable\n"Who, in ""2025"",\nwon?",false\n', encoding="utf-8")
    (case,) = read_cases(path)
    assert case.question == 'Who, in "2025",\nwon?'
    assert case.answerable is False


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "frage,answer\nWho?,\n", "no column question"),
        ("a.csv", "question,colour\nWho?,red\n", "line 2: colour"),
        ("a.csv", "question\n", "no question"),
        ("a.jsonl", "[1]\n", "not a JSON object"),
        ("a.jsonl", "Who?\n", "not JSON"),
        ("a.jsonl", '{"question": ""}\n', "question"),
        ("a.jsonl", "", "no question"),
    ],
)
def test_a_file_that_is_no_dataset_is_refused_in_one_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError, match=says):
        read_cases(tmp_path / name)
