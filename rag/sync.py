"""Makes the index hold what the corpus folder and the library say: incremental, idempotent, safe to kill."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from rag.catalog import CATALOG_VERSION, Catalog
from rag.catalog_writing import NewDocument, TakeOverError, write_catalog
from rag.chroma_server import ChromaServer
from rag.chunking import CHUNKER_VERSION, chunk_document
from rag.embedding_cache import EmbeddingCache, embedding_key
from rag.errors import ConfigurationError, SearchIndexError
from rag.faults import writing_index
from rag.gather import Gathered, gather
from rag.generations import DataDir, Manifest
from rag.lexical import LEXICAL_VERSION, LexicalIndex
from rag.loading import DocumentReader, Limits
from rag.near_duplicates import find_twins, sentence_hashes
from rag.previous import Previous
from rag.protocols import Embedder
from rag.records import ChunkRow, DocumentRecord
from rag.settings import Settings
from rag.spelling import Speller
from rag.store import ChromaStore, discard_generation, is_on_server
from rag.types import Chunk, SyncReport

__all__ = ["Progress", "chunker_fingerprint", "sync"]

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_LOCK_TIMEOUT_S = 600.0
_EMBED_BATCH = 64  # chunks between two commits: what a kill may lose
_COPY_UP_TO = 0.3  # share of chunks changed up to which the old vector index is copied and mended


def chunker_fingerprint(settings: Settings) -> str:
    """Changes whenever the same document would be cut, tokenised or stored otherwise."""
    return f"{CHUNKER_VERSION}-{settings.chunk_tokens}-{LEXICAL_VERSION}-{CATALOG_VERSION}"


def sync(
    settings: Settings, embedder: Embedder, *, progress: Progress | None = None, rebuild: bool = False
) -> SyncReport:
    """Bring the index up to date.

    Args:
        settings: Names the corpus folder and the data directory.
        embedder: The embedding model; if the index was made with another, everything is embedded anew.
        progress: Told how far the work is.
        rebuild: Build even if nothing has changed.

    Raises:
        ConfigurationError: The corpus folder is missing, or there is nothing to index.
        IndexBusyError: Another process has been writing the index for ten minutes.
        SearchIndexError: The index cannot be written.
    """
    if not settings.corpus_dir.is_dir():
        raise ConfigurationError(f"there is no corpus folder {settings.corpus_dir}", "set AIRACE_CORPUS or --corpus")
    data_dir = DataDir(settings.data_dir)
    tell = progress or (lambda _what, _done, _total: None)
    with writing_index(data_dir.path), data_dir.writing(timeout_s=_LOCK_TIMEOUT_S):
        try:
            return _sync(data_dir, settings, embedder, tell, rebuild)
        except sqlite3.OperationalError:  # the disk is full, or nothing may be written
            raise
        except sqlite3.DatabaseError as error:
            logger.warning("the embeddings in %s are damaged and are made anew (%s)", data_dir.embeddings, error)
            EmbeddingCache.delete(data_dir.embeddings)
            return _sync(data_dir, settings, embedder, tell, rebuild=True)


def _sync(data_dir: DataDir, settings: Settings, embedder: Embedder, tell: Progress, rebuild: bool) -> SyncReport:
    previous = Previous.load(data_dir)
    records = previous.documents.values() if previous else ()
    known = {(record.source, record.source_hash): record for record in records}
    with DocumentReader(Limits.of(settings)) as reader:
        gathered = gather(settings.corpus_dir, data_dir.library, known=known, reader=reader)
    if not gathered.documents:
        raise ConfigurationError(
            f"there is no document to index in {settings.corpus_dir}",
            "add Markdown, text, HTML, PDF or DOCX files" + "".join(f"; {s}: {why}" for s, why in gathered.skipped),
        )
    version = _index_version(gathered.documents, settings, embedder)
    report = _report(gathered, previous, version)
    moved = previous is not None and is_on_server(previous.folder / "chroma") != (settings.chroma_url is not None)
    if previous and previous.manifest.index_version == version and not rebuild and not moved:
        return replace(report, n_chunks=previous.manifest.n_chunks)
    notes = _notes(previous, settings, embedder)
    basis = None if rebuild or notes else previous
    try:
        n_chunks = _build(data_dir, settings, embedder, gathered, previous, basis, version, tell)
    except TakeOverError as error:
        logger.warning("the index is built anew: that in %s is damaged (%s)", basis.folder if basis else "", error)
        n_chunks = _build(data_dir, settings, embedder, gathered, previous, None, version, tell)
    return replace(report, n_chunks=n_chunks, notes=notes)


def _index_version(documents: Sequence[DocumentRecord], settings: Settings, embedder: Embedder) -> str:
    """A hash of everything that is searched and of how it is searched for."""
    digest = hashlib.sha256(f"{embedder.fingerprint}\0{chunker_fingerprint(settings)}".encode())
    for doc_id, own in sorted((document.doc_id, document.digest) for document in documents):
        digest.update(f"\0{doc_id}\0{own}".encode())
    return digest.hexdigest()[:16]


def _report(gathered: Gathered, previous: Previous | None, version: str) -> SyncReport:
    old = {doc_id: record.digest for doc_id, record in previous.documents.items()} if previous else {}
    new = {document.doc_id: document.digest for document in gathered.documents}
    return SyncReport(
        added=tuple(doc_id for doc_id in new if doc_id not in old),
        updated=tuple(doc_id for doc_id in new if doc_id in old and new[doc_id] != old[doc_id]),
        unchanged=tuple(doc_id for doc_id in new if new[doc_id] == old.get(doc_id)),
        removed=tuple(doc_id for doc_id in old if doc_id not in new),
        duplicates=tuple(gathered.duplicates),
        skipped=tuple(gathered.skipped),
        index_version=version,
    )


def _notes(previous: Previous | None, settings: Settings, embedder: Embedder) -> tuple[str, ...]:
    if previous is None:
        return ()
    notes = []
    if previous.manifest.embedding_model != embedder.name:
        notes.append(f"embedded anew: the model is now {embedder.name}, it was {previous.manifest.embedding_model}")
    elif previous.manifest.embedder != embedder.fingerprint:
        notes.append(f"embedded anew: {embedder.name} gives other vectors than before")
    if previous.manifest.chunker != chunker_fingerprint(settings):
        notes.append("cut and embedded anew: the chunk size or the chunker has changed")
    return tuple(notes)


def _build(
    data_dir: DataDir,
    settings: Settings,
    embedder: Embedder,
    gathered: Gathered,
    previous: Previous | None,
    basis: Previous | None,
    version: str,
    tell: Progress,
) -> int:
    """Build and publish a generation, taking over what `basis` has; returns its number of chunks."""
    documents, rows = _chunk_all(gathered, embedder, settings, basis, tell)
    fresh = {row: place.chunk.indexed_text for row, place in enumerate(rows) if place.old_row is None and place.chunk}
    discard = partial(discard_generation, server=ChromaServer.of(settings))
    with (
        closing(EmbeddingCache(data_dir.embeddings)) as cache,
        data_dir.building(data_dir.new_name(version), discard=discard) as scratch,
    ):
        _embed_missing(cache, embedder, {rows[row].embedding_key: text for row, text in fresh.items()}, tell)
        tell("Writing the index", 0, 1)
        write_catalog(scratch / "catalog.sqlite", documents, rows, old=basis.catalog if basis else None)
        _write_words(scratch, fresh, rows, basis)
        _write_vectors(scratch, rows, cache, embedder, settings, basis)
        manifest = Manifest(
            index_version=version,
            corpus_dir=str(settings.corpus_dir),
            embedding_model=embedder.name,
            embedder=embedder.fingerprint,
            dimension=embedder.dimension,
            chunker=chunker_fingerprint(settings),
            n_documents=len(documents),
            n_chunks=len(rows),
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        )
        data_dir.publish(scratch, manifest, discard=discard)
        # The generation before this one may still be read by another process.
        old = previous.rows if previous else ()
        cache.keep_only(row.embedding_key for row in (*rows, *old))
        tell("Writing the index", 1, 1)
    return len(rows)


def _chunk_all(
    gathered: Gathered, embedder: Embedder, settings: Settings, basis: Previous | None, tell: Progress
) -> tuple[list[NewDocument], list[ChunkRow]]:
    """The documents and their chunks in order; of those that `basis` has, its own."""
    rows: list[ChunkRow] = []
    sentences = {}
    total = len(gathered.documents)
    for done, document in enumerate(gathered.documents):
        tell("Reading documents", done, total)
        if basis and basis.has(document):
            rows += basis.rows_of(document.doc_id)
            sentences[document.doc_id] = basis.sentences[document.doc_id]
        else:
            chunks = chunk_document(document.document(), embedder, target_tokens=settings.chunk_tokens)
            rows += (_row(chunk, embedder, basis) for chunk in chunks)
            sentences[document.doc_id] = sentence_hashes(chunks)
    tell("Reading documents", total, total)
    twins = find_twins(sentences)
    documents = [
        NewDocument(
            record=document,
            sentences=sentences[document.doc_id].tobytes(),
            duplicate_of=twins.get(document.doc_id),
            kept=basis is not None and basis.has(document),
        )
        for document in gathered.documents
    ]
    return documents, rows


def _row(chunk: Chunk, embedder: Embedder, basis: Previous | None) -> ChunkRow:
    key = embedding_key(embedder.fingerprint, chunk.indexed_text)
    return ChunkRow(chunk.chunk_id, chunk.doc_id, key, basis.row_with(chunk.chunk_id, key) if basis else None, chunk)


def _embed_missing(cache: EmbeddingCache, embedder: Embedder, texts: dict[str, str], tell: Progress) -> None:
    """Embed what the cache lacks, committing every few seconds' work."""
    missing = sorted(cache.missing(texts), key=lambda key: len(texts[key]))
    results = embedder.embed_documents([texts[key] for key in missing])
    done = 0
    if missing:
        tell("Embedding passages", 0, len(missing))
    while batch := list(islice(results, _EMBED_BATCH)):
        cache.put((missing[position], embedding) for position, embedding in batch)
        done += len(batch)
        tell("Embedding passages", done, len(missing))


