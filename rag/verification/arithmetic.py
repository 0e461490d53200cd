"""Does a quantity follow from those of a text: their difference, sum, ratio or share, the time between two dates?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from rag.lexical import terms
from rag.quantities import Quantity
from rag.units import DAYS
from rag.verification.bounds import bound_of
from rag.verification.implied import counts_in, durations_in, spans_between
from rag.verification.readings import base_of, dates_of, is_measure, quantities_of

__all__ = ["follows"]

_MORE = re.compile(
    r"\b(?:more|less|fewer|higher|lower|larger|smaller|greater|longer|shorter|cheaper|dearer|above|below|beyond|"
    r"differ\w*|gaps?|apart|margin|leads?|led|ahead|behind|trail\w*|lag\w*|separat\w+|exceed\w*|rose|risen|"
    r"ris(?:e|es|ing)|gr[eo]w\w*|increas\w+|f[ae]ll\w*|drop\w*|declin\w+|decreas\w+|cut\w*|expand\w*|shr[aiu]nk\w*|"
    r"outr[au]n\w*|add(?:s|ed)?|gain\w*|los[et]\w*|spread|widen\w*|narrow\w*|between|up|down|reduc\w+|earlier|later|"
    r"after|before|within|over)\b",
    re.I,
)
_TOGETHER = re.compile(
    r"\b(?:together|combined|jointly|in (?:total|all|sum)|total\w*|altogether|add(?:s|ed)? up|sum|overall|counting|"
    r"contains?|enough|each|c[ao]mes? to|amounts? to|makes?)\b",
    re.I,
)
_EACH = re.compile(r"\b(?:each|apiece|every|per|both|average)\b|/", re.I)
_OTHERS = re.compile(
    r"\b(?:not?|none|nobody|never|without|others?|rest|remain\w*|left|outside|non-\w+|else\w*|n['’]t|beyond|foreign)\b",
    re.I,
)
_WORD_TOLERANCE, _TOLERANCE = 0.07, 0.004
_WELL_OVER, _WELL_UNDER = 1.36, 0.68
_CLOSELY = 0.12
_CLOSE = re.compile(
    r"\b(?:nearly|almost|not quite|just|slightly|a (?:little|bit|touch)|little|barely|close to)\b", re.I
)
_SMALL = 12  # a count that may be of things named one by one
_MANY = 8  # amounts of one kind beyond which no sums are tried
_VAGUE = 62.0  # days between two months
_ONE = re.compile(r"\b(?:one|a single|only|sole)\s(?P<things>(?:[a-z-]+\s?){1,3})", re.I)
_LOOK_BACK = 20


def follows(wanted: Quantity, claim: str, stretch: str) -> bool:
    """Whether a quantity of the claim follows from those of the stretch, as its bound allows."""
    return any(_agrees(wanted, value, claim) for value in _values(wanted, claim, stretch))


def _values(wanted: Quantity, claim: str, stretch: str) -> Iterator[float]:
    """The values in the unit of a quantity that follow from the stretch."""
    base = base_of(wanted)
    yield from _measured(wanted, claim, stretch)
    if base != "percent" and (_MORE.search(claim) or _OTHERS.search(claim)):
        yield from _differences(stretch, base)
    if _TOGETHER.search(claim):
        yield from _sums(stretch, base)
    if not is_measure(wanted) and 1 < wanted.value <= _SMALL and not _counted_otherwise(wanted, claim, stretch):
        yield from counts_in(stretch)


def _measured(wanted: Quantity, claim: str, stretch: str) -> Iterator[float]:
    """What follows for a unit of measurement: time, multiples, shares and points."""
    base, in_words = base_of(wanted), not any(char.isdigit() for char in wanted.text)
    if in_words and is_measure(wanted):
        yield from (item.value for item in quantities_of(stretch) if base_of(item) == base)
    if base == "day":
        yield from durations_in(stretch)
        yield from _between(wanted, stretch)
    elif base == "times":
        yield from _multiples(stretch)
    elif base == "percent":
        yield from _shares(stretch, is_written=not in_words)
        if _OTHERS.search(claim):
            yield from (100 - other.value for other in quantities_of(stretch) if other.unit == base)
    elif base in ("percentage point", "point"):
        yield from _differences(stretch, "percent")
        yield from _differences(stretch, "")


@lru_cache(maxsize=4096)
def _differences(text: str, base: str) -> tuple[float, ...]:
    ends = [(end, item) for item in quantities_of(text) for end in {item.value, item.high}]
    alike = [(end, item) for end, item in ends if _is_of(item, base)]
    return tuple(abs(a - b) for (a, _), (b, _) in combinations(alike, 2) if a != b)


@lru_cache(maxsize=4096)
def _sums(text: str, base: str) -> tuple[float, ...]:
    """Sums of two to four amounts of one kind, and an amount of each times a count."""
    alike = [item.value for item in quantities_of(text) if _is_of(item, base)][:_MANY]
    sums = [sum(some) for n in (2, 3, 4) for some in combinations(alike, n)]
    if _EACH.search(text):
        sums += [a * b.value for a in alike for b in quantities_of(text) if not is_measure(b) and b.value != a]
        sums += [a * n for a in alike for n in counts_in(text)]
    return tuple(sums)


def _is_of(item: Quantity, base: str) -> bool:
    """Whether the item has the unit, or counts what is not named."""
    return base_of(item) == base or (not is_measure(item) and (not base or not item.unit))


@lru_cache(maxsize=4096)
def _multiples(text: str) -> tuple[float, ...]:
    ratios = [max(a.value, b.value) / min(a.value, b.value) for a, b in _comparable(text)]
    shares = [item.value for item in quantities_of(text) if item.unit == "percent" and item.value]
    return tuple(ratios + [1 + share / 100 for share in shares] + [100 / share for share in shares if share < 100])


@lru_cache(maxsize=4096)
def _shares(text: str, *, is_written: bool) -> tuple[float, ...]:
    """Percentages: of one amount in another, and by which one is more or less than another."""
    found = [] if is_written else [item.value for item in quantities_of(text) if item.unit == "percent"]
    for a, b in _comparable(text):
        low, high = sorted((a.value, b.value))
        found += [100 * low / high, 100 * (high - low) / high, 100 * (high - low) / low]
    found += [100 / item.value for item in quantities_of(text) if item.unit == "times" and item.value > 1]
    return tuple(found)


@lru_cache(maxsize=4096)
def _comparable(text: str) -> tuple[tuple[Quantity, Quantity], ...]:
    """Pairs of amounts of one unit, or of two things that are counted."""
    known = [item for item in quantities_of(text) if item.value > 0]
    return tuple(
        (a, b) for a, b in combinations(known, 2) if a.unit == b.unit or (not is_measure(a) and not is_measure(b))
    )


def _between(wanted: Quantity, stretch: str) -> Iterator[float]:
    """The days from one date to another, taken as the wanted duration where they may be."""
    unit = max((days for days in DAYS.values() if days <= wanted.value), default=1.0)
    slack = 0.0 if unit < DAYS["month"] else unit * 0.5
    for least, most in spans_between(stretch):
        if least - slack <= wanted.value <= most + slack and most - least <= _VAGUE:
            yield wanted.value
        yield (least + most) / 2
    years = sorted({int(date.date[:4]) for date in dates_of(stretch)})
    yield from ((late - early) * DAYS["year"] for early, late in combinations(years, 2))


def _counted_otherwise(wanted: Quantity, claim: str, stretch: str) -> bool:
    """Whether the stretch counts something that the claim does not, of which the wanted count may be a wrong one."""
    said = {item.value for item in quantities_of(claim)}
    if wanted.unit in terms(" ".join(match["things"] for match in _ONE.finditer(stretch))):
        return True
    return any(
        not is_measure(item) and 1 < item.value <= _SMALL and item.value not in said for item in quantities_of(stretch)
    )


def _agrees(wanted: Quantity, value: float, claim: str) -> bool:
    """Whether a value is what the claim says, given its bound and rounding."""
    bound = bound_of(wanted, claim)
    slack = _TOLERANCE * wanted.value
    is_close = bool(_CLOSE.search(claim[max(0, wanted.start - _LOOK_BACK) : wanted.end]))
    if bound == "over":
        most = wanted.value * (1 + _CLOSELY if is_close else _WELL_OVER)
        return wanted.value - slack <= value < max(most, wanted.value + (wanted.unit == "times"))
    if bound == "under":
        return wanted.value * (1 - _CLOSELY if is_close else _WELL_UNDER) <= value <= wanted.value + slack
    in_words = not any(char.isdigit() for char in wanted.text)
    if wanted.approximate or (in_words and base_of(wanted) in ("percent", "times")):
        return abs(wanted.value - value) <= _WORD_TOLERANCE * max(value, wanted.value)
    return abs(wanted.value - value) <= max(0.501 * wanted.shown, slack)
