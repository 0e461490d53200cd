"""What a question demands of the one sentence that answers it, and how much of that a sentence holds.

A question about something that the documents do not say often names people, firms and products that they do speak
of: its words are found, but in different sentences. So the demands are checked together, sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.lexical import terms
from rag.question import asked_words, expected_answer, number_spans
from rag.retrieval import Candidate, Search
from rag.types import Evidence

__all__ = ["Constraints", "Met"]

_WORD = re.compile(r"[$€£¥]?[^\W_]+(?:[.,’'-][^\W_]+)*%?")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BEFORE, _AFTER = 2, 4  # words around a number among which its unit and noun stand
_NO_YEAR = 0.7  # where the question names a year and the sentence none: it may still be the right one
_SLOT_SHARE = 0.7  # of a sentence's fit that hangs on the very thing that is asked for


@dataclass(frozen=True, slots=True)
class _Word:
    """A content word of the question: its terms, their weight (idf), and its tokens in the query's embedding."""

    terms: frozenset[str]
    weight: float
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """How far a sentence meets each kind of demand, 0 to 1."""

    names: float
    years: float
    relation: float
    slot: float

    @property
    def fit(self) -> float:
        """How far it meets all of them at once."""
        return self.names * self.years * self.relation * (1 - _SLOT_SHARE + _SLOT_SHARE * self.slot)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence's words with their characters and terms, and the query's similarities to the tokens of its chunk."""

    words: Sequence[tuple[int, int, frozenset[str]]]
    offsets: NDArray[np.int32]
    similarities: NDArray[np.float32]

    def match(self, word: _Word, among: Iterable[int] | None = None) -> float:
        """1 if the word is there, else its mean similarity with the most similar words; `among` limits to some."""
        places = range(len(self.words)) if among is None else [n for n in among if 0 <= n < len(self.words)]
        found = [self.words[n] for n in places]
        if any(word.terms <= there for _, _, there in found):
            return 1.0
        columns = np.zeros(len(self.offsets), dtype=bool)
        for start, end, there in found:
            if there:
                columns |= (self.offsets[:, 0] >= start) & (self.offsets[:, 1] <= end)
        if not word.tokens or not columns.any():
            return 0.0
        return max(0.0, float(self.similarities[list(word.tokens)][:, columns].max(axis=1).mean()))


@dataclass(frozen=True, slots=True)
class Constraints:
    """The demands of one question: names, years, the other content words, and what is asked for."""

    names: tuple[_Word, ...]
    years: frozenset[str]
    relation: tuple[_Word, ...]
    asked: tuple[_Word, ...]
    wants_number: bool
    terms: frozenset[str]

    @classmethod
    def of(cls, search: Search) -> Constraints:
        """Read the demands off a question."""
        text, question = search.query.text, search.query.question
        names: list[_Word] = []
        relation: list[_Word] = []
        for match in _WORD.finditer(text):
            word = _word(search, match.start(), match.end())
            if word.terms and not _YEAR.fullmatch(match[0]):
                (names if _is_name(match[0], match.start()) else relation).append(word)
        shift = max(0, len(text) - len(question))
        asked = [_word(search, shift + start, shift + end) for start, end in asked_words(question)]
        return cls(
            tuple(names),
            frozenset(_YEAR.findall(text)),
            tuple(relation),
            tuple(word for word in asked if word.terms),
            expected_answer(question) in ("money", "amount"),
            frozenset(terms(text)),
        )

    def met_by(self, evidence: Evidence, candidate: Candidate) -> Met:
        """How far a sentence of a retrieved passage meets the demands; names and years may stand in its heading."""
        sentence = _sentence(evidence, candidate)
        named = set(terms(evidence.text)) | set(terms(evidence.passage.chunk.prefix))
        return Met(
            names=_weighted([(word, float(word.terms <= named)) for word in self.names]),
            years=self.years_of(evidence),
            relation=_weighted([(word, sentence.match(word)) for word in self.relation]),
            slot=self._slot(evidence, sentence),
        )

    def slot_of(self, evidence: Evidence, candidate: Candidate) -> float:
        """How far a sentence holds the very thing that is asked for, 0 to 1."""
        return self._slot(evidence, _sentence(evidence, candidate))

    def years_of(self, evidence: Evidence) -> float:
        """1 if the sentence, its heading or its document is of the years asked about, less if not, 0 if of others."""
        said = set(_YEAR.findall(evidence.text))
        known = said | set(_YEAR.findall(f"{evidence.passage.chunk.prefix} {evidence.passage.document.date}"))
        if self.years <= known:
            return 1.0
        return 0.0 if said else _NO_YEAR

    def _slot(self, evidence: Evidence, sentence: _Sentence) -> float:
        """Whether what is asked for is there: where a number is, next to a number that the question does not name."""
        near: set[int] | None = None
        if self.wants_number:
            numbers = [span for span in number_spans(evidence.text) if not self._names(evidence.text[slice(*span)])]
            spans = (match.span() for match in _WORD.finditer(evidence.text))
            places = [n for n, (a, b) in enumerate(spans) if any(a < end and start < b for start, end in numbers)]
            if not places:
                return 0.0
            near = {n for place in places for n in range(place - _BEFORE, place + _AFTER + 1)}
        return max((sentence.match(word, near) for word in self.asked), default=1.0)

    def _names(self, number: str) -> bool:
        return bool(self.terms & set(terms(number)))


def _sentence(evidence: Evidence, candidate: Candidate) -> _Sentence:
    chunk = evidence.passage.chunk
    shift = len(chunk.prefix) + evidence.start - chunk.start
    spans = [match.span() for match in _WORD.finditer(evidence.text)]
    words = [(shift + a, shift + b, frozenset(terms(evidence.text[a:b]))) for a, b in spans]
    return _Sentence(words, candidate.embedding.offsets, candidate.similarities)


def _word(search: Search, start: int, end: int) -> _Word:
    known = frozenset(term for term in terms(search.query.text[start:end]) if term in search.idf)
    offsets = search.embedding.offsets
    inside = (offsets[:, 0] >= start) & (offsets[:, 1] <= end) & (offsets[:, 1] > offsets[:, 0])
    weight = max((search.idf[term] for term in known), default=0.0)
    return _Word(known, weight, tuple(int(n) for n in np.flatnonzero(inside)))


def _is_name(word: str, start: int) -> bool:
    """Capitals inside, or at the start of a word that does not open the question, or digits: taken literally."""
    return (word[0].isupper() and start > 0) or any(letter.isupper() or letter.isdigit() for letter in word[1:])


def _weighted(matches: Sequence[tuple[_Word, float]]) -> float:
    total = sum(word.weight for word, _ in matches)
    return sum(word.weight * value for word, value in matches) / total if total else 1.0
