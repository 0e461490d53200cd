"""Retrieval metrics: examples worked by hand."""

from __future__ import annotations

import math

import pytest

from evals.metrics.retrieval import context_precision, context_recall, relevant_chunks, retrieval_metrics
from rag.types import Chunk


def chunk(chunk_id: str, start: int, end: int) -> Chunk:
    return Chunk(chunk_id=chunk_id, doc_id="d", start=start, end=end, text="", heading=None, sentences=())


def test_a_relevant_passage_at_rank_3_of_2_relevant_ones() -> None:
    values = retrieval_metrics({"a", "z"}, ["x", "y", "a", "w"])
    assert values["success@1"] == 0.0
    assert values["success@5"] == 1.0
    assert values["recall@5"] == 0.5
    assert values["mrr"] == pytest.approx(1 / 3)
    # DCG = 1/log2(4) = 0.5; ideal = 1/log2(2) + 1/log2(3)
    assert values["ndcg@10"] == pytest.approx(0.5 / (1 + 1 / math.log2(3)))


def test_all_relevant_passages_first_is_perfect() -> None:
    values = retrieval_metrics({"a", "b"}, ["b", "a", "c"])
    assert values["recall@10"] == values["mrr"] == values["ndcg@10"] == 1.0


def test_the_order_given_is_the_order_measured_for_more_than_ten_passages() -> None:
    ranked = [f"p{n:02}" for n in range(50)]
    assert retrieval_metrics({"p19"}, ranked)["recall@20"] == 1.0
    assert retrieval_metrics({"p20"}, ranked)["recall@20"] == 0.0


def test_nothing_retrieved_is_0() -> None:
    assert set(retrieval_metrics({"a"}, []).values()) == {0.0}


def test_context_precision_is_the_mean_precision_at_relevant_ranks() -> None:
    # relevant at ranks 1 and 3: (1/1 + 2/3) / 2
    assert context_precision([True, False, True, False]) == pytest.approx(5 / 6)
    assert context_precision([False, False]) == 0.0


def test_context_recall_is_the_share_of_requirements_that_the_passages_could_meet() -> None:
    texts = ["It complied with 94% of requests.", "Nothing here."]
    assert context_recall([["94%"], ["8%"]], texts) == 0.5
    assert context_recall([["94 percent", "94%"]], texts) == 1.0


def test_a_chunk_is_relevant_if_it_holds_half_of_the_quote() -> None:
    chunks = [chunk("a", 0, 100), chunk("b", 100, 200), chunk("c", 200, 300)]
    assert relevant_chunks(chunks, [(90, 110)]) == {"a", "b"}
    assert relevant_chunks(chunks, [(95, 145)]) == {"b"}
    assert relevant_chunks(chunks, []) == set()
