"""Documents that share 90 % of their sentences are found, whatever else there is."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from rag.near_duplicates import find_twins, sentence_hashes
from rag.types import Chunk


def hashes(*numbers: int) -> NDArray[np.uint64]:
    return np.array(sorted(numbers), dtype=np.uint64)


def test_the_first_of_two_that_share_nine_sentences_in_ten_is_the_twin_of_the_second() -> None:
    documents = {"a": hashes(*range(10)), "b": hashes(*range(1, 11)), "c": hashes(*range(2, 12)), "none": hashes()}
    assert find_twins(documents) == {"b": "a"}  # c shares as much with b, which is not shown beside a
    assert find_twins({"c": documents["c"], "b": documents["b"], "a": documents["a"]}) == {"b": "c"}
    assert find_twins({}) == {}


def test_short_documents_are_left_alone() -> None:
    assert find_twins({"a": hashes(1, 2, 3, 4), "b": hashes(1, 2, 3, 4)}) == {}


def test_every_document_with_a_twin_is_found_and_no_other() -> None:
    generator = random.Random(1)
    bases = [generator.sample(range(300), 20) for _ in range(10)]
    documents: dict[str, NDArray[np.uint64]] = {}
    for number in range(200):
        base = generator.choice(bases)
        kept = generator.sample(base, generator.randint(15, 20))
        documents[str(number)] = hashes(*{*kept, *generator.sample(range(300, 400), generator.randint(0, 4))})
    twins = find_twins(documents)
    seen: list[str] = []
    for doc_id, own in documents.items():
        near = [
            other
            for other in seen
            if len(np.intersect1d(own, documents[other])) >= 0.9 * max(len(own), len(documents[other]))
        ]
        assert twins[doc_id] in near if doc_id in twins else not near
        seen += [] if doc_id in twins else [doc_id]
    assert 20 < len(twins) < 180


def test_letter_case_and_white_space_make_no_other_sentence() -> None:
    text = "It made chips. IT  MADE\nCHIPS. It did not."
    spans = ((0, 14), (15, 30), (31, 42))
    chunk = Chunk(chunk_id="d#0", doc_id="d", start=0, end=len(text), text=text, heading=None, sentences=spans)
    assert len(sentence_hashes([chunk])) == 2
    assert len(sentence_hashes([])) == 0
