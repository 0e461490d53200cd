"""The figures of a run: every metric over all questions it applies to, with its count and 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evals.metrics.abstention import auroc, expected_calibration_error
from evals.metrics.intervals import interval
from evals.results import Result

__all__ = ["FIGURES", "Figure", "FigureSpec", "figures", "latencies"]

SEED = 20_260_101
"""Of all resampling, so that the same results give the same report."""

Statistic = Callable[[Sequence[Result]], float | None]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSpec:
    """How a figure is computed, shown and guarded.

    `of` is the value of one question (its mean is the figure), or None where `over_all` computes the figure from all
    questions at once. `tolerance` is by how much it may be worse than the baseline; None: it does not gate.
    """

    name: str
    label: str
    group: str
    better: Better = "higher"
    unit: Literal["rate", "score", "characters", "tokens", "usd", "ms"] = "rate"
    tolerance: float | None = None
    of: Callable[[Result], float | None] | None = None
    over_all: Statistic | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with the number of questions behind it and its 95 % interval; None if no question has it.

    The interval is also None where it was not asked for.
    """

    spec: FigureSpec
    value: float | None
    low: float | None
    high: float | None
    n: int


def figures(results: Sequence[Result], *, with_intervals: bool = True) -> list[Figure]:
    """All figures of a run, in the order of `FIGURES`; questions that failed are in none of them."""
    valid = [result for result in results if result.error is None]
    return [_figure(spec, valid, with_intervals) for spec in FIGURES]


