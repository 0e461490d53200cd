"""Plots of a run as SVG text that is put into a page: its colours and fonts are those of the page, light or dark.

Matplotlib is imported when the first plot is drawn. Figures are objects of their own: pyplot's global state is not
touched.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.report.summary import OUTCOMES
from evals.results import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calibration_plot", "history_plot", "latency_plot", "outcomes_plot", "recall_plot", "risk_coverage_plot"]

_TEXT, _MUTED, _GRID, _SURFACE, _ACCENT, _SECOND = (f"#0102{n:02x}" for n in range(1, 7))
_OUTCOMES: dict[Outcome, str] = {outcome: f"#0103{n:02x}" for n, outcome in enumerate(OUTCOMES)}
_PAGE_COLOURS = {
    _TEXT: "currentColor",
    _MUTED: "var(--muted, #667)",
    _GRID: "var(--line, #ccd)",
    _SURFACE: "var(--surface, #fff)",
    _ACCENT: "var(--accent, #1f5f8b)",
    _SECOND: "var(--second, #b7791f)",
} | {colour: f"var(--{outcome.replace(' ', '-')}, #889)" for outcome, colour in _OUTCOMES.items()}
"""Colours that nothing else has, as drawn, and what takes their place in the SVG."""

_RC = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9,
    "text.color": _TEXT,
    "axes.labelcolor": _TEXT,
    "axes.edgecolor": _GRID,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _GRID,
    "grid.linewidth": 0.6,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.color": _GRID,
    "ytick.color": _GRID,
    "xtick.labelcolor": _TEXT,
    "ytick.labelcolor": _TEXT,
    "legend.frameon": False,
}
_WIDTH, _HEIGHT = 5.0, 3.2  # inches of 72 px
_BINS = 10
_LONGEST_LABEL = 24  # characters
_DATES_SHOWN = 5  # more would run into each other


def risk_coverage_plot(curve: Sequence[Sequence[float]]) -> str:
    """Share of wrong answers over the share of questions answered, most confident first: [coverage, risk] points."""
    coverage, risk = zip(*curve, strict=True)
    end = f"{risk[-1]:.0%} wrong at {coverage[-1]:.0%}"

    def draw(axes: Axes) -> None:
        axes.step(coverage, risk, where="post", color=_ACCENT, linewidth=1.8)
        axes.fill_between(coverage, risk, step="post", color=_ACCENT, alpha=0.12, linewidth=0)
        axes.plot([coverage[-1]], [risk[-1]], "o", color=_ACCENT, markersize=5)
        if coverage[-1] < 0.6:  # room to the right of the curve
            axes.annotate(end, (coverage[-1], risk[-1]), xytext=(8, 0), textcoords="offset points", va="center")
        else:
            axes.annotate(end, (coverage[-1], risk[-1]), xytext=(0, 9), textcoords="offset points", ha="right")
        axes.set(xlim=(-0.02, 1.02), ylim=(0, min(1.02, max(0.25, max(risk) * 1.25))))
        axes.set(xlabel="Coverage: questions answered", ylabel="Risk: answers that are wrong")
        _percent(axes, "xy")

    return _drawn("risk-coverage", f"Risk–coverage curve: {end} coverage", draw)


def calibration_plot(confidence: Sequence[float], answerable: Sequence[bool]) -> str:
    """Reliability diagram over ten bins of equal numbers: mean confidence, and the share that is answerable."""
    order = np.argsort(np.asarray(confidence), kind="stable")
    scores, events = np.asarray(confidence)[order], np.asarray(answerable, dtype=float)[order]
    bins = np.array_split(np.arange(len(scores)), min(_BINS, len(scores)))
    points = [(float(scores[b].mean()), float(events[b].mean()), len(b)) for b in bins]

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=_MUTED, linewidth=1, linestyle=(0, (4, 3)))
        xs, ys, counts = zip(*points, strict=True)
        axes.plot(xs, ys, "o-", color=_ACCENT, linewidth=1.4, markersize=6)
        for x, y, n in zip(xs, ys, counts, strict=True):
            below = y > 0.5
            shift = (0, -6) if below else (0, 6)
            axes.annotate(
                str(n), (x, y), xytext=shift, textcoords="offset points", ha="center",
                va="top" if below else "bottom", color=_MUTED, fontsize=7.5,
            )  # fmt: skip
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.04, 1.06), xlabel="Confidence", ylabel="Answerable")
        _percent(axes, "xy")

    told = ", ".join(f"{x:.0%} confident {y:.0%} answerable (n={n})" for x, y, n in points)
    return _drawn("calibration", f"Calibration: {told}", draw)


def latency_plot(latencies: Mapping[str, Mapping[str, float]]) -> str:
    """Median and 95th percentile in milliseconds of every stage, as `evals.figures.latencies` gives them."""
    stages = list(latencies)
    medians, tails = ([latencies[stage][p] for stage in stages] for p in ("p50", "p95"))

    def draw(axes: Axes) -> None:
        rows = np.arange(len(stages))
        axes.barh(rows, tails, height=0.56, color=_ACCENT, alpha=0.22, linewidth=0, label="95th percentile")
        axes.barh(rows, medians, height=0.56, color=_ACCENT, linewidth=0, label="median")
        for row, median, tail in zip(rows, medians, tails, strict=True):
            axes.annotate(
                f"{median:,.0f} / {tail:,.0f}", (tail, row), xytext=(4, 0), textcoords="offset points", va="center"
            )
        axes.set_yticks(rows, [_short(stage) for stage in stages])
        axes.invert_yaxis()
        axes.set(xlabel="Milliseconds", xlim=(0, max(*tails, 1.0) * 1.25))
        axes.grid(axis="y", visible=False)
        _legend(axes)

    told = ", ".join(f"{s} {m:.0f} and {t:.0f}" for s, m, t in zip(stages, medians, tails, strict=True))
    return _drawn("latency", f"Milliseconds by stage, median and 95th percentile: {told}", draw)


def recall_plot(lines: Mapping[str, Mapping[int, tuple[float, float, float]]]) -> str:
    """Named lines of (value, low, high) by the number k of passages looked at."""
    depths = sorted({k for line in lines.values() for k in line})

    def draw(axes: Axes) -> None:
        styles = ((_ACCENT, -0.04, (-6, 4), "right"), (_SECOND, 0.04, (7, -4), "left"))
        for (name, line), (colour, shift, offset, side) in zip(lines.items(), styles, strict=False):
            xs = [depths.index(k) + shift for k in line]
            values, lows, highs = (np.array(column) for column in zip(*line.values(), strict=True))
            spread = [np.maximum(values - lows, 0), np.maximum(highs - values, 0)]
            axes.errorbar(
                xs, values, spread, fmt="o-", color=colour, linewidth=1.6, capsize=3, elinewidth=1, label=name
            )
            for x, value in zip(xs, values, strict=True):
                axes.annotate(
                    f"{value:.0%}", (x, value), xytext=offset, textcoords="offset points",
                    ha=side, va="bottom" if side == "right" else "top", color=colour,
                )  # fmt: skip
        axes.set_xticks(range(len(depths)), [str(k) for k in depths])
        axes.set(xlabel="Passages looked at (k)", xlim=(-0.4, len(depths) - 0.3), ylim=(0, 1.08))
        _percent(axes, "y")
        _legend(axes)

    told = "; ".join(
        f"{name} " + ", ".join(f"{v:.0%} at {k}" for k, (v, _, _) in line.items()) for name, line in lines.items()
    )
    return _drawn("recall", f"Retrieval by number of passages: {told}", draw)


def outcomes_plot(by_kind: Mapping[str, Mapping[Outcome, int]]) -> str:
    """Stacked counts of the outcomes of every kind of question."""
    kinds = list(by_kind)
    shown = [outcome for outcome in OUTCOMES if any(outcome in counts for counts in by_kind.values())]

    def draw(axes: Axes) -> None:
        left = np.zeros(len(kinds))
        for outcome in shown:
            counts = np.array([by_kind[kind].get(outcome, 0) for kind in kinds])
            axes.barh(
                range(len(kinds)), counts, left=left, height=0.68, color=_OUTCOMES[outcome], label=outcome,
                edgecolor=_SURFACE, linewidth=0.8,
            )  # fmt: skip
            for row, (start, n) in enumerate(zip(left, counts, strict=True)):
                if n:
                    axes.text(start + n / 2, row, str(n), ha="center", va="center", color=_SURFACE, fontsize=8)
            left += counts
        axes.set_yticks(range(len(kinds)), [_short(kind) for kind in kinds])
        axes.invert_yaxis()
        axes.set(xlabel="Questions")
        axes.grid(axis="y", visible=False)
        _legend(axes, columns=3)

    told = "; ".join(f"{kind}: " + ", ".join(f"{n} {o}" for o, n in by_kind[kind].items()) for kind in kinds)
    return _drawn("outcomes", f"Outcomes by kind of question: {told}", draw, height=max(2.2, 1.1 + 0.28 * len(kinds)))


def history_plot(lines: Mapping[str, Sequence[float | None]], dates: Sequence[str]) -> str:
    """Named lines of shares over runs of the same questions, oldest first; None where a run has no such figure."""
    at = range(len(dates))

    def draw(axes: Axes) -> None:
        for (name, values), (colour, style) in zip(lines.items(), ((_ACCENT, "o-"), (_SECOND, "s--")), strict=False):
            drawn = [float("nan") if value is None else value for value in values]
            axes.plot(at, drawn, style, color=colour, linewidth=1.6, markersize=4.5, label=name)
        shown = [i for i in at if i in (0, len(dates) - 1) or len(dates) <= _DATES_SHOWN]
        axes.set_xticks(shown, [dates[i] for i in shown])
        axes.set(ylim=(-0.03, 1.05), xlim=(-0.4, len(dates) - 0.6))
        _percent(axes, "y")
        _legend(axes)

    told = "; ".join(
        f"{name} " + ", ".join(f"{v:.0%} on {date}" for v, date in zip(values, dates, strict=True) if v is not None)
        for name, values in lines.items()
    )
    return _drawn("history", f"Runs of the same questions, oldest first: {told}", draw, height=2.3)


def _drawn(name: str, label: str, draw: Callable[[Axes], None], *, height: float = _HEIGHT) -> str:
    """The SVG of one pair of axes; `name` keeps its ids apart from those of other plots."""
    import matplotlib
    from matplotlib.figure import Figure

    text = io.StringIO()
    settings: Any = _RC | {"svg.hashsalt": name}  # Matplotlib's type lists every key there is
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the page's fonts draw the text, not Matplotlib's
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        draw(figure.add_subplot())
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return _for_page(text.getvalue(), name, label)


def _for_page(svg: str, name: str, label: str) -> str:
    """An SVG file made part of a page: without the file's head, and with ids, fonts and colours that fit in."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None
    head = f'<svg {box[0]} role="img" aria-label="{escape(label)}">'
    svg = head + svg[svg.index(">") + 1 :]
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r" font-family: [^;\"]*;?", "", svg)
    return re.sub("|".join(_PAGE_COLOURS), lambda match: _PAGE_COLOURS[match[0]], svg)


def _percent(axes: Axes, which: str) -> None:
    """Ticks as whole percentages."""
    from matplotlib.ticker import PercentFormatter

    for name in which:
        axis = axes.xaxis if name == "x" else axes.yaxis
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _legend(axes: Axes, *, columns: int = 2) -> None:
    """A legend above the plot, where it covers nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=columns, columnspacing=1.2, handlelength=1.2)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
