"""The generation of the index before a sync: what of it can be taken over."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from rag.catalog import Catalog, CatalogEntry
from rag.embedding_cache import EmbeddingCache
from rag.errors import SearchIndexError
from rag.faults import reading_index
from rag.generations import DataDir, Manifest
from rag.types import Chunk, Document

__all__ = ["Previous"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Previous:
    """The generation in use before this sync.

    documents: with the hash of the bytes each was read from, as read: not marked as duplicates.
    entries: its chunks by id, in row order.
    """

    folder: Path
    manifest: Manifest
    documents: list[tuple[Document, str]]
    entries: dict[str, CatalogEntry]

    @classmethod
    def load(cls, data_dir: DataDir) -> Previous | None:
        """The generation in use, or None if there is none or it cannot be read."""
        folder = data_dir.current()
        if folder is None:
            return None
        try:
            manifest = data_dir.manifest(folder)
            data_dir.check_intact(folder, manifest)
            with reading_index(), closing(Catalog(folder / "catalog.sqlite")) as catalog:
                documents = [(replace(document, duplicate_of=None), key) for document, key in catalog.documents()]
                entries = catalog.entries()
        except SearchIndexError as error:
            logger.warning("%s is built anew: %s", folder, error.message)
            return None
        with closing(EmbeddingCache(data_dir.embeddings)) as cache:
            cache.check_length()
            if cache.missing(entry.embedding_key for entry in entries.values()):
                logger.warning("%s is built anew: embeddings are missing", folder)
                return None
        return cls(folder, manifest, documents, entries)

    @cached_property
    def document_of(self) -> dict[str, Document]:
        """Its documents by id."""
        return {document.doc_id: document for document, _ in self.documents}

    def chunks_of(self, document: Document) -> list[Chunk] | None:
        """The chunks of a document that has not changed since; None if it has."""
        return self._chunks[document.doc_id] if self.document_of.get(document.doc_id) == document else None

    def kept_rows(self, chunks: Sequence[Chunk]) -> dict[int, int]:
        """The rows of the chunks that are as they were, each with the row that it had."""
        old = ((row, chunk, self.entries.get(chunk.chunk_id)) for row, chunk in enumerate(chunks))
        return {row: entry.row for row, chunk, entry in old if entry and entry.chunk.indexed_text == chunk.indexed_text}

    def gone(self, chunks: Sequence[Chunk], kept: dict[int, int]) -> list[str]:
        """The texts of its chunks that are not among the kept ones."""
        staying = {chunks[row].chunk_id for row in kept}
        return [entry.chunk.indexed_text for chunk_id, entry in self.entries.items() if chunk_id not in staying]

    @cached_property
    def _chunks(self) -> dict[str, list[Chunk]]:
        chunks: dict[str, list[Chunk]] = defaultdict(list)
        for entry in self.entries.values():
            chunks[entry.chunk.doc_id].append(entry.chunk)
        return chunks
