"""The generation of the index before a sync: what of it can be taken over."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.catalog import CATALOG_VERSION, Catalog
from rag.embedding_cache import EmbeddingCache
from rag.errors import SearchIndexError
from rag.faults import reading_index
from rag.generations import DataDir, Manifest
from rag.records import ChunkRow, DocumentRecord

__all__ = ["Previous"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Previous:
    """The generation in use before this sync.

    documents: by id.
    sentences: what tells those of each document from others' (see `rag.near_duplicates`).
    rows: its chunks in row order.
    """

    folder: Path
    manifest: Manifest
    documents: dict[str, DocumentRecord]
    sentences: dict[str, NDArray[np.uint64]]
    rows: list[ChunkRow]

    @classmethod
    def load(cls, data_dir: DataDir) -> Previous | None:
        """The generation in use, or None if there is none or it cannot be read."""
        folder = data_dir.current()
        if folder is None:
            return None
        try:
            manifest = data_dir.manifest(folder)
            data_dir.check_intact(folder, manifest)
            if not manifest.chunker.endswith(f"-{CATALOG_VERSION}"):
                logger.warning("%s is built anew: another version of airace wrote it", folder)
                return None
            with reading_index(), closing(Catalog(folder / "catalog.sqlite")) as catalog:
                records = catalog.records()
                rows = catalog.chunk_rows()
                sentences = {doc_id: np.frombuffer(blob, dtype="<u8") for doc_id, (_, blob) in records.items()}
        except SearchIndexError as error:
            logger.warning("%s is built anew: %s", folder, error.message)
            return None
        with closing(EmbeddingCache(data_dir.embeddings)) as cache:
            cache.check_length()
            if cache.missing(row.embedding_key for row in rows):
                logger.warning("%s is built anew: embeddings are missing", folder)
                return None
        return cls(folder, manifest, {doc_id: record for doc_id, (record, _) in records.items()}, sentences, rows)

    @property
    def catalog(self) -> Path:
        """The file with its documents and chunks."""
        return self.folder / "catalog.sqlite"

    def has(self, document: DocumentRecord) -> bool:
        """Whether it holds exactly this document."""
        own = self.documents.get(document.doc_id)
        return own is not None and own.digest == document.digest

    def rows_of(self, doc_id: str) -> list[ChunkRow]:
        """The chunks of one of its documents."""
        return self._rows_by_document.get(doc_id, [])

    def row_with(self, chunk_id: str, embedding_key: str) -> int | None:
        """The row of the chunk of this id, if it has the text that this is the key of."""
        row = self._row_by_chunk.get(chunk_id)
        return row.old_row if row and row.embedding_key == embedding_key else None

    def gone(self, rows: Iterable[ChunkRow]) -> list[ChunkRow]:
        """Its chunks that are not among those of another generation with the same text."""
        staying = {row.old_row for row in rows}
        return [row for row in self.rows if row.old_row not in staying]

    def texts(self, rows: Sequence[ChunkRow]) -> list[str]:
        """What these of its chunks are searched by.

        Raises:
            SearchIndexError: The catalog is damaged.
        """
        with closing(Catalog(self.catalog)) as catalog:
            return catalog.indexed_texts([row.old_row for row in rows if row.old_row is not None])

    @cached_property
    def _rows_by_document(self) -> dict[str, list[ChunkRow]]:
        found: dict[str, list[ChunkRow]] = {}
        for row in self.rows:
            found.setdefault(row.doc_id, []).append(row)
        return found

    @cached_property
    def _row_by_chunk(self) -> dict[str, ChunkRow]:
        return {row.chunk_id: row for row in self.rows}
