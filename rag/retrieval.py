"""Finds passages: dense and lexical search, their candidates joined and reranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.catalog import CatalogEntry
from rag.index import Index
from rag.late_interaction import Matches, QueryTokens
from rag.lexical import content_terms
from rag.protocols import Embedder, QueryEmbedding, Reranker, TextEmbedding
from rag.types import Chunk, Passage

__all__ = ["Candidate", "Query", "Retriever", "Scored", "Search", "Trace", "sentence_columns"]

_NEIGHBOUR_SHARE = 0.3  # of the BM25 scores of the chunks before and after, 0.2 to 0.4 do equally well
_CONTEXT_WEIGHT = 0.5  # of the previous question's words against the question's own
_COLLAPSE = 0.9  # share of sentences in common from which two passages are one
_KEPT_SENTENCES = 4096  # chunks whose sentences are kept for comparison, some 1 kB each
_DEEPEST = 1000  # dense ranks that are told beyond the candidates
_WORTH_SHOWING = 0.7  # share of the best score that a further passage of the same document must reach


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

    @property
    def total_idf(self) -> float:
        """Of all terms: what BM25 as Lucene has it can give at the most."""
        return sum(self.idf.values())

    def coverage(self, found: set[str]) -> float:
        """Share of the query's terms, weighted by rarity, that are among `found` (0 to 1)."""
        total = self.total_idf
        return sum(value for term, value in self.idf.items() if term in found) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk with the scores of the stages, and the reranker's."""

    scores: dict[str, float]
    entry: CatalogEntry
    embedding: TextEmbedding
    similarities: NDArray[np.float32]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What happened to every candidate of a search on its way to the passages shown.

    dense: Ranks that dense search gave, by chunk id.
    lexical: Ranks that lexical search gave, by row.
    reranked: All candidates, best first.
    distinct: The first `k` of them without repeats.
    repeats: For chunks left out as repeats the document that says the same better.
    shown: Those of `distinct` that are worth showing.
    """

    dense: Mapping[str, int]
    lexical: Mapping[int, int]
    reranked: Sequence[Scored]
    distinct: Sequence[Scored]
    repeats: Mapping[str, str]
    shown: Sequence[Scored]


def sentence_columns(embedding: TextEmbedding, *, prefix: int, start: int, end: int) -> NDArray[np.bool_]:
    """Which tokens of a chunk belong to text[start:end] of it, `prefix` characters of heading before the text."""
    return (embedding.offsets[:, 0] >= prefix + start) & (embedding.offsets[:, 1] <= prefix + end)


class Retriever:
    """Searches one opened index."""

    def __init__(self, index: Index, embedder: Embedder, reranker: Reranker, *, n_candidates: int) -> None:
        self._index = index
        self._embedder = embedder
        self._reranker = reranker
        self.n_candidates = n_candidates

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
        """The best `k` passages, best first, without repeats and without what hardly adds to its document.

        Args:
            search: The prepared query.
            k: How many passages to return at the most.
            where: Filter on the documents, see `rag.catalog.FILTERS`.

        Returns:
            Passages with scores between 0 and 1; `passage.scores` has those of every stage.
        """
        return self.as_candidates(self.trace(search, k=k, where=where).shown)

    def trace(self, search: Search, *, k: int, where: Mapping[str, str | Sequence[str]] | None = None) -> Trace:
        """What `retrieve` does, step by step; for the arguments see there."""
        doc_ids = self._index.catalog.matching(where or {})
        entries, dense_rank, lexical_rank, lexical = self._candidates(search, doc_ids)
        scored = self._scored(search, entries, dense_rank, lexical_rank, lexical)
        distinct, repeats = self._without_repeats(scored, k)
        return Trace(
            dense=dense_rank,
            lexical=lexical_rank,
            reranked=scored,
            distinct=distinct,
            repeats=repeats,
            shown=_worth_showing(distinct),
        )

    def ranks(
        self, search: Search, entry: CatalogEntry, doc_ids: Sequence[str] | None
    ) -> tuple[int | None, int | None, int]:
        """Ranks of a chunk in dense and in lexical search however far down, and the number of chunks searched."""
        scores = self._lexical_scores(search)
        rows = np.arange(len(scores)) if doc_ids is None else np.asarray(self._index.catalog.rows_of(doc_ids), np.int64)
        dense = self._index.store.query(search.embedding.vector, k=min(max(1, len(rows)), _DEEPEST), doc_ids=doc_ids)
        ranks = {chunk_id: rank for rank, (chunk_id, _) in enumerate(dense, start=1)}
        own = scores[entry.row]
        lexical = int((scores[rows] > own).sum()) + 1 if own > 0 and entry.row in rows else None
        return ranks.get(entry.chunk.chunk_id), lexical, len(rows)

    def _candidates(
        self, search: Search, doc_ids: Sequence[str] | None
    ) -> tuple[list[CatalogEntry], dict[str, int], dict[int, int], NDArray[np.float32]]:
        """What either search finds, the rank that each gave it, and the lexical scores of all rows."""
        catalog, n = self._index.catalog, self.n_candidates
        dense = self._index.store.query(search.embedding.vector, k=n, doc_ids=doc_ids)
        lexical = self._lexical_scores(search)
        rows = self._index.lexical.top(lexical, k=n, rows=None if doc_ids is None else catalog.rows_of(doc_ids))
        entries = {entry.row: entry for entry in catalog.entries([chunk_id for chunk_id, _ in dense]).values()}
        entries |= catalog.entries_at([row for row in rows if row not in entries])
        dense_rank = {chunk_id: rank for rank, (chunk_id, _) in enumerate(dense, start=1)}
        lexical_rank = {row: rank for rank, row in enumerate(rows, start=1)}
        # In one order, whatever was read before: the last digit of a matrix product depends on where a column stands.
        return [entries[row] for row in sorted(entries)], dense_rank, lexical_rank, lexical

    def _scored(
        self,
        search: Search,
        entries: Sequence[CatalogEntry],
        dense_rank: Mapping[str, int],
        lexical_rank: Mapping[int, int],
        lexical: NDArray[np.float32],
    ) -> list[Scored]:
        """The candidates with the scores of all stages and the reranker's, best first."""
        if not entries:  # no document passes the filter
            return []
        found = self._index.embeddings.get([entry.embedding_key for entry in entries])
        embeddings = [found[entry.embedding_key] for entry in entries]
        tokens = [self._index.token_spans.of(*pair) for pair in zip(entries, embeddings, strict=True)]
        surrounded = self._with_neighbours(lexical, entries)
        matches = Matches(search.tokens, embeddings)
        late = matches.of_texts()
        late_sentence = matches.of_best_spans([of.sentences for of in tokens], [of.heading for of in tokens])
        dense = np.stack([embedding.vector for embedding in embeddings]) @ search.embedding.vector
        most = search.total_idf
        scores = [
            {
                "dense": float(dense[i]),
                "lexical": min(1.0, surrounded[entry.row] / most) if most else 0.0,
                "fused": _rrf(dense_rank.get(entry.chunk.chunk_id), lexical_rank.get(entry.row)),
                "late": float(late[i]),
                "late_sentence": float(late_sentence[i]),
            }
            for i, entry in enumerate(entries)
        ]
        texts = [entry.chunk.indexed_text for entry in entries]
        final = self._reranker.score(search.query.text, texts, scores)
        scored = [
            Scored(*parts) for parts in zip(scores, entries, embeddings, matches.similarities, final, strict=True)
        ]
        return sorted(scored, key=lambda item: (-item.score, item.entry.row))

    def _lexical_scores(self, search: Search) -> NDArray[np.float32]:
        own = content_terms(search.query.question)
        context = [term for term in search.idf if term not in set(own)]
        return self._index.lexical.scores(own) + _CONTEXT_WEIGHT * self._index.lexical.scores(context)

    def _with_neighbours(self, lexical: NDArray[np.float32], entries: Sequence[CatalogEntry]) -> dict[int, float]:
        """BM25 scores by row, with a share of those of the chunks before and after in the same document.

        What a chunk is about often stands just before it; a chunk in the right surroundings beats a stray match.
        """
        starts, n_rows = self._index.catalog.document_starts(), len(lexical)
        scores = {}
        for row in (entry.row for entry in entries):
            before = float(lexical[row - 1]) if row not in starts else 0.0
            after = float(lexical[row + 1]) if row + 1 < n_rows and row + 1 not in starts else 0.0
            scores[row] = float(lexical[row]) + _NEIGHBOUR_SHARE * (before + after)
        return scores

    def _without_repeats(self, scored: Sequence[Scored], k: int) -> tuple[list[Scored], dict[str, str]]:
        """The first `k` that repeat no better one, in another document or a twin of its document; and the repeats.

        What a document says more than once is shown where it says it first.
        """
        repeats: dict[str, str] = {}
        kept: list[Scored] = []
        seen: list[frozenset[str]] = []
        shown: dict[str, str] = {}
        for item in scored:
            chunk = item.entry.chunk
            if len(kept) == k and chunk.doc_id not in shown.values():
                continue
            document = self._index.catalog.document(chunk.doc_id)
            if document is None:
                continue
            sentences = _sentence_set(chunk)
            original = document.duplicate_of or document.doc_id
            is_twin = shown.setdefault(original, document.doc_id) != document.doc_id
            repeated = next((i for i, other in enumerate(seen) if _same(sentences, other)), None)
            if repeated is not None:
                better = kept[repeated]
                repeats[chunk.chunk_id] = better.entry.chunk.doc_id
                if chunk.doc_id == better.entry.chunk.doc_id and item.entry.row < better.entry.row:
                    kept[repeated] = replace(item, score=better.score, scores=better.scores)
                    repeats[better.entry.chunk.chunk_id] = repeats.pop(chunk.chunk_id)
            elif is_twin:
                repeats[chunk.chunk_id] = shown[original]
            elif len(kept) < k:
                seen.append(sentences)
                kept.append(item)
        return kept, repeats

    def as_candidates(self, scored: Sequence[Scored]) -> list[Candidate]:
        """Scored chunks as passages, ranked in the order given."""
        candidates = []
        for rank, item in enumerate(scored, start=1):
            document = self._index.catalog.document(item.entry.chunk.doc_id)
            assert document is not None
            passage = Passage(
                rank=rank, chunk=item.entry.chunk, document=document, score=item.score, scores=item.scores
            )
            candidates.append(Candidate(passage, item.embedding, item.similarities))
        return candidates


def _worth_showing(scored: Sequence[Scored]) -> list[Scored]:
    """Without passages far below the best one, unless they are the first of their document.

    A second document is a second source; a further passage of the same one must earn its place.
    """
    kept: list[Scored] = []
    documents: set[str] = set()
    for item in scored:
        doc_id = item.entry.chunk.doc_id
        if doc_id not in documents or item.score >= _WORTH_SHOWING * scored[0].score:
            documents.add(doc_id)
            kept.append(item)
    return kept


def _rrf(*ranks: int | None) -> float:
    """Reciprocal rank fusion with k = 60 (Cormack, Clarke & Büttcher, SIGIR 2009)."""
    return sum(1.0 / (60 + rank) for rank in ranks if rank is not None)


@lru_cache(maxsize=_KEPT_SENTENCES)
def _sentence_set(chunk: Chunk) -> frozenset[str]:
    pieces = (chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences)
    return frozenset(" ".join(piece.casefold().split()) for piece in pieces)


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _COLLAPSE * max(len(one), len(other), 1)
