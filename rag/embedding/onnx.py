"""An embedding model in ONNX Runtime: one forward pass gives the text's vector and its tokens'."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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

_SLICE = 64  # texts whose embeddings may be waiting to be fetched, some 200 kB each
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
        # One thread for each text. Several for one would wait for one another by spinning, and so would those of
        # numpy's BLAS, on the cores that others need.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
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
        """(position, embedding) of every text in order, as many at a time as there are cores."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for first in range(0, len(texts), _SLICE):
                yield from enumerate(pool.map(self._embed_document, texts[first : first + _SLICE]), start=first)

    def _embed_document(self, text: str) -> TextEmbedding:
        assert self._basis is not None
        encoding, vector, tokens = self._forward(text)
        inner = slice(1, len(encoding.ids) - 1)
        return TextEmbedding(
            vector=vector,
            tokens=project_int8(tokens[inner], self._basis),
            offsets=np.asarray(encoding.offsets[inner], dtype=np.int32).reshape(-1, 2),
        )

    def _embed_query(self, text: str) -> QueryEmbedding:
        """The embedding of a question; the last ones are kept."""
        assert self._basis is not None
        encoding, vector, tokens = self._forward(text)
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
        return (self._forward(text)[2] for text in texts)

    def _forward(self, text: str) -> tuple[Encoding, NDArray[np.float32], NDArray[np.float32]]:
        """Tokens of a text, its vector, and (n_tokens, dimension) those of its tokens.

        Each text alone: a batch does not fit the caches and takes a third longer; and what int8 makes of a text would
        depend on the texts beside it.
        """
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        outputs = ["sentence_embedding", "token_embeddings"]
        vectors, tokens = self._session.run(outputs, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return encoding, vectors[0], tokens[0]
