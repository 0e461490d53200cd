"""The report as one HTML page that needs nothing else: no network, no script.

Questions, answers and passages are data: the template escapes them, and what is marked up here is escaped first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from evals.figures import FIGURES, Figure, FigureSpec, latencies
from evals.report import plots
from evals.report.content import Report, risk_coverage_curve
from evals.report.formatting import MISSING, change_text, interval_text, p_text, value_text
from evals.report.summary import HEADLINE, changes_by_name, mark, outcomes_by_kind
from evals.results import Outcome, Result

__all__ = ["render_html"]

_MARKER = re.compile(r"\s*\[(\d+)\]")
_TIME = FigureSpec(name="latency_ms", label="Time to answer", group="Latency", better="lower", unit="ms")
_SCORED = {spec.name: spec for spec in (*FIGURES, _TIME)}
_DONE: tuple[tuple[Outcome, str], ...] = (
    ("right", "Right"),
    ("rightly abstained", "Rightly declined"),
    ("unjudged", "Not judged"),
)


def render_html(report: Report) -> str:
    """The whole report; open it in any browser, or print it."""
    figures = {figure.spec.name: figure for figure in report.figures}
    results = report.run.results
    by_kind = outcomes_by_kind(results)
    groups: dict[str, list[Figure]] = {}
    for figure in report.figures:
        if figure.n:
            groups.setdefault(figure.spec.group, []).append(figure)
    page: str = _environment().get_template("template.html.j2").render(
        report=report,
        manifest=report.run.manifest,
        headline=[figures[name] for name in HEADLINE if name in figures],
        groups=groups,
        changes=changes_by_name(report),
        by_kind=by_kind,
        outcomes_plot=Markup(plots.outcomes_plot(by_kind)),  # nosec # B704: an SVG of ours, its texts escaped
        plots=list(_plots(report, figures)),
        done=[(title, [r for r in results if r.outcome == outcome]) for outcome, title in _DONE],
        anchors={result.id: f"q{number}" for number, result in enumerate(results, start=1)},
    )  # fmt: skip
    return page


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evals.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": value_text, "p": p_text, "with_markers": _with_markers, "passage": _passage}
    environment.globals |= {
        "MISSING": MISSING,
        "interval": interval_text,
        "moved_by": lambda change: change_text(change.before, change.after, change.spec.unit),
        "mark": mark,
        "source": _source,
        "scores": _scores,
        "stages": _stages,
    }
    return environment


def _plots(report: Report, figures: Mapping[str, Figure]) -> Iterator[tuple[str, str, Markup]]:
    """(title, how to read it, SVG) of every plot that there is data for."""
    results = report.run.results
    curve = risk_coverage_curve(results)
    if curve:
        yield (
            "Risk and coverage",
            "Answers in order of confidence: how many of those given so far are wrong. Low and flat is good.",
            Markup(plots.risk_coverage_plot(curve)),  # nosec # B704: an SVG of ours, its texts escaped
        )
    known = [
        (r.answer["confidence"], r.case["answerable"]) for r in results if r.answer and r.case["answerable"] is not None
    ]
    if known:
        yield (
            "Calibration",
            "Ten bins of equal numbers of questions (counts beside the points). On the dashed line, confidence says "
            "how likely the question is answerable.",
            Markup(plots.calibration_plot(*zip(*known, strict=True))),  # nosec # B704: an SVG of ours, its texts escaped
        )
    by_depth = {measure: _by_depth(figures, measure) for measure in ("success", "recall")}
    lines = {measure: line for measure, line in by_depth.items() if line}
    if lines:
        yield (
            "Retrieval",
            "Success: any supporting passage is among the first k. Recall: the share of them that is. "
            "Bars are 95% intervals.",
            Markup(plots.recall_plot(lines)),  # nosec # B704: an SVG of ours, its texts escaped
        )
    stages = latencies(results)
    if stages:
        yield "Time by stage", "Median and 95th percentile of every stage.", Markup(plots.latency_plot(stages))  # nosec # B704: an SVG of ours, its texts escaped


def _by_depth(figures: Mapping[str, Figure], measure: str) -> dict[int, tuple[float, float, float]]:
    """(value, low, high) of a measure by the k in its name."""
    found = {}
    for name, figure in figures.items():
        stem, _, k = name.partition("@")
        if stem == measure and figure.value is not None and figure.low is not None and figure.high is not None:
            found[int(k)] = (figure.value, figure.low, figure.high)
    return found


def _with_markers(text: str, anchor: str) -> Markup:
    """An answer whose markers [1] lead to its citations."""
    link = rf'<a class="cite" href="#{anchor}-c\1">\1</a>'
    return Markup(_MARKER.sub(link, str(escape(text))))  # nosec # B704: escaped here


def _passage(citation: Mapping[str, Any]) -> Markup:
    """The text of a cited passage, the quoted words highlighted."""
    text, first = citation["text"], citation["start"]
    start = min(max(citation["quote_start"] - first, 0), len(text))
    end = min(max(citation["quote_end"] - first, start), len(text))
    if start == end:
        return escape(text)
    return Markup("{}<mark>{}</mark>{}").format(text[:start], text[start:end], text[end:])


def _source(citation: Mapping[str, Any]) -> dict[str, str | None]:
    """Publisher, date and web address of what the quoted words were published in."""
    origin = citation["origin"] or citation
    url = origin["url"] or ""
    return {
        "publisher": origin["publisher"],
        "date": origin["date"],
        "url": url if url.lower().startswith(("https://", "http://")) else None,
    }


def _scores(result: Result) -> list[tuple[str, str, str]]:
    """(label, value, reason) of every metric that applies, in the order of the report."""
    return [
        (spec.label, value_text(result.scores[name].value, spec.unit), result.scores[name].reason)
        for name, spec in _SCORED.items()
        if name in result.scores
    ]


def _stages(result: Result) -> list[tuple[str, int | None]]:
    """Where the support stood at every stage; nothing where the dataset does not say what it is."""
    trace = result.trace
    if result.error or not result.case.get("quotes"):
        return []
    return [
        ("dense search", trace.dense),
        ("lexical search", trace.lexical),
        ("fused", trace.fused),
        ("evidence", trace.evidence),
    ]
