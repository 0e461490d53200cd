"""Does a sentence assert anything about the world that a passage could bear out?"""

from __future__ import annotations

import re
from collections import Counter

from rag.verification.meaning import Words
from rag.verification.names import canonical
from rag.verification.readings import figure_spans

__all__ = ["why_no_assertion"]

_QUESTION = re.compile(r"[?？][\"”’)\]]*$")
_BROKEN_OFF = re.compile(r":\s*(?:\(?\w{1,2}[.)])?$")  # before a list that does not come
_SUM = re.compile(r"\d\s*=\s*\d|=\s*\d")
_CIRCLES = ((3, 3), (6, 2))  # so many words so often, and it goes in circles
_ABOUT_ITSELF = re.compile(
    r"^(?:(?:in|according to)\s)?(?:(?:the|this|these|each|both)\s)?(?:(?:above|given|provided|following|first|second|"
    r"third|last|other)\s)?(?:passages?|excerpts?|contexts?|(?:question|answer|summary|note|passage\s\d+)(?=:)|"
    r"(?:question|answer|text|snippet)s?\s(?:to|is|are|asks?|says?|states?|provides?|mentions?|describes?|discuss\w+|above))\b",
    re.I,
)
_OF_THE_PASSAGE = re.compile(r"\b(?:of|in|from|by) (?:the|this) (?:passages?|excerpts?)\b", re.I)
_LOWER = re.compile(r"\b[a-z]{3,}\b")
_OFFICE = re.compile(r"\bC[EFTO]O\b")  # all that "the CEO of Baidu is Robin Li" says beside names


def why_no_assertion(claim: str, words: Words) -> str | None:
    """Why a sentence says nothing that could be checked; None if it does say something.

    Names and figures alone prove nothing by standing in a passage too. Neither does what speaks of the passages instead
    of what they tell.
    """
    if _QUESTION.search(claim):
        return "a question says nothing"
    if _BROKEN_OFF.search(claim):
        return "the sentence has no end"
    if _SUM.search(claim):
        return "sums are not checked"
    if _goes_in_circles(claim):
        return "the sentence repeats itself"
    if _ABOUT_ITSELF.match(claim) or _OF_THE_PASSAGE.search(claim):
        return "the sentence is about the passages, not about what they say"
    if not all(words.named) or _OFFICE.search(canonical(claim)):
        return "the sentence has no end" if claim.endswith((",", ";")) else None
    figures = figure_spans(claim)
    rest = [word for word in _LOWER.finditer(claim) if not any(a < word.end() and word.start() < b for a, b in figures)]
    return None if figures and rest else "the sentence says nothing that could be checked"


def _goes_in_circles(claim: str) -> bool:
    words = re.findall(r"\w+", claim.casefold())
    return any(
        max(Counter(zip(*(words[first:] for first in range(size)), strict=False)).values(), default=0) >= times
        for size, times in _CIRCLES
    )
