"""Writes the catalog of a generation: what has changed from memory, all else straight from the catalog before it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.dates import date_bounds
from rag.records import ChunkRow, DocumentRecord

__all__ = ["NewDocument", "TakeOverError", "write_catalog"]

_SCHEMA = """
CREATE TABLE documents (
    position INTEGER PRIMARY KEY, doc_id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, source_hash TEXT NOT NULL,
    text_hash TEXT NOT NULL, digest TEXT NOT NULL, duplicate_of TEXT,
    publisher TEXT, publisher_country TEXT, kind TEXT, language TEXT, first_day TEXT, last_day TEXT,
    sentences BLOB NOT NULL, document TEXT NOT NULL
);
CREATE TABLE themes (doc_id TEXT NOT NULL, theme TEXT NOT NULL);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, chunk_id TEXT NOT NULL, doc_id TEXT NOT NULL, embedding_key TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT, prefix TEXT NOT NULL, sentences TEXT NOT NULL,
    text TEXT NOT NULL
);
"""
# Made when the tables are full: sorting once is faster than keeping in order.
_INDEXES = """
CREATE UNIQUE INDEX chunks_by_id ON chunks (chunk_id);
CREATE INDEX chunks_by_document ON chunks (doc_id);
CREATE INDEX themes_by_theme ON themes (theme);
"""
_TAKE_DOCUMENTS = """
INSERT INTO documents SELECT k.position, d.doc_id, d.source, k.source_hash, d.text_hash, d.digest, k.duplicate_of,
    d.publisher, d.publisher_country, d.kind, d.language, d.first_day, d.last_day, d.sentences, d.document
FROM temp.kept_documents k CROSS JOIN old.documents d ON d.doc_id = k.doc_id
"""
_TAKE_THEMES = """
INSERT INTO themes SELECT t.doc_id, t.theme
FROM old.themes t JOIN temp.kept_documents k ON k.doc_id = t.doc_id ORDER BY t.rowid
"""
_TAKE_CHUNKS = """
INSERT INTO chunks SELECT k.row, c.chunk_id, c.doc_id, c.embedding_key, c.start, c."end", c.heading, c.prefix,
    c.sentences, c.text
FROM temp.kept_rows k CROSS JOIN old.chunks c ON c.row = k.old_row WHERE json_valid(c.sentences)
"""


class TakeOverError(Exception):
    """The catalog before cannot be read to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document of the generation to be.

    sentences: What tells its sentences from others' (see `rag.near_duplicates`).
    duplicate_of: The id of the document that it is almost the same as.
    kept: Whether the catalog before has it exactly so, and its chunks.
    """

    record: DocumentRecord
    sentences: bytes
    duplicate_of: str | None
    kept: bool


def write_catalog(path: Path, documents: Sequence[NewDocument], rows: Sequence[ChunkRow], *, old: Path | None) -> None:
    """Write a new catalog.

    Args:
        path: The file, which must not exist.
        documents: In order.
        rows: Their chunks, in the order of the lexical index; without the chunk itself where the document is kept.
        old: The catalog from which the kept ones are taken.

    Raises:
        TakeOverError: That one is damaged.
    """
    connection = sqlite3.connect(path.as_uri(), uri=True)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        if old is not None:
            connection.execute("ATTACH ? AS old", (f"{old.as_uri()}?mode=ro",))
            with connection:
                _take_over(connection, documents, rows)
        with connection:
            for position, document in enumerate(documents):
                if not document.kept:
                    _insert_document(connection, position, document)
            connection.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_values(number, row) for number, row in enumerate(rows) if row.chunk is not None),
            )
        connection.executescript(_INDEXES)
    finally:
        connection.close()


def _take_over(connection: sqlite3.Connection, documents: Sequence[NewDocument], rows: Sequence[ChunkRow]) -> None:
    kept_documents = [
        (position, document.record.doc_id, document.record.source_hash, document.duplicate_of)
        for position, document in enumerate(documents)
        if document.kept
    ]
    kept_rows = [(number, row.old_row) for number, row in enumerate(rows) if row.chunk is None]
    connection.execute(
        "CREATE TEMP TABLE kept_documents"
        " (position INTEGER PRIMARY KEY, doc_id TEXT UNIQUE, source_hash TEXT, duplicate_of TEXT)"
    )
    connection.execute("CREATE TEMP TABLE kept_rows (row INTEGER PRIMARY KEY, old_row INTEGER)")
    connection.executemany("INSERT INTO kept_documents VALUES (?, ?, ?, ?)", kept_documents)
    connection.executemany("INSERT INTO kept_rows VALUES (?, ?)", kept_rows)
    try:
        n_documents = connection.execute(_TAKE_DOCUMENTS).rowcount
        connection.execute(_TAKE_THEMES)
        n_rows = connection.execute(_TAKE_CHUNKS).rowcount
    except sqlite3.Error as error:  # a full disk too, which the next try finds again
        raise TakeOverError(str(error)) from error
    if (n_documents, n_rows) != (len(kept_documents), len(kept_rows)):
        raise TakeOverError("documents or passages are missing or damaged")


def _insert_document(connection: sqlite3.Connection, position: int, new: NewDocument) -> None:
    record, document = new.record, new.record.document()
    first_day, last_day = date_bounds(document.date or "") or (None, None)
    values = (
        position, record.doc_id, record.source, record.source_hash, record.text_hash, record.digest, new.duplicate_of,
        document.publisher, document.publisher_country, document.kind, document.language, first_day, last_day,
        new.sentences, record.data,
    )  # fmt: skip
    connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    themes = [(document.doc_id, theme) for theme in document.themes]
    connection.executemany("INSERT INTO themes VALUES (?, ?)", themes)


def _values(number: int, row: ChunkRow) -> tuple[Any, ...]:
    c = row.chunk
    assert c is not None
    sentences = json.dumps(c.sentences)
    return number, c.chunk_id, c.doc_id, row.embedding_key, c.start, c.end, c.heading, c.prefix, sentences, c.text
