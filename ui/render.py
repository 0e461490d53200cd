"""HTML of the chat and the reader. Everything that comes from outside passes through `safe`."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from rag.balance import about_sources
from rag.citing import marked
from rag.composing import NOT_SUPPORTED, about_writing
from rag.sentences import iter_blocks
from rag.types import Answer, AnswerSentence, Citation, Conflict, Document, Passage

__all__ = ["Turn", "empty_reader", "reader", "safe", "transcript", "welcome"]

_QUOTE_PREVIEW = 220  # characters of a quote shown on a source card
_LABEL_PREVIEW = 300  # characters of a quote shown when hovering over a marker
_MARKER = re.compile(r"\s*\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came back: an answer, text still arriving, or an error."""

    question: str
    answer: Answer | None = None
    provisional: str = ""
    error: str = ""


def safe(text: str) -> str:
    """Text as HTML that shows it and does nothing; `$` and braces too, which Gradio's templates could read."""
    escaped = html.escape(text, quote=True)
    return escaped.replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;")


def welcome(subject: str, questions: Sequence[str]) -> str:
    """What stands in the chat before the first question."""
    buttons = "".join(
        f'<button class="example" data-question="{safe(question)}">{safe(question)}</button>' for question in questions
    )
    return (
        f'<div class="welcome"><h2>Ask about {safe(subject)}</h2>'
        "<p>Every sentence of an answer comes from a document. Click a number to read it there, at the exact words.</p>"
        f'<div class="examples">{buttons}</div></div>'
    )


def transcript(turns: Sequence[Turn]) -> str:
    """The conversation so far."""
    return (
        '<div class="transcript" role="log" aria-live="polite">'
        + "".join(_turn(number, turn) for number, turn in enumerate(turns))
        + "</div>"
    )


def _turn(number: int, turn: Turn) -> str:
    question = f'<div class="question">{safe(turn.question)}</div>'
    if turn.error:
        return f'{question}<div class="error" role="alert">{safe(turn.error)}</div>'
    if turn.answer is None:
        text = safe(_MARKER.sub("", turn.provisional)) or "Searching the documents …"
        return f'{question}<div class="answer provisional">{text}</div>'
    return question + (_abstention if turn.answer.abstained else _answer)(number, turn.answer)


def _answer(number: int, answer: Answer) -> str:
    by_number = {citation.n: citation for citation in answer.citations}
    n_quoted = len(answer.sentences) - len(answer.conflicts)  # the last ones say where sources differ
    sentences = " ".join(_sentence(number, sentence, by_number) for sentence in answer.sentences[:n_quoted])
    differing = "".join(_conflict(number, conflict, by_number) for conflict in answer.conflicts)
    cards = "".join(_card(number, citation) for citation in answer.citations)
    meta = f"confidence {answer.confidence:.0%} · {answer.engine} · {answer.timings_ms.total:.0f} ms"
    return (
        f'<div class="answer">{_understood(answer)}<p>{sentences}</p>{differing}</div>'
        f'<div class="sources" aria-label="Sources">{cards}</div>'
        f'{_standing(answer)}<div class="meta">{safe(meta)}</div>'
    )


def _abstention(number: int, answer: Answer) -> str:
    cards = (
        ""
        if answer.abstain_reason == "off-topic"
        else "".join(_near_card(number, passage) for passage in answer.nearest)
    )
    nearest = f'<div class="near-title">Nearest passages</div><div class="sources">{cards}</div>' if cards else ""
    by_number = {citation.n: citation for citation in answer.citations}
    quoted = "".join(_sentence(number, sentence, by_number) for sentence in answer.sentences)
    said = answer.answer
    for sentence in answer.sentences:
        said = said.removesuffix(marked(sentence))
    return (
        f'<div class="answer abstained">{_understood(answer)}<strong>No answer in the documents.</strong> '
        f"<p>{safe(said)}{quoted}</p></div>{_standing(answer)}{nearest}"
    )


def _standing(answer: Answer) -> str:
    """How the answer came about, how new the sources are, and whether they are all of one side."""
    text = about_sources(answer)
    lines = [*about_writing(answer), *([text] if text else [])]
    return "".join(f'<div class="meta">{safe(line)}</div>' for line in lines)


def _conflict(turn: int, conflict: Conflict, citations: dict[int, Citation]) -> str:
    """What sources differ on, each value with its marker."""
    values = ", ".join(safe(value.value) + _marker(turn, citations[value.citation]) for value in conflict.values)
    return f'<p class="differing">Sources differ on {safe(conflict.about)}: {values}.</p>'


def _understood(answer: Answer) -> str:
    if " ".join(answer.question.split()) == answer.standalone_question:
        return ""
    return f'<div class="understood">Understood as: {safe(answer.standalone_question)}</div>'


