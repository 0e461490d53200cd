"""Answers with the best sentences of the sources, word for word, the one that answers first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rag.attribution import speaker_context
from rag.lexical import terms
from rag.protocols import Claim
from rag.sentences import leans_on_what_is_before
from rag.shares import answer_shares
from rag.types import Evidence, Turn, Usage

__all__ = ["QuoteEngine"]

# How many sentences an answer needs is not decided by the kind of question but by how sure the ranking is: a clear
# winner stands alone, a close race brings in the others. Chosen on the XQuAD dev questions and the tuning questions
# on the corpus as the point from which longer answers hold the gold answer hardly more often.
_MIN_SHARE = 0.04  # chance of being the answer that is worth a sentence of usual length; longer ones need more
_USUAL_CHARS = 150
_MAX_CHARS = 750  # of the whole answer; the first sentence is always given
_REPEATS = 0.6  # share of the shorter sentence's terms found in the other, from which both say the same


class QuoteEngine:
    """Composes an answer from evidence and writes nothing of its own."""

    name = "quote"

    def __init__(self, *, max_sentences: int) -> None:
        self._max_sentences = max_sentences

    def describe(self) -> str:
        """It needs no trying."""
        return f"{self.name}, at most {self._max_sentences} sentences"

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Claim]:  # noqa: ARG002 - engines that reason need the question
        """The chosen sentences as they read best, each with itself as evidence."""
        for item in _in_reading_order(self._choose(evidence)):
            yield Claim(text=" ".join(item.text.split()), evidence=(item,))

    def rewrite(self, question: str, history: Sequence[Turn]) -> tuple[str | None, Usage | None]:  # noqa: ARG002
        """Follow-ups are left to the rules."""
        return None, None

    def _choose(self, evidence: Sequence[Evidence]) -> list[list[Evidence]]:
        """Groups of sentences, best first: one, or a pair in which the second leans on the first."""
        groups: list[list[Evidence]] = []
        length = 0
        for item, share in zip(evidence, answer_shares(evidence), strict=False):
            chosen = [one for group in groups for one in group]
            if any(_repeats(item, one) for one in chosen):
                continue
            group = [one for one in _with_antecedent(item, evidence) if one not in chosen]
            size = sum(len(one.text) for one in group)
            is_worth_it = share >= _MIN_SHARE * math.sqrt(size / _USUAL_CHARS)
            fits = length + size <= _MAX_CHARS and len(chosen) + len(group) <= self._max_sentences
            if not groups or (is_worth_it and fits):
                groups.append(group)
                length += size
        return groups


def _with_antecedent(item: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentence, with the one before it where it leans on that ("It …", "The company …")."""
    if speaker := speaker_context(item, evidence):
        return [*speaker, item]
    if not leans_on_what_is_before(item.text):
        return [item]
    before = [other for other in evidence if other.passage is item.passage and other.end <= item.start]
    return [max(before, key=lambda other: other.end), item] if before else [item]


def _repeats(one: Evidence, other: Evidence) -> bool:
    """Whether the first says nothing beyond the second: the same terms, and no number that the second lacks."""
    if (one.passage.chunk.chunk_id, one.start) == (other.passage.chunk.chunk_id, other.start):
        return True
    first, second = set(terms(one.text)), set(terms(other.text))
    shared = len(first & second) / max(1, min(len(first), len(second)))
    new_numbers = {term for term in first - second if term[0].isdigit()}
    return shared >= _REPEATS and not new_numbers


def _in_reading_order(groups: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    """The best sentence, then its document's others and further documents, each as it is written."""
    order = {group[0].passage.chunk.doc_id: place for place, group in reversed(list(enumerate(groups)))}
    rest = [item for group in groups[1:] for item in group]
    rest.sort(key=lambda item: (order.get(item.passage.chunk.doc_id, len(groups)), item.start))
    return [*groups[0], *rest] if groups else []
