"""Embeddings on disk by the hash of what was embedded: nothing is embedded twice, nor lost when a run is killed.

One SQLite file for all generations of an index. Batches are committed as they are computed, so a killed run
goes on where it stopped; other processes read meanwhile (write-ahead log), those too that may not write.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from rag.faults import is_writable, reading_index
from rag.protocols import TextEmbedding

__all__ = ["EmbeddingCache", "embedding_key"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS embeddings (
    key TEXT PRIMARY KEY, vector BLOB NOT NULL, tokens BLOB NOT NULL, offsets BLOB NOT NULL
)
"""
_BATCH = 500
_KEPT = 4096  # embeddings in memory, some 15 kB each
_TIMEOUT_S = 60.0


def embedding_key(fingerprint: str, text: str) -> str:
    """The key of a text's embedding by the model with that fingerprint."""
    return hashlib.sha256(f"{fingerprint}\0{text}".encode()).hexdigest()[:32]


class EmbeddingCache:
    """Get and put embeddings by key. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = Lock()
        self._recent: dict[str, TextEmbedding] = {}
        self._connection = _opened(path) if is_writable(path) else _opened_for_reading(path)

    @staticmethod
    def delete(path: Path) -> None:
        """Remove a damaged file; only for the one process that writes."""
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def check_length(self) -> None:
        """Compare the file with the length that it should have, which SQLite does not while its log is in use.

        Raises:
            sqlite3.DatabaseError: It is cut short.
        """
        with self._lock:
            ((pages,),) = self._connection.execute("PRAGMA page_count").fetchall()
            ((size,),) = self._connection.execute("PRAGMA page_size").fetchall()
        log = self._path.with_name(self._path.name + "-wal")
        if self._path.stat().st_size + (log.stat().st_size if log.exists() else 0) < pages * size:
            raise sqlite3.DatabaseError("it is cut short")

    def put(self, items: Iterable[tuple[str, TextEmbedding]]) -> None:
        """Store embeddings, all or none."""
        rows = [(key, e.vector.tobytes(), e.tokens.tobytes(), e.offsets.tobytes()) for key, e in items]
        with self._lock, self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)", rows)

    def count(self) -> int:
        """How many are stored."""
        with self._lock:
            ((n,),) = self._connection.execute("SELECT count(*) FROM embeddings").fetchall()
        return int(n)

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys that are not stored, each once, in order."""
        wanted = dict.fromkeys(keys)
        with self._lock:
            known = {key for (key,) in self._connection.execute("SELECT key FROM embeddings")}
        return [key for key in wanted if key not in known]

    def get(self, keys: Sequence[str]) -> dict[str, TextEmbedding]:
        """The embeddings of the keys.

        Raises:
            SearchIndexError: One of them is missing, or the file is damaged.
        """
        recent = self._recent
        found = {key: recent[key] for key in keys if key in recent}
        with reading_index():
            found |= dict(self._rows([key for key in keys if key not in found]))
            if len(found) < len(set(keys)):
                raise ValueError("embeddings are missing")
        # A key is a hash of all that makes the embedding, so that what is kept stays right.
        self._recent = found if len(recent) + len(keys) > _KEPT else recent | found
        return found

    def keep_only(self, keys: Iterable[str]) -> None:
        """Delete everything else."""
        kept = set(keys)
        with self._lock, self._connection:
            gone = [row for row in self._connection.execute("SELECT key FROM embeddings") if row[0] not in kept]
            self._connection.executemany("DELETE FROM embeddings WHERE key = ?", gone)
        with self._lock:
            self._connection.execute("PRAGMA incremental_vacuum")

    def _rows(self, keys: Sequence[str]) -> Iterator[tuple[str, TextEmbedding]]:
        for first in range(0, len(keys), _BATCH):
            batch = keys[first : first + _BATCH]
            marks = ",".join("?" * len(batch))
            with self._lock:
                rows = self._connection.execute(
                    f"SELECT key, vector, tokens, offsets FROM embeddings WHERE key IN ({marks})",  # nosec # B608: question marks
                    batch,
                ).fetchall()
            for key, vector, tokens, offsets in rows:
                spans = np.frombuffer(offsets, dtype=np.int32).reshape(-1, 2)
                flat = np.frombuffer(tokens, dtype=np.int8)
                yield (
                    key,
                    TextEmbedding(
                        vector=np.frombuffer(vector, dtype=np.float32),
                        tokens=flat.reshape(len(spans), -1) if len(spans) else flat.reshape(0, 1),
                        offsets=spans,
                    ),
                )


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_TIMEOUT_S, check_same_thread=False)
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    with connection:
        connection.execute(_SCHEMA)
    return connection


def _opened_for_reading(path: Path) -> sqlite3.Connection:
    """Where no log can be made, SQLite reads by the log of whoever writes, or must be told that nobody does."""
    has_log = all(path.with_name(path.name + suffix).exists() for suffix in ("-wal", "-shm"))
    how = "mode=ro" if has_log else "immutable=1"
    return sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, timeout=_TIMEOUT_S, check_same_thread=False)