def latencies(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """p50 and p95 in milliseconds of every stage, over the questions that did not fail."""
    timings = [result.answer["timings_ms"] for result in results if result.answer]
    stages = timings[0] if timings else {}
    return {
        stage: {f"p{p}": float(np.percentile([timing[stage] for timing in timings], p)) for p in (50, 95)}
        for stage in stages
    }


def _figure(spec: FigureSpec, results: Sequence[Result], with_interval: bool) -> Figure:
    applies = [result for result in results if _applies(spec, result)]
    statistic = _statistic(spec, applies)
    everything = np.arange(len(applies))
    value = statistic(everything) if applies else None
    if value is None or not with_interval:
        return Figure(spec=spec, value=value, low=None, high=None, n=len(applies))
    low, high = interval(len(applies), statistic, seed=SEED) if len(applies) > 1 else (value, value)
    return Figure(spec=spec, value=value, low=low, high=high, n=len(applies))


def _applies(spec: FigureSpec, result: Result) -> bool:
    if spec.of is not None:
        return spec.of(result) is not None
    return spec.group == "Latency" or result.case["answerable"] is not None


def _statistic(spec: FigureSpec, results: Sequence[Result]) -> Callable[[NDArray[np.int64]], float | None]:
    """The figure as a function of the positions of the questions drawn."""
    if spec.over_all is not None:
        over_all = spec.over_all
        return lambda sample: over_all([results[i] for i in sample])
    values = np.array([spec.of(result) for result in results if spec.of], dtype=np.float64)
    return lambda sample: float(values[sample].mean())


def _score(name: str) -> Callable[[Result], float | None]:
    return lambda result: result.value(name)


def _right(result: Result) -> float | None:
    """Of the answerable questions: right content from a right document."""
    if not result.case["answerable"] or result.outcome == "unjudged":
        return None
    return float(result.outcome == "right")


def _declined(result: Result) -> float | None:
    """Of the unanswerable questions: abstained."""
    return None if result.case["answerable"] is not False else float(result.outcome == "rightly abstained")


def _confidence(result: Result) -> float:
    assert result.answer is not None  # nosec B101 # tells the type
    return float(result.answer["confidence"])


def _rightly_declined(result: Result) -> float | None:
    """Of the declined questions: unanswerable."""
    known = result.answer is not None and result.answer["abstained"] and result.case["answerable"] is not None
    return float(not result.case["answerable"]) if known else None


def _auroc(results: Sequence[Result]) -> float | None:
    return auroc([_confidence(r) for r in results], [r.case["answerable"] for r in results])


def _calibration_error(results: Sequence[Result]) -> float:
    return expected_calibration_error([_confidence(r) for r in results], [r.case["answerable"] for r in results])


def _percentile(results: Sequence[Result], *, percent: int) -> float:
    return float(np.percentile([result.value("latency_ms") or 0.0 for result in results], percent))


def _mean_score(
    group: str, name: str, label: str, tolerance: float | None = None, *, unit: Literal["rate", "score"] = "rate"
) -> FigureSpec:
    return FigureSpec(name=name, label=label, group=group, unit=unit, tolerance=tolerance, of=_score(name))


_COSTS: tuple[tuple[str, str, Literal["rate", "tokens", "usd"]], ...] = (
    ("withheld", "Written sentences withheld", "rate"),
    ("tokens_in", "Tokens read for an answer", "tokens"),
    ("tokens_out", "Tokens written for an answer", "tokens"),
    ("cost_usd", "Cost of an answer", "usd"),
)

FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec(name="right", label="Right content from a right document", group="Answers", tolerance=0.02, of=_right),
    _mean_score("Answers", "required_content", "Required content present", 0.02),
    _mean_score("Answers", "numeric_agreement", "Numbers and dates agree", 0.03),
    _mean_score("Answers", "speaker_named", "Speaker named", 0.05),
    _mean_score("Answers", "token_f1", "Token F1 with the gold answer", unit="score"),
    FigureSpec(
        name="answer_chars",
        label="Characters of an answer",
        group="Answers",
        better="lower",
        unit="characters",
        tolerance=60.0,
        of=_score("answer_chars"),
    ),
    _mean_score("Citations", "citation_recall", "Sentences supported by their citations", 0.01),
    _mean_score("Citations", "citation_precision", "Citations that are needed", 0.03),
    _mean_score("Citations", "quote_verbatim", "Quotes word for word", 0.0),
    _mean_score("Citations", "right_document", "A right document is cited", 0.02),
    FigureSpec(
        name="abstention_recall", label="Unanswerable declined", group="Abstention", tolerance=0.05, of=_declined
    ),
    FigureSpec(
        name="abstention_precision",
        label="Declined ones that are unanswerable",
        group="Abstention",
        tolerance=0.05,
        of=_rightly_declined,
    ),
    FigureSpec(
        name="wrongly_abstained",
        label="Answerable declined",
        group="Abstention",
        better="lower",
        tolerance=0.02,
        of=_score("wrongly_abstained"),
    ),
    FigureSpec(
        name="auroc", label="AUROC of the confidence", group="Abstention", unit="score", tolerance=0.03, over_all=_auroc
    ),
    FigureSpec(
        name="calibration_error",
        label="Expected calibration error",
        group="Abstention",
        better="lower",
        unit="score",
        tolerance=0.03,
        over_all=_calibration_error,
    ),
    _mean_score("Retrieval", "success@1", "Supporting passage first", 0.02),
    _mean_score("Retrieval", "success@5", "Supporting passage among five", 0.02),
    _mean_score("Retrieval", "recall@5", "Recall at 5"),
    _mean_score("Retrieval", "recall@10", "Recall at 10", 0.02),
    _mean_score("Retrieval", "recall@20", "Recall at 20"),
    _mean_score("Retrieval", "mrr", "Mean reciprocal rank", 0.02, unit="score"),
    _mean_score("Retrieval", "ndcg@10", "nDCG at 10", 0.02, unit="score"),
    _mean_score("Retrieval", "context_precision", "Context precision at 8", 0.03, unit="score"),
    _mean_score("Retrieval", "context_recall", "Context recall at 8", 0.02),
    *(
        FigureSpec(name=name, label=label, group="Language model", better="lower", unit=unit, of=_score(name))
        for name, label, unit in _COSTS
    ),
    *(
        FigureSpec(
            name=f"latency_p{percent}",
            label=label,
            group="Latency",
            better="lower",
            unit="ms",
            over_all=partial(_percentile, percent=percent),
        )
        for percent, label in ((50, "Time to answer, median"), (95, "Time to answer, 95th percentile"))
    ),
)
"""Every figure, in the order of the report."""
