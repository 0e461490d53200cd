"""The commands around language models: `airace models pull` and `airace replay`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rag.settings import load_settings

__all__ = ["register"]

_models = typer.Typer(no_args_is_help=True, help="Small language models that run in this process.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_models, name="models")
    app.command(epilog='Example: `airace ask "…" --save answer.json`, later `airace replay answer.json`')(replay)


@_models.command(epilog="Example: `airace models pull smollm2`, then `airace ask … --engine local:smollm2`")
def pull(name: Annotated[str, typer.Argument(help="smollm2")]) -> None:
    """Fetch a small model, check it, and put it into the cache folder."""
    from rag.models import pull as fetch

    console = Console(stderr=True, highlight=False)
    console.print(f"Fetching {name} …", markup=False)
    path = fetch(name, load_settings().cache_dir)
    console.print(f"{path}: use it with --engine local:{name}", markup=False, soft_wrap=True)


def replay(
    file: Annotated[Path, typer.Argument(help="Made by `airace ask … --save FILE`.")],
    engine: Annotated[str | None, typer.Option(help="Another engine than the saved one.", show_default=False)] = None,
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Folder of documents.", show_default=False)] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Where the index lives.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Run a saved answer again, and say what changed and why."""
    from rag.cli import ready
    from rag.saving import read_record
    from rag.saving import replay as again

    record = read_record(file)
    options: dict[str, Any] = {"corpus_dir": corpus, "data_dir": data_dir}
    assistant = ready(engine=engine or record["settings"]["engine"], **options)
    found = again(assistant, record)
    if as_json:
        sys.stdout.write(json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n")
        return
    console = Console(highlight=False)
    console.print("The answer is the same." if found.same else "The answer has changed.", markup=False)
    for line in found.differences:
        console.print(line, markup=False, soft_wrap=True)
    for line in found.reasons:
        console.print(f"because of {line}" if not found.same else f"although: {line}", markup=False, soft_wrap=True)
