"""What is said where the documents do not answer: why, what was looked for, and what they do say that is nearest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.lexical import terms
from rag.types import Evidence

__all__ = ["Abstention", "abstain"]

_N_WANTED_TERMS = 6
_GENERIC = frozenset(
    terms(
        """against without within across among around versus per happen say said tell told latest newest recent current
        actually go get take use give mention day total number percentage figure"""
    )
)
_N_MISSING = 3
_COVERED = 0.5  # share of the question's words that the nearest sentence must have
_WORD = re.compile(r"[^\W_][\w.,'’-]*[^\W_]|[^\W_]")
_NAME = re.compile(r"[A-Z]|.*\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """Why there is no answer, in a word and in sentences; and the sentence to quote behind them, if one is near."""

    reason: str
    text: str
    nearest: Evidence | None = None


def abstain(
    question: str, evidence: Sequence[Evidence], *, on_topic: bool, subject: str, n_documents: int
) -> Abstention:
    """Compose the text of an answer that gives none.

    Args:
        question: The user's own words.
        evidence: Ranked evidence, best first.
        on_topic: Whether the question is about the documents' subject at all.
        subject: What the documents are about.
        n_documents: How many there are.
    """
    if not on_topic:
        text = f"I can only answer questions about {subject}: that is what my {n_documents} documents cover."
        return Abstention(reason="off-topic", text=text)
    wanted = _wanted(question)
    looked = f" I looked for {_listed(wanted[:_N_WANTED_TERMS])} in {n_documents} documents." if wanted else ""
    nearest = _nearest(question, evidence)
    if nearest is None:
        ending = " The nearest passages may still help."
    else:
        found = _GENERIC | set(terms(nearest.text))
        missing = [word for word in wanted if not set(terms(word)) & found][:_N_MISSING]
        apart = f" The nearest sentence has nothing on {_listed(missing)}." if missing else ""
        ending = f"{apart} What the documents do say:"
    doubt = " clearly" if nearest else ""  # what is quoted may well be the answer
    text = f"The documents do not{doubt} answer this.{looked}{ending}"
    return Abstention(reason="not in the documents", text=text, nearest=nearest)


def _nearest(question: str, evidence: Sequence[Evidence]) -> Evidence | None:
    """The best sentence, if it has every name in the question and half of its words; without a name, none is near."""
    wanted = frozenset(terms(question))
    names = {term for word in _words(question) if _NAME.match(word) for term in terms(word)}
    best = next(iter(evidence), None)
    if best is None or not names:
        return None
    found = frozenset(terms(best.text))
    return best if names <= found and len(wanted & found) >= _COVERED * len(wanted) else None


def _wanted(question: str) -> list[str]:
    """The words of the question that were searched for, as they were typed."""
    words = dict.fromkeys(_words(question))
    return [word for word in words if terms(word)]


def _words(question: str) -> list[str]:
    return [word.replace("[", "(") for word in _WORD.findall(question)]


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
