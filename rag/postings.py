"""Which terms stand in which rows: arrays on disk, memory-mapped.

Occurrences are stored, not scores, which depend on all rows. A sync so takes over what it knows of unchanged passages
and adds the rest, and the result is the same as if it had started from nothing.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Postings", "write_postings"]

_ARRAYS = ("starts", "rows", "counts", "lengths")
_TERMS_FILE = "terms.json"


@dataclass(frozen=True, slots=True)
class Postings:
    """Which terms stand in which rows, how often: sorted by term, then row.

    terms: the term of every column.
    starts: (n_terms + 1,) where the column of each term starts.
    rows, counts: (n_postings,) row, and how often the term stands there.
    lengths: (n_rows,) number of terms in each row.
    """

    terms: list[str]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.int32]

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Opened, the large parts not read into memory."""
        arrays = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS]
        return cls(json.loads((folder / _TERMS_FILE).read_text(encoding="utf-8")), *arrays)

    def save(self, folder: Path) -> None:
        """Write all parts."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / _TERMS_FILE).write_text(json.dumps(self.terms, ensure_ascii=False), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Occurrences:
    """Postings in no order: term number, row and count of each, and the length of each row."""

    terms: list[str]
    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    counts: NDArray[np.int64]
    lengths: NDArray[np.int64]


def write_postings(
    tokens: Mapping[int, Sequence[str]], folder: Path, *, kept: Mapping[int, int] | None = None, old: Path | None = None
) -> None:
    """Write postings to `folder`.

    Args:
        tokens: The terms of each row; with the rows of `kept` they are 0, 1, 2 …
        folder: Where to write.
        kept: Rows that are as they were, each with the row that it had in `old`.
        old: Folder of earlier postings.
    """
    found = _occurrences(tokens)
    if kept and old is not None:
        found = _taken_over(Postings.load(old), kept, found)
    _sorted_postings(found).save(folder)


def _occurrences(tokens: Mapping[int, Sequence[str]]) -> _Occurrences:
    numbers: dict[str, int] = {}
    columns, rows, counts = array("q"), array("q"), array("q")
    lengths = np.zeros(max(tokens, default=-1) + 1, dtype=np.int64)
    for row, found_terms in tokens.items():
        found = Counter(found_terms)
        lengths[row] = found.total()
        columns.extend(numbers.setdefault(term, len(numbers)) for term in found)
        rows.extend([row] * len(found))
        counts.extend(found.values())
    as_array = partial(np.array, dtype=np.int64)
    return _Occurrences(list(numbers), as_array(columns), as_array(rows), as_array(counts), lengths)


def _taken_over(old: Postings, kept: Mapping[int, int], fresh: _Occurrences) -> _Occurrences:
    """The fresh occurrences and those of the kept rows of an older index."""
    new_rows, old_rows = np.array(list(kept.keys())), np.array(list(kept.values()))
    moved = np.full(len(old.lengths), -1, dtype=np.int64)
    moved[old_rows] = new_rows
    lengths = np.zeros(max(len(fresh.lengths), int(new_rows.max()) + 1), dtype=np.int64)
    lengths[: len(fresh.lengths)] = fresh.lengths
    lengths[new_rows] = old.lengths[old_rows]
    numbers = {term: number for number, term in enumerate(old.terms)}
    renumbered = np.array([numbers.setdefault(term, len(numbers)) for term in fresh.terms], dtype=np.int64)
    rows = moved[old.rows]
    stays = rows >= 0
    columns = np.repeat(np.arange(len(old.terms)), np.diff(old.starts))
    return _Occurrences(
        list(numbers),
        np.concatenate([columns[stays], renumbered[fresh.columns]]),
        np.concatenate([rows[stays], fresh.rows]),
        np.concatenate([old.counts[stays], fresh.counts]),
        lengths,
    )


def _sorted_postings(found: _Occurrences) -> Postings:
    """In order, without terms that stand nowhere any more."""
    order = np.argsort(found.columns * max(len(found.lengths), 1) + found.rows, kind="stable")
    frequency = np.bincount(found.columns, minlength=len(found.terms))
    used = np.flatnonzero(frequency)
    return Postings(
        [found.terms[column] for column in used],
        np.concatenate([[0], np.cumsum(frequency[used])]).astype(np.int64),
        found.rows[order].astype(np.int32),
        np.minimum(found.counts[order], np.iinfo(np.uint16).max).astype(np.uint16),
        found.lengths.astype(np.int32),
    )
