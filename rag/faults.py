"""Faults of disks and files as errors that say what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import SearchIndexError

__all__ = ["is_writable", "reading_index", "writing_index"]


def is_writable(database: Path) -> bool:
    """Whether a database can be written, and the log that SQLite keeps beside it."""
    return os.access(database.parent, os.W_OK) and (not database.exists() or os.access(database, os.W_OK))


@contextmanager
def reading_index() -> Iterator[None]:
    """What goes wrong while an index is read.

    Raises:
        SearchIndexError: A file is missing, broken, or may not be read.
    """
    try:
        yield
    except (OSError, sqlite3.Error, EOFError, LookupError, TypeError, ValueError) as error:
        raise SearchIndexError(
            f"the index cannot be read ({_reason(error)})", "build it anew: airace ingest --rebuild"
        ) from error


@contextmanager
def writing_index(folder: Path) -> Iterator[None]:
    """What goes wrong while something is written to `folder`.

    Raises:
        SearchIndexError: The disk is full, or nothing may be written.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise SearchIndexError(
            f"{folder} cannot be written ({_reason(error)})",
            "make room or allow it; what was indexed before is still there",
        ) from error


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(reason.split()) or type(error).__name__
