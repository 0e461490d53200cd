"""Late interaction: compares a query with a text token by token (ColBERT, arXiv 2004.12832, section 3.3).

Each query token is matched to the text's most similar token. A plain mean over query tokens treats "the" like
"Nvidia"; a mean weighted by the rarity of the word that a token belongs to is kept beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.lexical import terms
from rag.protocols import QueryEmbedding, TextEmbedding

__all__ = ["CONTEXT_SHARE", "Matches", "QueryTokens"]

_INT8_SCALE = 127.0
CONTEXT_SHARE = 0.85  # of 0.7 to 1, which do equally well on the tuning questions
_BASE_WEIGHT = 0.1  # of stopwords and punctuation, against about 1 to 8 of other words (their idf)


@dataclass(frozen=True)
class QueryTokens:
    """The tokens of a query and their weights: (n_tokens, token_dimension) and (n_tokens,), summing to 1."""

    tokens: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, query: str, embedding: QueryEmbedding, idf: Callable[[str], float]) -> QueryTokens:
        """Weight each token by the idf of the word that it is part of."""
        weights = np.array(
            [_BASE_WEIGHT + _word_idf(query, int(start), int(end), idf) for start, end in embedding.offsets],
            dtype=np.float32,
        )
        return cls(embedding.tokens, weights / max(float(weights.sum()), 1e-9))

    def weighted_score(self, similarities: NDArray[np.float32]) -> float:
        """The weighted mean over query tokens of the best similarity with any text token.

        Args:
            similarities: (n_query_tokens, n_text_tokens) cosines.
        """
        return float(similarities.max(axis=1) @ self.weights) if similarities.size else 0.0


class Matches:
    """How a query matches the tokens of several texts, all computed in one go: a call for each text takes far longer.

    Attributes:
        similarities: For each text (n_query_tokens, n_text_tokens) cosines.
    """

    def __init__(self, query: QueryTokens, texts: Sequence[TextEmbedding]) -> None:
        self._query = query
        self._bounds = np.cumsum([0, *(len(text.offsets) for text in texts)])
        given = [text.tokens for text in texts if len(text.offsets)]
        if given and len(query.tokens):
            scaled: NDArray[np.float32] = np.divide(query.tokens, _INT8_SCALE, dtype=np.float32)
            self._all: NDArray[np.float32] = scaled @ np.concatenate(given).astype(np.float32).T
        else:
            self._all = np.zeros((len(query.tokens), int(self._bounds[-1])), dtype=np.float32)
        # What starts behind the last token takes this column, so that it need not be told apart.
        self._padded = np.concatenate([self._all, np.zeros((len(query.tokens), 1), dtype=np.float32)], axis=1)
        self.similarities = [
            self._all[:, first:last] for first, last in zip(self._bounds, self._bounds[1:], strict=False)
        ]

    def of_texts(self) -> NDArray[np.float32]:
        """(n_texts,) the mean of the plain and the weighted score of each text, 0 for one without tokens."""
        filled = np.flatnonzero(np.diff(self._bounds))
        scores = np.zeros(len(self._bounds) - 1, dtype=np.float32)
        scores[filled] = self._scores(self._best(self._bounds[filled], self._bounds[filled + 1]))
        return scores

    def of_best_spans(self, spans: Sequence[NDArray[np.int64]], headings: Sequence[int]) -> NDArray[np.float32]:
        """(n_texts,) the same of the best span of each text, 0 for one without any.

        Args:
            spans: For each text (n_spans, 2), the first token of each span and the one behind the last.
            headings: Tokens at the start of each text that are its heading, where a match counts a little less than
                in a span.
        """
        owners = np.repeat(np.arange(len(spans)), [len(of_text) for of_text in spans])
        flat = np.concatenate([np.zeros((0, 2), np.int64), *spans]) + self._bounds[owners][:, np.newaxis]
        filled = flat[:, 0] < flat[:, 1]
        owners, flat = owners[filled], flat[filled]
        scores = np.zeros(len(spans), dtype=np.float32)
        if not len(owners):
            return scores
        best = self._best(flat[:, 0], flat[:, 1])
        headed = np.flatnonzero(headings)
        if len(headed):
            starts = self._bounds[headed]
            of_heading = np.full((len(best), len(spans)), -1.0, dtype=np.float32)
            of_heading[:, headed] = self._best(starts, starts + np.asarray(headings)[headed])
            best = np.maximum(best, CONTEXT_SHARE * of_heading[:, owners])
        np.maximum.at(scores, owners, self._scores(best))
        return scores

    def _best(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n_query_tokens, n) the best cosine of each query token in all[first:last], none of which is empty."""
        bounds = np.stack([first, last], axis=1).ravel()
        best: NDArray[np.float32] = np.maximum.reduceat(self._padded, bounds, axis=1)[:, ::2]
        return best

    def _scores(self, best: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,) the mean of plain and weighted mean over the query's tokens; 0 for a query without any."""
        if not len(best):
            return np.zeros(best.shape[1], dtype=np.float32)
        scores: NDArray[np.float32] = (best.mean(axis=0) + (best * self._query.weights[:, np.newaxis]).sum(axis=0)) / 2
        return scores


def _word_idf(query: str, start: int, end: int, idf: Callable[[str], float]) -> float:
    """The idf of the word around query[start:end]; 0 for stopwords and punctuation."""
    while start > 0 and query[start - 1].isalnum():
        start -= 1
    while end < len(query) and query[end].isalnum():
        end += 1
    return max((idf(term) for term in terms(query[start:end])), default=0.0)
