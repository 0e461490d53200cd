"""Shows answers, passages and progress in the terminal; document text is printed, never interpreted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from rag.balance import about_sources
from rag.composing import about_writing
from rag.sync import Progress as ProgressCallback
from rag.types import Answer, Citation, Document, Passage, SyncReport

__all__ = ["progress_bar", "show_answer", "show_passages", "show_report", "show_sources"]

_NEAREST = 240  # characters of a nearest passage
_CONTEXT = 160  # characters of the passage shown before and after the quoted words


@contextmanager
def progress_bar(console: Console) -> Iterator[ProgressCallback]:
    """A bar with rate and time left on a terminal, and silence elsewhere."""
    if not console.is_terminal:
        yield lambda _what, _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total, rate="")
            speed = bars.tasks[tasks[what]].speed
            bars.update(tasks[what], completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

        yield tell


def show_report(console: Console, report: SyncReport) -> None:
    """`added 3, updated 1, unchanged 75, skipped 2: <file>: <why and what to do>`, a line for each skipped file."""
    line = report.summary()
    if len(report.skipped) == 1:
        source, why = report.skipped[0]
        _say(console, f"{line}: {source}: {why}")
    else:
        _say(console, line)
        for source, why in report.skipped:
            _say(console, f"  skipped {source}: {why}")
    for source, twin in report.duplicates:
        _say(console, f"  {source}: the same content as {twin}")
    for note in report.notes:
        _say(console, f"  {note}")


def show_answer(console: Console, answer: Answer) -> None:
    """The answer, then every citation with the quoted words highlighted, publisher, date and link."""
    if answer.standalone_question != " ".join(answer.question.split()):
        console.print(Text(f"Understood as: {answer.standalone_question}", style="dim"))
    console.print(Text(answer.answer, style="yellow" if answer.abstained else ""))
    show_citations(console, answer)


def show_citations(console: Console, answer: Answer) -> None:
    """What stands below an answer: its citations, or the nearest passages where there is no answer."""
    console.print()
    for citation in answer.citations:
        console.print(Text.assemble((f"[{citation.n}] ", "bold cyan"), *_source_parts(citation)), soft_wrap=True)
        console.print(Padding(_quoted(citation), (0, 0, 0, 4)))
    if standing := about_sources(answer):
        console.print(Text(standing, style="dim"))
    if answer.abstained and answer.nearest and answer.abstain_reason != "off-topic":
        console.print(Text("Nearest passages:", style="bold"))
        show_passages(console, answer.nearest, max_chars=_NEAREST)
    for line in about_writing(answer):
        console.print(Text(_one_line(line), style="yellow"))
    if not answer.abstained:
        facts = [f"confidence {answer.confidence:.0%}", answer.engine, f"{answer.timings_ms.total:.0f} ms"]
        if answer.usage:
            facts.append(answer.usage.summary)
        console.print(Text(" · ".join(facts), style="dim"))


def show_passages(
    console: Console, passages: tuple[Passage, ...] | list[Passage], *, max_chars: int | None = None
) -> None:
    """Ranked passages with score, publisher, date and link."""
    for passage in passages:
        document, chunk = passage.document, passage.chunk
        facts = (document.publisher, document.date, chunk.heading, document.url)
        console.print(
            Text.assemble(
                (f"{passage.rank:>2}. ", "bold cyan"),
                (document.display_title, "bold"),
                f"  {passage.score:.3f}",
            )
        )
        console.print(Text("    " + " · ".join(fact for fact in facts if fact), style="dim"), soft_wrap=True)
        text = _one_line(chunk.text)
        shown = text if max_chars is None or len(text) <= max_chars else text[:max_chars] + "…"
        console.print(Padding(Text(shown), (0, 0, 0, 4)))


def show_sources(console: Console, documents: list[Document]) -> None:
    """One line a document."""
    for document in documents:
        twin = f" (near-duplicate of {document.duplicate_of})" if document.duplicate_of else ""
        rest = " · ".join(part for part in (document.publisher, document.date, document.kind) if part)
        console.print(
            Text.assemble((f"{document.doc_id}  ", "bold cyan"), document.display_title, (f"  {rest}{twin}", "dim")),
            soft_wrap=True,
        )


def _source_parts(citation: Citation) -> list[tuple[str, str]]:
    """Title, and the publication that the quoted sentence comes from."""
    origin = citation.origin
    publisher = origin.publisher if origin else citation.publisher
    date, url = (origin.date, origin.url) if origin else (citation.date, citation.url)
    page = f"page {citation.page}" if citation.page else None
    rest = " · ".join(part for part in (publisher, date, page, url) if part)
    return [(citation.title, "bold"), (f"\n    {rest}" if rest else "", "dim")]


def _quoted(citation: Citation) -> Text:
    """The passage around the quoted words, which are highlighted."""
    start, end = citation.quote_start - citation.start, citation.quote_end - citation.start
    before, after = citation.text[max(0, start - _CONTEXT) : start], citation.text[end : end + _CONTEXT]
    lead = "…" if start > _CONTEXT else ""
    trail = "…" if end + _CONTEXT < len(citation.text) else ""
    return Text.assemble(
        (_one_line(lead + before), "dim"),
        (_one_line(citation.quote), "black on yellow"),
        (_one_line(after + trail), "dim"),
    )


def _one_line(text: str) -> str:
    """Line breaks as spaces; control characters, which could drive the terminal, go."""
    return "".join(char if char.isprintable() else " " for char in text)


def _say(console: Console, line: str) -> None:
    console.print(Text(_one_line(line)), soft_wrap=True)
