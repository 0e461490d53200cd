"""The report in the terminal: figures side by side for every run, outcomes by kind, and the first failures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evals.figures import Figure
from evals.report.content import Report
from evals.report.formatting import MISSING, change_text, interval_text, value_text
from evals.report.summary import OUTCOMES, changes_by_name, mark, outcomes_by_kind

__all__ = ["show_reports"]

_FAILURES = 10  # shown of each run
_STYLES = {"regressed": "bold red", "worse": "red", "better": "green", "": "dim"}


def show_reports(console: Console, reports: Sequence[Report]) -> None:
    """Print what the runs found; questions and reasons are printed as they are, never interpreted."""
    console.print(_figures(reports))
    for report in reports:
        console.print()
        console.print(_by_kind(report))
        _show_failures(console, report)
        console.print(Text(f"Full report: {report.folder / 'report.html'}"), soft_wrap=True)


def _figures(reports: Sequence[Report]) -> Table:
    """A row for each figure and columns for each run: value, interval, count, and change since the baseline."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Figure")
    for report in reports:
        table.add_column(_name(report, reports), justify="right")
        table.add_column("95% interval", justify="right", no_wrap=True)
        table.add_column("n", justify="right")
        if report.comparison:
            table.add_column("since baseline", justify="right", no_wrap=True)
    of_all = zip(*(report.figures for report in reports), strict=True)
    rows = [row for row in of_all if any(figure.n for figure in row)]
    for group, of_group in groupby(rows, key=lambda row: row[0].spec.group):
        table.add_row(Text(group, style="bold cyan"))
        for row in of_group:
            cells = [cell for report, figure in zip(reports, row, strict=True) for cell in _cells(report, figure)]
            table.add_row(Padding(Text(row[0].spec.label), (0, 0, 0, 2)), *cells)
    return table


def _cells(report: Report, figure: Figure) -> list[Text]:
    spec = figure.spec
    cells = [
        Text(value_text(figure.value, spec.unit), style="bold"),
        Text(interval_text(figure.low, figure.high, spec.unit)),
        Text(str(figure.n), style="dim"),
    ]
    if report.comparison:
        change = changes_by_name(report).get(spec.name)
        moved = change_text(change.before, change.after, spec.unit) if change else MISSING
        cells.append(Text(f"{moved} {mark(change)}".rstrip(), style=_STYLES[mark(change)]))
    return cells


def _by_kind(report: Report) -> Table:
    counts = outcomes_by_kind(report.run.results)
    shown = [outcome for outcome in OUTCOMES if any(outcome in of for of in counts.values())]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text(f"Outcomes, {_one_line(report.run.manifest['engine'])}"))
    for outcome in shown:
        table.add_column(outcome, justify="right")
    for kind, of in counts.items():
        numbers = (str(of[outcome]) if outcome in of else "" for outcome in shown)
        table.add_row(Text(f"  {_one_line(kind)}"), *numbers)
    return table


def _show_failures(console: Console, report: Report) -> None:
    failures = report.failures
    console.print()
    if len(failures) > _FAILURES:
        console.print(Text(f"{len(failures)} failures, the first {_FAILURES}:", style="bold"))
    else:
        console.print(Text(f"{len(failures)} failures", style="bold"))
    for result in failures[:_FAILURES]:
        question = _one_line(result.case["question"])
        console.print(Text.assemble((_one_line(result.id), "bold cyan"), "  ", question), soft_wrap=True)
        console.print(Text(f"    {result.outcome}: {_one_line(result.reason)}", style="dim"), soft_wrap=True)
    console.print()


def _name(report: Report, reports: Sequence[Report]) -> Text:
    """The engine; where two runs have the same, the folder."""
    engines = [other.run.manifest["engine"] for other in reports]
    engine = report.run.manifest["engine"]
    return Text(_one_line(engine if engines.count(engine) == 1 else report.folder.name))


def _one_line(text: str) -> str:
    """Text without line ends and control characters, which could move the cursor or change colours."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
