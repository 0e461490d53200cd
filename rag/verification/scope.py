"""Does a sentence say of all what its support says of some, or wholly what is only partly so?"""

from __future__ import annotations

import re

from rag.lexical import terms
from rag.verification.verdict import Finding

__all__ = ["check_scope"]

_WHOLE = re.compile(
    r"\b(?:all|every|each|any|always|entire(?:ly)?|whole|complete(?:ly)?|full(?:y)?|total(?:ly)?|wholly|solely|"
    r"exclusively|only|invariably|everywhere|everyone|permanent(?:ly)?|final(?:ly)?|definitive(?:ly)?|certain(?:ly)?|both)\b",
    re.I,
)
_PART = re.compile(
    r"\b(?:some|many|most(?:ly)?|nearly|almost|largely|mainly|chiefly|primarily|part(?:s|ly|ial|ially)?|often|sometimes|"
    r"usually|typically|generally|several|certain|selected|"
    r"among|of (?:which|whom|them)|one of|(?:two|three|four|five) of|"
    r"in part|up to|at least|provisional(?:ly)?|preliminary|a few|limited|majority|not (?:all|every)|"
    r"temporar(?:y|ily)|suspended|such as|roughly|about|perhaps|probably)\b",
    re.I,
)
_REACH = 4  # words after "all" and "some" among which both say of what


def check_scope(claim: str, sentence: str) -> Finding | None:
    """The claim has "all" or the like where the sentence has "some" or the like, of the same thing."""
    if _WHOLE.search(sentence) or _PART.search(claim):
        return None
    given = set(terms(sentence))
    for whole in _WHOLE.finditer(claim):
        about = set(_following(claim, whole.end())) & given
        for part in _PART.finditer(sentence):
            if about & set(_following(sentence, part.end())):
                return Finding.partly(f"the sentence says “{whole[0]}”, the passage “{part[0]}”")
    return None


def _following(text: str, start: int) -> list[str]:
    return terms(text[start:])[:_REACH]
