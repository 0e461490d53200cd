"""Benchmarks: hand-computed scores, small files of each form, and exactly the promised keys."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from evals.benchmarks import run_chunking, run_mtrag, run_squad
from evals.benchmarks.chunking import overlap_scores
from rag import Settings
from rag.errors import ConfigurationError
from tests.conftest import SHARED

NVIDIA = "Nvidia lost $589 billion on 27 January 2025. Analysts were surprised by the fall of the share price."
HUAWEI = "Huawei makes the Ascend 910C chip. The dies of the Ascend 910C come from SMIC in Shanghai."


def test_overlap_counts_characters_of_the_union() -> None:
    scores = overlap_scores([("a", (0, 10)), ("a", (5, 15))], [("a", (10, 20)), ("b", (0, 10))])
    assert scores == {"recall": 5 / 15, "precision": 5 / 20, "iou": 5 / 30}
    assert overlap_scores([("a", (0, 4))], []) == {"recall": 0.0, "precision": 0.0, "iou": 0.0}


@pytest.fixture
def chunking_files(tmp_path: Path) -> tuple[Path, Path]:
    corpora = tmp_path / "corpora"
    corpora.mkdir()
    (corpora / "state_of_chips.md").write_text(f"{NVIDIA}\n\n{HUAWEI}\n")
    questions = tmp_path / "questions.csv"
    reference = json.dumps([{"content": NVIDIA[:44], "start_index": 0, "end_index": 44}])
    with questions.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["question", "references", "corpus_id"])
        rows.writerow(["How much did Nvidia lose?", reference, "state_of_chips"])
    return questions, corpora


def test_chunking_scores_the_characters_of_the_retrieved_chunks(chunking_files: tuple[Path, Path]) -> None:
    result = run_chunking(*chunking_files, Settings())
    assert list(result) == ["recall", "precision", "iou", "n", "chunks", "mean_chunk_chars"]
    assert (result["recall"], result["n"], result["chunks"]) == (1.0, 1, 1)
    assert result["precision"] == pytest.approx(44 / result["mean_chunk_chars"])


def squad(path: Path) -> Path:
    def paragraph(text: str, question: str, answer: str) -> dict[str, Any]:
        gold = {"answer_start": text.index(answer), "text": answer}
        return {"context": text, "qas": [{"question": question, "answers": [gold]}]}

    paragraphs = [
        paragraph(NVIDIA, "How much did Nvidia lose on 27 January 2025?", "$589 billion"),
        paragraph(HUAWEI, "Where do the dies of the Ascend 910C come from?", "SMIC"),
    ]
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    return path


def test_squad_finds_passage_sentence_and_words(tmp_path: Path) -> None:
    result = run_squad(squad(tmp_path / "squad.json"), Settings(abstain_below=0.0))
    assert (result["passage_hit_at_1"], result["sentence_hit_at_3"], result["answer_contains_gold"]) == (1.0, 1.0, 1.0)
    assert (result["abstained"], result["n"]) == (0.0, 2)
    assert 0 < result["mean_answer_chars"] < 200
    declined = run_squad(squad(tmp_path / "squad.json"), Settings(abstain_below=1.0))
    assert (declined["answer_contains_gold"], declined["abstained"], declined["mean_answer_chars"]) == (0.0, 1.0, 0.0)


def mtrag(path: Path) -> Path:
    def turn(speaker: str, text: str) -> dict[str, str]:
        return {"speaker": speaker, "text": text}

    opening = [turn("user", "How much did Nvidia lose in 2025?"), turn("agent", "$589 billion.")]
    rows = [
        {
            "contexts": [{"document_id": "n-1", "text": NVIDIA}],
            "input": [*opening, turn("user", "When was that?")],
            "answerability": ["ANSWERABLE"],
        },
        {
            "contexts": [{"document_id": "h-1", "text": HUAWEI}],
            "input": [turn("user", "Who makes the Ascend chip?")],
            "answerability": ["ANSWERABLE"],
        },
        {"contexts": [], "input": [turn("user", "Who won the cup final?")], "answerability": ["UNANSWERABLE"]},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_mtrag_resolves_follow_ups_and_ranks_answerable_above_unanswerable(tmp_path: Path) -> None:
    result = run_mtrag(mtrag(tmp_path / "tasks.jsonl"), Settings())
    assert list(result) == ["recall_at_5", "recall_at_5_last_turn", "abstention_auroc", "abstention_f1", "n"]
    assert (result["recall_at_5"], result["abstention_auroc"], result["n"]) == (1.0, 1.0, 3)


@pytest.mark.parametrize("run", [run_squad, run_mtrag])
def test_a_file_of_another_form_is_one_clear_error(run: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no file"):
        run(tmp_path / "nothing.json", Settings())
    (tmp_path / "other.json").write_text('{"rows": []}')
    with pytest.raises(ConfigurationError):
        run(tmp_path / "other.json", Settings())


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "benchmarks/xquad").is_dir(), reason="the benchmark data is not beside this checkout")
def test_xquad_does_not_fall_behind() -> None:
    result = run_squad(SHARED / "benchmarks/xquad/xquad_en.json", Settings())
    assert result["passage_hit_at_1"] >= 0.94
    assert result["sentence_hit_at_1"] >= 0.77
