"""Which tokens of a chunk are its heading, and which each of its sentences; worked out once for every chunk in use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.catalog import CatalogEntry
from rag.protocols import TextEmbedding

__all__ = ["ChunkTokens", "TokenSpans"]

_KEPT = 4096  # chunks, some 200 bytes each


@dataclass(frozen=True, slots=True)
class ChunkTokens:
    """The tokens of one chunk: `heading` at the start, then those of each sentence.

    sentences: (n_sentences, 2), the first token of each and the one behind its last.
    heading: How many tokens are the heading.
    """

    sentences: NDArray[np.int64]
    heading: int


class TokenSpans:
    """The tokens of the chunks of one generation, which never change; safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: dict[int, ChunkTokens] = {}

    def of(self, entry: CatalogEntry, embedding: TextEmbedding) -> ChunkTokens:
        """The tokens of a chunk, given its embedding."""
        known = self._kept.get(entry.row)
        if known is None:
            if len(self._kept) >= _KEPT:
                self._kept = {}
            known = self._kept[entry.row] = _chunk_tokens(entry, embedding)
        return known


def _chunk_tokens(entry: CatalogEntry, embedding: TextEmbedding) -> ChunkTokens:
    chunk, prefix = entry.chunk, len(entry.chunk.prefix)
    starts, ends = embedding.offsets[:, 0], embedding.offsets[:, 1]  # both rise, so that a sentence is one slice
    characters = np.array(chunk.sentences).reshape(-1, 2) - chunk.start + prefix
    first, last = np.searchsorted(starts, characters[:, 0]), np.searchsorted(ends, characters[:, 1], "right")
    return ChunkTokens(np.stack([first, last], axis=1), int(np.searchsorted(ends, prefix, "right")))
