"""BM25 over stemmed terms: written at sync, memory-mapped from disk.

What is stored are the terms' occurrences, not their scores: see `rag.postings`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import Stemmer
from numpy.typing import NDArray

from rag.faults import reading_index
from rag.postings import Postings, write_postings

__all__ = ["LEXICAL_VERSION", "LexicalIndex", "content_terms", "terms"]

LEXICAL_VERSION = "4"
"""Part of the index's fingerprint: raise it whenever terms or words come out differently."""

_K1, _B = (
    1.2,
    0.75,
)  # the usual values (Robertson & Zaragoza 2009, The Probabilistic Relevance Framework, 3.6)
_TERM = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+(?:[.,]\d+)*")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_POSSESSIVE = re.compile(r"['’]s\b")
_STOPWORDS = frozenset(
    """
    a an and are as at be but by for if in into is it no not of on or such that the their then there these they
    this to was will with
    who whom whose what which when where why how do does did done doing much many about after am any before been being
    between both can could each from further had has have having he her here hers him his i its itself just me more most
    my myself nor now off once only our ours out over own same she should so some than them those through under until up
    very we were while would you your yours yourself please tell
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
_SHORT = 400  # characters: a sentence, not a chunk
_STEMMER = Stemmer.Stemmer("english")
_STEMMER_LOCK = Lock()  # PyStemmer objects may not be used by two threads at once


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    with _STEMMER_LOCK:
        return str(_STEMMER.stemWord(word))


def terms(text: str) -> list[str]:
    """Stemmed terms in order; numbers keep their decimals, thousands separators and dots of acronyms go."""
    return list(_short_terms(text) if len(text) <= _SHORT else _terms(text))


def _terms(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text)
    plain = _DOTTED.sub(lambda match: match[0].replace(".", ""), plain)
    plain = _POSSESSIVE.sub("", plain).casefold()
    return tuple(_stem(_number(word)) for word in _TERM.findall(plain) if word not in _STOPWORDS)


# The same words and sentences are looked at many times for one question, and again for the next.
_short_terms = lru_cache(maxsize=16_384)(_terms)


def content_terms(text: str) -> list[str]:
    """The distinct terms of a query in order."""
    return list(dict.fromkeys(terms(text)))


def _number(word: str) -> str:
    """`589,000` as `589000`; other words as they are."""
    return re.sub(r",(?=\d{3}\b)", "", word) if word[0].isdigit() else word


class LexicalIndex:
    """BM25 scores of all rows for a query, and how rare terms are."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._column = {term: column for column, term in enumerate(postings.terms)}
        self._document_frequency = np.diff(postings.starts)
        self.n_rows = len(postings.lengths)
        relative = postings.lengths / max(float(postings.lengths.mean()) if self.n_rows else 1.0, 1e-9)
        self._saturation = (_K1 * (1 - _B + _B * relative)).astype(np.float32)

    @classmethod
    def build(
        cls, texts: Mapping[int, str], folder: Path, *, kept: Mapping[int, int] | None = None, old: Path | None = None
    ) -> None:
        """Write an index to `folder`.

        Args:
            texts: What to index, by row; with the rows of `kept` they are 0, 1, 2 …
            folder: Where to write.
            kept: Rows that are as they were, each with the row that it had in the index in `old`.
            old: Folder of an earlier index.
        """
        write_postings({row: terms(text) for row, text in texts.items()}, folder, kept=kept, old=old)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open an index written by `build`, without reading it into memory."""
        return cls(Postings.load(folder))

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """(n_rows,) BM25 score of every row for the terms of a query, not negative (Lucene's variant)."""
        total = np.zeros(self.n_rows, dtype=np.float32)
        postings = self._postings
        with reading_index():
            for term in query:
                column = self._column.get(term)
                if column is not None:
                    here = slice(int(postings.starts[column]), int(postings.starts[column + 1]))
                    rows, counts = postings.rows[here], postings.counts[here].astype(np.float32)
                    total[rows] += np.float32(self.idf(term)) * counts / (counts + self._saturation[rows])
        return total

    def top(self, scores: NDArray[np.float32], *, k: int, rows: Sequence[int] | None = None) -> list[int]:
        """Rows with the best positive scores, best first; only of `rows` where given."""
        pool = np.flatnonzero(scores > 0) if rows is None else np.asarray(sorted(rows), dtype=np.int64)
        pool = pool[scores[pool] > 0]
        if len(pool) > k:
            pool = pool[np.argpartition(-scores[pool], k)[:k]]
        return [int(row) for row in pool[np.lexsort((pool, -scores[pool]))]]

    def knows(self, word: str) -> bool:
        """Whether a word, in whatever form, stands in a row or is one that no row is searched for."""
        return all(term in self._column for term in terms(word))

    def idf(self, term: str) -> float:
        """Inverse document frequency, as in Lucene's BM25: ln(1 + (N - n + 0.5) / (n + 0.5)), over 0."""
        column = self._column.get(term)
        n = 0 if column is None else int(self._document_frequency[column])
        return float(np.log1p((self.n_rows - n + 0.5) / (n + 0.5)))