def _write_words(scratch: Path, fresh: Mapping[int, str], rows: Sequence[ChunkRow], basis: Previous | None) -> None:
    """The lexical index and the words for the speller; only the fresh texts are read, unless the old words are lost."""
    folder = scratch / "lexical"
    folder.mkdir()
    if basis is None:
        LexicalIndex.build(fresh, folder)
        Speller.build(fresh.values(), folder)
        return
    kept = {row: place.old_row for row, place in enumerate(rows) if place.old_row is not None}
    old = basis.folder / "lexical"
    try:
        LexicalIndex.build(fresh, folder, kept=kept, old=old)
        Speller.build(fresh.values(), folder, gone=basis.texts(basis.gone(rows)), old=old)
    except (OSError, ValueError, SearchIndexError) as error:
        logger.warning("the words in %s are damaged and are counted anew (%s)", old, error)
        texts = dict(enumerate(chunk.indexed_text for chunk in _all_chunks(scratch)))
        LexicalIndex.build(texts, folder)
        Speller.build(texts.values(), folder)


def _write_vectors(
    scratch: Path,
    rows: Sequence[ChunkRow],
    cache: EmbeddingCache,
    embedder: Embedder,
    settings: Settings,
    basis: Previous | None,
) -> None:
    """The vector index: a copy of the previous one with the changes made, or a new one if much has changed."""
    folder = scratch / "chroma"
    gone = basis.gone(rows) if basis else []
    fresh = [row.chunk for row in rows if row.old_row is None and row.chunk]
    server = ChromaServer.of(settings)
    here = server is None and basis is not None and not is_on_server(basis.folder / "chroma")
    if basis and here and len(gone) + len(fresh) <= _COPY_UP_TO * len(rows):
        ChromaStore.copy(basis.folder / "chroma", folder)
        store = ChromaStore.open(folder)
        store.delete([row.chunk_id for row in gone])
    else:
        fresh = _all_chunks(scratch)
        metadata = {
            "model": embedder.name,
            "embedder": embedder.fingerprint,
            "dimension": embedder.dimension,
            "chunker": chunker_fingerprint(settings),
        }
        store = ChromaStore.create(folder, metadata, server)
    key_of = {row.chunk_id: row.embedding_key for row in rows}
    with closing(store):
        for batch in _batches(fresh, 1000):
            embeddings = cache.get([key_of[chunk.chunk_id] for chunk in batch])
            store.add(batch, np.stack([embeddings[key_of[chunk.chunk_id]].vector for chunk in batch]))


def _all_chunks(scratch: Path) -> list[Chunk]:
    """The chunks of the generation that is being built, in row order."""
    with closing(Catalog(scratch / "catalog.sqlite")) as catalog:
        return [entry.chunk for entry in catalog.entries().values()]


def _batches(chunks: Sequence[Chunk], size: int) -> Iterator[Sequence[Chunk]]:
    for first in range(0, len(chunks), size):
        yield chunks[first : first + size]
