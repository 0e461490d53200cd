"""Does a figure or date of a sentence stand in its support with something else: other words, another year?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from rag.dates import without_title_years
from rag.quantities import Quantity
from rag.verification.clauses import Clause, clauses_in
from rag.verification.readings import dates_of, is_measure, quantities_of
from rag.verification.verdict import Finding

__all__ = ["check_belonging"]

_MARGIN = 2  # words by which a claim is nearer to another clause, from which its figure is out of place
_ROUNDING = 0.005
_SEPARATOR = re.compile(r"[,;.]\s|\b(?:and|to|from|while|but|after|against)\b")
_SEPARATION = 20
_TIE = re.compile(
    r"(?:\s[a-z-]+){0,2}?\s?\(?(?:,?\s?or\s|,?\s?(?:(?:on|from) the (?:previous |prior )?year(?: before)? )?"
    r"(?:to|in|by|at|for|since|during|until|as of)\s)(?:reach |about |some |nearly |the |end of |around |roughly )*"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure or a date: the kind it is of, its value, where it stands and as what."""

    kind: str
    value: float | tuple[str, str]
    start: int
    end: int
    text: str

    def is_same(self, other: Mark) -> bool:
        """Whether the other may be the same figure, or is a date within this one."""
        if self.kind != other.kind:
            return False
        if isinstance(self.value, tuple) and isinstance(other.value, tuple):
            (first, last), (other_first, other_last) = self.value, other.value
            return first <= other_first and other_last <= last
        if isinstance(self.value, float) and isinstance(other.value, float):
            return abs(self.value - other.value) <= _ROUNDING * max(abs(self.value), abs(other.value))
        return False


def check_belonging(claim: str, stretch: str) -> Finding | None:
    """A figure or date of the claim that the stretch gives with other words, or for another year or amount."""
    said, given = marks_in(claim), marks_in(stretch)
    if not all(any(mark.is_same(other) for other in given) for mark in said):
        return None  # what is worked out from several figures belongs with all of them
    for mark in said:
        places = [other for other in given if mark.is_same(other)]
        near = [other for other in said if _together(mark, other, claim)]
        rivals = [o for o in given if o.kind == mark.kind and not any(m.is_same(o) or o.is_same(m) for m in near)]
        if places and rivals and _is_elsewhere(_words_with(mark, claim), places, rivals, stretch):
            return Finding(f"the passage gives {mark.text} of something else")
    return _mispaired(said, given, claim, stretch) or _tied_otherwise(claim, stretch)


@lru_cache(maxsize=4096)
def marks_in(text: str) -> tuple[Mark, ...]:
    """The figures and dates of a text in order."""
    found = [Mark(_kind(item), item.value, item.start, item.end, item.text.strip()) for item in quantities_of(text)]
    found += [
        Mark("date", (date.first, date.last), date.start, date.end, date.text)
        for date in without_title_years(text, dates_of(text))
    ]
    return tuple(sorted(found, key=lambda mark: mark.start))


def _kind(item: Quantity) -> str:
    return item.unit.partition("/")[0] if is_measure(item) else "count"


def _is_elsewhere(words: frozenset[str], places: Sequence[Mark], rivals: Sequence[Mark], stretch: str) -> bool:
    """Whether the words around a mark in the claim stand rather around a rival of it in the stretch."""
    clauses = clauses_in(stretch)
    own = [clause for clause in clauses if any(_is_in(place, clause) for place in places)]
    other = [c for c in clauses if any(_is_in(rival, c) for rival in rivals) and c not in own]
    if not own or not other:
        return False
    mine = frozenset[str]().union(*(clause.stems for clause in own))
    best = max(other, key=lambda clause: len(words & (clause.stems - mine)))
    gain = len(words & (best.stems - mine)) - len(words & (mine - best.stems))
    return gain >= _MARGIN and _covered(best, words) >= max(_covered(clause, words) for clause in own)


def _words_with(mark: Mark, claim: str) -> frozenset[str]:
    """The stems of the clause with the mark."""
    return next((clause.stems for clause in clauses_in(claim) if _is_in(mark, clause)), frozenset())


def _covered(clause: Clause, words: frozenset[str]) -> float:
    """The share of a clause that the words say."""
    return len(clause.stems & words) / max(1, len(clause.stems))


def _together(one: Mark, other: Mark, text: str) -> bool:
    """Whether both stand in one clause."""
    return any(_is_in(one, clause) and _is_in(other, clause) for clause in clauses_in(text))


def _is_in(mark: Mark, clause: Clause) -> bool:
    return clause.start <= mark.start < clause.end


def _mispaired(said: Sequence[Mark], given: Sequence[Mark], claim: str, stretch: str) -> Finding | None:
    """A figure and a date that stand side by side in the claim, and each with another in the stretch."""
    dates, figures = [m for m in said if m.kind == "date"], [m for m in said if m.kind != "date"]
    for figure, date in product(figures, dates):
        if (
            _nearest(figure, dates, claim) is not date
            or _nearest(date, [m for m in figures if m.kind == figure.kind], claim) is not figure
        ):
            continue
        figure_places = [other for other in given if figure.is_same(other)]
        date_places = [other for other in given if date.is_same(other)]
        if len(figure_places) != 1 or len(date_places) != 1:
            continue
        with_figure = _nearest(figure_places[0], [m for m in given if m.kind == "date"], stretch)
        with_date = _nearest(date_places[0], [m for m in given if m.kind == figure.kind], stretch)
        if not date.is_same(with_figure) and not figure.is_same(with_date):
            return Finding(f"the passage gives {figure.text} for {with_figure.text}, not for {date.text}")
    return None


def _nearest(mark: Mark, others: Sequence[Mark], text: str) -> Mark:
    return min(others, key=lambda other: _distance(mark, other, text))


def _distance(one: Mark, other: Mark, text: str) -> int:
    """Characters between two marks, and more for what separates them."""
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    return len(between) + _SEPARATION * len(_SEPARATOR.findall(between))


def _tied_otherwise(claim: str, stretch: str) -> Finding | None:
    """A figure of "5% in 2025" or "5% to 40 million" that the stretch ties to another of the kind of the second."""
    given = tuple(_ties(stretch))
    for one, other in _ties(claim):
        for mine, its in ((one, other), (other, one)):
            if sum(mine.is_same(mark) for mark in marks_in(stretch)) != 1:
                continue
            partners = [
                b if mine.is_same(a) else a
                for a, b in given
                if (mine.is_same(a) and its.kind == b.kind) or (mine.is_same(b) and its.kind == a.kind)
            ]
            if partners and not any(its.is_same(partner) or partner.is_same(its) for partner in partners):
                return Finding(f"the passage gives {mine.text} with {partners[0].text}, not with {its.text}")
    return None


def _ties(text: str) -> Iterator[tuple[Mark, Mark]]:
    """Neighbouring marks of two kinds that only a word joins."""
    for one, other in pairwise(marks_in(text)):
        joint = _TIE.fullmatch(text, one.end, other.start)
        if not joint or one.kind == other.kind:
            continue
        if ("for " in joint[0] and other.kind != "date") or ("to " in joint[0] and one.kind == "date"):
            continue  # "48 hours for 10,000 cases", "from 5% in 2024 to 8%"
        yield one, other
