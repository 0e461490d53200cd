"""Takes a question that asks for two things apart, so that each is searched and answered for itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.lexical import content_terms
from rag.types import Evidence

__all__ = ["merge_evidence", "sub_questions"]

_ASKED = r"(?:(?:in|on|at|by|from|for|with|to|of|since|until) )?(?:how|what|which|who|whom|whose|when|where|why)\b"
_AND = re.compile(rf"(?:,|;|\?)? (?:and|or)(?: also)?,? (?={_ASKED})|\? (?={_ASKED})", re.IGNORECASE)
_COMPARE = re.compile(
    r"^(?P<head>.*?)\b(?:compare|comparing|comparison (?:of|between)|difference between|contrast) (?P<one>.+?)"
    r" (?:with|to|and|against|versus) (?P<other>.+?)[?.!]?$",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"^(?P<one>.+?),? (?:vs\.?|versus|compared (?:with|to)) (?P<other>.+?)[?.!]?$", re.IGNORECASE)
_MIN_TERMS = 2  # content words of a part, below which it says too little to be searched for alone
_MAX_PARTS = 6  # each is a search of its own: a question of a hundred parts would keep the machine busy for seconds
_PER_PART = 3  # best sentences that each part brings in


def sub_questions(question: str) -> list[str]:
    """The first parts of a question that asks for several things, or both sides of a comparison; else none."""
    parts = [part.strip(" ,;") for part in _AND.split(question)]
    if len(parts) == 1:
        match = _COMPARE.search(question) or _VERSUS.search(question)
        parts = [match["one"], match["other"]] if match else []
    parts = parts[:_MAX_PARTS]
    return parts if len(parts) > 1 and all(len(content_terms(part)) >= _MIN_TERMS for part in parts) else []


def merge_evidence(whole: Sequence[Evidence], parts: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    """The evidence for the whole question, and the first sentences for each part, which count as much as its best.

    Scores of a part are shifted so that its best sentence stands level with the best one of the whole.
    """
    if not any(parts):
        return list(whole)
    best: dict[tuple[str, int], Evidence] = {(item.passage.chunk.chunk_id, item.start): item for item in whole}
    top = whole[0].score if whole else 0.0
    for part in parts:
        for item in part[:_PER_PART]:
            level = replace(item, score=item.score - part[0].score + top)
            key = (item.passage.chunk.chunk_id, item.start)
            if key not in best or best[key].score < level.score:
                best[key] = level
    return sorted(best.values(), key=lambda item: -item.score)
