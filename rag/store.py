"""The vectors of one generation of the index in Chroma: embedded in the process, or on a server.

In the process Chroma writes even to be asked, so of a folder that cannot be written a copy is opened.
On a server each generation has a collection of its own. The generation's folder then holds a file with the
collection's name, written before the collection is made, so that one left behind by a killed run is found and dropped.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from rag.chroma_server import ChromaServer
from rag.errors import IndexMismatchError, IndexMissingError, SearchIndexError
from rag.faults import is_writable
from rag.types import Chunk

__all__ = ["COLLECTION", "ChromaStore", "discard_generation", "is_on_server"]

COLLECTION = "passages"
_HNSW: Any = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 200,
    "max_neighbors": 16,
    # Chroma keeps fewer changes than this in a log alone, from which whoever opens the vectors inserts them again.
    "sync_threshold": 100,
}
_BATCH = 2000
_DATABASE = "chroma.sqlite3"
_NAME_FILE = "collection"

logger = logging.getLogger(__name__)


class ChromaStore:
    """One collection of chunk vectors; the model that made them is written in its metadata."""

    def __init__(
        self,
        client: Any,
        collection: Any,
        folder: Path,
        server: ChromaServer | None,
        copied: TemporaryDirectory[str] | None = None,
    ) -> None:
        self._client, self._collection = client, collection
        self._folder, self._server, self._copied = folder, server, copied

    @classmethod
    def open(cls, folder: Path, server: ChromaServer | None = None) -> ChromaStore:
        """Open the vectors of `folder`, which are on the server if there is one.

        Raises:
            IndexMismatchError: They are not where the settings say.
            SearchIndexError: They cannot be read, or the server cannot be reached.
        """
        if is_on_server(folder) != (server is not None):
            where = "on a Chroma server" if server is None else "in the data folder"
            raise IndexMismatchError(
                f"the vectors of this index are {where}", "build it again with `airace ingest`, or set the address back"
            )
        with _translated(folder, server):
            copied = _copied(folder) if server is None and not is_writable(folder / _DATABASE) else None
            client = _connect(Path(copied.name, folder.name) if copied else folder, server)
            collection = client.get_collection(_name(folder), embedding_function=None)
        return cls(client, collection, folder, server, copied)

    @classmethod
    def create(cls, folder: Path, metadata: Mapping[str, Any], server: ChromaServer | None = None) -> ChromaStore:
        """A new, empty collection for the generation that `folder` belongs to."""
        if server is not None:
            folder.mkdir()
            (folder / _NAME_FILE).write_text(f"airace-{uuid4().hex}", encoding="utf-8")
        with _translated(folder, server):
            client = _connect(folder, server)
            collection = client.create_collection(
                _name(folder), embedding_function=None, metadata=dict(metadata), configuration={"hnsw": _HNSW}
            )
        return cls(client, collection, folder, server)

    @property
    def metadata(self) -> dict[str, Any]:
        """Model, its fingerprint and dimension, and the chunker's fingerprint, as stored."""
        return dict(self._collection.metadata or {})

    def close(self) -> None:
        """Release the files."""
        self._client.close()
        if self._copied is not None:
            self._copied.cleanup()

    def ids(self) -> set[str]:
        """The ids of all vectors held."""
        with _translated(self._folder, self._server):
            return set(self._collection.get(include=[])["ids"])

    def add(self, chunks: Sequence[Chunk], vectors: NDArray[np.float32]) -> None:
        """Add chunks with their (n, dimension) vectors."""
        for first in range(0, len(chunks), _BATCH):
            batch = chunks[first : first + _BATCH]
            with _translated(self._folder, self._server):
                self._collection.add(
                    ids=[chunk.chunk_id for chunk in batch],
                    embeddings=vectors[first : first + _BATCH],
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
            with _translated(self._folder, self._server):
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
        with _translated(self._folder, self._server):
            found = self._collection.query(
                query_embeddings=vector[np.newaxis], n_results=k, include=["distances"], where=where
            )
        distances = found["distances"] or [[]]
        return [(i, 1.0 - d) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    @staticmethod
    def copy(source: Path, target: Path) -> None:
        """Copy a closed or only-read collection; its database through SQLite, which sees a consistent state.

        The copy can be written whether the collection can or not.
        """
        target.mkdir()
        for path in source.rglob("*"):
            if path.is_file() and not path.name.startswith(_DATABASE):
                copy = target / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        with (
            closing(sqlite3.connect(source / _DATABASE)) as old,
            closing(sqlite3.connect(target / _DATABASE)) as new,
        ):
            old.backup(new)


def is_on_server(folder: Path) -> bool:
    """Whether the vectors of `folder` are on a server."""
    return (folder / _NAME_FILE).is_file()


def discard_generation(generation: Path, server: ChromaServer | None) -> None:
    """Delete a generation's folder, its collection on the server first.

    One whose server is away stays, and is tried again by the next sync.
    """
    folder = generation / "chroma"
    if is_on_server(folder) and server is not None:
        try:
            with _translated(folder, server), closing(server.connect()) as client:
                client.delete_collection(_name(folder))
        except IndexMissingError:
            pass
        except SearchIndexError as error:
            logger.warning("an old collection stays for now: %s", error)
            return
    shutil.rmtree(generation, ignore_errors=True)


def _name(folder: Path) -> str:
    return (folder / _NAME_FILE).read_text(encoding="utf-8") if is_on_server(folder) else COLLECTION


def _copied(folder: Path) -> TemporaryDirectory[str]:
    """A folder with a copy of the vectors."""
    copied = TemporaryDirectory(prefix="airace-")
    ChromaStore.copy(folder, Path(copied.name, folder.name))
    logger.warning("%s cannot be written: its vectors are read from a copy in %s", folder.parent, copied.name)
    return copied


def _connect(folder: Path, server: ChromaServer | None) -> Any:
    if server is not None:
        return server.connect()
    try:
        return chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
    except Exception:
        # Chroma would go on using what only half started, even when the fault is gone.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


@contextmanager
def _translated(folder: Path, server: ChromaServer | None) -> Iterator[None]:
    """Chroma's errors as ours."""
    if server is not None:
        with server.translated():
            yield
        return
    try:
        yield
    except (AttributeError, ChromaError, OSError, ValueError) as error:  # AttributeError: a client that half started
        hint = "let this user write there" if "readonly" in str(error) else "rebuild it: airace ingest --rebuild"
        raise SearchIndexError(f"the vector store in {folder} cannot be used ({error})", hint) from error
