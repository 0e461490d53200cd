"""The documents and chunks of one generation of the index, in SQLite: written once, then only read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

from rag.balance import Publishers, host_key, publisher_key
from rag.dates import date_bounds, parse_date_option
from rag.errors import ConfigurationError
from rag.faults import reading_index
from rag.types import Chunk, Document, Origin, OriginSpan

__all__ = ["FILTERS", "Catalog", "CatalogEntry", "document_from_dict", "document_to_dict", "write_catalog"]

_SCHEMA = """
CREATE TABLE documents (
    doc_id TEXT PRIMARY KEY, position INTEGER NOT NULL, source TEXT NOT NULL, source_hash TEXT NOT NULL,
    publisher TEXT, publisher_country TEXT, kind TEXT, language TEXT, first_day TEXT, last_day TEXT,
    document TEXT NOT NULL
);
CREATE TABLE themes (doc_id TEXT NOT NULL, theme TEXT NOT NULL);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, chunk_id TEXT NOT NULL UNIQUE, doc_id TEXT NOT NULL, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, text TEXT NOT NULL, heading TEXT, prefix TEXT NOT NULL, sentences TEXT NOT NULL,
    embedding_key TEXT NOT NULL
);
CREATE INDEX chunks_by_document ON chunks (doc_id);
CREATE INDEX themes_by_theme ON themes (theme);
"""
FILTERS = ("publisher", "publisher_country", "kind", "language", "doc_id", "theme", "since", "until")
"""What `where` can ask for."""

# What is put into SQL is column names of ours and question marks; values go in by way of the marks. Bandit cannot tell.
_CACHED_DOCUMENTS = 256
_KEPT_CHUNKS = 4096  # some 2 kB each

_Key = TypeVar("_Key", str, int)
_DOCUMENT_FIELDS = tuple(field.name for field in fields(Document))
_ORIGIN_FIELDS = tuple(field.name for field in fields(Origin))
_COLUMNS = 'row, chunk_id, doc_id, start, "end", text, heading, prefix, sentences, embedding_key'


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A chunk with its row in the lexical index and the key of its embedding."""

    row: int
    chunk: Chunk
    embedding_key: str


def document_to_dict(document: Document) -> dict[str, Any]:
    """The document as JSON data; `dataclasses.asdict` copies every value, which took most of a large sync."""
    data = {name: getattr(document, name) for name in _DOCUMENT_FIELDS}
    data["origins"] = [
        {
            "start": span.start,
            "end": span.end,
            "origins": [{name: getattr(origin, name) for name in _ORIGIN_FIELDS} for origin in span.origins],
        }
        for span in document.origins
    ]
    return data


def document_from_dict(data: Mapping[str, Any]) -> Document:
    """The inverse of `document_to_dict` after a trip through JSON."""
    origins = tuple(
        OriginSpan(
            start=span["start"],
            end=span["end"],
            origins=tuple(Origin(**origin) for origin in span["origins"]),
        )
        for span in data["origins"]
    )
    fields = {
        **data,
        "origins": origins,
        "themes": tuple(data["themes"]),
        "page_starts": tuple(data["page_starts"]),
    }
    return Document(**fields)


def write_catalog(path: Path, documents: Iterable[tuple[Document, str]], chunks: Iterable[tuple[Chunk, str]]) -> None:
    """Write a new catalog.

    Args:
        path: The file, which must not exist.
        documents: With the hash of the bytes that each was read from.
        chunks: With the key of each one's embedding; their order is the order of the lexical index.
    """
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        with connection:
            for position, (document, source_hash) in enumerate(documents):
                _insert_document(connection, position, document, source_hash)
            connection.executemany(
                f"INSERT INTO chunks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # nosec # B608: our columns
                (
                    (
                        row,
                        c.chunk_id,
                        c.doc_id,
                        c.start,
                        c.end,
                        c.text,
                        c.heading,
                        c.prefix,
                        json.dumps(c.sentences),
                        key,
                    )
                    for row, (c, key) in enumerate(chunks)
                ),
            )
    finally:
        connection.close()


def _insert_document(connection: sqlite3.Connection, position: int, document: Document, source_hash: str) -> None:
    first_day, last_day = date_bounds(document.date or "") or (None, None)
    values = (
        document.doc_id, position, document.source, source_hash, document.publisher, document.publisher_country,
        document.kind, document.language, first_day, last_day,
        json.dumps(document_to_dict(document), ensure_ascii=True),
    )  # fmt: skip
    connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    themes = [(document.doc_id, theme) for theme in document.themes]
    connection.executemany("INSERT INTO themes VALUES (?, ?)", themes)


