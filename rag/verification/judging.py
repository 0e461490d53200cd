"""The verdict on a sentence: what supports it is one sentence of a passage, or two neighbours.

Every figure, date and name must stand there; nobody may have another's part or be given another's words; neither may
a plan become a fact, nor a fact its denial; and all other words must be met in meaning. Wrong figures rule a sentence
out; how much the other signs count is fitted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.protocols import Embedder
from rag.verification.assertion import why_no_assertion
from rag.verification.belonging import check_belonging
from rag.verification.chronology import check_chronology
from rag.verification.figures import check_figures, find_missing
from rag.verification.meaning import Match, Words, content_words, match, support_of, words_met
from rag.verification.mentions import check_editions, check_repeats
from rag.verification.names import check_countries
from rag.verification.rates import check_rates
from rag.verification.roles import check_owners
from rag.verification.signs import findings, support_despite
from rag.verification.stretches import Stretch, main_sentence, stretches
from rag.verification.verdict import SUPPORTED, Finding, Verdict

__all__ = ["best_support", "claim_of", "nearest_stretch", "quoted_verdict", "verify"]

_MARKER = re.compile(r"\s*\[\d+(?:\s?,\s?\d+)*\]")
_ENDED = re.compile(r"(?:^|[.!?:|。！？][\"'”’)\]]*|\n|[-*•])\s*$")  # where a sentence may have ended before
_LACKS_FIGURES, _SECOND_SENTENCE = 0.2, 0.08
_CANDIDATES = 6  # stretches that are looked at closely, best by the words they share with the sentence


def verify(
    sentence: str, passages: Sequence[str], *, headings: Sequence[str] = (), embedder: Embedder | None = None
) -> Verdict:
    """Whether one of the passages says what the sentence says.

    Args:
        sentence: With or without citation markers.
        passages: Texts that it may rest on.
        headings: Of the passages, if known: names in them count as said.
        embedder: Tells words of like meaning; without one, only the same words (stemmed) count.

    Returns:
        Support 1 for a sentence quoted word for word; from 0.5 if everything in it is borne out; below if something
        is not, which the reason names.
    """
    claim = claim_of(sentence)
    pieces = list(stretches(passages))
    if settled := quoted_verdict(claim, pieces, passages):
        return settled
    words = content_words(claim)
    if nothing := why_no_assertion(claim, words):
        return Verdict(support=0.0, reason=nothing)
    piece, met = nearest_stretch(claim, words, pieces, passages, embedder)
    heading = headings[piece.passage] if piece.passage < len(headings) else ""
    return _judge(claim, piece, met, heading=heading, passage=passages[piece.passage])


def best_support(
    sentence: str, passages: Sequence[str], *, headings: Sequence[str] = (), embedder: Embedder | None = None
) -> tuple[int | None, Verdict]:
    """The passage that supports a sentence best, by its index, and the verdict: for a marker that points elsewhere."""
    verdict = verify(sentence, passages, headings=headings, embedder=embedder)
    return (verdict.quote[0] if verdict.quote else None), verdict


def claim_of(sentence: str) -> str:
    """The sentence on one line, without citation markers."""
    return " ".join(_MARKER.sub("", sentence).split())


def quoted_verdict(claim: str, pieces: Sequence[Stretch], passages: Sequence[str]) -> Verdict | None:
    """The verdict where no judgement is needed: whole sentences word for word, or nothing to compare."""
    if not claim or not pieces:
        return Verdict(support=0.0, reason="there is nothing to rest it on")
    quoted = _quoted(claim, passages)
    return Verdict(support=1.0, quote=quoted) if quoted else None


def _quoted(claim: str, passages: Sequence[str]) -> tuple[int, int, int] | None:
    """Where whole sentences of a passage are the claim, word for word."""
    pattern = re.compile(r"\s+".join(map(re.escape, claim.split())))
    for n, passage in enumerate(passages):
        for found in pattern.finditer(passage):
            before, after = passage[: found.start()], passage[found.end() :]
            if _ENDED.search(before) and (_ENDED.search(found[0]) or not after.strip() or after[0] in ".!?"):
                return n, found.start(), found.end()
    return None


def nearest_stretch(
    claim: str, words: Words, pieces: Sequence[Stretch], passages: Sequence[str], embedder: Embedder | None
) -> tuple[Stretch, Match]:
    """The stretch that says most of the claim: its figures before all else, one sentence rather than two."""

    def rank(piece: Stretch, met: float) -> float:
        lacking = _LACKS_FIGURES * bool(find_missing(claim, piece.text))
        return met - lacking - _SECOND_SENTENCE * (piece.n_sentences - 1)

    shared = {piece: float(words_met(words, piece.text).mean()) if words.stems else 1.0 for piece in pieces}
    first = sorted(pieces, key=lambda piece: rank(piece, shared[piece]), reverse=True)[:_CANDIDATES]
    matches = [(piece, match(claim, words, piece, passages[piece.passage], embedder)) for piece in first]
    return max(matches, key=lambda pair: rank(pair[0], pair[1].overall))


def _judge(claim: str, piece: Stretch, met: Match, *, heading: str, passage: str) -> Verdict:
    support = support_of(met)
    if certain := _certain_finding(claim, piece.text, heading):
        return Verdict(support=min(certain.most, support), reason=certain.reason, quote=piece.quote)
    found = findings(claim, piece.text, heading=heading, passage=passage)
    if found and support_despite(found) < SUPPORTED:
        worst = min(found.values(), key=lambda finding: finding.most)
        return Verdict(support=min(worst.most, support), reason=worst.reason, quote=piece.quote)
    if support < SUPPORTED:
        return Verdict(support=support, reason=f"no stretch of the passages says “{met.unmet}”", quote=piece.quote)
    return Verdict(support=support, quote=piece.quote)


def _certain_finding(claim: str, stretch: str, heading: str) -> Finding | None:
    """What rules a claim out whatever else there is to say for it."""
    return (
        check_figures(claim, stretch)
        or check_owners(claim, stretch)
        or check_belonging(claim, stretch)
        or check_chronology(claim, stretch)
        or check_rates(claim, stretch)
        or check_editions(claim, stretch, heading)
        or check_repeats(claim, stretch)
        or check_countries(claim, main_sentence(claim, stretch))
    )
