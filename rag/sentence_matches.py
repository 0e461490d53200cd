"""How well each sentence of a passage matches a question, token by token.

A chunk goes through the embedding model as a whole, so the tokens of its sentences know their surroundings; the
matches of heading and neighbouring sentences count besides, as one sentence often leans on the one before.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from rag.late_interaction import CONTEXT_SHARE
from rag.retrieval import Candidate, Search, sentence_columns

__all__ = ["late_features"]

_BEFORE_SHARE, _AFTER_SHARE = 0.8, 0.7  # of a match in the sentence before or after
_QUESTION_WORD = re.compile(r"\b(who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)


def late_features(search: Search, candidate: Candidate) -> list[dict[str, float]]:
    """For each sentence of the passage `late`, `late_near` and `asked`, see `rag.evidence`."""
    matches = _matches(candidate)
    headed = np.maximum(matches, CONTEXT_SHARE * _heading_matches(candidate))
    nothing = np.zeros_like(matches[:1])
    before = np.concatenate([nothing, matches[:-1]])
    after = np.concatenate([matches[1:], nothing])
    near = np.maximum(headed, np.maximum(_BEFORE_SHARE * before, _AFTER_SHARE * after))
    asked = _question_word(search)
    return [
        {
            "late": _mean(headed[i]),
            "late_near": _mean(near[i]),
            "asked": _mean(matches[i][asked] if asked.any() else matches[i]),
        }
        for i in range(len(matches))
    ]


def _matches(candidate: Candidate) -> NDArray[np.float32]:
    """(n_sentences, n_query_tokens): the best similarity of each query token with a token of each sentence."""
    chunk, similarities = candidate.passage.chunk, candidate.similarities
    rows = []
    for start, end in chunk.sentences:
        columns = sentence_columns(
            candidate.embedding, prefix=len(chunk.prefix), start=start - chunk.start, end=end - chunk.start
        )
        rows.append(similarities[:, columns].max(axis=1, initial=0.0))
    return np.stack(rows)


def _heading_matches(candidate: Candidate) -> NDArray[np.float32]:
    """(n_query_tokens,): the same with the title and heading above the passage."""
    columns = candidate.embedding.offsets[:, 1] <= len(candidate.passage.chunk.prefix)
    best: NDArray[np.float32] = candidate.similarities[:, columns].max(axis=1, initial=0.0)
    return best


def _question_word(search: Search) -> NDArray[np.bool_]:
    """(n_query_tokens,): which tokens are the first question word of the question itself."""
    text, offsets = search.query.text, search.embedding.offsets
    found = _QUESTION_WORD.search(text, len(text) - len(search.query.question))
    start, end = found.span() if found else (0, 0)
    return (offsets[:, 0] >= start) & (offsets[:, 1] <= end)


def _mean(values: NDArray[np.float32]) -> float:
    return float(values.mean()) if len(values) else 0.0
