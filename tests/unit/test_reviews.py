"""Verdicts of people on cited passages, and the figures that follow from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.reviews import VERDICTS, ReviewStore, agreements, cited_passages, precision


def citation(n: int, doc_id: str = "d1") -> dict[str, Any]:
    text = f"Before. Quote {n}. After."
    return {
        "n": n,
        "doc_id": doc_id,
        "text": text,
        "start": 0,
        "quote": f"Quote {n}.",
        "quote_start": 8,
        "quote_end": 16,
    }


def answer() -> dict[str, Any]:
    sentences = [{"text": "One.", "citations": [1, 2]}, {"text": "Two.", "citations": [2]}]
    return {"standalone_question": "What?", "sentences": sentences, "citations": [citation(1), citation(2)]}


def test_every_sentence_is_reviewed_with_each_passage_it_cites() -> None:
    items = list(cited_passages(answer()))
    assert [(item.sentence, item.citation["n"]) for item in items] == [("One.", 1), ("One.", 2), ("Two.", 2)]
    assert len({item.id for item in items}) == 3


def test_the_same_passage_for_the_same_sentence_is_the_same_item_in_every_run() -> None:
    assert [item.id for item in cited_passages(answer())] == [item.id for item in cited_passages(answer())]


def test_the_last_verdict_of_a_reviewer_counts(tmp_path: Path) -> None:
    store = ReviewStore(tmp_path / "reviews.jsonl")
    item = next(cited_passages(answer()))
    store.add(item, "right", "Ada")
    store.add(item, "wrong claim", "Ada")
    store.add(item, "right", "Bob")
    assert store.judgements() == {(item.id, "Ada"): "wrong claim", (item.id, "Bob"): "right"}


def test_a_verdict_needs_a_known_name_for_it_and_a_reviewer(tmp_path: Path) -> None:
    store = ReviewStore(tmp_path / "reviews.jsonl")
    item = next(cited_passages(answer()))
    with pytest.raises(ValueError, match="one of"):
        store.add(item, "fine", "Ada")
    with pytest.raises(ValueError, match="name"):
        store.add(item, "right", "")


def test_precision_is_the_share_of_passages_that_were_found_right() -> None:
    judged = {("a", "Ada"): "right", ("a", "Bob"): "wrong passage", ("b", "Ada"): "right", ("c", "Ada"): "wrong claim"}
    found = precision(judged)
    assert found is not None
    assert found.n == 3
    assert found.value == pytest.approx(0.5)
    assert precision({}) is None


@given(st.dictionaries(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xyz")), st.sampled_from(VERDICTS)))
def test_precision_lies_within_an_interval_that_has_a_width(judged: dict[tuple[str, str], str]) -> None:
    found = precision(judged)
    if found is None:
        assert not judged
        return
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1
    assert found.high - found.low > 0.1


def test_agreement_is_over_what_both_judged() -> None:
    judged = {
        ("a", "Ada"): "right",
        ("a", "Bob"): "right",
        ("b", "Ada"): "right",
        ("b", "Bob"): "wrong claim",
        ("c", "Ada"): "right",
        ("d", "Cem"): "right",
    }
    (found,) = agreements(judged)
    assert (found.reviewers, found.share, found.n) == (("Ada", "Bob"), 0.5, 2)
