"""Does a passage support a sentence? Checked word by word and figure by figure, whoever wrote the sentence.

A sentence is supported if everything in it that can be checked stands in the passages: quantities (value, unit and
scale), dates, names, negations, and most of its other words within a few neighbouring sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.dates import dates_in
from rag.lexical import terms
from rag.quantities import quantities, same_value
from rag.sentences import sentence_spans

__all__ = ["Verdict", "verify"]

_SUPPORTED = 0.5
_MIN_COVERAGE = 0.6  # share of the sentence's terms that its best stretch of passage must hold
_MARKER = re.compile(r"\s*\[\d+\]")
_NEGATION = re.compile(
    r"\b(not|no|never|none|neither|nor|without|denied|denies|refused|failed to|cannot|declined to)\b|n['’]t\b", re.I
)
_NAME = re.compile(r"\b[A-Z][\w-]*[A-Za-z0-9]\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well passages support a sentence, 0 to 1, and why not where they do not."""

    support: float
    reason: str = ""

    @property
    def supported(self) -> bool:
        """Whether the sentence may be shown as backed."""
        return self.support >= _SUPPORTED


def verify(sentence: str, passages: Sequence[str]) -> Verdict:
    """Whether the passages, taken together, say what the sentence says.

    Returns:
        Support 1 for a sentence quoted word for word; between 0.5 and 1 the share of its words that are found; below
        0.5 if something in it is not there, which the reason names.
    """
    claim = " ".join(_MARKER.sub("", sentence).split())
    texts = [" ".join(passage.split()) for passage in passages]
    if any(claim in text for text in texts):
        return Verdict(1.0)
    whole = "\n".join(texts)
    words = _without_figures(claim)
    missing = _missing_figures(claim, whole) or _missing_names(words, whole)
    if missing:
        return Verdict(0.0, f"the passages do not have {missing}")
    stretches = [stretch for text in texts for stretch in _stretches(text)]
    best = max(stretches, key=lambda stretch: (_coverage(words, stretch), -len(stretch)), default="")
    coverage = _coverage(words, best)
    if coverage < _MIN_COVERAGE:
        return Verdict(coverage * _SUPPORTED / _MIN_COVERAGE, "no stretch of the passages says all of it")
    if bool(_NEGATION.search(claim)) != bool(_NEGATION.search(best)):
        return Verdict(0.2, "the passages affirm what the sentence denies, or the other way round")
    return Verdict(max(_SUPPORTED, coverage))


def _missing_figures(claim: str, text: str) -> str | None:
    """The first quantity or date of the claim that the text does not give."""
    known = quantities(text)
    for wanted in quantities(claim):
        if not any(same_value(wanted, other) for other in known):
            return wanted.text
    dates = {date.date for date in dates_in(text)}
    for date in dates_in(claim):
        if not any(other.startswith(date.date) for other in dates):
            return date.text
    return None


def _without_figures(claim: str) -> str:
    """The claim with its quantities and dates, which are checked by value, blanked out."""
    spans = [(quantity.start, quantity.end) for quantity in quantities(claim)]
    spans += [(date.start, date.end) for date in dates_in(claim)]
    letters = list(claim)
    for start, end in spans:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def _missing_names(claim: str, text: str) -> str | None:
    """The first capitalised word of the claim, but for its first word, that the text does not have."""
    known = set(terms(text))
    first = len(claim) - len(claim.lstrip("“\"'("))
    for match in _NAME.finditer(claim):
        if match.start() > first and not set(terms(match[0])) <= known:
            return match[0]
    return None


def _stretches(text: str) -> list[str]:
    """Single sentences and pairs of neighbours."""
    sentences = [text[start:end] for start, end in sentence_spans(text, 0, len(text))]
    return sentences + [f"{one} {other}" for one, other in pairwise(sentences)]


def _coverage(claim: str, stretch: str) -> float:
    wanted = set(terms(claim))
    return len(wanted & set(terms(stretch))) / len(wanted) if wanted else float(bool(stretch))