def _sentence(turn: int, sentence: AnswerSentence, citations: dict[int, Citation]) -> str:
    markers = "".join(_marker(turn, citations[n]) for n in sentence.citations)
    said_by = f' <span class="said-by">({safe(sentence.said_by)})</span>' if sentence.said_by else ""
    doubt = "" if sentence.supported else f' <strong class="unsupported">{safe(NOT_SUPPORTED)}</strong>'
    return f'<span class="sentence">{safe(sentence.text)}{markers}{said_by}{doubt}</span>'


def _marker(turn: int, citation: Citation) -> str:
    label = f"“{_shortened(citation.quote, _LABEL_PREVIEW)}” — {_provenance(citation)}"
    return (
        f'<button class="cite" data-turn="{turn}" data-n="{citation.n}" title="{safe(label)}" '
        f'aria-label="Source {citation.n}: {safe(_provenance(citation))}">{citation.n}</button>'
    )


def _card(turn: int, citation: Citation) -> str:
    return (
        f'<button class="card" data-turn="{turn}" data-n="{citation.n}"><span class="n">{citation.n}</span>'
        f'<span class="title">{safe(citation.title)}</span><span class="from">{safe(_provenance(citation))}</span>'
        f'<span class="quote">{safe(_shortened(citation.quote, _QUOTE_PREVIEW))}</span></button>'
    )


def _near_card(turn: int, passage: Passage) -> str:
    document = passage.document
    origin = " · ".join(part for part in (document.publisher, document.date) if part)
    return (
        f'<button class="card" data-turn="{turn}" data-near="{passage.rank}"><span class="n">≈</span>'
        f'<span class="title">{safe(document.display_title)}</span><span class="from">{safe(origin)}</span>'
        f'<span class="quote">{safe(_shortened(passage.chunk.text, _QUOTE_PREVIEW))}</span></button>'
    )


def _provenance(citation: Citation) -> str:
    """Publisher and date of the publication that the quoted sentence comes from."""
    origin = citation.origin
    publisher, date = (origin.publisher, origin.date) if origin else (citation.publisher, citation.date)
    page = f"page {citation.page}" if citation.page else None
    return " · ".join(part for part in (publisher, date, page) if part) or citation.title


def empty_reader() -> str:
    """The reader before anything was opened."""
    return '<div class="reader empty"><p>Click a number or a source: the document opens here.</p></div>'


def reader(document: Document, *, quote: tuple[int, int], passage: tuple[int, int]) -> str:
    """The whole document with the quoted words highlighted and the passage around them marked faintly."""
    facts = " · ".join(part for part in (document.publisher, document.publisher_country, document.date) if part)
    page = document.page_at(quote[0])
    lines = [f"<h2>{safe(document.display_title)}</h2>", f'<div class="facts">{safe(facts)}</div>']
    if document.source_title:
        lines.append(f'<div class="facts">Drawn from “{safe(document.source_title)}”</div>')
    if document.url:
        lines.append(f'<div class="facts">{_link(document.url, document.url)}</div>')
    if page:
        lines.append(f'<div class="facts">page {page}</div>')
    lines.append(_origin(document, quote))
    body = "".join(_blocks(document.text, quote, passage))
    close = '<button class="close" aria-label="Close the document">×</button>'
    return f'<div class="reader">{close}<header>{"".join(lines)}</header><div class="body">{body}</div></div>'


def _origin(document: Document, quote: tuple[int, int]) -> str:
    """Where the quoted sentence comes from, with its link."""
    origin = document.origin_at(*quote)
    if origin is None:
        return ""
    name = " · ".join(part for part in (origin.publisher, origin.title, origin.date) if part)
    shown = _link(origin.url, name) if origin.url else safe(name)
    return f'<div class="origin">The highlighted words come from {shown}</div>'


def _link(url: str, text: str) -> str:
    """A link that opens in a new tab and tells the site nothing; only web addresses become links."""
    if urlsplit(url).scheme not in ("http", "https"):
        return safe(text)
    return f'<a href="{safe(url)}" target="_blank" rel="noopener noreferrer nofollow">{safe(text)}</a>'


def _blocks(text: str, quote: tuple[int, int], passage: tuple[int, int]) -> Iterator[str]:
    for block in iter_blocks(text):
        if block.level:
            yield f"<h{min(block.level + 1, 6)}>{safe(block.title)}</h{min(block.level + 1, 6)}>"
        else:
            yield f"<p>{_marked(text, block.start, block.end, quote, passage)}</p>"


def _marked(text: str, start: int, end: int, quote: tuple[int, int], passage: tuple[int, int]) -> str:
    """text[start:end] with the parts that belong to the quote and to the passage in elements of their own."""
    cuts = sorted({start, end, *(min(max(point, start), end) for point in (*quote, *passage))})
    parts = []
    for first, last in itertools.pairwise(cuts):
        piece = safe(text[first:last])
        if quote[0] <= first and last <= quote[1]:
            parts.append(f'<mark class="quoted">{piece}</mark>')
        elif passage[0] <= first and last <= passage[1]:
            parts.append(f'<span class="passage">{piece}</span>')
        else:
            parts.append(piece)
    return "".join(parts)


def _shortened(text: str, limit: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[:limit].rsplit(" ", 1)[0] + " …"
