"""What a report says, before it is put into a form."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.compare import Comparison
from evals.figures import Figure, latencies
from evals.metrics.abstention import risk_coverage
from evals.results import Result, Run

__all__ = ["FAILURES", "Report", "report_to_dict", "risk_coverage_curve"]

FAILURES = ("failed", "wrongly answered", "wrong", "abstained")
"""Outcomes that a report shows first, the worst before the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run with its figures; the comparison with a baseline and a judge's agreement where there are any."""

    run: Run
    folder: Path
    figures: tuple[Figure, ...]
    comparison: Comparison | None = None
    judge: dict[str, Any] | None = None

    @property
    def outcomes(self) -> dict[str, int]:
        """How many questions had each outcome."""
        return dict(Counter(result.outcome for result in self.run.results))

    @property
    def failures(self) -> list[Result]:
        """The questions that went wrong, worst outcome first, in the order of the dataset."""
        wrong = [result for result in self.run.results if result.outcome in FAILURES]
        return sorted(wrong, key=lambda result: FAILURES.index(result.outcome))

    @property
    def has_regressed(self) -> bool:
        """Whether the run is worse than its baseline beyond a tolerance, or fails where the baseline did not."""
        if self.comparison is None:
            return False
        return bool(self.comparison.regressions) or any(after.error for _, after in self.comparison.worse)


def risk_coverage_curve(results: tuple[Result, ...]) -> list[list[float]]:
    """[coverage, risk] points over the questions whose right answer is known."""
    known = [r for r in results if r.answer and r.outcome != "unjudged"]
    confidence = [r.answer["confidence"] for r in known if r.answer]
    answered = [not r.answer["abstained"] for r in known if r.answer]
    return risk_coverage(confidence, [r.outcome in ("wrong", "wrongly answered") for r in known], answered)


def report_to_dict(report: Report) -> dict[str, Any]:
    """The report as JSON data, without the single questions."""
    data: dict[str, Any] = {
        "folder": str(report.folder),
        "manifest": report.run.manifest,
        "outcomes": report.outcomes,
        "figures": {
            figure.spec.name: {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
            for figure in report.figures
        },
        "latency_ms": latencies(report.run.results),
        "risk_coverage": risk_coverage_curve(report.run.results),
        "judge": report.judge,
        "regressed": report.has_regressed,
    }
    if report.comparison:
        data["comparison"] = {
            "n": report.comparison.n,
            "changes": {
                change.spec.name: {
                    "before": change.before,
                    "after": change.after,
                    "p_value": change.p_value,
                    "regressed": change.regressed,
                }
                for change in report.comparison.changes
            },
            "better": [after.id for _, after in report.comparison.better],
            "worse": [after.id for _, after in report.comparison.worse],
        }
    return data
