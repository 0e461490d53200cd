"""HTML of an answer and of an abstention: sentences with their marks, differing sources, and what stands below."""

from __future__ import annotations

from collections.abc import Mapping

from rag.balance import Publishers, side_of
from rag.citing import marked
from rag.types import Answer, AnswerSentence, Balance, Citation, Conflict, Passage
from ui.render import joined, place_key, safe, shortened, source_of, url_of

__all__ = ["abstention_view", "answer_view", "understood"]

_QUOTE_PREVIEW = 200  # characters of a quote shown on a source card
_HOVER_PREVIEW = 400  # characters of a quote shown when hovering over a marker
_MARKS = {
    "supported": ("✓", "Supported by the cited passage"),
    "partly": ("◐", "Partly supported"),
    "not found": ("✗", "Not supported by the sources"),
}
_Citations = Mapping[int, Citation]


def answer_view(number: int, answer: Answer, publishers: Publishers) -> str:
    """An answer with everything that stands below it.

    Args:
        number: Of the turn.
        answer: One that does not abstain.
        publishers: Country and kind of publishers, see `rag.balance`.
    """
    by_number = {citation.n: citation for citation in answer.citations}
    n_quoted = len(answer.sentences) - len(answer.conflicts)  # the last ones say where sources differ
    sentences = " ".join(_sentence(number, sentence, by_number) for sentence in answer.sentences[:n_quoted])
    differing = "".join(_conflict(number, conflict, by_number, publishers) for conflict in answer.conflicts)
    return (
        f'<div class="answer"><p>{sentences}</p>{differing}{_note(answer)}{_withheld(answer)}</div>'
        f"{_standing(answer)}{_cards(number, answer, publishers)}{_meta(answer)}"
    )


def abstention_view(number: int, answer: Answer, publishers: Publishers) -> str:
    """What is shown where there is no answer: why, the nearest sentence, and the nearest passages."""
    by_number = {citation.n: citation for citation in answer.citations}
    said = answer.answer
    for sentence in answer.sentences:
        said = said.removesuffix(marked(sentence))
    quoted = "".join(_sentence(number, sentence, by_number) for sentence in answer.sentences)
    nearest = () if answer.abstain_reason == "off-topic" else answer.nearest
    cards = "".join(_near_card(number, passage) for passage in nearest)
    near = f'<h3 class="label">Nearest passages</h3><div class="sources">{cards}</div>' if cards else ""
    return (
        f'<div class="answer abstained"><strong>No answer in the documents.</strong><p>{safe(said)}{quoted}</p>'
        f"{_note(answer)}</div>{_cards(number, answer, publishers)}{near}{_meta(answer)}"
    )


def understood(number: int, answer: Answer) -> str:
    """The question that was searched for, if it is another than the one asked: to be edited and asked again."""
    if " ".join(answer.question.split()) == answer.standalone_question:
        return ""
    whole = safe(answer.standalone_question)
    return (
        f'<div class="understood"><span>Understood as: {whole}</span> <button class="plain edit" data-turn="{number}" '
        f'data-question="{whole}" data-alone data-edit="1" aria-label="Edit what was understood">edit</button></div>'
    )


def _sentence(turn: int, sentence: AnswerSentence, citations: _Citations) -> str:
    markers = "".join(_marker(turn, citations[n]) for n in sentence.citations if n in citations)
    said_by = f' <span class="said-by">({safe(sentence.said_by)})</span>' if sentence.said_by else ""
    marks = f'<span class="marks">{markers}{_mark(sentence)}</span>'  # never apart from each other
    return f'<span class="sentence">{safe(sentence.text)}{marks}{said_by}</span>'


def _mark(sentence: AnswerSentence) -> str:
    """How well the sources support the sentence, and what they do not bear out."""
    sign, meaning = _MARKS[sentence.verdict]
    title = safe(f"{meaning}: {sentence.reason}" if sentence.reason else meaning)
    words = "" if sentence.verdict == "supported" else f" {meaning.lower()}"
    kind = sentence.verdict.replace(" ", "-")
    return f'<span class="support {kind}" role="img" aria-label="{title}" title="{title}">{sign}{words}</span>'


def _marker(turn: int, citation: Citation) -> str:
    source = safe(_provenance(citation))
    return (
        f'<button class="cite" {_target(turn, citation)} data-from="{source}" '
        f'data-quote="{safe(shortened(citation.quote, _HOVER_PREVIEW))}" '
        f'aria-label="Source {citation.n}: {source}">{citation.n}</button>'
    )


