"""The figures of a run: means over the questions they apply to, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from evals.figures import Figure, figures, latencies
from evals.results import Result, Score


def result(outcome: Any, *, answerable: bool | None, confidence: float = 0.5, error: str | None = None) -> Result:
    abstained = "abstained" in outcome
    answer = {"abstained": abstained, "confidence": confidence, "timings_ms": {"total": 10.0, "retrieve": 4.0}}
    return Result(
        id=outcome,
        case={"answerable": answerable},
        outcome=outcome,
        reason="",
        answer=None if error else answer,
        scores={"latency_ms": Score(value=10.0)},
        error=error,
    )


RUN = [
    result("right", answerable=True, confidence=0.9),
    result("right", answerable=True, confidence=0.8),
    result("wrong", answerable=True, confidence=0.7),
    result("abstained", answerable=True, confidence=0.2),
    result("rightly abstained", answerable=False, confidence=0.1),
    result("wrongly answered", answerable=False, confidence=0.6),
    result("unjudged", answerable=None),
    result("failed", answerable=True, error="the model is gone"),
]


def by_name(results: list[Result]) -> dict[str, Figure]:
    return {figure.spec.name: figure for figure in figures(results)}


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("right", 2 / 4, 4),  # of the answerable ones that did not fail
        ("abstention_recall", 1 / 2, 2),  # of the unanswerable ones, declined
        ("abstention_precision", 1 / 2, 2),  # of the declined ones, unanswerable
        ("auroc", 7 / 8, 6),  # 8 pairs; only .2 (answerable) against .6 is the wrong way round
        ("latency_p50", 10.0, 7),
    ],
)
def test_a_figure_is_the_mean_over_the_questions_it_applies_to(name: str, value: float, n: int) -> None:
    figure = by_name(RUN)[name]
    assert figure.value == pytest.approx(value)
    assert figure.n == n
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= value <= figure.high


def test_a_figure_without_questions_has_no_value() -> None:
    figure = by_name(RUN)["quote_verbatim"]
    assert (figure.value, figure.low, figure.high, figure.n) == (None, None, None, 0)


def test_a_run_of_failures_has_no_figures_and_no_zeros() -> None:
    assert {figure.value for figure in figures(RUN[-1:])} == {None}


def test_latencies_are_told_by_stage() -> None:
    assert latencies(RUN) == {"total": {"p50": 10.0, "p95": 10.0}, "retrieve": {"p50": 4.0, "p95": 4.0}}
