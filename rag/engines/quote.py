"""Answers with the best sentences of the sources, word for word, in an order that reads well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.attribution import speaker_context
from rag.lexical import terms
from rag.question import asks_for_several
from rag.types import Evidence

__all__ = ["QuoteEngine"]

_MARGIN = 0.12  # a further sentence may score this share less than the best one
_MARGIN_SEVERAL = 0.25  # where the question asks for a list, a comparison or reasons
_MAX_FACTS = 3  # sentences for a question that asks for one fact
_MAX_CHARS = 600  # of the whole answer; the first sentence is always given
_REPEATS = 0.6  # share of the shorter sentence's terms found in the other, from which both say the same
_LEANING = re.compile(
    r"(it|its|they|their|he|she|his|her|this|that|these|those|such|both|the (company|firm|report|study|model|"
    r"move|deal|figure|former|latter)|however|but|also|another|others?)\b",
    re.IGNORECASE,
)


class QuoteEngine:
    """Composes an answer from evidence and writes nothing of its own."""

    name = "quote"

    def __init__(self, *, max_sentences: int) -> None:
        self._max_sentences = max_sentences

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
        """The chosen sentences as they read best, each with itself as evidence."""
        for item in _in_reading_order(self._choose(question, evidence)):
            yield " ".join(item.text.split()), (item,)

    def _choose(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        several = asks_for_several(question)
        limit = self._max_sentences if several else min(_MAX_FACTS, self._max_sentences)
        floor = evidence[0].score * (1 - (_MARGIN_SEVERAL if several else _MARGIN)) if evidence else 0.0
        chosen: list[Evidence] = []
        length = 0
        for item in evidence:
            if len(chosen) >= limit or item.score < floor:
                break
            group = _with_antecedent(item, evidence)
            new = [part for part in group if not any(_repeats(part, other) for other in chosen)]
            size = sum(len(part.text) for part in new)
            is_first = not chosen
            if item not in new or (not is_first and (length + size > _MAX_CHARS or len(chosen) + len(new) > limit)):
                continue
            chosen += new
            length += size
        return chosen


def _with_antecedent(item: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentence, with the one before it where it leans on that ("It …", "The company …")."""
    if speaker := speaker_context(item, evidence):
        return [*speaker, item]
    if not _LEANING.match(item.text):
        return [item]
    before = [other for other in evidence if other.passage is item.passage and other.end <= item.start]
    return [max(before, key=lambda other: other.end), item] if before else [item]


def _repeats(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences say the same: the same terms, and no number that the other lacks."""
    if (one.passage.chunk.chunk_id, one.start) == (other.passage.chunk.chunk_id, other.start):
        return True
    first, second = set(terms(one.text)), set(terms(other.text))
    shared = len(first & second) / max(1, min(len(first), len(second)))
    new_numbers = {term for term in first - second if term[0].isdigit()}
    return shared >= _REPEATS and not new_numbers


def _in_reading_order(chosen: Sequence[Evidence]) -> list[Evidence]:
    """Documents in the order of their best sentence; within a document as it is written."""
    first: dict[str, int] = {}
    for position, item in enumerate(chosen):
        first.setdefault(item.passage.chunk.doc_id, position)
    return sorted(chosen, key=lambda item: (first[item.passage.chunk.doc_id], item.start))
