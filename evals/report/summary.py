"""What every form of the report tells first: the figures that matter, outcomes by kind, and marks on changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from evals.compare import Change
from evals.report.content import Report
from evals.results import Outcome, Result

__all__ = ["HEADLINE", "NO_KIND", "OUTCOMES", "changes_by_name", "mark", "outcomes_by_kind"]

HEADLINE = ("right", "abstention_recall", "wrongly_abstained", "citation_recall", "latency_p50")
"""Names of the figures that are shown big."""

OUTCOMES: tuple[Outcome, ...] = (
    "right",
    "rightly abstained",
    "abstained",
    "wrong",
    "wrongly answered",
    "failed",
    "unjudged",
)
"""Outcomes from good to bad, and last the one that is neither."""

NO_KIND = "no kind"
_CHANCE = 0.05  # p value from which a change may well be chance


def changes_by_name(report: Report) -> dict[str, Change]:
    """The change of every figure since the baseline; empty without one."""
    return {change.spec.name: change for change in report.comparison.changes} if report.comparison else {}


def mark(change: Change | None) -> str:
    """`regressed` beyond the tolerance, else `better` or `worse` where that is hardly chance, else nothing."""
    if change is None:
        return ""
    if change.regressed:
        return "regressed"
    if change.p_value is None or change.p_value >= _CHANCE or change.spec.better == "neither":
        return ""
    return "better" if (change.after > change.before) == (change.spec.better == "higher") else "worse"


def outcomes_by_kind(results: Iterable[Result]) -> dict[str, dict[Outcome, int]]:
    """How many questions of every kind had each outcome, kinds in the order of the dataset, outcomes in ours."""
    counts: dict[str, Counter[Outcome]] = {}
    for result in results:
        counts.setdefault(result.case.get("kind") or NO_KIND, Counter())[result.outcome] += 1
    return {kind: {name: of[name] for name in OUTCOMES if of[name]} for kind, of in counts.items()}
