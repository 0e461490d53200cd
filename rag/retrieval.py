"""Finds passages: dense and lexical search, their candidates fused and reranked by late interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.catalog import CatalogEntry
from rag.index import Index
from rag.late_interaction import QueryTokens, token_similarities
from rag.lexical import content_terms
from rag.protocols import Embedder, QueryEmbedding, TextEmbedding
from rag.types import Passage

__all__ = ["Candidate", "Query", "Retriever", "Search", "sentence_columns"]

# Each score divided by its typical spread among candidates (XQuAD and chunking dev questions), so that none
# drowns the others; BM25 counts half as much again. Summing to 1, they give a score between 0 and 1.
_WEIGHTS = {"dense": 0.115, "lexical": 0.595, "late": 0.145, "late_sentence": 0.145}
_BM25_CEILING = 2.2  # k1 + 1: what a term's idf is multiplied by at the most
_CONTEXT_WEIGHT = 0.5  # of the previous question's words against the question's own
_COLLAPSE = 0.9  # share of sentences in common from which two passages are one


@dataclass(frozen=True, slots=True)
class Query:
    """A question, and the earlier one that it leans on, if it does."""

    question: str
    context: str = ""

    @property
    def text(self) -> str:
        """Both in one line, the earlier one first."""
        return f"{self.context} {self.question}".strip()


@dataclass(frozen=True)
class Candidate:
    """A passage with what evidence ranking needs beside it."""

    passage: Passage
    embedding: TextEmbedding
    similarities: NDArray[np.float32]


@dataclass(frozen=True)
class Search:
    """A query made ready: its embedding, weighted tokens, and terms with their idf and weight."""

    query: Query
    embedding: QueryEmbedding
    tokens: QueryTokens
    idf: Mapping[str, float]

    def coverage(self, found: set[str]) -> float:
        """Share of the query's terms, weighted by rarity, that are among `found` (0 to 1)."""
        total = sum(self.idf.values())
        return sum(value for term, value in self.idf.items() if term in found) / total if total else 0.0


def sentence_columns(embedding: TextEmbedding, *, prefix: int, start: int, end: int) -> NDArray[np.bool_]:
    """Which tokens of a chunk belong to text[start:end] of it, `prefix` characters of heading before the text."""
    return (embedding.offsets[:, 0] >= prefix + start) & (embedding.offsets[:, 1] <= prefix + end)


