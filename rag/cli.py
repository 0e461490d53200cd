"""The `airace` command: every command parses its arguments, calls the library and prints."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from rag.cli_models import register as register_model_commands
from rag.errors import AiraceError, ConfigurationError
from rag.logs import configure_logs
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.assistant import Assistant

__all__ = ["app", "main", "ready"]

app = typer.Typer(
    name="airace",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Questions and answers on the China–US AI race, every sentence backed by a passage you can open.",
)
corpus_app = typer.Typer(no_args_is_help=True, help="Work on a corpus folder.")
app.add_typer(corpus_app, name="corpus")
register_model_commands(app)
# The base of all usage errors: typer carries its own click, and shows only some of its classes.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]
out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Corpus = Annotated[Path | None, typer.Option("--corpus", help="Folder of documents.", show_default=False)]
DataDirectory = Annotated[Path | None, typer.Option("--data-dir", help="Where the index lives.", show_default=False)]
Engine = Annotated[str | None, typer.Option("--engine", help="What writes the answer.", show_default=False)]
Reranker = Annotated[
    str | None, typer.Option("--reranker", metavar="NAME", help="A cross-encoder for search.", show_default=False)
]
Passages = Annotated[int | None, typer.Option("-k", min=1, max=100, help="Passages to use.", show_default=False)]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="KEY=VALUE", help="Only documents of this publisher, kind, theme …"),
]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Only documents of this date or later.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Only documents of this date or earlier.")]
Auth = Annotated[
    str | None,
    typer.Option(metavar="USER:PASSWORD|FILE", help="Who may use it; see `airace users`.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what is being done.")]


@app.command(epilog='Example: `airace ask "How much did Nvidia lose after DeepSeek?"`')
def ask(
    question: Annotated[str, typer.Argument(help="In natural language.")],
    engine: Engine = None,
    reranker: Reranker = None,
    history: Annotated[Path | None, typer.Option(help="JSON file with earlier messages.")] = None,
    k: Passages = None,
    where: WhereOption = None,
    since: Since = None,
    until: Until = None,
    corpus: Corpus = None,
    data_dir: DataDirectory = None,
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep it for `airace replay`.")] = None,
    as_json: Json = False,
) -> None:
    """Answer one question, with citations."""
    from rag.history_file import read_history
    from rag.saving import ask_and_record, write_record
    from rag.terminal import show_answer

    assistant = ready(corpus_dir=corpus, data_dir=data_dir, engine=engine, reranker=reranker)
    filters = _where(where, since, until)
    messages = [asdict(turn) for turn in read_history(history)] if history else []
    answer, record = ask_and_record(assistant, question, history=messages, k=k, where=filters)
    if save:
        write_record(save, record)
    if as_json:
        _print_json(answer.to_dict())
    else:
        show_answer(out, answer)


@app.command(epilog="Example: `airace chat`, then ask, then “And in 2026?”; an empty line ends the chat.")
def chat(
    engine: Engine = None,
    reranker: Reranker = None,
    history: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Conversation to go on with; it is kept there.")
    ] = None,
    k: Passages = None,
    where: WhereOption = None,
    since: Since = None,
    until: Until = None,
    corpus: Corpus = None,
    data_dir: DataDirectory = None,
) -> None:
    """Ask turn after turn; follow-up questions may lean on the one before."""
    from rag.history_file import read_history, write_history
    from rag.terminal import show_citations
    from rag.types import Retrieved, Sentence, Turn, Verified

    assistant = ready(corpus_dir=corpus, data_dir=data_dir, engine=engine, reranker=reranker)
    filters = _where(where, since, until)
    turns = read_history(history) if history and history.exists() else []
    while question := _prompt():
        shown: list[str] = []
        try:
            for event in assistant.stream(question, history=turns, k=k, where=filters):
                if isinstance(event, Retrieved) and event.standalone_question != question:
                    out.print(f"Understood as: {event.standalone_question}", style="dim", markup=False)
                elif isinstance(event, Sentence):
                    out.print(event.text, end=" ", markup=False)
                    shown += [event.text]
                elif isinstance(event, Verified):
                    out.print()
                    if event.answer.answer != " ".join(shown):  # declined, or quoted after all
                        out.print(event.answer.answer, markup=False)
                    show_citations(out, event.answer)
                    turns += [
                        Turn(role="user", content=question),
                        Turn(role="assistant", content=event.answer.answer),
                    ]
                    if history:
                        write_history(history, turns)
        except AiraceError as error:
            _complain(error)


@app.command(epilog='Example: `airace search "export controls on H20" -k 3 --where kind=official`')
def search(
    question: Annotated[str, typer.Argument(help="In natural language.")],
    k: Passages = None,
    where: WhereOption = None,
    since: Since = None,
    until: Until = None,
    reranker: Reranker = None,
    corpus: Corpus = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Show the passages found for a question, without an answer."""
    from time import perf_counter

    from rag.terminal import show_passages

    assistant = ready(corpus_dir=corpus, data_dir=data_dir, reranker=reranker)
    started = perf_counter()
    passages = assistant.search(question, k=k, where=_where(where, since, until))
    elapsed = round((perf_counter() - started) * 1000, 3)
    if as_json:
        version = assistant.index.manifest.index_version
        found = [passage.to_dict() for passage in passages]
        timings = {"retrieve": elapsed, "total": elapsed}
        _print_json({"question": question, "passages": found, "timings_ms": timings, "index_version": version})
    else:
        show_passages(out, passages)


