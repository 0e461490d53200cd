"""Comparing two runs: quiet on the same, loud on a broken retriever, and chance is called chance."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from evals.cases import read_cases
from evals.compare import compare, read_baseline, slim
from evals.results import Result, Score, write_json
from evals.runner import describe_run, run_eval
from rag import Assistant
from rag.errors import ConfigurationError
from rag.retrieval import Candidate, Retriever
from tests.conftest import ROOT


def result(number: int, outcome: Any = "right", **scores: float) -> Result:
    return Result(
        id=f"q{number}",
        case={"question": f"Question {number}?", "kind": "factoid", "answerable": True},
        outcome=outcome,
        reason="",
        answer={
            "answer": "It is so. [1]",
            "abstained": outcome == "abstained",
            "abstain_reason": None,
            "confidence": 0.8,
            "timings_ms": {"total": 10.0},
        },
        scores={name: Score(value=value) for name, value in {"mrr": 1.0, "latency_ms": 10.0, **scores}.items()},
    )


def change_of(name: str, before: list[Result], after: list[Result]) -> Any:
    return next(change for change in compare(before, after).changes if change.spec.name == name)


def test_a_run_is_no_worse_than_itself() -> None:
    run = [result(n) for n in range(20)]
    comparison = compare(run, run)
    assert comparison.regressions == comparison.better == comparison.worse == ()
    assert all(change.p_value in (1.0, None) for change in comparison.changes)


def test_what_got_better_and_worse_is_told_question_by_question() -> None:
    before = [result(1, "wrong"), result(2), result(3, "abstained"), result(4)]
    after = [result(1), result(2, "wrong"), result(3, "wrong"), result(4)]
    comparison = compare(before, after)
    assert [new.id for _, new in comparison.better] == ["q1"]
    assert [new.id for _, new in comparison.worse] == ["q2", "q3"]


def test_a_fall_beyond_its_tolerance_is_a_regression_and_one_within_is_not() -> None:
    before = [result(n) for n in range(100)]
    one_wrong = [result(0, "wrong"), *before[1:]]
    many_wrong = [result(n, "wrong" if n < 10 else "right") for n in range(100)]
    assert not change_of("right", before, one_wrong).regressed
    assert change_of("right", before, many_wrong).regressed
    assert change_of("right", before, many_wrong).p_value < 0.01
    assert not change_of("right", many_wrong, before).regressed


def test_longer_answers_are_worse_and_slower_ones_do_not_gate() -> None:
    before = [result(n, answer_chars=300.0, latency_ms=10.0) for n in range(5)]
    after = [result(n, answer_chars=500.0, latency_ms=90.0) for n in range(5)]
    assert [change.spec.name for change in compare(before, after).regressions] == ["answer_chars"]


def test_only_questions_in_both_runs_count() -> None:
    assert compare([result(1), result(2)], [result(2), result(3)]).n == 1
    with pytest.raises(ConfigurationError, match="none of these questions"):
        compare([result(1)], [result(2)])


def test_a_reworded_question_asks_for_a_new_baseline() -> None:
    other = replace(result(1), case=result(1).case | {"question": "Another?"})
    with pytest.raises(ConfigurationError, match="reworded"):
        compare([other], [result(1)])


def test_a_slim_baseline_compares_as_the_whole_run_does(tmp_path: Path) -> None:
    before, after = [result(n) for n in range(9)], [result(n, "wrong") for n in range(9)]
    write_json(tmp_path / "baseline.jsonl", [slim(one) for one in before])
    assert compare(read_baseline(tmp_path / "baseline.jsonl"), after) == compare([slim(r) for r in before], after)
    assert compare([slim(r) for r in before], after).changes == compare(before, after).changes


@pytest.mark.parametrize("text", ["", '{"id": 1}\n{"id": 2}\n', "no json\n{}\n"])
def test_a_file_that_is_no_run_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        read_baseline(path)


def test_a_baseline_survives_the_trip_through_json() -> None:
    one = result(1)
    assert Result.from_dict(json.loads(json.dumps(asdict(one)))) == one


@pytest.fixture
def run_on_golden(default_assistant: Assistant, tmp_path: Path) -> Callable[[str], tuple[Result, ...]]:
    """Runs the tune questions of the golden set that the documents answer."""
    cases = [case for case in read_cases(ROOT / "evals/datasets/golden.jsonl") if case.split == "tune"][::2]

    def run(name: str) -> tuple[Result, ...]:
        described = describe_run(default_assistant, cases, "golden")
        return run_eval(cases, default_assistant, tmp_path / name, described=described).results

    return run


def test_a_retriever_that_ranks_the_wrong_way_round_is_caught_and_the_same_run_is_not(
    run_on_golden: Callable[[str], tuple[Result, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, again = run_on_golden("good"), run_on_golden("again")
    ranked = Retriever.retrieve

    def reversed_fusion(self: Retriever, search: Any, *, k: int, where: Any = None) -> list[Candidate]:
        return ranked(self, search, k=50, where=where)[::-1][:k]

    monkeypatch.setattr(Retriever, "retrieve", reversed_fusion)
    broken = run_on_golden("broken")
    assert compare(good, again).regressions == ()
    assert {"right", "mrr", "success@5", "context_recall"} <= {c.spec.name for c in compare(good, broken).regressions}
