"""The vectors of one generation of the index in Chroma, embedded in the process."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from rag.errors import SearchIndexError
from rag.types import Chunk

__all__ = ["COLLECTION", "ChromaStore"]

COLLECTION = "passages"
_HNSW: Any = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 16}
_BATCH = 2000
_DATABASE = "chroma.sqlite3"


class ChromaStore:
    """One collection of chunk vectors; the model that made them is written in its metadata."""

    def __init__(self, folder: Path, *, create: Mapping[str, Any] | None = None) -> None:
        """Open the collection in `folder`, or create it with the given metadata."""
        with _translated(folder):
            self._client: Any = _client(folder)
            if create is None:
                self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
            else:
                self._collection = self._client.create_collection(
                    COLLECTION, embedding_function=None, metadata=dict(create), configuration={"hnsw": _HNSW}
                )
        self._folder = folder

    @property
    def metadata(self) -> dict[str, Any]:
        """Model, its fingerprint and dimension, and the chunker's fingerprint, as stored."""
        return dict(self._collection.metadata or {})

    def close(self) -> None:
        """Release the files."""
        self._client.close()

    def ids(self) -> set[str]:
        """The ids of all vectors held."""
        with _translated(self._folder):
            return set(self._collection.get(include=[])["ids"])

    def add(self, chunks: Sequence[Chunk], vectors: NDArray[np.float32]) -> None:
        """Add chunks with their (n, dimension) vectors."""
        for first in range(0, len(chunks), _BATCH):
            batch = chunks[first : first + _BATCH]
            with _translated(self._folder):
                self._collection.add(
                    ids=[chunk.chunk_id for chunk in batch],
                    embeddings=vectors[first : first + _BATCH],
                    documents=[chunk.text for chunk in batch],
                    metadatas=[
                        {
                            "doc_id": chunk.doc_id,
                            "start": chunk.start,
                            "end": chunk.end,
                            "heading": chunk.heading or "",
                        }
                        for chunk in batch
                    ],
                )

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks."""
        for first in range(0, len(chunk_ids), _BATCH):
            with _translated(self._folder):
                self._collection.delete(ids=list(chunk_ids[first : first + _BATCH]))

    def query(
        self, vector: NDArray[np.float32], *, k: int, doc_ids: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """(chunk id, cosine similarity), best first; only of `doc_ids` where given."""
        where: Any = None
        if doc_ids is not None:
            if not doc_ids:
                return []
            where = {"doc_id": {"$in": list(doc_ids)}}
        with _translated(self._folder):
            found = self._collection.query(
                query_embeddings=vector[np.newaxis], n_results=k, include=["distances"], where=where
            )
        distances = found["distances"] or [[]]
        return [(i, 1.0 - d) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    @staticmethod
    def copy(source: Path, target: Path) -> None:
        """Copy a closed or only-read collection; its database through SQLite, which sees a consistent state."""
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(_DATABASE + "*"))
        with (
            closing(sqlite3.connect(source / _DATABASE)) as old,
            closing(sqlite3.connect(target / _DATABASE)) as new,
        ):
            old.backup(new)


def _client(folder: Path) -> Any:
    try:
        return chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
    except Exception:
        # Chroma would go on using what only half started, even when the fault is gone.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Chroma's errors as ours."""
    try:
        yield
    except (AttributeError, ChromaError, OSError, ValueError) as error:  # AttributeError: a client that half started
        hint = "let this user write there" if "readonly" in str(error) else "rebuild it: airace ingest --rebuild"
        raise SearchIndexError(f"the vector store in {folder} cannot be used ({error})", hint) from error