def _conflict(turn: int, conflict: Conflict, citations: _Citations, publishers: Publishers) -> str:
    """What sources differ on, the values side by side."""
    values = [(value.value, citations[value.citation]) for value in conflict.values if value.citation in citations]
    sides = "".join(
        f'<div class="side"><div class="value">{safe(value)}{_marker(turn, citation)}</div>'
        f'<div class="from">{safe(_provenance(citation, publishers))}</div>'
        f"<q>{safe(shortened(citation.quote, _QUOTE_PREVIEW))}</q></div>"
        for value, citation in values
    )
    return (
        f'<div class="differing"><div class="label">Sources differ on {safe(conflict.about)}</div>'
        f'<div class="sides">{sides}</div></div>'
    )


def _note(answer: Answer) -> str:
    return f'<div class="note">{safe(answer.note)}</div>' if answer.note else ""


def _withheld(answer: Answer) -> str:
    """What a model wrote and the sources do not support, behind one click, with the reason."""
    if not answer.withheld:
        return ""
    n = len(answer.withheld)
    items = "".join(
        f'<li><span class="text">{safe(item.text)}</span> '
        f'<span class="why">{"Partly supported: " if item.verdict == "partly" else ""}{safe(item.reason)}</span></li>'
        for item in answer.withheld
    )
    said = f"{n} sentence{' was' if n == 1 else 's were'} withheld: not supported by the sources"
    return f'<details class="withheld"><summary>{said}</summary><ul>{items}</ul></details>'


def _standing(answer: Answer) -> str:
    """How new the cited sources are, and which sides they are from."""
    parts = [f'<span class="as-of">As of <strong>{safe(answer.as_of)}</strong></span>'] if answer.as_of else []
    if answer.balance is not None and answer.balance.sources > 1:
        parts.append(f'<span class="balance">{safe(answer.balance.note or _sides(answer.balance))}</span>')
    return f'<div class="standing">{"".join(parts)}</div>' if parts else ""


def _sides(balance: Balance) -> str:
    """How many sources each country has: 2 US, 1 of unknown country."""
    named = [f"{n} {country}" for country, n in balance.countries.items() if country != "unknown"]
    unknown = balance.countries.get("unknown", 0)
    return f"Sources: {', '.join([*named, *([f'{unknown} of unknown country'] if unknown else [])])}."


def _meta(answer: Answer) -> str:
    """Confidence, engine, time, tokens and money."""
    used = answer.usage.summary if answer.usage else None
    details = safe(joined(answer.engine, f"{answer.timings_ms.total:.0f} ms", used))
    percent = f"{answer.confidence:.0%}"
    meaning = "How likely the documents answer the question; not how true the sources are"
    return (
        f'<div class="meta"><span class="confidence" title="{meaning}">confidence {percent}'
        f'<span class="bar" aria-hidden="true"><span style="width:{percent}"></span></span></span> {details}</div>'
    )


def _cards(turn: int, answer: Answer, publishers: Publishers) -> str:
    """The sources; with the quoted words only where the answer does not have the very same."""
    cards = []
    for citation in answer.citations:
        quote = " ".join(citation.quote.split())
        cards.append(_card(turn, citation, publishers, quote="" if quote in answer.answer else quote))
    return f'<div class="sources" role="group" aria-label="Sources">{"".join(cards)}</div>' if cards else ""


def _card(turn: int, citation: Citation, publishers: Publishers, *, quote: str) -> str:
    quoted = f'<span class="quote">{safe(shortened(quote, _QUOTE_PREVIEW))}</span>' if quote else ""
    return (
        f'<button class="card" {_target(turn, citation)}><span class="n">{citation.n}</span>'
        f'<span class="from">{safe(_provenance(citation, publishers))}</span>'
        f'<span class="title">{safe(citation.title)}</span>{quoted}'
        f'<span class="address">{safe(url_of(citation) or "")}</span></button>'
    )


def _near_card(turn: int, passage: Passage) -> str:
    document = passage.document
    source = joined(document.publisher, document.publisher_country, document.kind, document.date)
    key = place_key(passage.chunk.doc_id, passage.chunk.start)
    return (
        f'<button class="card" data-turn="{turn}" data-near="{passage.rank}" data-key="{key}"><span class="n">≈</span>'
        f'<span class="from">{safe(source)}</span><span class="title">{safe(document.display_title)}</span>'
        f'<span class="quote">{safe(shortened(passage.chunk.text, _QUOTE_PREVIEW))}</span></button>'
    )


def _target(turn: int, citation: Citation) -> str:
    """What a click opens: turn and number say where to find it, the key whether it is open already."""
    key = place_key(citation.doc_id, citation.quote_start)
    return f'data-turn="{turn}" data-n="{citation.n}" data-key="{key}"'


def _provenance(citation: Citation, publishers: Publishers | None = None) -> str:
    """Publisher, country, kind, date and page of what is quoted, as far as they are known."""
    publisher, date = source_of(citation)
    country, kind = side_of(citation, publishers) if publishers is not None else (None, None)
    return joined(publisher, country, kind, date, f"page {citation.page}" if citation.page else None)
