"""The chat and the reader show text from anywhere, and none of it becomes live."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Answer, Document
from rag.types import AnswerSentence, Citation, Origin, OriginSpan, WithheldSentence
from ui import render

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


TAGS = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
OURS = {"div", "span", "p", "button", "mark", "header", "h2", "h3", "h4", "h5", "h6", "a", "strong"}


def assert_inert(html: str) -> None:
    assert {tag.strip("/").lower() for tag in TAGS.findall(html)} <= OURS
    assert "${" not in html
    assert "{{" not in html
    attributes = re.sub(r'"[^"]*"', '""', html)
    assert not re.search(r"<[^>]*\son\w+\s*=", attributes)
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    turns = [render.Turn(text, answer=answer(text)), render.Turn(text, error=text), render.Turn(text, provisional=text)]
    assert_inert(render.transcript(turns))
    assert_inert(render.welcome(text, [text]))
    origin = OriginSpan(
        start=0, end=len(text), origins=(Origin(publisher=text, title=text, url="javascript:alert(1)"),)
    )
    fields = dict.fromkeys(("title", "publisher", "source_title", "publisher_country"), text)
    page = document(text, url="javascript:alert(1)", origins=(origin,), **fields)
    assert_inert(render.reader(page, quote=(0, len(text)), passage=(0, len(text))))


@given(text=st.text(min_size=1, max_size=300), cut=st.tuples(st.integers(0, 300), st.integers(0, 300)))
def test_the_reader_highlights_exactly_the_quote(text: str, cut: tuple[int, int]) -> None:
    start, end = sorted(min(point, len(text)) for point in cut)
    html = render.reader(document(text), quote=(start, end), passage=(0, len(text)))
    assert_inert(html)
    marked = "".join(re.findall(r'<mark class="quoted">(.*?)</mark>', html, re.DOTALL))
    assert re.sub(r"\s", "", marked) in re.sub(r"\s", "", render.safe(text[start:end]))


def test_the_reader_shows_heading_quote_passage_and_origin() -> None:
    text = "# Losses\n\nNvidia lost $589 billion. It was a record.\n"
    span = OriginSpan(start=10, end=35, origins=(Origin(publisher="Bloomberg", url="https://example.org/b"),))
    page = document(text, title="Shock", publisher="Press", date="2025-01-28", origins=(span,))
    html = render.reader(page, quote=(10, 35), passage=(10, 53))
    assert '<mark class="quoted">Nvidia lost &#36;589 billion.</mark>' in html
    assert '<span class="passage"> It was a record.</span>' in html
    assert "<h2>Losses</h2>" in html
    assert 'href="https://example.org/b" target="_blank" rel="noopener noreferrer nofollow"' in html


def test_every_sentence_has_a_marker_that_can_be_clicked() -> None:
    html = render.transcript([render.Turn("q", answer=answer("Nvidia lost much."))])
    assert '<button class="cite" data-turn="0" data-n="1"' in html
    assert '<button class="card" data-turn="0" data-n="1"' in html


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_withheld_and_what_is_unsupported_is_said(text: str) -> None:
    made = replace(
        answer("q"),
        sentences=(AnswerSentence(text=text, citations=(), supported=False, support=0.0),),
        citations=(),
        withheld=(WithheldSentence(text=text, reason=text), WithheldSentence(text="b", reason="r")),
        note=text,
    )
    html = render.transcript([render.Turn(question="q", answer=made)])
    assert "(not supported by the sources)" in html
    assert "2 sentences were withheld: not supported by the sources" in html
    assert render.safe(text) in html
    assert_inert(html)