class Catalog:
    """Reads one generation's documents and chunks; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        with reading_index():
            self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
        # SQLite's own lower() knows ASCII alone.
        self._connection.create_function("casefold", 1, _casefold, deterministic=True)
        self._recent: dict[str, dict[Any, CatalogEntry]] = {"chunk_id": {}, "row": {}}
        self.document = lru_cache(maxsize=_CACHED_DOCUMENTS)(self._document)
        self.publishers = lru_cache(maxsize=1)(self._publishers)
        self.document_starts = lru_cache(maxsize=1)(self._document_starts)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def documents(self) -> Iterator[tuple[Document, str]]:
        """All documents in order, each with the hash of the bytes that it was read from."""
        for data, source_hash in self._all("SELECT document, source_hash FROM documents ORDER BY position"):
            yield document_from_dict(json.loads(data)), source_hash

    def entries(self, chunk_ids: Sequence[str] | None = None) -> dict[str, CatalogEntry]:
        """Chunks by id; all of them in row order if no ids are given."""
        if chunk_ids is None:
            rows = self._all(f"SELECT {_COLUMNS} FROM chunks ORDER BY row")  # nosec # B608: our columns
            return {row[1]: _entry(row) for row in rows}
        return self._kept_or_read("chunk_id", chunk_ids)

    def entries_at(self, rows: Sequence[int]) -> dict[int, CatalogEntry]:
        """Chunks by their row in the lexical index."""
        return self._kept_or_read("row", rows)

    def mentions(self, phrases: Sequence[str]) -> bool:
        """Whether any of the phrases stands in a passage or its heading, upper and lower case alike."""
        column = "instr(lower(prefix || text), lower(?)) > 0"
        query = f"SELECT 1 FROM chunks WHERE {' OR '.join([column] * len(phrases))} LIMIT 1"  # nosec # B608: our columns
        return bool(phrases) and self._all(query, tuple(phrases)) != []

    def rows_of(self, doc_ids: Sequence[str]) -> list[int]:
        """Lexical rows of the documents' chunks."""
        found = self._all(
            "SELECT row FROM chunks WHERE doc_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(doc_ids)),),
        )
        return [row for (row,) in found]

    def matching(self, where: Mapping[str, str | Sequence[str]]) -> list[str] | None:
        """Ids of the documents that pass the filter, or None if there is no filter.

        Several values of one key are alternatives; several keys must all hold. Letter case is ignored.

        Raises:
            ConfigurationError: An unknown key, or a date that is none.
        """
        conditions, values = [], []
        for key, given in where.items():
            if key not in FILTERS:
                raise ConfigurationError(f"cannot filter by {key!r}", f"use one of {', '.join(FILTERS)}")
            alternatives = [given] if isinstance(given, str) else list(given)
            condition, arguments = _condition(key, alternatives)
            conditions.append(condition)
            values += arguments
        if not conditions:
            return None
        query = f"SELECT doc_id FROM documents WHERE {' AND '.join(conditions)} ORDER BY position"  # nosec # B608: our columns
        return [doc_id for (doc_id,) in self._all(query, tuple(values))]

    def counts(self) -> tuple[int, int]:
        """Numbers of documents and of chunks."""
        ((documents,),) = self._all("SELECT count(*) FROM documents")
        ((chunks,),) = self._all("SELECT count(*) FROM chunks")
        return documents, chunks

    def passage_counts(self) -> dict[str, int]:
        """Number of chunks of each document that has any."""
        return dict(self._all("SELECT doc_id, count(*) FROM chunks GROUP BY doc_id"))

    def _publishers(self) -> Publishers:
        """Country and kind of every publisher of a document, by its name and its host."""
        rows = self._all(
            "SELECT publisher, publisher_country, kind, json_extract(document, '$.url') FROM documents "
            "WHERE publisher IS NOT NULL AND publisher_country IS NOT NULL"
        )
        by_host = {host: (country, kind) for _, country, kind, url in rows if (host := host_key(url))}
        return by_host | {publisher_key(publisher): (country, kind) for publisher, country, kind, _ in rows}

    def _document_starts(self) -> frozenset[int]:
        """The row of the first chunk of every document; the others of a document follow it."""
        return frozenset(row for (row,) in self._all("SELECT min(row) FROM chunks GROUP BY doc_id"))

    def _document(self, doc_id: str) -> Document | None:
        rows = self._all("SELECT document FROM documents WHERE doc_id = ?", (doc_id,))
        return document_from_dict(json.loads(rows[0][0])) if rows else None

    def _kept_or_read(self, column: Literal["chunk_id", "row"], values: Sequence[_Key]) -> dict[_Key, CatalogEntry]:
        """Chunks by id or row; the last ones are kept, as nothing in a generation changes."""
        kept = self._recent[column]
        found = {value: entry for value in values if (entry := kept.get(value))}
        if missing := tuple(value for value in values if value not in found):
            marks = ",".join("?" * len(missing))
            read = self._all(f"SELECT {column}, {_COLUMNS} FROM chunks WHERE {column} IN ({marks})", missing)  # nosec # B608: our columns
            if len(kept) + len(read) > _KEPT_CHUNKS:
                kept.clear()
            for value, *row in read:
                found[value] = kept[value] = _entry(tuple(row))
        return found

    def _all(self, query: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock, reading_index():
            return self._connection.execute(query, arguments).fetchall()


def _casefold(value: str | None) -> str | None:
    return None if value is None else value.casefold()


def _condition(key: str, alternatives: list[str]) -> tuple[str, list[str]]:
    """SQL condition and its arguments for one filter."""
    marks = ",".join("?" * len(alternatives))
    lowered = [value.casefold() for value in alternatives]
    if key == "since":
        return "last_day >= ?", [min(parse_date_option("since", value)[0] for value in alternatives)]
    if key == "until":
        return "first_day <= ?", [max(parse_date_option("until", value)[1] for value in alternatives)]
    if key == "theme":
        return f"doc_id IN (SELECT doc_id FROM themes WHERE casefold(theme) IN ({marks}))", lowered  # nosec # B608: our columns
    return f"casefold({key}) IN ({marks})", lowered


def _entry(row: tuple[Any, ...]) -> CatalogEntry:
    number, chunk_id, doc_id, start, end, text, heading, prefix, sentences, key = row
    spans = tuple((first, last) for first, last in json.loads(sentences))
    chunk = Chunk(
        chunk_id=chunk_id,
        doc_id=doc_id,
        start=start,
        end=end,
        text=text,
        heading=heading,
        prefix=prefix,
        sentences=spans,
    )
    return CatalogEntry(row=number, chunk=chunk, embedding_key=key)
