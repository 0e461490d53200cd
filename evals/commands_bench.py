"""The commands `airace bench …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from rag.settings import load_settings

__all__ = ["bench"]

bench = typer.Typer(no_args_is_help=True, help="Run third-party benchmarks, and measure the speed.")
_out, _err = Console(highlight=False), Console(stderr=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Data = Annotated[Path, typer.Option("--data", help="The benchmark's file.")]


@bench.command()
def chunking(
    questions: Annotated[Path, typer.Option(help="CSV with question, references, corpus_id.")],
    corpora: Annotated[Path, typer.Option(help="Folder of the corpora that the questions are about.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Passages to retrieve.")] = 5,
    as_json: Json = False,
) -> None:
    """Chroma's chunking questions: characters recalled and precision of the first passages."""
    from evals.benchmarks import run_chunking

    with _progress() as progress:
        result = run_chunking(questions, corpora, load_settings(), k=k, progress=progress)
    _show(result, as_json)


@bench.command()
def xquad(data: Data, as_json: Json = False) -> None:
    """XQuAD: right passage, right sentence, right words in the answer."""
    _run_squad(data, as_json)


@bench.command()
def squad(data: Data, as_json: Json = False) -> None:
    """Any file in SQuAD's form: as `xquad`."""
    _run_squad(data, as_json)


@bench.command()
def mtrag(
    data: Data,
    pool: Annotated[list[Path] | None, typer.Option(help="JSON lines with further passages.")] = None,
    as_json: Json = False,
) -> None:
    """MTRAG-UN: follow-up questions, and which of them cannot be answered."""
    from evals.benchmarks import run_mtrag

    with _progress() as progress:
        result = run_mtrag(data, load_settings(), pools=pool or (), progress=progress)
    _show(result, as_json)


@bench.command()
def speed(
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Folder of documents.", show_default=False)] = None,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long the simultaneous users ask.")] = 10,
    as_json: Json = False,
) -> None:
    """Speed beside LangChain's stock pipeline, indexing and asking, and with 32 users at once."""
    from evals.benchmarks import run_speed

    with _progress() as progress:
        result = run_speed(load_settings(corpus_dir=corpus), seconds=seconds, progress=progress)
    _show(result, as_json)


@bench.command()
def growth(
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Folder of documents.", show_default=False)] = None,
    passages: Annotated[list[int] | None, typer.Option(min=1, help="How many, once for every step.")] = None,
    as_json: Json = False,
) -> None:
    """Search, memory, disk and sync at 1,000, 10,000 and 100,000 passages."""
    from evals.benchmarks import run_growth

    with _progress() as progress:
        sizes = passages or [1_000, 10_000, 100_000]
        result = run_growth(load_settings(corpus_dir=corpus), sizes=sizes, progress=progress)
    _show(result, as_json)


def _run_squad(data: Path, as_json: bool) -> None:
    from evals.benchmarks import run_squad

    with _progress() as progress:
        result = run_squad(data, load_settings(), progress=progress)
    _show(result, as_json)


@contextmanager
def _progress() -> Iterator[Any]:
    from rag.terminal import progress_bar

    with progress_bar(_err) as progress:
        yield progress


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    for name, value in result.items():
        shown = f"{value:.4f}" if isinstance(value, float) else value
        _out.print(f"{name:24} {shown}", markup=False, soft_wrap=True)
