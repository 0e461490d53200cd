"""The commands of the evals, `airace eval …` and `airace bench …`, added to the command line of `rag.cli`."""

from __future__ import annotations

import typer

from evals.commands_bench import bench
from evals.commands_eval import evals

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(evals, name="eval")
    app.add_typer(bench, name="bench")
