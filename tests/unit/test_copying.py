"""An answer copied elsewhere keeps its citations."""

from __future__ import annotations

import pytest

from rag import Answer
from rag.types import Citation, Origin
from ui.copying import as_bibtex, as_markdown, as_text


def citation(n: int, **fields: object) -> Citation:
    given = {
        "n": n, "chunk_id": "c", "doc_id": "d", "title": "Shock", "publisher": "Press", "date": "2025-01-28",
        "url": "https://example.org/a", "heading": None, "text": "Nvidia lost\n$589 billion.", "start": 0, "end": 25,
        "quote": "Nvidia lost\n$589 billion.", "quote_start": 0, "quote_end": 25, "score": 1.0,
    }  # fmt: skip
    return Citation(**given | fields)


@pytest.fixture
def answer() -> Answer:
    origin = Origin(publisher="Wall & Street", title="A 17% fall", date="2025", url="https://example.org/b?x={1}")
    return Answer(
        question="How much did  Nvidia lose?",
        standalone_question="How much did Nvidia lose?",
        engine="quote",
        answer="Nvidia lost $589 billion. [1] It was a record. [2]",
        abstained=False,
        abstain_reason=None,
        confidence=0.9,
        citations=(citation(1), citation(2, origin=origin), citation(3)),
        as_of="2025-01-28",
    )


def test_markdown_has_question_answer_and_the_quoted_words(answer: Answer) -> None:
    text = as_markdown(answer)
    assert text.startswith("## How much did Nvidia lose?\n\nNvidia lost $589 billion. [1]")
    assert "1. “Nvidia lost $589 billion.” — Press, *Shock*, 2025-01-28. <https://example.org/a>" in text
    assert text.endswith("Newest source: 2025-01-28.\n")


def test_plain_text_has_the_address_of_every_source(answer: Answer) -> None:
    text = as_text(answer)
    assert "[1] Press, Shock, 2025-01-28\n    https://example.org/a\n" in text
    assert "[2] Wall & Street, A 17% fall, 2025\n" in text


def test_bibtex_has_one_entry_for_each_publication_and_escapes_it(answer: Answer) -> None:
    text = as_bibtex(answer)
    assert text.count("@misc{") == 2
    assert "@misc{press2025-1,\n  author = {{Press}},\n  title = {{Shock}},\n  year = {2025},\n  month = {1}," in text
    assert r"author = {{Wall \& Street}}" in text
    assert r"title = {{A 17\% fall}}" in text
    assert "url = {https://example.org/b?x=%7B1%7D}" in text
