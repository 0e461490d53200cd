"""Any sentence-transformers model by name or path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedding.token_basis import project, project_int8, token_basis
from rag.hub import load_model
from rag.protocols import QueryEmbedding, TextEmbedding

__all__ = ["SentenceTransformerEmbedder"]

_BATCH = 16


class SentenceTransformerEmbedder:
    """Embeds with sentence-transformers on whatever device torch finds.

    Raises:
        ModelError: The model cannot be loaded.
    """

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        hint = "name a sentence-transformers model on this machine or on the hub, or unset AIRACE_EMBEDDING_MODEL"
        self._model: Any = load_model(SentenceTransformer, name, role="embedding model", hint=hint)
        self.name = name
        self._tokenizer: Any = self._model.tokenizer
        special = self._tokenizer.num_special_tokens_to_add(pair=False)
        self.max_tokens = int(self._model.max_seq_length or self._tokenizer.model_max_length) - special
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self._basis = token_basis(self._tokenizer.get_vocab(), self._raw_tokens)
        # The vectors of a fixed text tell models apart, wherever their weights came from.
        probe = np.ascontiguousarray(np.round(self._model.encode(["fingerprint"])[0], 3))
        self.fingerprint = hashlib.sha256(name.encode() + probe.tobytes()).hexdigest()[:16]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted, nothing cut."""
        encoded = self._tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def embed_documents(self, texts: Sequence[str]) -> Iterator[tuple[int, TextEmbedding]]:
        """(position, embedding) of every text, batch by batch."""
        for position, (vector, tokens, offsets) in enumerate(self._forward(texts)):
            yield (
                position,
                TextEmbedding(vector=vector, tokens=project_int8(tokens, self._basis), offsets=offsets),
            )

    def embed_query(self, text: str) -> QueryEmbedding:
        """The embedding of a question."""
        vector, tokens, offsets = next(self._forward([text]))
        return QueryEmbedding(vector=vector, tokens=project(tokens, self._basis), offsets=offsets)

    def _raw_tokens(self, texts: Sequence[str]) -> Iterator[NDArray[np.float32]]:
        return (tokens for _, tokens, _ in self._forward(texts, with_special=True))

    def _forward(
        self, texts: Sequence[str], *, with_special: bool = False
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]]:
        for first in range(0, len(texts), _BATCH):
            batch = list(texts[first : first + _BATCH])
            outputs = self._model.encode(batch, output_value=None, show_progress_bar=False)
            encoded = self._tokenizer(
                batch,
                truncation=True,
                max_length=self._model.max_seq_length,
                return_offsets_mapping=True,
                return_special_tokens_mask=True,
            )
            for row, output in enumerate(outputs):
                special = np.asarray(encoded["special_tokens_mask"][row], dtype=bool)
                keep = np.ones_like(special) if with_special else ~special
                tokens = output["token_embeddings"].float().cpu().numpy()[: len(special)]
                vector = output["sentence_embedding"].float().cpu().numpy()
                vector = (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
                offsets = np.asarray(encoded["offset_mapping"][row], dtype=np.int32).reshape(-1, 2)
                yield vector, tokens[keep], offsets[keep]
