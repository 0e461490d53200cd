"""How good the verifier is, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from evals.verification_eval import Rate, SplitReport

__all__ = ["show_verification"]


def show_verification(console: Console, reports: Sequence[SplitReport]) -> None:
    """A row for each kind of sentence, columns for each split: share judged rightly, interval, count."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Judged rightly")
    for report in reports:
        for title in (report.split, "95% interval", "n"):
            table.add_column(title, justify="right", no_wrap=True)
    by_name = [{rate.name: rate for rate in (report.balanced, *report.kinds)} for report in reports]
    for name in dict.fromkeys(name for rates in by_name for name in rates):
        table.add_row(name.replace("_", " "), *(cell for rates in by_name for cell in _cells(rates.get(name))))
    console.print(table)
    speeds = ", ".join(f"{report.ms_per_sentence:.1f} ms ({report.split})" for report in reports)
    console.print(f"Median time for a sentence: {speeds}")


def _cells(rate: Rate | None) -> tuple[str, str, str]:
    if rate is None:
        return "", "", ""
    return f"{rate.value:.0%}", f"{rate.low:.0%} – {rate.high:.0%}", str(rate.n)
