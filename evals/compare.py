"""Compares two runs question by question: what got better, what got worse, and whether it may be chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from evals.figures import SEED, Figure, FigureSpec, figures
from evals.metrics.intervals import paired_p_value
from evals.results import Result, read_results
from rag.errors import ConfigurationError

__all__ = ["Change", "Comparison", "compare", "read_baseline", "slim"]

_ORDER = {
    "wrongly answered": 0,
    "failed": 0,
    "wrong": 0,
    "abstained": 1,
    "unjudged": 1,
    "right": 2,
    "rightly abstained": 2,
}
"""Outcomes from bad to good: a wrong answer is worse than none."""

_COMPARED = {
    "answer": ("answer", "abstained", "abstain_reason", "confidence", "timings_ms"),
    "case": ("question", "kind", "answerable"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure in both runs, over the questions for which both have a value.

    `p_value` is None where the figure has no value of its own for each question. `regressed` is set if the figure is
    worse than the baseline by more than its tolerance.
    """

    spec: FigureSpec
    before: float
    after: float
    n: int
    p_value: float | None
    regressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs side by side; `better` and `worse` hold pairs (before, after) whose outcome changed."""

    changes: tuple[Change, ...]
    better: tuple[tuple[Result, Result], ...]
    worse: tuple[tuple[Result, Result], ...]
    n: int

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The figures that fell beyond their tolerance."""
        return tuple(change for change in self.changes if change.regressed)


def read_baseline(path: Path) -> list[Result]:
    """The results that a run is compared with: a `results.jsonl`, or the folder of a run.

    Raises:
        ConfigurationError: There are none.
    """
    results = read_results(path / "results.jsonl" if path.is_dir() else path)
    if not results:
        raise ConfigurationError(f"{path} has no results", "give the results.jsonl of a run, or its folder")
    return results


def compare(before: Sequence[Result], after: Sequence[Result]) -> Comparison:
    """Pair two runs by question id.

    Raises:
        ConfigurationError: They have no question in common.
    """
    pairs = _pairs(before, after)
    old_figures, new_figures = (figures([pair[side] for pair in pairs], with_intervals=False) for side in (0, 1))
    changes = (_change(old, new, pairs) for old, new in zip(old_figures, new_figures, strict=True))
    moved = [(a, b, _ORDER[b.outcome] - _ORDER[a.outcome]) for a, b in pairs]
    return Comparison(
        changes=tuple(change for change in changes if change),
        better=tuple((a, b) for a, b, by in moved if by > 0),
        worse=tuple((a, b) for a, b, by in moved if by < 0),
        n=len(pairs),
    )


def _pairs(before: Sequence[Result], after: Sequence[Result]) -> list[tuple[Result, Result]]:
    old: Mapping[str, Result] = {result.id: result for result in before}
    pairs = [(old[result.id], result) for result in after if result.id in old]
    if not pairs:
        raise ConfigurationError("the baseline has none of these questions", "give a run of the same dataset")
    changed = [b.id for a, b in pairs if a.case["question"] != b.case["question"]]
    if changed:
        raise ConfigurationError(
            f"{len(changed)} questions were reworded since the baseline, {changed[0]} first", "make a new baseline"
        )
    return pairs


def _change(old: Figure, new: Figure, pairs: Sequence[tuple[Result, Result]]) -> Change | None:
    spec, n, p_value = new.spec, new.n, None
    before, after = old.value, new.value
    if spec.of is not None:
        values = _paired_values(spec.of, pairs)
        if not values:
            return None
        n, before, after = len(values), fmean(a for a, _ in values), fmean(b for _, b in values)
        p_value = paired_p_value([b - a for a, b in values], seed=SEED)
    if before is None or after is None:
        return None
    loss = (before - after) * {"higher": 1, "lower": -1, "neither": 0}[spec.better]
    return Change(
        spec=spec,
        before=before,
        after=after,
        n=n,
        p_value=p_value,
        regressed=spec.tolerance is not None and loss > spec.tolerance + 1e-9,
    )


def _paired_values(
    of: Callable[[Result], float | None], pairs: Sequence[tuple[Result, Result]]
) -> list[tuple[float, float]]:
    """The values of the questions that have one in both runs: elsewhere the two means would be of other questions."""
    values = ((of(a), of(b)) for a, b in pairs if a.error is None and b.error is None)
    return [(old, new) for old, new in values if old is not None and new is not None]


def slim(result: Result) -> Result:
    """A result with just what a comparison reads: no passages, and of case and answer the few fields that count."""
    answer = result.answer and {name: result.answer[name] for name in _COMPARED["answer"]}
    case = {name: result.case[name] for name in _COMPARED["case"]}
    return replace(result, passages=(), answer=answer, case=case)
