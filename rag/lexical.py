"""BM25 over stemmed terms (bm25s), built once at sync and memory-mapped from disk."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN
from numpy.typing import NDArray

from rag.faults import reading_index

__all__ = ["LEXICAL_VERSION", "LexicalIndex", "content_terms", "terms"]

LEXICAL_VERSION = "3"
"""Part of the index's fingerprint: raise it whenever terms or words come out differently."""

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG when imported

_K1, _B = (
    1.2,
    0.75,
)  # the usual values (Robertson & Zaragoza 2009, The Probabilistic Relevance Framework, 3.6)
_TERM = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+(?:[.,]\d+)*")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_POSSESSIVE = re.compile(r"['’]s\b")
_FUNCTION_WORDS = frozenset(
    """
    who whom whose what which when where why how do does did done doing much many about after am any before been being
    between both can could each from further had has have having he her here hers him his i its itself just me more most
    my myself nor now off once only our ours out over own same she should so some than them those through under until up
    very we were while would you your yours yourself please tell
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
_STOPWORDS = frozenset(STOPWORDS_EN) | _FUNCTION_WORDS
_STEMMER = Stemmer.Stemmer("english")
_STEMMER_LOCK = Lock()  # PyStemmer objects may not be used by two threads at once


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    with _STEMMER_LOCK:
        return str(_STEMMER.stemWord(word))


def terms(text: str) -> list[str]:
    """Stemmed terms in order; numbers keep their decimals, thousands separators and dots of acronyms go."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _DOTTED.sub(lambda match: match[0].replace(".", ""), plain)
    plain = _POSSESSIVE.sub("", plain).casefold()
    return [_stem(_number(word)) for word in _TERM.findall(plain) if word not in _STOPWORDS]


def content_terms(text: str) -> list[str]:
    """The distinct terms of a query in order."""
    return list(dict.fromkeys(terms(text)))


def _number(word: str) -> str:
    """`589,000` as `589000`; other words as they are."""
    return re.sub(r",(?=\d{3}\b)", "", word) if word[0].isdigit() else word


class LexicalIndex:
    """BM25 scores of all rows for a query, and how rare terms are."""

    def __init__(self, index: bm25s.BM25, n_rows: int) -> None:
        self._index = index
        self.n_rows = n_rows
        self._document_frequency = np.diff(np.asarray(index.scores["indptr"]))

    @classmethod
    def build(cls, texts: Iterable[str], folder: Path) -> None:
        """Index texts in order and save to `folder`."""
        tokenized = [terms(text) or [""] for text in texts]
        index = bm25s.BM25(method="lucene", k1=_K1, b=_B)
        index.index(tokenized, show_progress=False)
        index.save(folder, show_progress=False)
        (folder / "n_rows").write_text(str(len(tokenized)))

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open an index written by `build`, without reading it into memory."""
        index = bm25s.BM25.load(folder, mmap=True, load_corpus=False)
        return cls(index, int((folder / "n_rows").read_text()))

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """(n_rows,) BM25 score of every row for the terms of a query, not negative."""
        known = [term for term in query if term in self._index.vocab_dict]
        if not known:
            return np.zeros(self.n_rows, dtype=np.float32)
        with reading_index():
            return np.asarray(self._index.get_scores(known), dtype=np.float32)

    def top(self, scores: NDArray[np.float32], *, k: int, rows: Sequence[int] | None = None) -> list[int]:
        """Rows with the best positive scores, best first; only of `rows` where given."""
        pool = np.arange(self.n_rows) if rows is None else np.asarray(sorted(rows), dtype=np.int64)
        pool = pool[scores[pool] > 0]
        if len(pool) > k:
            pool = pool[np.argpartition(-scores[pool], k)[:k]]
        return [int(row) for row in pool[np.lexsort((pool, -scores[pool]))]]

    def knows(self, word: str) -> bool:
        """Whether a word, in whatever form, stands in a row or is one that no row is searched for."""
        return all(term in self._index.vocab_dict for term in terms(word))

    def idf(self, term: str) -> float:
        """Inverse document frequency, as in Lucene's BM25: ln(1 + (N - n + 0.5) / (n + 0.5)), over 0."""
        column = self._index.vocab_dict.get(term)
        n = 0 if column is None else int(self._document_frequency[column])
        return float(np.log1p((self.n_rows - n + 0.5) / (n + 0.5)))
