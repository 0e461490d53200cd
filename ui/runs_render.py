"""HTML of the runs of the evals. Everything that comes from outside passes through `safe`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.compare import Change, Comparison
from evals.figures import Figure, figures
from evals.report.formatting import change_text, p_text, value_text
from evals.report.plots import history_plot
from evals.report.summary import HEADLINE, mark
from evals.results import Result, Run
from ui.eval_runs import JobState, PastRun
from ui.render import safe

__all__ = ["comparison_page", "framed", "history", "message", "progress"]

_HISTORY = {"right": "right answers", "abstention_recall": "rightly declined"}
_Pair = tuple[Result, Result]


def message(text: str, *, is_problem: bool = False) -> str:
    """One line; a problem is told to screen readers at once."""
    role, kind = ("alert", "problem") if is_problem else ("status", "quiet")
    return f'<div class="{kind}" role="{role}">{safe(text)}</div>' if text else ""


def progress(state: JobState) -> str:
    """How far the run is, or how it ended."""
    if state.problem:
        return message(state.problem, is_problem=True)
    if state.was_stopped:
        return message(f"Stopped after {state.done} of {state.total} questions; nothing of the run was kept.")
    if state.folder:
        return message(f"Finished {state.total} questions. The report is below, its files are in {state.folder}.")
    if not state.is_running:
        return ""
    doing = "Writing the report …" if state.done == state.total else f"{state.done} of {state.total} questions answered"
    return (
        f'<div class="quiet" role="status">{doing}</div><div class="bar" role="progressbar" aria-label="Run" '
        f'aria-valuemin="0" aria-valuemax="{state.total}" aria-valuenow="{state.done}">'
        f'<span style="width:{100 * state.done / state.total:.1f}%"></span></div>'
    )


def framed(page: str) -> str:
    """A report in a frame of the same origin in which no script runs; `report.js` sees to its height and links."""
    return (
        f'<iframe class="report" title="Report of the run" sandbox="allow-same-origin" srcdoc="{safe(page)}"></iframe>'
    )


def history(runs: Sequence[tuple[PastRun, Run]]) -> str:
    """A plot of runs of the same questions, and a table of the same figures; `runs` are newest first."""
    if not runs:
        return '<div class="empty">No run yet. Choose a dataset and run it: the report opens here.</div>'
    rows = [{figure.spec.name: figure for figure in figures(run.results, with_intervals=False)} for _, run in runs]
    body = "".join(
        f'<tr><th scope="row">{safe(past.manifest["started"][:16].replace("T", " "))}</th>'
        f"<td>{safe(past.manifest['engine'])}</td><td>{safe(str(past.manifest.get('revision') or '–'))}</td>"
        + "".join(f"<td>{value_text(row[name].value, 'rate')}</td>" for name in _HISTORY)
        + f"<td>{value_text(row['latency_p50'].value, 'ms')}</td></tr>"
        for (past, _), row in zip(runs, rows, strict=True)
    )
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Run (UTC)", "Engine", "Revision", "Right", "Declined", "Median")
    )
    return (
        f'{_plot(runs, rows)}<div class="scroll" tabindex="0" role="region" aria-label="Runs">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _plot(runs: Sequence[tuple[PastRun, Run]], rows: Sequence[dict[str, Figure]]) -> str:
    """The lines of the figures over time, where there are two runs or more."""
    if len(runs) < 2:
        return message("This is the only run of these questions: with the next one a plot shows how they changed.")
    lines = {label: [row[name].value for row in reversed(rows)] for name, label in _HISTORY.items()}
    drawn = {label: line for label, line in lines.items() if any(value is not None for value in line)}
    dates = [past.manifest["started"][5:16].replace("T", " ") for past, _ in reversed(runs)]
    caption = f"<figcaption>{len(runs)} runs of the same questions</figcaption>"
    return f'<figure class="history">{caption}{history_plot(drawn, dates)}</figure>'


def comparison_page(before: Run, after: Run, found: Comparison) -> str:
    """Two runs question by question: what went worse, what better, what was said in other words, and the rest."""
    old = {result.id: result for result in before.results}
    moved = {result.id for _, result in (*found.worse, *found.better)}
    others = [(old[result.id], result) for result in after.results if result.id in old and result.id not in moved]
    reworded = [(a, b) for a, b in others if _said(a) != _said(b)]
    same = [(a, b) for a, b in others if _said(a) == _said(b)]
    return (
        '<section class="comparison" aria-label="Comparison">'
        f"<p>{found.n} questions are in both runs: {len(found.better)} went better, {len(found.worse)} worse.</p>"
        f'<div class="tiles">{"".join(_tiles(found))}</div>{_all_changes(found)}'
        + _pairs("Worse", found.worse, is_open=True)
        + _pairs("Better", found.better, is_open=True)
        + _pairs("Same outcome, other words", reworded)
        + _pairs("The same", same)
        + "</section>"
    )


def _tiles(found: Comparison) -> Iterator[str]:
    for change in found.changes:
        if change.spec.name in HEADLINE:
            yield (
                f'<div class="tile"><span class="what">{safe(change.spec.label)}</span>'
                f'<span class="big">{value_text(change.after, change.spec.unit)}</span>'
                f'<span class="quiet">{_moved(change)} · was {value_text(change.before, change.spec.unit)}</span></div>'
            )


def _all_changes(found: Comparison) -> str:
    rows = "".join(
        f'<tr><th scope="row">{safe(change.spec.label)}</th><td>{value_text(change.before, change.spec.unit)}</td>'
        f"<td>{value_text(change.after, change.spec.unit)}</td><td>{_moved(change)}</td>"
        f"<td>{p_text(change.p_value)}</td><td>{change.n}</td></tr>"
        for change in found.changes
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Figure", "Before", "Now", "Change", "p", "n"))
    return (
        '<details><summary>All figures</summary><div class="scroll" tabindex="0" role="region" '
        f'aria-label="All figures"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _moved(change: Change) -> str:
    found = mark(change)
    text = change_text(change.before, change.after, change.spec.unit)
    return f'<b class="{found}">{text} ({found})</b>' if found else text


def _pairs(title: str, pairs: Sequence[_Pair], *, is_open: bool = False) -> str:
    if not pairs:
        return ""
    rows = "".join(_pair(before, after) for before, after in pairs)
    return (
        f'<details class="pairs"{" open" if is_open else ""}><summary>{title} ({len(pairs)})</summary>{rows}</details>'
    )


def _pair(before: Result, after: Result) -> str:
    sides = "".join(
        f'<div class="side"><div>{name}: {_badge(result)}</div><div class="quiet">{safe(result.reason)}</div>'
        f"<p>{safe(_said(result))}</p></div>"
        for name, result in (("Before", before), ("Now", after))
    )
    return (
        f'<details class="pair"><summary><span class="asked">{safe(after.case["question"])}</span> '
        f"{_badge(before)} → {_badge(after)}</summary>"
        f'<div class="sides">{sides}</div></details>'
    )


def _badge(result: Result) -> str:
    return f'<span class="outcome {result.outcome.replace(" ", "-")}">{result.outcome}</span>'


def _said(result: Result) -> str:
    return str(result.answer["answer"]) if result.answer else str(result.error)
