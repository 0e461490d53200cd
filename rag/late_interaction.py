"""Late interaction: compares a query with a text token by token (ColBERT, arXiv 2004.12832, section 3.3).

Each query token is matched to the text's most similar token. A plain mean over query tokens treats "the" like
"Nvidia"; a mean weighted by the rarity of the word that a token belongs to is kept beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.lexical import terms
from rag.protocols import QueryEmbedding, TextEmbedding

__all__ = ["CONTEXT_SHARE", "QueryTokens", "token_similarities"]

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

    def score(
        self, similarities: NDArray[np.float32], context: NDArray[np.float32] | None = None
    ) -> tuple[float, float]:
        """(plain mean, weighted mean) over query tokens of the best similarity with any text token.

        Args:
            similarities: (n_query_tokens, n_text_tokens) cosines.
            context: (n_query_tokens, n) cosines with the tokens of the heading above the text, where a match
                counts a little less than in the text itself.
        """
        if not similarities.size:
            return 0.0, 0.0
        best = similarities.max(axis=1)
        if context is not None and context.size:
            best = np.maximum(best, CONTEXT_SHARE * context.max(axis=1))
        return float(best.mean()), float(best @ self.weights)


def token_similarities(query: QueryTokens, text: TextEmbedding) -> NDArray[np.float32]:
    """(n_query_tokens, n_text_tokens) cosines."""
    if not len(text.offsets) or not len(query.tokens):
        return np.zeros((len(query.tokens), len(text.offsets)), dtype=np.float32)
    return query.tokens @ (text.tokens.astype(np.float32).T / _INT8_SCALE)


def _word_idf(query: str, start: int, end: int, idf: Callable[[str], float]) -> float:
    """The idf of the word around query[start:end]; 0 for stopwords and punctuation."""
    while start > 0 and query[start - 1].isalnum():
        start -= 1
    while end < len(query) and query[end].isalnum():
        end += 1
    return max((idf(term) for term in terms(query[start:end])), default=0.0)
