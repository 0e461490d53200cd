"""Checks a sentence that a language model wrote against the passages it was given, and finds the words that back it."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.protocols import Verifier
from rag.sentence_stream import WrittenSentence
from rag.types import Evidence, Passage
from rag.verification import Verdict

__all__ = ["Checked", "check"]

_QUOTED = re.compile(r"[“\"]([^“”\"]*\w[^“”\"]*)[”\"]")
_NOTHING = Verdict(support=0.0, reason="there is nothing to rest it on")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of a sentence: the evidence that supports it, or why nothing does; `moved` if its markers were wrong.

    `evidence` is empty unless `verdict.supported`.
    """

    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    moved: bool = False


def check(
    verifier: Verifier, written: WrittenSentence, passages: Sequence[Passage], evidence: Sequence[Evidence]
) -> Checked:
    """Verify a sentence against each of the passages it cites, else against each of the others.

    Args:
        verifier: What judges; whatever makes it fail, the sentence is then not supported.
        written: The sentence; its numbers count from 1 through `passages`.
        passages: What the model was shown.
        evidence: The sentences of these passages, as they were ranked.
    """
    if misquoted := _misquoted(written.text, passages):
        return Checked(verdict=Verdict(support=0.0, reason=f"the passages do not have the words “{misquoted}”"))
    cited = [passages[n - 1] for n in written.passages]
    verdicts = [(passage, _verified(verifier, written.text, passage)) for passage in cited]
    backing = [(passage, verdict) for passage, verdict in verdicts if verdict.supported]
    moved = False
    if not backing:
        others = [passage for passage in passages if passage not in cited]
        verdicts += [(passage, _verified(verifier, written.text, passage)) for passage in others]
        backing = [pair for pair in verdicts if pair[1].supported]
        backing = [max(backing, key=lambda pair: pair[1].support)] if backing else []
        moved = bool(backing and cited)
    best = max((verdict for _, verdict in backing or verdicts), key=lambda verdict: verdict.support, default=_NOTHING)
    quotes = tuple(_quote(passage, verdict, evidence) for passage, verdict in backing)
    return Checked(verdict=best, evidence=quotes, moved=moved)


def _verified(verifier: Verifier, text: str, passage: Passage) -> Verdict:
    """The verdict on one passage, whose publisher a sentence may name ("according to Reuters").

    Its date stays out: it would pass for the date of whatever the passage tells.
    """
    heading = " › ".join(part for part in (passage.document.publisher, passage.chunk.prefix.strip()) if part)
    try:
        verdict = verifier.verify(text, [passage.chunk.text], headings=[heading])
    except Exception:
        logger.exception("a sentence could not be checked")
        return Verdict(support=0.0, reason="it could not be checked")
    if verdict.supported and verdict.quote is None:
        return Verdict(support=0.0, reason="the words that support it were not found")
    return verdict


def _misquoted(text: str, passages: Sequence[Passage]) -> str | None:
    """The first words in quotation marks that stand in no passage, letter for letter but for case and punctuation."""
    said = [_letters(passage.chunk.text) for passage in passages]
    for match in _QUOTED.finditer(text):
        if not any(_letters(match[1]) in passage for passage in said):
            return str(match[1])
    return None


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _quote(passage: Passage, verdict: Verdict, evidence: Sequence[Evidence]) -> Evidence:
    """The words that the verifier found, as they were ranked where they are one sentence."""
    assert verdict.quote is not None  # nosec B101 # tells the type
    _, first, last = verdict.quote
    start, end = passage.chunk.start + first, passage.chunk.start + last
    for item in evidence:
        if item.passage == passage and (item.start, item.end) == (start, end):
            return item
    return Evidence(passage=passage, start=start, end=end, text=passage.document.text[start:end], score=passage.score)
