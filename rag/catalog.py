"""The documents and chunks of one generation of the index, in SQLite: `rag.catalog_writing` writes it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

from rag.balance import Publishers, host_key, publisher_key
from rag.dates import parse_date_option
from rag.errors import ConfigurationError
from rag.faults import reading_index
from rag.records import ChunkRow, DocumentRecord, document_from_dict
from rag.types import Chunk, Document

__all__ = ["CATALOG_VERSION", "FILTERS", "Catalog", "CatalogEntry"]

CATALOG_VERSION = "2"
"""Part of the index's fingerprint: raise it whenever the tables change."""

FILTERS = ("publisher", "publisher_country", "kind", "language", "doc_id", "theme", "since", "until")
"""What `where` can ask for."""

# What is put into SQL is column names of ours and question marks; values go in by way of the marks. Bandit cannot tell.
_CACHED_DOCUMENTS = 256
_KEPT_CHUNKS = 4096  # some 2 kB each

_Key = TypeVar("_Key", str, int)
_COLUMNS = 'row, chunk_id, doc_id, embedding_key, start, "end", heading, prefix, sentences, text'


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A chunk with its row in the lexical index and the key of its embedding."""

    row: int
    chunk: Chunk
    embedding_key: str


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
        query = "SELECT document, duplicate_of, source_hash FROM documents ORDER BY position"
        for data, duplicate_of, source_hash in self._all(query):
            yield _document(data, duplicate_of), source_hash

    def records(self) -> dict[str, tuple[DocumentRecord, bytes]]:
        """All documents by id, in order, as they were read; with what tells their sentences from others'.

        Raises:
            SearchIndexError: One is not what it was when it was written.
        """
        columns = "doc_id, source, source_hash, text_hash, digest, document, sentences"
        rows = self._all(f"SELECT {columns} FROM documents ORDER BY position")  # nosec # B608: our columns
        records = {row[0]: (DocumentRecord(*row[:-1]), row[-1]) for row in rows}
        with reading_index():
            if damaged := [doc_id for doc_id, (record, _) in records.items() if not record.is_intact]:
                raise ValueError(f"document {damaged[0]} is damaged")
        return records

    def chunk_rows(self) -> list[ChunkRow]:
        """All chunks in row order, without what they say."""
        query = "SELECT chunk_id, doc_id, embedding_key, row, NULL FROM chunks ORDER BY row"
        return [ChunkRow._make(row) for row in self._all(query)]

    def indexed_texts(self, rows: Sequence[int]) -> list[str]:
        """What the chunks in these rows are searched by, in no order."""
        query = "SELECT prefix || text FROM chunks WHERE row IN (SELECT value FROM json_each(?))"
        return [text for (text,) in self._all(query, (json.dumps(list(rows)),))]

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
        rows = self._all("SELECT document, duplicate_of FROM documents WHERE doc_id = ?", (doc_id,))
        return _document(*rows[0]) if rows else None

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


def _document(data: str, duplicate_of: str | None) -> Document:
    return document_from_dict({**json.loads(data), "duplicate_of": duplicate_of})


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
    number, chunk_id, doc_id, key, start, end, heading, prefix, sentences, text = row
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
