"""How well the ranked passages hold what supports the gold answer.

Recall@k, success@k (is any relevant passage among the first k), reciprocal rank and nDCG@k are those of ir-measures
(MacAvaney et al., ECIR 2022), which calls trec_eval. Relevance is binary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ir_measures import RR, R, Success, calc_aggregate, nDCG

from evals.metrics.content import contains_form
from rag.types import Chunk

__all__ = ["context_precision", "context_recall", "relevant_chunks", "retrieval_metrics"]

MEASURES = {
    "success@1": Success @ 1,
    "success@5": Success @ 5,
    "recall@5": R @ 5,
    "recall@10": R @ 10,
    "recall@20": R @ 20,
    "mrr": RR,
    "ndcg@10": nDCG @ 10,
}
"""Names in reports and measures of ir-measures."""

_SHARE = 0.5  # of a quote that a chunk must hold to be relevant


def relevant_chunks(chunks: Iterable[Chunk], spans: Sequence[tuple[int, int]]) -> set[str]:
    """Ids of a document's chunks that hold at least half of one of the quoted spans (character offsets)."""
    return {
        chunk.chunk_id
        for chunk in chunks
        for start, end in spans
        if min(end, chunk.end) - max(start, chunk.start) >= _SHARE * (end - start)
    }


def retrieval_metrics(relevant: set[str], ranked: Sequence[str]) -> dict[str, float]:
    """The measures of one question, each between 0 and 1.

    Args:
        relevant: Ids of the relevant passages, at least one.
        ranked: Ids as retrieved, best first.
    """
    qrels = {"q": dict.fromkeys(relevant, 1)}
    run = {"q": {chunk_id: float(len(ranked) - rank) for rank, chunk_id in enumerate(ranked)}}
    if not ranked:
        return dict.fromkeys(MEASURES, 0.0)
    values = calc_aggregate(list(MEASURES.values()), qrels, run)
    return {name: float(values[measure]) for name, measure in MEASURES.items()}


def context_precision(relevance: Sequence[bool]) -> float:
    """Mean of precision@k over the ranks k that hold a relevant passage; 0 if none does.

    Source: ragas, "Context Precision": sum over k of (precision@k x relevant at k), divided by the relevant passages
    among those retrieved. It asks whether relevant passages come first, not how many there are.
    """
    hits, total = 0, 0.0
    for rank, is_relevant in enumerate(relevance, start=1):
        if is_relevant:
            hits += 1
            total += hits / rank
    return total / hits if hits else 0.0


def context_recall(must_contain: Sequence[Sequence[str]], texts: Sequence[str]) -> float:
    """Share of the requirements on a right answer that the passages could meet: one of its forms occurs in them.

    Source: ragas, "Context Recall" (claims of the reference that the context supports), with the requirements of the
    dataset in the place of claims found by a language model.
    """
    met = sum(any(contains_form(text, form) for text in texts for form in forms) for forms in must_contain)
    return met / len(must_contain)