@app.command(epilog="Examples: `airace ingest` · `airace ingest report.pdf notes/ https://example.org/article`")
def ingest(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="PATH|URL …", help="Files, folders, web pages.")
    ] = None,
    rebuild: Annotated[bool, typer.Option(help="Build the index anew even if nothing has changed.")] = False,
    corpus: Corpus = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Add documents and bring the index up to date; without arguments, index the corpus folder."""
    from rag.terminal import progress_bar, show_report

    assistant = _assistant(corpus_dir=corpus, data_dir=data_dir)
    _log(assistant.settings, verbose)
    with progress_bar(err) as progress:
        if sources:
            report = assistant.ingest(sources, progress=progress)
        else:
            report = assistant.sync(progress=progress, rebuild=rebuild)
    if as_json:
        _print_json(_plain(report) | {"summary": report.summary()})
    else:
        show_report(out, report)


@app.command()
def sources(corpus: Corpus = None, data_dir: DataDirectory = None, as_json: Json = False) -> None:
    """List the documents in the index."""
    from rag.terminal import show_sources

    documents = ready(corpus_dir=corpus, data_dir=data_dir).documents()
    if as_json:
        names = "doc_id title source_title publisher publisher_country date url kind themes language added source"
        fields = [*names.split(), "duplicate_of"]
        rows = [{name: getattr(document, name) for name in fields} for document in documents]
        _print_json({"documents": rows, "count": len(rows)})
    else:
        show_sources(out, documents)


@app.command()
def remove(
    doc_id: Annotated[str, typer.Argument(help="As `airace sources` shows it.")],
    corpus: Corpus = None,
    data_dir: DataDirectory = None,
) -> None:
    """Take a document out of the index; `airace ingest FILE` brings it back."""
    from rag.terminal import show_report

    show_report(out, ready(corpus_dir=corpus, data_dir=data_dir).remove(doc_id))


@app.command(epilog="Example: `airace serve --port 8000`; beyond this machine: `--host 0.0.0.0 --auth name:password`")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 7860,
    auth: Auth = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Offer ask, search and sources to MCP clients as well.")] = False,
    engine: Engine = None,
    reranker: Reranker = None,
    corpus: Corpus = None,
    data_dir: DataDirectory = None,
    verbose: Verbose = False,
) -> None:
    """Open the app in the browser."""
    settings = load_settings(corpus_dir=corpus, data_dir=data_dir, engine=engine, reranker=reranker, auth=auth)
    # The app depends on the library, not the other way round: it is looked up by name.
    import_module("ui.serve").serve(settings, host=host, port=port, mcp=mcp, verbose=verbose)


@app.command()
def doctor(
    corpus: Corpus = None,
    data_dir: DataDirectory = None,
    engine: Engine = None,
    reranker: Reranker = None,
    as_json: Json = False,
) -> None:
    """Check the installation: settings and where they came from, packages, model, index."""
    from rag.doctor import diagnose

    options: dict[str, Any] = {"corpus_dir": corpus, "data_dir": data_dir, "engine": engine, "reranker": reranker}
    report = diagnose(load_settings(**options), options)
    if as_json:
        _print_json(report)
    else:
        for name, setting in report["settings"].items():
            out.print(f"{name:18} {setting['value']}  ({setting['from']})", markup=False, soft_wrap=True)
        for name, version in report["packages"].items():
            out.print(f"{name:24} {version or 'not installed'}", markup=False)
        for check in report["checks"]:
            mark = "ok     " if check["ok"] else "PROBLEM"
            out.print(f"{mark} {check['name']}: {check['detail']}", markup=False, soft_wrap=True)
    if not all(check["ok"] for check in report["checks"]):
        raise typer.Exit(1)


@corpus_app.command("check")
def corpus_check(corpus: Corpus = None) -> None:
    """Validate the documents of a corpus folder; prints one line a finding."""
    from rag.corpus_check import check_corpus

    settings = load_settings(corpus_dir=corpus)
    findings = check_corpus(settings.corpus_dir)
    for finding in findings:
        out.print(str(finding), markup=False, soft_wrap=True)
    err.print(f"{len(findings)} findings in {settings.corpus_dir}", markup=False, soft_wrap=True)
    if findings:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; errors are one line on stderr unless `--debug` is given."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        # Evals and app depend on the library, not the other way round: their commands are looked up by name.
        import_module("evals.commands").register(app)
        import_module("ui.commands").register(app)
        sys.exit(app(args=arguments, standalone_mode=False) or 0)
    except _UsageError as error:
        message = str(getattr(error, "format_message", error.__str__)()).rstrip(".")
        err.print(f"airace: {message}: see airace --help", markup=False, soft_wrap=True)
        sys.exit(2)
    except AiraceError as error:
        if debug:
            raise
        _complain(error)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        err.print(f"airace: {type(error).__name__}: {error} (run again with --debug for details)", markup=False)
        sys.exit(1)


def _assistant(**options: Any) -> Assistant:
    from rag.assistant import Assistant

    return Assistant.open(load_settings(**options))


def ready(**options: Any) -> Assistant:
    """An assistant whose index is there: made now if it is missing or of another corpus."""
    from rag.terminal import progress_bar, show_report

    assistant = _assistant(**options)
    if not assistant.is_indexed:
        settings: Settings = assistant.settings
        if settings.corpus_dir.is_dir():
            err.print(f"Indexing {settings.corpus_dir} (once, it may take a minute) …", markup=False, soft_wrap=True)
        with progress_bar(err) as progress:
            report = assistant.sync(progress=progress)
        show_report(err, report)
    return assistant


def _where(where: list[str] | None, since: str | None, until: str | None) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for item in where or ():
        key, equals, value = item.partition("=")
        if not equals or not value:
            raise ConfigurationError(f"--where {item!r} is not KEY=VALUE", "write for example --where kind=official")
        filters.setdefault(key.strip(), []).append(value.strip())
    for key, date in (("since", since), ("until", until)):
        if date:
            filters[key] = [date]
    return filters


def _prompt() -> str:
    try:
        return input("\n› ").strip()
    except EOFError:
        return ""


def _plain(report: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(report)


def _print_json(data: Any) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def _complain(error: AiraceError) -> None:
    from rag.loading.text import one_line

    err.print(f"airace: {one_line(str(error))}", markup=False, soft_wrap=True)


def _log(settings: Settings, verbose: bool) -> None:
    configure_logs(settings, level=logging.INFO if verbose else logging.WARNING)
