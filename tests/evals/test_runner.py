"""A run of the evals: what it keeps, how it goes on after a kill, what it refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.cases import Case
from evals.figures import figures
from evals.results import RESULTS, read_results, read_run
from evals.runner import describe_run, run_eval
from rag import Assistant
from rag.errors import ConfigurationError

FILES = {
    "nvidia.md": "# Nvidia\n\nNvidia lost $589 billion of market value on 27 January 2025, Bloomberg reported.",
    "huawei.md": "# Huawei\n\nHuawei makes the Ascend 910C chip. SMIC makes the dies for it.",
    "baidu.md": "# Baidu\n\nApollo Go, the robotaxi service of Baidu, gave 250,000 rides a week in October 2025.",
}
RIGHT: dict[str, Any] = {
    "id": "right",
    "kind": "factoid",
    "question": "How much market value did Nvidia lose in January 2025?",
    "answerable": True,
    "answer": "$589 billion",
    "must_contain": [["$589 billion"]],
    "doc_ids": ["nvidia"],
    "quotes": [{"doc_id": "nvidia", "text": "Nvidia lost $589 billion of market value on 27 January 2025"}],
}
WRONG = RIGHT | {
    "id": "wrong",
    "question": "How many rides a week did Apollo Go give in October 2025?",
    "answer": "300,000",
    "must_contain": [["300,000"]],
    "doc_ids": ["baidu"],
    "quotes": [{"doc_id": "baidu", "text": "gave 250,000 rides a week in October 2025."}],
}
DECLINED = {"id": "declined", "question": "How long must sourdough bread bake?", "answerable": False}
FAILING = {"id": "failing", "question": "x" * 3000, "answerable": True, "answer": "x"}
WORDS = {
    "id": "words",
    "question": "Who makes the dies of the Ascend 910C?",
    "answerable": True,
    "answer": "Intel does",
}
UNKNOWN = {"id": "unknown", "question": "Who makes the dies of the Ascend 910C chip?"}
ALL = [Case.model_validate(row) for row in (RIGHT, WRONG, DECLINED, FAILING, WORDS, UNKNOWN)]


@pytest.fixture
def assistant(make_assistant: Callable[..., Assistant]) -> Assistant:
    assistant = make_assistant(FILES)
    assistant.sync()
    return assistant


def run(assistant: Assistant, out: Path, cases: list[Case] = ALL, **options: Any) -> dict[str, Any]:
    finished = run_eval(cases, assistant, out, described=describe_run(assistant, cases, "mine"), **options)
    return {result.id: result for result in finished.results}


def test_every_question_has_its_outcome_and_the_reason_in_words(assistant: Assistant, tmp_path: Path) -> None:
    results = run(assistant, tmp_path / "out")
    assert {name: result.outcome for name, result in results.items()} == {
        "right": "right",
        "wrong": "wrong",
        "declined": "rightly abstained",
        "failing": "failed",
        "words": "wrong",
        "unknown": "unjudged",
    }
    assert "lacks “300,000”" in results["wrong"].reason
    assert "supporting sentence at rank 1" in results["wrong"].reason
    assert "3000 characters" in results["failing"].reason


def test_a_failed_question_is_in_no_figure(assistant: Assistant, tmp_path: Path) -> None:
    results = run(assistant, tmp_path / "out")
    right = next(figure for figure in figures(list(results.values())) if figure.spec.name == "right")
    assert (right.value, right.n) == (pytest.approx(1 / 3), 3)
    assert results["failing"].scores == {}


def test_a_result_has_what_is_needed_to_replay_it(assistant: Assistant, tmp_path: Path) -> None:
    result = run(assistant, tmp_path / "out")["right"]
    assert result.answer is not None
    assert result.answer["standalone_question"] == RIGHT["question"]
    first = result.passages[0]
    document = assistant.document(first["doc_id"])
    assert document is not None
    text = document.text[first["start"] : first["end"]]
    assert hashlib.sha256(text.encode()).hexdigest() == first["text_sha256"]
    assert result.trace.fused == result.trace.evidence == 1


def test_the_manifest_says_how_the_results_came_about(assistant: Assistant, tmp_path: Path) -> None:
    run(assistant, tmp_path / "out")
    manifest = read_run(tmp_path / "out").manifest
    assert manifest["index_version"] == assistant.index.manifest.index_version
    assert (manifest["n"], manifest["failed"], manifest["documents"]) == (6, 1, 3)
    assert {"fingerprint", "revision", "machine", "packages", "settings", "seed"} <= set(manifest)


def test_a_killed_run_goes_on_where_it_stopped(assistant: Assistant, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(assistant, out)
    lines = (out / RESULTS).read_text().splitlines()
    first = json.loads(lines[0])
    first["reason"] = "kept"
    (out / RESULTS).write_text(json.dumps(first) + "\n" + lines[1][:200])  # killed while writing the second
    (out / "manifest.json").unlink()
    results = run(assistant, out)
    assert results["right"].reason == "kept"
    assert list(results) == [case.id for case in ALL]
    assert [result.id for result in read_results(out / RESULTS)] == [case.id for case in ALL]


def test_the_same_run_twice_gives_the_same_results_but_for_the_times(assistant: Assistant, tmp_path: Path) -> None:
    def timeless(results: dict[str, Any]) -> list[Any]:
        for result in results.values():
            result.scores.pop("latency_ms", None)
            (result.answer or {}).pop("timings_ms", None)
        return list(results.values())

    assert timeless(run(assistant, tmp_path / "a")) == timeless(run(assistant, tmp_path / "b", workers=3))


def test_a_folder_with_another_run_is_refused_until_told_to_replace_it(assistant: Assistant, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(assistant, out, ALL[:1])
    with pytest.raises(ConfigurationError, match="another folder"):
        run(assistant, out, ALL[1:3])
    assert list(run(assistant, out, ALL[1:3], fresh=True)) == ["wrong", "declined"]
