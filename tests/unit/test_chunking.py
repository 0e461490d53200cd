"""Chunks are whole sentences with exact offsets, within the model's sight, none lost and none twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chunking import chunk_document
from rag.sentences import iter_blocks, sentence_spans
from rag.types import Chunk, Document


class WordCounter:
    """Counts words, as a tokenizer would count tokens."""

    def __init__(self, max_tokens: int) -> None:
        self.max_tokens = max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def chunk(text: str, *, title: str | None = None, target: int = 40, limit: int = 80) -> list[Chunk]:
    return chunk_document(Document(doc_id="d", text=text, title=title), WordCounter(limit), target_tokens=target)


TEXT = st.lists(
    st.one_of(
        st.text(max_size=80),
        st.sampled_from(
            ["# One", "## Two", "### Three", "", "A short sentence. And one more!", "- item one", "| a | b |"]
        ),
        st.integers(1, 200).map(lambda n: "word " * n),
        st.text(alphabet="ab中。. \t\u0301🤖\u2028", max_size=300),
    ),
    max_size=20,
).map("\n".join)


@settings(deadline=None, max_examples=300)
@given(text=TEXT)
def test_offsets_are_exact_and_ordered_and_no_word_is_lost(text: str) -> None:
    chunks = chunk(text)
    for piece in chunks:
        assert text[piece.start : piece.end] == piece.text
        assert piece.sentences[0][0] == piece.start
        assert piece.sentences[-1][1] == piece.end
        assert all(start < end for start, end in piece.sentences)
        assert all(a[1] <= b[0] for a, b in pairwise(piece.sentences))
        assert WordCounter(80).count_tokens([piece.indexed_text])[0] <= 80
    assert all(a.end <= b.start for a, b in pairwise(chunks))
    covered = sum(text[s:e].count("word") for piece in chunks for s, e in piece.sentences)
    headings = sum(block.title.count("word") for block in iter_blocks(text) if block.level)
    assert covered + headings == text.count("word")
    assert len({piece.chunk_id for piece in chunks}) == len(chunks)


def test_a_chunk_never_crosses_a_heading_and_carries_its_path() -> None:
    chunks = chunk("# Top\nIntro here.\n\n## Part one\nFirst fact.\n\n## Part two\nSecond fact.\n", title="Title")
    assert [(c.heading, c.text) for c in chunks] == [
        ("Top", "Intro here."),
        ("Top › Part one", "First fact."),
        ("Top › Part two", "Second fact."),
    ]
    assert chunks[1].indexed_text == "Title › Top › Part one\nFirst fact."


def test_a_long_section_is_cut_into_chunks_of_about_equal_size() -> None:
    text = " ".join(f"This is sentence number {n} of the section." for n in range(20))
    sizes = [len(piece.text.split()) for piece in chunk(text, target=60)]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 16


def test_a_sentence_longer_than_the_limit_is_cut_at_white_space() -> None:
    pieces = chunk("word " * 300, target=40, limit=50)
    assert all(len(piece.text.split()) <= 50 for piece in pieces)
    assert all(set(piece.text.split()) == {"word"} for piece in pieces)


def test_an_empty_document_has_no_chunks() -> None:
    assert chunk("\n \n\t\n") == []


def spans(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


def test_sentences_end_where_readers_see_an_end() -> None:
    text = (
        'Nvidia lost $589 billion on Jan. 27, 2025, the U.S. said. Dr. Li of 01.AI agreed: "It is huge." Really? Yes.'
    )
    assert spans(text) == [
        "Nvidia lost $589 billion on Jan. 27, 2025, the U.S. said.",
        'Dr. Li of 01.AI agreed: "It is huge."',
        "Really?",
        "Yes.",
    ]


def test_list_marks_and_table_edges_are_no_part_of_a_sentence() -> None:
    assert spans("- A list item.") == ["A list item."]
    assert spans("| R1 | $294,000 |") == ["R1 | $294,000"]


def test_hostile_lines_take_linear_time() -> None:
    lines = ["# a" + " " * 20_000 + "b", " " * 20_000 + "|" * 20_000 + "x", "|" * 40_000, "- " * 20_000, "#" * 40_000]
    started = time.perf_counter()
    list(iter_blocks("\n".join(lines)))
    assert time.perf_counter() - started < 1


def test_headings_lose_their_closing_marks_alone() -> None:
    titles = [block.title for block in iter_blocks("# Chips ##\n## About C#\n### Plain  \n")]
    assert titles == ["Chips", "About C#", "Plain"]


def test_code_is_kept_together_and_its_comments_are_no_headings() -> None:
    blocks = [block for block in iter_blocks("Text.\n\n```\n# not a heading\nx = 1\n```\n\n# Heading\n") if block.level]
    assert [block.title for block in blocks] == ["Heading"]