class Retriever:
    """Searches one opened index."""

    def __init__(self, index: Index, embedder: Embedder, *, n_candidates: int) -> None:
        self._index = index
        self._embedder = embedder
        self._n_candidates = n_candidates

    def prepare(self, query: Query) -> Search:
        """Embed a query and weigh its words."""
        embedding = self._embedder.embed_query(query.text)
        own = dict.fromkeys(content_terms(query.question), 1.0)
        weights = dict.fromkeys(content_terms(query.context), _CONTEXT_WEIGHT) | own
        idf = {term: self._index.lexical.idf(term) * weight for term, weight in weights.items()}
        tokens = QueryTokens.of(query.text, embedding, lambda term: idf.get(term, 0.0))
        return Search(query, embedding, tokens, idf)

    def retrieve(
        self, search: Search, *, k: int, where: Mapping[str, str | Sequence[str]] | None = None
    ) -> list[Candidate]:
        """The best `k` passages, best first, near-duplicates collapsed into the better one.

        Args:
            search: The prepared query.
            k: How many passages to return at the most.
            where: Filter on the documents, see `rag.catalog.FILTERS`.

        Returns:
            Passages with scores between 0 and 1; `passage.scores` has those of every stage.
        """
        doc_ids = self._index.catalog.matching(where or {})
        entries, dense_rank, lexical_rank, lexical = self._candidates(search, doc_ids)
        embeddings = self._index.embeddings.get([entry.embedding_key for entry in entries])
        ceiling = sum(search.idf.values()) * _BM25_CEILING
        scored = []
        for entry in entries:
            embedding = embeddings[entry.embedding_key]
            similarities = token_similarities(search.tokens, embedding)
            scores = {
                "dense": float(embedding.vector @ search.embedding.vector),
                "lexical": float(lexical[entry.row]) / ceiling if ceiling else 0.0,
                "fused": _rrf(dense_rank.get(entry.chunk.chunk_id), lexical_rank.get(entry.row)),
                "late": search.tokens.score(similarities)[1],
                "late_sentence": _best_sentence(search.tokens, entry, embedding, similarities),
            }
            score = sum(weight * scores[name] for name, weight in _WEIGHTS.items())
            scored.append((score, scores, entry, embedding, similarities))
        scored.sort(key=lambda item: (-item[0], item[2].row))
        return self._collapsed(scored, k)

    def _candidates(
        self, search: Search, doc_ids: Sequence[str] | None
    ) -> tuple[list[CatalogEntry], dict[str, int], dict[int, int], NDArray[np.float32]]:
        """What either search finds, the rank that each gave it, and the lexical scores of all rows."""
        catalog, n = self._index.catalog, self._n_candidates
        dense = self._index.store.query(search.embedding.vector, k=n, doc_ids=doc_ids)
        own = content_terms(search.query.question)
        context = [term for term in search.idf if term not in set(own)]
        lexical = self._index.lexical.scores(own) + _CONTEXT_WEIGHT * self._index.lexical.scores(context)
        rows = self._index.lexical.top(lexical, k=n, rows=None if doc_ids is None else catalog.rows_of(doc_ids))
        entries = {entry.row: entry for entry in catalog.entries([chunk_id for chunk_id, _ in dense]).values()}
        entries |= catalog.entries_at([row for row in rows if row not in entries])
        dense_rank = {chunk_id: rank for rank, (chunk_id, _) in enumerate(dense, start=1)}
        lexical_rank = {row: rank for rank, row in enumerate(rows, start=1)}
        return list(entries.values()), dense_rank, lexical_rank, lexical

    def _collapsed(
        self,
        scored: Sequence[tuple[float, dict[str, float], CatalogEntry, TextEmbedding, NDArray[np.float32]]],
        k: int,
    ) -> list[Candidate]:
        """The first `k` that do not repeat a better one, in another document or a twin of its document."""
        kept: list[Candidate] = []
        seen: list[set[str]] = []
        shown: dict[str, str] = {}
        for score, scores, entry, embedding, similarities in scored:
            document = self._index.catalog.document(entry.chunk.doc_id)
            if document is None:
                continue
            sentences = _sentence_set(entry)
            original = document.duplicate_of or document.doc_id
            is_twin = shown.setdefault(original, document.doc_id) != document.doc_id
            is_repeat = any(_same(sentences, other) for other in seen)
            if is_twin or is_repeat:
                continue
            seen.append(sentences)
            passage = Passage(rank=len(kept) + 1, chunk=entry.chunk, document=document, score=score, scores=scores)
            kept.append(Candidate(passage, embedding, similarities))
            if len(kept) == k:
                break
        return kept


def _rrf(*ranks: int | None) -> float:
    """Reciprocal rank fusion with k = 60 (Cormack, Clarke & Büttcher, SIGIR 2009)."""
    return sum(1.0 / (60 + rank) for rank in ranks if rank is not None)


def _best_sentence(
    tokens: QueryTokens, entry: CatalogEntry, embedding: TextEmbedding, similarities: NDArray[np.float32]
) -> float:
    """The best late-interaction score of any one sentence of the chunk."""
    chunk = entry.chunk
    best = 0.0
    for start, end in chunk.sentences:
        columns = sentence_columns(
            embedding, prefix=len(chunk.prefix), start=start - chunk.start, end=end - chunk.start
        )
        best = max(best, tokens.score(similarities[:, columns])[1])
    return best


def _sentence_set(entry: CatalogEntry) -> set[str]:
    chunk = entry.chunk
    pieces = (chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences)
    return {" ".join(piece.casefold().split()) for piece in pieces}


def _same(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= _COLLAPSE * max(len(one), len(other), 1)
