"""ALCE's citation recall and precision, with a verifier that is easily followed by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from evals.metrics.citations import citation_precision, citation_recall, right_documents, verbatim_rate


def supports(sentence: str, texts: Sequence[str]) -> bool:
    """Every word of the sentence occurs in the texts."""
    return set(sentence.split()) <= set(" ".join(texts).split())


def test_recall_is_the_share_of_sentences_that_their_citations_support() -> None:
    sentences = [("a b", ["a b"]), ("a b", ["a", "b"]), ("c", ["a"]), ("a", [])]
    assert citation_recall(sentences, supports) == 0.5


def test_a_citation_that_adds_nothing_lowers_precision() -> None:
    # "a b" is supported by the first alone; the second neither supports it alone nor is it needed.
    assert citation_precision([("a b", ["a b", "c"])], supports) == 0.5


def test_citations_that_support_only_together_are_both_needed() -> None:
    assert citation_precision([("a b", ["a", "b"])], supports) == 1.0


def test_citations_of_an_unsupported_sentence_count_as_not_needed() -> None:
    assert citation_precision([("x", ["a"]), ("a", ["a"])], supports) == 0.5


def test_without_citations_there_is_no_precision() -> None:
    assert citation_precision([("x", [])], supports) is None


@pytest.mark.parametrize(("start", "end", "expected"), [(4, 9, 1.0), (3, 8, 0.0)])
def test_a_quote_counts_as_verbatim_only_at_its_place(start: int, end: int, expected: float) -> None:
    citation = {"doc_id": "d", "quote": "quick", "quote_start": start, "quote_end": end}
    assert verbatim_rate([citation], {"d": "The quick fox"}) == expected


def test_no_citation_has_no_verbatim_rate_and_an_unknown_document_none_right() -> None:
    assert verbatim_rate([], {}) is None
    assert verbatim_rate([{"doc_id": "x", "quote": "q", "quote_start": 0, "quote_end": 1}], {}) == 0.0


def test_one_right_document_is_enough() -> None:
    assert right_documents(["x", "d"], ["d", "e"]) == 1.0
    assert right_documents(["x"], ["d"]) == 0.0
