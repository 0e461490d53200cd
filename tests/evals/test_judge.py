"""The optional judge: a real (small) model through LangChain, kept opinions, agreement with the other metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.judge import JUDGED, Opinion, agreement, judge_results, open_judge
from evals.results import Result, Score
from rag.errors import ConfigurationError, GenerationError
from tests.small_model import small_model_server

MODEL = "openai:smollm2"


def result(name: str, outcome: Any = "right", *, abstained: bool = False, recall: float = 1.0) -> Result:
    answer = {
        "standalone_question": "How much did Nvidia lose?",
        "answer": "Nvidia lost $589 billion. [1]",
        "abstained": abstained,
        "sentences": [{"text": "Nvidia lost $589 billion.", "citations": [1]}],
        "citations": [{"n": 1, "text": f"Nvidia lost $589 billion on 27 January 2025 ({name})."}],
    }
    scores = {"citation_recall": Score(value=recall)}
    return Result(id=name, case={}, outcome=outcome, reason="", answer=answer, scores=scores)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with small_model_server() as url:
        yield url


@pytest.fixture
def judge(server: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OPENAI_BASE_URL", server)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    return open_judge(MODEL)


@pytest.mark.slow
def test_a_model_gives_a_verdict_on_every_answer_and_is_not_asked_twice(judge: Any, tmp_path: Path) -> None:
    given = [result("a"), result("declined", abstained=True)]
    (opinion,) = judge_results(given, judge, tmp_path, name=MODEL)
    assert opinion.id == "a"
    assert opinion.error is None
    assert opinion.faithfulness in (0.0, 1.0)
    assert opinion.relevance in (0.0, 0.25, 0.5, 0.75, 1.0)
    (row,) = [json.loads(line) for line in (tmp_path / JUDGED).read_text().splitlines()]
    row["reasons"] = ["kept"]
    (tmp_path / JUDGED).write_text(json.dumps(row) + "\n")
    assert judge_results(given, judge, tmp_path, name=MODEL)[0].reasons == ("kept",)


def test_a_judge_that_cannot_be_reached_is_an_error_and_no_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with pytest.raises(GenerationError, match="no valid verdict"):
        judge_results([result("a")], open_judge(MODEL), tmp_path, name=MODEL)


@pytest.mark.parametrize("name", ["nobody:nothing", "smollm", "cohere:command"])
def test_a_judge_that_cannot_be_opened_says_what_to_do(name: str) -> None:
    with pytest.raises(ConfigurationError, match="judge"):
        open_judge(name)


def test_agreement_is_counted_by_hand() -> None:
    results = [result("a"), result("b", "wrong", recall=0.5), result("c", "wrong")]
    opinions = [
        Opinion(id="a", faithfulness=1.0, relevance=1.0),
        Opinion(id="b", faithfulness=1.0, relevance=0.25),
        Opinion(id="c", error="it said nothing"),
    ]
    assert agreement(results, opinions) == {
        "faithfulness": 1.0,
        "faithfulness_n": 2,
        "faithfulness_agrees": 0.5,
        "faithfulness_agrees_n": 2,
        "relevance": 0.625,
        "relevance_n": 2,
        "relevance_agrees": 1.0,
        "relevance_agrees_n": 2,
        "without_verdict": 1,
    }
