"""An embedding model in ONNX Runtime: one forward pass gives the text's vector and its tokens'."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tokenizers import Encoding, Tokenizer

from rag.embedding.token_basis import project, project_int8
from rag.protocols import QueryEmbedding, TextEmbedding

__all__ = ["OnnxEmbedder"]

_BATCH = 16  # of texts of like length; larger batches were not faster on 2 cores
_KEPT_QUERIES = 512  # some 10 kB each
_N_SPECIAL = 2  # [CLS] and [SEP]


class OnnxEmbedder:
    """Embeds with a graph written by `rag.embedding.export`."""

    def __init__(
        self,
        graph: Path,
        tokenizer: Path,
        *,
        name: str,
        weights: str,
        max_sequence: int,
        basis: NDArray[np.float32] | None,
    ) -> None:
        self.name = name
        self.max_tokens = max_sequence - _N_SPECIAL
        self._session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
        # The threads of ONNX Runtime and of numpy's BLAS wait by spinning, each on the cores that the other needs: with
        # both, a search took half as long again. The products in between are small enough for one thread.
        threadpool_limits(limits=1, user_api="blas")
        self.embed_query = lru_cache(maxsize=_KEPT_QUERIES)(self._embed_query)
        self._counter = Tokenizer.from_file(str(tokenizer))
        self._counter.no_truncation()
        self._counter.no_padding()
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(max_sequence)
        self._tokenizer.no_padding()
        self._basis = basis
        self.dimension = int(self._session.get_outputs()[0].shape[-1])
        basis_id = b"" if basis is None else np.ascontiguousarray(basis).tobytes()
        self.fingerprint = hashlib.sha256(weights.encode() + basis_id).hexdigest()[:16]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted, nothing cut."""
        encodings = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def embed_documents(self, texts: Sequence[str]) -> Iterator[tuple[int, TextEmbedding]]:
        """(position, embedding) of every text; texts of like length go through together."""
        assert self._basis is not None  # nosec B101 # tells the type
        for position, encoding, vector, tokens in self._forward(texts):
            inner = slice(1, len(encoding.ids) - 1)
            yield (
                position,
                TextEmbedding(
                    vector=vector,
                    tokens=project_int8(tokens[inner], self._basis),
                    offsets=np.asarray(encoding.offsets[inner], dtype=np.int32).reshape(-1, 2),
                ),
            )

    def _embed_query(self, text: str) -> QueryEmbedding:
        """The embedding of a question; the last ones are kept."""
        assert self._basis is not None  # nosec B101 # tells the type
        _, encoding, vector, tokens = next(iter(self._forward([text])))
        inner = slice(1, len(encoding.ids) - 1)
        return QueryEmbedding(
            vector=vector,
            tokens=project(tokens[inner], self._basis),
            offsets=np.asarray(encoding.offsets[inner], dtype=np.int32).reshape(-1, 2),
        )

    def vocabulary(self) -> list[str]:
        """All tokens that the tokenizer knows."""
        return list(self._tokenizer.get_vocab())

    def raw_tokens(self, texts: Sequence[str]) -> Iterator[NDArray[np.float32]]:
        """For each text its (n_tokens, dimension) token embeddings, special tokens included."""
        return (tokens for _, _, _, tokens in self._forward(texts))

    def _forward(
        self, texts: Sequence[str]
    ) -> Iterator[tuple[int, Encoding, NDArray[np.float32], NDArray[np.float32]]]:
        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda i: -len(encodings[i].ids))
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            width = max(len(encodings[i].ids) for i in batch)
            ids = np.zeros((len(batch), width), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                length = len(encodings[i].ids)
                ids[row, :length] = encodings[i].ids
                mask[row, :length] = 1
            vectors, tokens = self._session.run(
                ["sentence_embedding", "token_embeddings"], {"input_ids": ids, "attention_mask": mask}
            )
            for row, i in enumerate(batch):
                yield i, encodings[i], vectors[row], tokens[row, : len(encodings[i].ids)]
