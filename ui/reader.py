"""HTML of the reader: a whole document, opened at the exact words of a citation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.sentences import iter_blocks
from rag.types import Citation, Document, Origin
from ui.render import joined, link, place_key, safe

__all__ = ["Place", "cited_place", "empty_reader", "reader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the reader opens: the quoted words, the passage around them, and where they were cited.

    quote: Offsets of the words to highlight; an empty span highlights none.
    passage: Offsets of the passage, marked faintly.
    turn: Number of the turn in the conversation.
    n: Number of the citation in the answer; 0 for a passage that was not cited.
    citations: All citations of the answer, in order.
    lost: Quoted words that the document no longer has; "" if it has them.
    """

    quote: tuple[int, int]
    passage: tuple[int, int]
    turn: int = 0
    n: int = 0
    citations: Sequence[Citation] = ()
    lost: str = ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of text and the tags around it."""

    start: int
    end: int
    opening: str
    closing: str


def cited_place(document: Document, citation: Citation, *, turn: int, citations: Sequence[Citation]) -> Place:
    """Where a citation stands in the document as it is now, which may have changed since the answer was given."""
    shift = _shift(document, citation)
    if shift is None:
        return Place(quote=(0, 0), passage=(0, 0), turn=turn, n=citation.n, citations=citations, lost=citation.quote)
    quote = (citation.quote_start + shift, citation.quote_end + shift)
    passage = (max(0, citation.start + shift), citation.end + shift)
    return Place(quote=quote, passage=passage, turn=turn, n=citation.n, citations=citations)


def _shift(document: Document, citation: Citation) -> int | None:
    """How far the quoted words have moved; None if they are gone."""
    if document.text.startswith(citation.quote, citation.quote_start):
        return 0
    found = document.text.find(citation.quote)
    return found - citation.quote_start if found >= 0 else None


def empty_reader(message: str = "Click a number or a source: the document opens here.") -> str:
    """The reader without a document."""
    return f'<div class="reader empty"><p>{safe(message)}</p></div>'


def reader(document: Document, place: Place) -> str:
    """The document with the quoted words highlighted, and the answer's other citations of it marked."""
    body = "".join(_body(document, _marks(document, place)))
    title = safe(document.display_title)
    key = place_key(document.doc_id, place.quote[0])
    origin = document.origin_at(*place.quote)
    header = f'{_steps(place)}<h2 tabindex="-1">{title}</h2>{_facts(document, origin)}{_lost(place)}'
    return (
        f'<article class="reader" data-turn="{place.turn}" data-n="{place.n}" data-key="{key}" aria-label="{title}">'
        f"<header>{header}{'' if place.lost else _origin(document, place.quote[0], origin)}</header>"
        f'<div class="body" tabindex="0" role="region" aria-label="Text of the document">{body}</div></article>'
    )


def _steps(place: Place) -> str:
    """Where this is among the answer's citations, with the way to the others; and the way out."""
    close = '<button class="close" aria-label="Close the document" title="Close (Esc)">×</button>'
    last = len(place.citations)
    if not place.n:
        label = "Nearest passage" if any(place.passage) else "Document"
        return f'<nav class="steps"><span>{label}</span>{close}</nav>'
    buttons = [
        f'<button class="step" data-step="{step}" aria-label="{label} citation" title="{label} citation ({key})"'
        f"{' disabled' if not 1 <= place.n + step <= last else ''}>{sign}</button>"
        for step, label, key, sign in ((-1, "Previous", "←", "‹"), (1, "Next", "→", "›"))
    ]
    return f'<nav class="steps">{buttons[0]}<span>Citation {place.n} of {last}</span>{buttons[1]}{close}</nav>'


def _lost(place: Place) -> str:
    if not place.lost:
        return ""
    said = "The document has changed since the answer was given, and no longer has these words"
    return f'<div class="lost" role="alert">{said}: “{safe(place.lost)}”</div>'


def _facts(document: Document, origin: Origin | None) -> str:
    """What is known about the document; its source unless the highlighted words come from that very one."""
    themes = ", ".join(document.themes)
    lines = [safe(joined(document.publisher, document.publisher_country, document.kind, document.date, themes))]
    if origin is None or origin.url != document.url:
        source = document.source_title and f"Drawn from “{document.source_title}”"
        lines.append(link(document.url, source or document.url) if document.url else safe(source or ""))
    return "".join(f'<div class="facts">{line}</div>' for line in lines if line)


def _origin(document: Document, offset: int, origin: Origin | None) -> str:
    """Where the quoted sentence comes from, with its link, and the page that it is on."""
    parts = []
    if origin is not None:
        name = joined(origin.publisher, origin.title, origin.date)
        parts.append(f"The highlighted words come from {link(origin.url, name) if origin.url else safe(name)}.")
    if page := _page(document, offset):
        parts.append(f"On {page}.")
    return f'<div class="origin">{" ".join(parts)}</div>' if parts else ""


def _page(document: Document, offset: int) -> str:
    """`page 3 of 12`, as a link to that page of the original where its address is known; "" without pages."""
    page = document.page_at(offset)
    if page is None:
        return ""
    name = f"page {page} of {len(document.page_starts)}"
    return link(f"{document.url.partition('#')[0]}#page={page}", name) if document.url else name


def _marks(document: Document, place: Place) -> list[_Mark]:
    """What is marked, the most important first."""
    marks = [_Mark(*place.quote, '<mark class="quoted">', "</mark>")]
    for citation in place.citations:
        shift = _shift(document, citation) if citation.doc_id == document.doc_id else None
        if shift is not None and citation.n != place.n:
            start, end = citation.quote_start + shift, citation.quote_end + shift
            opening = f'<mark class="cited" data-n="{citation.n}" title="Citation {citation.n}">'
            marks.append(_Mark(start, end, opening, "</mark>"))
    return [*marks, _Mark(*place.passage, '<span class="passage">', "</span>")]


def _body(document: Document, marks: Sequence[_Mark]) -> Iterator[str]:
    text = document.text
    pages = iter([*enumerate(document.page_starts, start=1), (0, len(text) + 1)])
    page, page_start = next(pages)
    for block in iter_blocks(text):
        while page and page_start <= block.start:
            yield f'<div class="page" id="page-{page}">page {page}</div>'
            page, page_start = next(pages)
        if block.level:
            level = min(max(block.level, 2) + 1, 6)  # below the title, whether or not the text has its own
            yield f"<h{level}>{safe(block.title)}</h{level}>"
        else:
            yield f"<p>{_marked(text, block.start, block.end, marks)}</p>"


def _marked(text: str, start: int, end: int, marks: Sequence[_Mark]) -> str:
    """text[start:end], each piece within the first mark that covers it."""
    points = {min(max(point, start), end) for mark in marks for point in (mark.start, mark.end)}
    parts = []
    for first, last in itertools.pairwise(sorted({start, end, *points})):
        piece = safe(text[first:last])
        mark = next((mark for mark in marks if mark.start <= first and last <= mark.end), None)
        parts.append(f"{mark.opening}{piece}{mark.closing}" if mark else piece)
    return "".join(parts)
