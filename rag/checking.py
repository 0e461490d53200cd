"""Checks a sentence that a language model wrote against the passages it was given, and finds the words that back it."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.lexical import terms
from rag.sentence_stream import WrittenSentence
from rag.types import Evidence, Passage
from rag.verification import verify

__all__ = ["Checked", "check"]

_QUOTED = re.compile(r"[“\"]([^“”\"]*\w[^“”\"]*)[”\"]")
_LOOKED_AT = 4  # sentences and pairs of a passage, best by shared words, that are tried as the quote

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The evidence that supports a sentence and how well, or why nothing does; `moved` if its markers were wrong."""

    evidence: tuple[Evidence, ...] = ()
    support: float = 0.0
    reason: str = ""
    moved: bool = False


def check(written: WrittenSentence, passages: Sequence[Passage], evidence: Sequence[Evidence]) -> Checked:
    """Verify a sentence against the passages it cites, else against each of the others.

    Args:
        written: The sentence; its numbers count from 1 through `passages`.
        passages: What the model was shown.
        evidence: The sentences of these passages.
    """
    cited = [passages[n - 1] for n in written.passages]
    support = _support(written.text, cited)[0] if cited else 0.0
    alone = [passage for passage in cited if _support(written.text, [passage])[0]] if support else []
    moved = False
    if not support:
        others = [(passage, _support(written.text, [passage])) for passage in passages if passage not in cited]
        best, (support, _) = max(others, key=lambda pair: pair[1][0], default=(None, (0.0, "")))
        if best is None or not support:
            return Checked(reason=_support(written.text, passages)[1] or "no passage alone says all of it")
        alone, moved = [best], bool(cited)
    quoted = [_best_quote(written.text, passage, evidence) for passage in alone or cited]
    return Checked(evidence=tuple(quoted), support=support, moved=moved)


def _support(text: str, passages: Sequence[Passage]) -> tuple[float, str]:
    """Support from 0.5 to 1, or 0 and the reason. What cannot be checked is not supported."""
    if misquoted := _misquoted(text, passages):
        return 0.0, f"the passages do not have the words “{misquoted}”"
    return _verified(text, [_said(passage) for passage in passages])


def _verified(text: str, sources: Sequence[str]) -> tuple[float, str]:
    """What the verifier says, as `_support` returns it; whatever makes it fail, the sentence is then not supported."""
    try:
        verdict = verify(text, sources)
    except Exception:
        logger.exception("a sentence could not be checked")
        return 0.0, "it could not be checked"
    return (verdict.support, "") if verdict.supported else (0.0, verdict.reason or "the passages do not say it")


def _misquoted(text: str, passages: Sequence[Passage]) -> str | None:
    """The first words in quotation marks that stand in no passage, letter for letter but for case and punctuation."""
    said = [_letters(passage.chunk.text) for passage in passages]
    for match in _QUOTED.finditer(text):
        if not any(_letters(match[1]) in passage for passage in said):
            return str(match[1])
    return None


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _said(passage: Passage) -> str:
    """A passage with its publisher, whom a sentence may name ("according to Reuters").

    Its date stays out: it would pass for the date of whatever the passage tells.
    """
    publisher = passage.document.publisher
    return f"{passage.chunk.text}\n\n{publisher}." if publisher else passage.chunk.text


def _best_quote(text: str, passage: Passage, evidence: Sequence[Evidence]) -> Evidence:
    """The sentence of a passage that supports the text best; two neighbours only where no single one does."""
    mine = sorted((item for item in evidence if item.passage == passage), key=lambda item: item.start)
    if not mine:
        chunk = passage.chunk
        return Evidence(passage=passage, start=chunk.start, end=chunk.end, text=chunk.text, score=passage.score)
    wanted = set(terms(text))

    def overlap(item: Evidence) -> float:
        found = set(terms(item.text))
        return len(wanted & found) / (1 + len(found - wanted) / 10)

    def best(items: Sequence[Evidence]) -> tuple[float, Evidence]:
        near = sorted(items, key=overlap, reverse=True)[:_LOOKED_AT]
        return max(((_verified(text, [item.text])[0], item) for item in near), key=lambda pair: pair[0])

    support, single = best(mine)
    if support or len(mine) == 1:
        return single
    support, pair = best([_joined(one, other) for one, other in pairwise(mine)])
    return pair if support else single


def _joined(one: Evidence, other: Evidence) -> Evidence:
    """Two neighbouring sentences as one quote."""
    text = one.passage.document.text[one.start : other.end]
    return Evidence(passage=one.passage, start=one.start, end=other.end, text=text, score=max(one.score, other.score))
