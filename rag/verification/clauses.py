"""The clauses of a text and the words of meaning in each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.lexical import terms
from rag.sentences import sentence_spans
from rag.verification.names import canonical
from rag.verification.readings import figure_spans

__all__ = ["Clause", "clauses_in", "stems_of"]

_LINK = (
    r"(?:and|but|while|whereas|although|though|after|before|when|which|who|where|as|since|until|because|so|with|up|"
    r"down|compared)"
)
_SAYS = (
    r"(?:say|said|report|wr[io]te|note|tell|told|argu|found|find|show|estimat|claim|warn|predict|project|forecast|"
    r"expect|conclud|explain|recount|recall|testif|observ|imply|impli|think|thought|believ|add|describ|judg|calculat)\w*"
)
_BREAK = re.compile(
    rf";\s|,\s(?={_LINK}\b)|\s(?=(?:while|whereas|although|though|but|after|before)\s)"
    rf"|\s(?=and\s(?:in|on|from|by|to)\s)|\b{_SAYS}(?:\s[A-Z]\w+)?\sthat\s|,\s(?=according\sto\s)"
    rf"|,\s(?=[^,;.]{{2,50}}?\s{_SAYS}\b)"
)
_ELLIPTIC = re.compile(
    r"(?:up|down|compared|with|against|as)\b|(?:and|but|after|before|though)\s(?:an?\s|the\s|about\s|over\s|from\s|up\s|down\s)?[\d$€£]",
    re.I,
)
_FEW = 3  # words; a clause of fewer leans on the one before it


@dataclass(frozen=True, slots=True)
class Clause:
    """text[start:end], the index of its sentence, and its stems without those of figures."""

    start: int
    end: int
    sentence: int
    stems: frozenset[str]


@lru_cache(maxsize=4096)
def clauses_in(text: str) -> tuple[Clause, ...]:
    """The clauses of a text in order."""
    found: list[Clause] = []
    for n, (start, end) in enumerate(sentence_spans(text, 0, len(text))):
        cuts = [start, *(start + match.end() for match in _BREAK.finditer(text[start:end])), end]
        for a, b in pairwise(cuts):
            stems = stems_of(text, a, b)
            if found and a > start and (len(stems) < _FEW or _ELLIPTIC.match(text, a)):
                last = found.pop()
                a, stems = last.start, stems | last.stems
            if a < b:
                found.append(Clause(a, b, n, stems))
    return tuple(found)


@lru_cache(maxsize=8192)
def stems_of(text: str, start: int, end: int) -> frozenset[str]:
    """The stems in text[start:end], without figures and dates."""
    kept = list(text[start:end])
    for first, last in figure_spans(text):
        for at in range(max(first, start), min(last, end)):
            kept[at - start] = " "
    return frozenset(stem for stem in terms(canonical("".join(kept))) if not stem.isdigit())
