"""A model's text is cut into sentences as it comes, and its markers are read, whatever their form."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import GenerationError
from rag.sentence_stream import SentenceStream, WrittenSentence, without_thoughts


def read(*pieces: str, n: int = 3, cut_off: bool = False) -> list[WrittenSentence]:
    stream = SentenceStream(n)
    found = [sentence for piece in pieces for sentence in stream.feed(piece)]
    return found + list(stream.finish(cut_off=cut_off))


def told(*pieces: str, **options: bool) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.passages) for sentence in read(*pieces, **options)]  # type: ignore[arg-type]


def test_a_sentence_is_given_as_soon_as_the_next_begins() -> None:
    stream = SentenceStream(3)
    assert list(stream.feed("Nvidia lost $589 billion. [")) == []
    assert list(stream.feed("1] ")) == []
    (first,) = stream.feed("Then it recovered")
    assert (first.text, first.passages) == ("Nvidia lost $589 billion.", (1,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It fell [1]. It rose [2].", [("It fell.", (1,)), ("It rose.", (2,))]),
        ("It fell. [1] It rose. [2][3]", [("It fell.", (1,)), ("It rose.", (2, 3))]),
        ("It fell.[1] It rose.", [("It fell.", (1,)), ("It rose.", ())]),
        ("According to [2], it fell.", [("According to, it fell.", (2,))]),
        ("It fell [1, 3]. It rose [1-3].", [("It fell.", (1, 3)), ("It rose.", (1, 2, 3))]),
        ("It fell 【2】. It rose [passage 3].", [("It fell.", (2,)), ("It rose.", (3,))]),
        ("- It fell [1].\n2. **It rose** [2].", [("It fell.", (1,)), ("It rose.", (2,))]),
        ("## Answer\nHere it is:\nIt fell [1].", [("It fell.", (1,))]),
        ("It fell [1].\n\nSources:\n[1] Reuters, 2025.\n[2] CNBC.", [("It fell.", (1,))]),
        ("The U.S. [1] sold 1.5 million chips to Dr. Li.", [("The U.S. sold 1.5 million chips to Dr. Li.", (1,))]),
    ],
)
def test_markers_and_layout_are_understood(text: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "repaired", "removed"),
    [("It fell [1].", 0, 0), ("It fell [source 1].", 1, 0), ("It fell [9].", 0, 1), ("It fell [n].", 0, 1)],
)
def test_markers_put_right_or_removed_are_counted(text: str, repaired: int, removed: int) -> None:
    (sentence,) = read(text)
    assert (sentence.text, sentence.repaired, sentence.removed) == ("It fell.", repaired, removed)


def test_what_is_missing_is_kept_apart() -> None:
    stream = SentenceStream(1)
    found = [*stream.feed("It fell [1].\nMISSING: the date\n"), *stream.finish()]
    assert [sentence.text for sentence in found] == ["It fell."]
    assert stream.missing == ["the date"]


def test_a_sentence_that_was_cut_off_is_dropped() -> None:
    assert told("It fell [1]. It rose by 4", cut_off=True) == [("It fell.", (1,))]


def test_repetition_is_said_once_and_without_end_is_an_error() -> None:
    assert told("It fell [1]. It fell [1].") == [("It fell.", (1,))]
    with pytest.raises(GenerationError):
        read(*["It fell [1]. "] * 10)


def test_thoughts_at_the_beginning_are_left_out() -> None:
    pieces = ["<th", "ink>It ro", "se.</thi", "nk>", " It fell."]
    assert "".join(without_thoughts(pieces)).strip() == "It fell."
    assert "".join(without_thoughts(["<", "b>", "x"])) == "<b>x"


@given(text=st.text(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_any_text_in_any_pieces_gives_sentences_without_markers(text: str, cuts: list[int]) -> None:
    points = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    try:
        sentences = read(*(text[a:b] for a, b in pairwise(points)))
    except GenerationError:
        return
    assert all(sentence.text.strip() for sentence in sentences)
    assert all(1 <= n <= 3 for sentence in sentences for n in sentence.passages)
