"""Do the words of a sentence stand in the order of its support, but for two that have changed places?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from rag.attribution import speaker_spans
from rag.lexical import terms
from rag.verification.names import canonical
from rag.verification.verdict import Finding

__all__ = ["PASSIVE", "check_order", "common_length"]

PASSIVE = re.compile(
    r"\b(?:(?:is|are|was|were|been|being|be)\s(?:\w+\s)?\w+(?:ed|en|n|t)|by|from|which|whom)\b|\bthat(?=\s[A-Z])"
)
"""Words after which who is named first may be the one to whom it is done."""

_LESS = re.compile(r"\b(?:behind|below|trail\w*|lag\w*)\b", re.I)  # turns round who is ahead of whom
_WORD = re.compile(r"[^\W_][\w’'-]*")
_GAIN = 2  # words that come into line if two change places
_SAYING = frozenset(terms("said say says accord report wrote told found estimate"))
_BESIDE = 2  # words apart, up to which two may be one thing: AI-related industries, industries related to AI
_IN_ORDER = 0.5  # share of the claim's words in the order of the sentence, from which the two are compared at all


def check_order(claim: str, sentence: str) -> Finding | None:
    """Two words of the claim have each other's place in the sentence of the passage, whose other words it follows.

    Only words that either text has once; and not where a passive or a relative clause between them stands in one alone.
    """
    said, given = terms(canonical(claim)), terms(canonical(sentence))
    in_order = common_length(said, given)
    if in_order < _IN_ORDER * len(said):
        return None
    sources = {
        stem for text in (claim, sentence) for a, b in speaker_spans(text) for stem in terms(canonical(text[a:b]))
    }
    excluded = sources | _SAYING | {word for word in said if word[0].isdigit()}  # figures are compared elsewhere
    shared = [word for word in said if said.count(word) == 1 == given.count(word) and word not in excluded]
    for one, other in combinations(shared, 2):
        if abs(said.index(one) - said.index(other)) <= _BESIDE:
            continue
        turned = (said.index(one) < said.index(other)) != (given.index(one) < given.index(other))
        if not turned or _is_turned_round(claim, one, other) != _is_turned_round(sentence, one, other):
            continue
        swapped = {one: other, other: one}
        if common_length([swapped.get(word, word) for word in said], given) >= in_order + _GAIN:
            return Finding(f"in the passage “{one}” and “{other}” are the other way round")
    return None


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        previous = 0
        for n, candidate in enumerate(other, start=1):
            previous, row[n] = row[n], previous + 1 if word == candidate else max(row[n], row[n - 1])
    return row[-1]


def _is_turned_round(text: str, one: str, other: str) -> bool:
    """Whether between two words there is what may turn round who does what."""
    text = canonical(text)
    places = [match for match in _WORD.finditer(text) if {one, other} & set(terms(match[0]))]
    between = text[places[0].end() : places[-1].start()] if places else ""
    return bool(PASSIVE.search(between)) != bool(_LESS.search(between))
