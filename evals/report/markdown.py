"""The report as Markdown for a pull request: what counts, what changed, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evals.figures import Figure
from evals.report.content import Report
from evals.report.formatting import change_text, interval_text, p_text, value_text
from evals.report.summary import HEADLINE, OUTCOMES, changes_by_name, mark, outcomes_by_kind
from evals.results import Result

__all__ = ["render_markdown"]

_ACTIVE = re.compile(r"[\\`*_\[\]|#~$]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS = {"regressed": "🔻 regressed", "worse": "worse", "better": "better", "": ""}


def render_markdown(report: Report) -> str:
    """The report in short; GitHub shows it as tables and lists."""
    manifest = report.run.manifest
    about = (
        f"{len(report.run.results)} questions",
        _plain(manifest["started"][:10]),
        f"revision {_plain(manifest['revision'] or 'unknown')}",
        f"corpus {_plain(manifest['corpus'])}, {manifest['documents']} documents",
        f"index {_plain(manifest['index_version'])}",
    )
    lines = [
        f"## Evals: {_plain(manifest['dataset'])}, answered by {_plain(manifest['engine'])}",
        "",
        " · ".join(about),
    ]
    for section in (_figures(report), _by_kind(report), _comparison(report), _failures(report)):
        lines += ["", *section]
    return "\n".join(lines).rstrip() + "\n"


def _figures(report: Report) -> Iterator[str]:
    """The headline, and every other figure whose change has a mark."""
    changes = changes_by_name(report)
    names = [*HEADLINE, *(name for name in changes if mark(changes[name]) and name not in HEADLINE)]
    by_name = {figure.spec.name: figure for figure in report.figures}
    header = ["Figure", "Value", "95% interval", "n"]
    if changes:
        header += ["Before", "Change", "p", "Mark"]
    yield from _table(header, [_row(report, by_name[name]) for name in names if name in by_name])
    if report.comparison:
        yield ""
        yield f"Before and change are over the {report.comparison.n} questions of both runs."


def _row(report: Report, figure: Figure) -> list[str]:
    spec = figure.spec
    cells = [spec.label, value_text(figure.value, spec.unit), interval_text(figure.low, figure.high, spec.unit)]
    cells.append(str(figure.n))
    changes = changes_by_name(report)
    if not changes:
        return cells
    change = changes.get(spec.name)
    if change is None:
        return [*cells, "", "", "", ""]
    moved = change_text(change.before, change.after, spec.unit)
    return [*cells, value_text(change.before, spec.unit), moved, p_text(change.p_value), _MARKS[mark(change)]]


def _by_kind(report: Report) -> Iterator[str]:
    counts = outcomes_by_kind(report.run.results)
    shown = [outcome for outcome in OUTCOMES if any(outcome in of for of in counts.values())]
    yield "### Outcomes by kind"
    yield ""
    rows = [[_plain(kind), *(str(of.get(outcome, 0)) for outcome in shown)] for kind, of in counts.items()]
    yield from _table(["Kind", *shown], rows)


def _comparison(report: Report) -> Iterator[str]:
    if report.comparison is None:
        return
    for title, pairs in (("Worse", report.comparison.worse), ("Better", report.comparison.better)):
        yield f"### {title} than the baseline: {len(pairs)}"
        yield ""
        for before, after in pairs:
            yield f"- **{_plain(after.id)}** {_plain(after.case['question'])} ({before.outcome} → {after.outcome})"
        if pairs:
            yield ""


def _failures(report: Report) -> Iterator[str]:
    yield f"### Failures: {len(report.failures)}"
    yield ""
    yield from (_failure(result) for result in report.failures)


def _failure(result: Result) -> str:
    question, reason = _plain(result.case["question"]), _plain(result.reason)
    return f"- **{_plain(result.id)}** {question} — *{result.outcome}*: {reason}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table whose first column is words, and the others numbers."""
    yield _line(header)
    yield _line(["---", *["---:"] * (len(header) - 1)])
    yield from (_line(row) for row in rows)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text of a question or a document in one line, with nothing in it that Markdown or HTML would act on."""
    line = re.sub("[&<>]", lambda match: _MARKUP[match[0]], " ".join(text.split()))
    return _ACTIVE.sub(lambda match: f"\\{match[0]}", line)
