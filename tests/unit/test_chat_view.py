"""The chat and the reader show text from anywhere, and none of it becomes live."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Answer, Document
from rag.types import AnswerSentence, Chunk, Citation, Origin, OriginSpan, Passage, WithheldSentence
from rag.verification.verdict import VerdictName
from ui.reader import Place, cited_place, reader
from ui.render import safe
from ui.scope import scope_bar, scope_text
from ui.suggestions import suggestions_view
from ui.transcript import transcript, welcome
from ui.turns import Turn

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</mark></p><iframe src=//evil.example>",
    "${alert(1)} {{constructor}}",
    "<style>*{display:none}</style>",
)


def answer(quote: str) -> Answer:
    citation = Citation(
        n=1, chunk_id="c", doc_id="d", title=quote, publisher=quote, date=quote, url="javascript:alert(1)",
        heading=quote, text=quote, start=0, end=len(quote), quote=quote, quote_start=0, quote_end=len(quote), score=1.0,
    )  # fmt: skip
    return Answer(
        question=quote,
        standalone_question=quote + "x",
        engine="quote",
        answer=quote,
        abstained=False,
        abstain_reason=None,
        confidence=0.9,
        sentences=(AnswerSentence(text=quote, citations=(1,), supported=True, support=1.0),),
        citations=(citation,),
    )


def document(text: str, **fields: object) -> Document:
    return Document(**{"doc_id": "d", "text": text} | fields)


def chunk(text: str) -> Chunk:
    return Chunk(chunk_id="c", doc_id="d", start=0, end=len(text), text=text, heading=None, sentences=((0, len(text)),))


TAGS = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
OURS = {
    "div",
    "span",
    "p",
    "button",
    "mark",
    "header",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "a",
    "strong",
    "section",
    "article",
}
OURS |= {"nav", "details", "summary", "ul", "li", "q", "form", "fieldset", "legend", "label", "input", "textarea"}
OURS |= {"svg", "path"}


def assert_inert(html: str) -> None:
    assert {tag.strip("/").lower() for tag in TAGS.findall(html)} <= OURS
    assert "${" not in html
    assert "{{" not in html
    attributes = re.sub(r'"[^"]*"', '""', html)
    assert not re.search(r"<[^>]*\son\w+\s*=", attributes)
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', html))


def shown(*turns: Turn) -> str:
    return transcript(turns, {})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    passage = Passage(rank=1, chunk=chunk(text), document=document(text, title=text, publisher=text), score=1.0)
    declined = replace(answer(text), abstained=True, nearest=(passage,))
    html = shown(
        Turn(text, answer=answer(text), where={"publisher": text}),
        Turn(text, answer=declined),
        Turn(text, error=text),
        Turn(text, provisional=text, progress=text),
        Turn(text, provisional=text, stopped=True),
    )
    assert_inert(html)
    assert_inert(welcome(text, [text]))
    assert_inert(suggestions_view([text], abstained=True))
    assert_inert(scope_bar({"publisher": [text], "doc_id": text}))
    origin = OriginSpan(
        start=0, end=len(text), origins=(Origin(publisher=text, title=text, url="javascript:alert(1)"),)
    )
    fields = dict.fromkeys(("title", "publisher", "source_title", "publisher_country", "kind"), text)
    page = document(text, url="javascript:alert(1)", origins=(origin,), themes=(text,), page_starts=(0,), **fields)
    assert_inert(
        reader(page, Place(quote=(0, len(text)), passage=(0, len(text)), n=1, citations=answer(text).citations))
    )


@given(text=st.text(min_size=1, max_size=300), cut=st.tuples(st.integers(0, 300), st.integers(0, 300)))
def test_the_reader_highlights_exactly_the_quote(text: str, cut: tuple[int, int]) -> None:
    start, end = sorted(min(point, len(text)) for point in cut)
    html = reader(document(text), Place(quote=(start, end), passage=(0, len(text))))
    assert_inert(html)
    marked = "".join(re.findall(r'<mark class="quoted">(.*?)</mark>', html, re.DOTALL))
    assert re.sub(r"\s", "", marked) in re.sub(r"\s", "", safe(text[start:end]))


LOSSES = "# Losses\n\nNvidia lost $589 billion. It was a record. Marvell lost 19%.\n"


def test_the_reader_shows_heading_quote_passage_and_origin() -> None:
    span = OriginSpan(start=10, end=35, origins=(Origin(publisher="Bloomberg", url="https://example.org/b"),))
    page = document(LOSSES, title="Shock", publisher="Press", date="2025-01-28", origins=(span,))
    html = reader(page, Place(quote=(10, 35), passage=(10, 53)))
    assert '<mark class="quoted">Nvidia lost &#36;589 billion.</mark>' in html
    assert '<span class="passage"> It was a record.' in html
    assert "<h3>Losses</h3>" in html
    assert 'href="https://example.org/b" target="_blank" rel="noopener noreferrer nofollow"' in html


def test_the_reader_marks_the_other_citations_of_the_document_and_leads_to_them() -> None:
    (first,) = answer("Nvidia lost $589 billion.").citations
    first = replace(first, quote_start=10, quote_end=35)
    other = replace(first, n=2, quote="Marvell lost 19%.", quote_start=53, quote_end=70)
    elsewhere = replace(first, n=3, doc_id="e")
    html = reader(document(LOSSES), Place(quote=(10, 35), passage=(10, 52), n=1, citations=(first, other, elsewhere)))
    assert re.findall(r'<mark class="cited" data-n="(\d)"[^>]*>([^<]*)</mark>', html) == [("2", "Marvell lost 19%.")]
    assert "Citation 1 of 3" in html
    assert re.search(r'data-step="-1"[^>]*disabled', html)
    assert not re.search(r'data-step="1"[^>]*disabled', html)


def test_quoted_words_are_found_again_in_a_document_that_has_changed() -> None:
    (citation,) = answer("Nvidia lost $589 billion.").citations
    citation = replace(citation, start=10, end=35, quote_start=10, quote_end=35)
    moved = document("# Foreword\n\nAll figures are in dollars.\n\n" + LOSSES)
    place = cited_place(moved, citation, turn=0, citations=(citation,))
    assert moved.text[slice(*place.quote)] == citation.quote
    assert moved.text[slice(*place.passage)] == citation.quote


def test_quoted_words_that_are_gone_are_said_to_be_gone_and_nothing_else_is_marked() -> None:
    (citation,) = answer("Nvidia lost <b>$1</b>.").citations
    html = reader(document(LOSSES), cited_place(document(LOSSES), citation, turn=0, citations=(citation,)))
    assert "no longer has these words: “Nvidia lost &lt;b&gt;&#36;1&lt;/b&gt;.”" in html
    assert "<mark" not in html


def test_the_reader_names_the_page_and_opens_the_original_there() -> None:
    page = document(LOSSES, url="https://example.org/a.pdf#top", page_starts=(0, 20, 60))
    html = reader(page, Place(quote=(36, 52), passage=(36, 52)))
    assert 'href="https://example.org/a.pdf#page=2"' in html
    assert "page 2 of 3" in html


def test_every_sentence_has_a_marker_that_can_be_clicked_and_says_how_well_it_is_supported() -> None:
    html = shown(Turn("q", answer=answer("Nvidia lost much.")))
    assert '<button class="cite" data-turn="0" data-n="1"' in html
    assert '<button class="card" data-turn="0" data-n="1"' in html
    assert 'class="support supported"' in html


@pytest.mark.parametrize("verdict", ["partly", "not found"])
def test_a_sentence_without_full_support_is_marked_with_the_reason(verdict: VerdictName) -> None:
    doubtful = AnswerSentence(
        text="Nvidia lost all.", citations=(1,), supported=False, support=0.4, verdict=verdict, reason="said “<some>”"
    )
    html = shown(Turn("q", answer=replace(answer("q"), sentences=(doubtful,))))
    assert f'class="support {verdict.replace(" ", "-")}"' in html
    assert "said “&lt;some&gt;”" in html


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_withheld_is_behind_one_click_with_the_reason(text: str) -> None:
    made = replace(
        answer("q"),
        sentences=(AnswerSentence(text=text, citations=(), supported=False, support=0.0),),
        citations=(),
        withheld=(WithheldSentence(text=text, reason="another figure"), WithheldSentence(text="b", reason=text)),
        note=text,
    )
    html = shown(Turn("q", answer=made))
    withheld = re.search(r'<details class="withheld">.*?</details>', html, re.DOTALL)
    assert withheld is not None
    assert "2 sentences were withheld: not supported by the sources" in withheld[0]
    assert "another figure" in withheld[0]
    assert safe(text) in withheld[0]
    assert_inert(html)


def test_a_question_that_was_understood_differently_can_be_edited_and_asked_alone() -> None:
    html = shown(Turn("When?", answer=replace(answer("a"), question="When?", standalone_question="When did it fall?")))
    assert "Understood as: When did it fall?" in html
    assert 'data-question="When did it fall?" data-alone data-edit="1"' in html


def test_an_answer_that_was_stopped_shows_what_was_there_and_can_be_asked_again() -> None:
    html = shown(Turn("q", provisional="Nvidia lost much. [1]", stopped=True))
    assert "Stopped before the answer was complete." in html
    assert "Nvidia lost much." in html
    assert "Ask again" in html


def test_filters_are_told_in_words() -> None:
    assert scope_text({"kind": "official", "since": "2026"}) == "official sources · since 2026"
    assert (
        scope_text({"doc_id": ["a", "b"], "publisher_country": ["US", "CN"]}) == "2 documents · publishers in US or CN"
    )
    assert scope_bar({}) == ""
    assert "Searching only: official sources" in scope_bar({"kind": ["official"]})
