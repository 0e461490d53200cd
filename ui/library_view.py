"""HTML of the library: the table of documents, what is in force, reports, and the health of the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from rag.health import IndexHealth
from rag.loading import is_url
from rag.types import Document, SyncReport
from ui.render import safe
from ui.scope import scope_text

__all__ = ["health_view", "in_force", "problem", "report_view", "source_name", "table"]

_MAX_ROWS = 1000
_COLUMNS = ("Title", "Publisher", "Country", "Kind", "Date", "Themes", "Passages")
_SHOWN_THEMES = 3


def in_force(where: Mapping[str, str | Sequence[str]], n_matching: int, n_documents: int) -> str:
    """Which documents the chat searches, with a way back to all."""
    if not where:
        return f'<div class="in-force" role="status">The chat searches all {n_documents} documents.</div>'
    return (
        f'<div class="in-force active" role="status">The chat searches only {n_matching} of {n_documents} documents: '
        f'{safe(scope_text(where))} <button class="plain" data-clear="1">clear</button></div>'
    )


def table(documents: Sequence[Document], passages: Mapping[str, int]) -> str:
    """The documents, a row each; sorting, searching and choosing happen in the browser."""
    if not documents:
        return '<div class="nothing">No document matches. Clear the filters to see all.</div>'
    heads = "".join(
        f'<th scope="col" data-column="{number}"><button class="sort">{name}</button></th>'
        for number, name in enumerate(_COLUMNS)
    )
    rows = "".join(_row(document, passages.get(document.doc_id, 0)) for document in documents[:_MAX_ROWS])
    more = f'<p class="nothing">The first {_MAX_ROWS} are listed; filter to see others.</p>'
    return (
        '<div class="shelf-bar"><input type="search" placeholder="Search titles, publishers, themes …" '
        'aria-label="Search the list of documents"><span class="count" role="status"></span>'
        '<span class="chosen" hidden><button class="tool" data-do="only">Ask only these</button>'
        '<button class="tool danger" data-do="remove">Remove …</button></span></div>'
        '<dialog class="confirm"><p></p><ul></ul><p class="facts">Files in the corpus folder stay where they are, and '
        'come back when they are added again.</p><div class="row"><button class="tool" data-do="keep">Keep</button>'
        '<button class="tool danger" data-do="confirm">Remove from the index</button></div></dialog>'
        '<table class="shelf"><thead><tr><th scope="col"><input type="checkbox" class="all" aria-label="Choose all '
        f'listed"></th>{heads}</tr></thead><tbody>{rows}</tbody></table>{more if len(documents) > _MAX_ROWS else ""}'
    )


def _row(document: Document, n_passages: int) -> str:
    title = safe(document.display_title)
    themes = document.themes[:_SHOWN_THEMES]
    more = f" +{len(document.themes) - len(themes)}" if len(document.themes) > len(themes) else ""
    twin = (
        f'<span class="facts">near-duplicate of {safe(document.duplicate_of)}</span>' if document.duplicate_of else ""
    )
    cells = (
        ("publisher", safe(document.publisher or "")),
        ("country", safe(document.publisher_country or "")),
        ("kind", safe(document.kind or "")),
        ("date", safe(document.date or "")),
        ("themes", f'<span title="{safe(", ".join(document.themes))}">{safe(", ".join(themes))}{more}</span>'),
        ("passages", str(n_passages)),
    )
    return (
        f'<tr data-id="{safe(document.doc_id)}" data-words="{safe(" ".join((document.doc_id, *document.themes)))}"><td>'
        f'<input type="checkbox" aria-label="Choose {title}"></td>'
        f'<td class="title"><button class="open">{title}</button>{twin}</td>'
        + "".join(f'<td class="{name}">{value}</td>' for name, value in cells)
        + "</tr>"
    )


def source_name(source: str) -> str:
    """An address as it is; of a file its name alone."""
    return source if is_url(source) else PurePath(source).name


def report_view(report: SyncReport, documents: Mapping[str, Document], given: Sequence[str]) -> str:
    """What became of each file and address that was given."""
    names = [source_name(source) for source in given]
    lines: dict[str, str] = {}
    for word, ids in (("added", report.added), ("updated", report.updated)):
        for document in (documents[doc_id] for doc_id in ids if doc_id in documents):
            lines[source_name(document.source)] = f'<b class="good">{word}</b> {safe(document.display_title)}'
    for source, twin in report.duplicates:
        lines[source_name(source)] = f'<b class="warn">not added</b> the same content as {safe(twin)}'
    for source, reason in report.skipped:
        lines[source_name(source)] = f'<b class="bad">not added</b> {safe(reason)}'
    items = "".join(
        f"<li>{safe(name)}: {lines.get(name, '<b>unchanged</b> it is there already')}</li>" for name in names
    )
    notes = "".join(f"<li>{safe(note)}</li>" for note in report.notes)
    return f'<ul class="report" role="status">{items}{notes}</ul>'


def problem(error: object) -> str:
    """An error in one line."""
    return f'<div class="error" role="alert">{safe(str(error))}</div>'


def health_view(health: IndexHealth) -> str:
    """What the index was made from, what was left out, and whether it is sound."""
    manifest = health.manifest
    facts = (
        ("Documents", f"{manifest.n_documents} in {manifest.n_chunks} passages"),
        ("Embedding model", f"{manifest.embedding_model}, {manifest.dimension} dimensions"),
        ("Model version", manifest.embedder),
        ("Chunker version", manifest.chunker),
        ("Index version", manifest.index_version),
        ("Built", manifest.created.replace("T", " ").replace("+00:00", " UTC")),
        ("Size on disk", f"{health.bytes_on_disk / 1e6:.1f} MB"),
    )
    terms = "".join(f"<dt>{name}</dt><dd>{safe(value)}</dd>" for name, value in facts)
    findings = "".join(
        (
            _findings("Duplicates", [f"{source} is the same as {twin}" for source, twin in health.duplicates]),
            _findings("Near-duplicates", [f"{doc_id} repeats {twin}" for doc_id, twin in health.near_duplicates]),
            _findings("Files without readable text", [f"{source}: {why}" for source, why in health.skipped]),
            _findings("Damage", list(health.disagreements)),
        )
    )
    return f'<div class="health"><dl>{terms}</dl><div>{findings}</div></div>'


def _findings(name: str, lines: Sequence[str]) -> str:
    if not lines:
        return f'<p><b class="good">✓</b> {name}: none</p>'
    items = "".join(f"<li>{safe(line)}</li>" for line in lines)
    return f'<details open><summary><b class="warn">!</b> {name}: {len(lines)}</summary><ul>{items}</ul></details>'
