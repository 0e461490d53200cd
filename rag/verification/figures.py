"""Do the quantities and dates of a sentence stand in what supports it?"""

from __future__ import annotations

import re
from calendar import month_name
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, pairwise

from rag.dates import DateMention, dates_in
from rag.lexical import terms
from rag.quantities import Quantity, quantities, same_value
from rag.verification.verdict import Finding

__all__ = ["check_figures", "dates_of", "figure_spans", "is_measure", "quantities_of"]

_MONTHS = "|".join(filter(None, month_name))
_DAY = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})\s(?P<month>{_MONTHS})|(?P<month_first>{_MONTHS})\s(?P<day_after>\d{{1,2}}))\b"
)
_MONTH = re.compile(rf"\b(?:in|of|since|from|until|by|early|late|mid|during|that)[\s-](?P<month>{_MONTHS})\b")
_OF_YEAR = re.compile(rf"\b(?P<month>{_MONTHS})\sof\s(?:that|the same|the following) year\b")
_MORE = re.compile(r"\b(?:more|less|fewer|higher|lower|larger|smaller|above|below|difference|gap|apart)\b", re.I)
_MEASURES = frozenset(("percent", "percentage point", "day", "W", "Wh", "FLOPS", "B", "m", "kg"))
_PHYSICAL = frozenset(
    terms("metre kilometre mile inch foot hectare acre tonne ton litre gram byte gigabyte terabyte pixel")
)
_HEDGED = re.compile(
    r"\b(?P<over>more than|over|above|at least)\s*$|\b(?P<under>less than|fewer than|under|below|at most)\s*$", re.I
)
_PARTS = re.compile(
    r"\b(?:(?:an?|one|two|three|four)\s(?:quarters?|thirds?|fifths?|tenths?)|half|halves|tenfold|twofold)\b", re.I
)
_VERSION = re.compile(r"\b[A-Z]\w*-$")  # what it stands before belongs to a name: R1-0528
_DERIVED_TOLERANCE = 0.06
_YEAR = 365.0
_PAST = 0.1  # how far beyond “over 500” an amount may lie that it stands for, as a share
_NEARLY, _WELL_OVER = 2.0, 10.0  # percentage points


def check_figures(claim: str, stretch: str) -> Finding | None:
    """The first quantity or date of the claim that the stretch does not give."""
    known = quantities_of(stretch)
    for wanted in quantities_of(claim):
        if any(_same(wanted, other) for other in known) or _follows(wanted, known, claim, stretch):
            continue
        if not wanted.unit and re.search(rf"(?<![\w.]){re.escape(wanted.text.strip())}(?![\d.]\d)", stretch):
            continue  # the number of a thing: "the 960"
        return Finding(f"the passage does not give {wanted.text.strip()}{_instead(wanted, known)}")
    if repeated := _repeated(claim, stretch):
        return Finding(f"the passage gives {repeated} once")
    if turned := _turned(claim, stretch):
        return Finding(f"the passage goes from {turned[1]} to {turned[0]}, not the other way round")
    for text in _missing_dates(claim, stretch):
        return Finding(f"the passage does not give the date {text}")
    return None


@lru_cache(maxsize=4096)  # every claim is held against many stretches, every stretch against many claims
def quantities_of(text: str) -> tuple[Quantity, ...]:
    """The quantities in a text, read once."""
    return tuple(quantities(text))


@lru_cache(maxsize=4096)
def dates_of(text: str) -> tuple[DateMention, ...]:
    """The dates in a text, read once."""
    return tuple(dates_in(text))


def figure_spans(text: str) -> list[tuple[int, int]]:
    """Where the quantities and dates of a text stand."""
    figures = [item for item in quantities_of(text) if not _VERSION.search(text[: item.start])]
    found = [(item.start, item.end) for item in figures] + [(item.start, item.end) for item in dates_of(text)]
    return found + [match.span() for pattern in (_DAY, _PARTS) for match in pattern.finditer(text)]


def _same(one: Quantity, other: Quantity) -> bool:
    """Whether the claim's quantity `one` may be `other`.

    Measures have the same unit; what is counted may be called by another name. One amount out of a range is not what
    the range says.
    """
    if {one.bound, other.bound} == {"over", "under"} and one.value == other.value:
        return False
    if one.bound and 0 <= (other.value - one.value) * (1 if one.bound == "over" else -1) <= _PAST * one.value:
        return not is_measure(one) or _base(one) == _base(other)
    if one.unit and is_measure(one) != is_measure(other):
        return False
    if other.high > other.value and one.high == one.value and one.value not in (other.value, other.high):
        return False
    if (is_measure(one) or {one.unit, other.unit} & _PHYSICAL) and _base(one) != _base(other):
        return False
    return same_value(replace(one, bound=""), replace(other, unit=one.unit, bound=""))


def _base(quantity: Quantity) -> str:
    return quantity.unit.partition("/")[0]


def is_measure(quantity: Quantity) -> bool:
    """Whether its unit is one of measurement or money, and not what is counted."""
    base = _base(quantity)
    return base in _MEASURES or (len(base) == 3 and base.isupper())


def _follows(wanted: Quantity, known: Sequence[Quantity], claim: str, stretch: str) -> bool:
    """Whether a quantity follows from two that are known: their ratio, or their difference where the claim says so."""
    if wanted.unit == "day" and wanted.value >= _YEAR:
        years = sorted({int(date.date[:4]) for date in dates_of(stretch)})
        return any(abs((late - early) * _YEAR - wanted.value) < 2 for early, late in combinations(years, 2))
    pairs = [(a, b) for a, b in combinations(known, 2) if a.unit == b.unit and a.value and b.value]
    counts = [
        quantity for quantity in known if quantity.value and not is_measure(quantity) and quantity.unit != "times"
    ]
    if wanted.unit == "percent":
        shares = [k.value for k in known if k.unit == "percent"]
        shares += [
            100 * min(a.value, b.value) / max(a.value, b.value)
            for a, b in combinations(known, 2)
            if a.value and b.value
        ]
        hedge = _HEDGED.search(claim[: wanted.start])
        return any(_is_share(wanted, share, hedge) for share in shares)
    if wanted.unit == "times":
        ratios = [max(a.value, b.value) / min(a.value, b.value) for a, b in pairs]
        ratios += [max(a.value, b.value) / min(a.value, b.value) for a, b in combinations(counts, 2)]
        ratios += [1 + other.value / 100 for other in known if other.unit == "percent"]
        return any(_is_about(wanted, ratio) for ratio in ratios)
    if not _MORE.search(claim):
        return False
    return any(a.unit == wanted.unit and _is_about(wanted, abs(a.value - b.value)) for a, b in pairs)


def _repeated(claim: str, stretch: str) -> str | None:
    """An amount of something that the claim gives twice and the stretch once, as in "5 chips were made by 5 chips"."""
    given = Counter((item.value, item.unit) for item in quantities_of(stretch))
    said = Counter((item.value, item.unit) for item in quantities_of(claim) if item.unit)
    texts = {(item.value, item.unit): item.text.strip() for item in quantities_of(claim)}
    return next((texts[amount] for amount, n in said.items() if n > 1 and given[amount] == 1), None)


def _turned(claim: str, stretch: str) -> tuple[str, str] | None:
    """Two amounts between which the claim goes one way and the stretch the other, as the claim has them."""
    given = [(first.value, last.value) for first, last in _changes(stretch)]
    for first, last in _changes(claim):
        if (last.value, first.value) in given and (first.value, last.value) not in given:
            return first.text.strip(), last.text.strip()
    return None


def _changes(text: str) -> Iterator[tuple[Quantity, Quantity]]:
    """The amounts of each "from … to …"."""
    known = quantities_of(text)
    for first, last in pairwise(known):
        if (
            re.search(r"\bfrom\s(?:[a-z]+\s){0,2}$", text[: first.start])
            and re.search(r"\bto\s(?:[a-z]+\s){0,2}$", text[first.end : last.start])
            and first.unit == last.unit
        ):
            yield first, last


def _is_share(wanted: Quantity, share: float, hedge: re.Match[str] | None) -> bool:
    """A share that is said in words: just over half for 52%."""
    if any(char.isdigit() for char in wanted.text):
        return False
    if hedge is None:
        return abs(share - wanted.value) <= _NEARLY
    return 0 <= (share - wanted.value) * (1 if hedge["over"] else -1) <= _WELL_OVER


def _is_about(wanted: Quantity, value: float) -> bool:
    if wanted.bound == "over" and wanted.value <= value < wanted.value + 1:
        return True
    return abs(wanted.value - value) <= _DERIVED_TOLERANCE * value


def _instead(wanted: Quantity, known: Sequence[Quantity]) -> str:
    """What it gives in the same unit, if it is one thing."""
    others = {other.text.strip() for other in known if other.unit == wanted.unit}
    return f" but {others.pop()}" if len(others) == 1 else ""


def _missing_dates(claim: str, stretch: str) -> Iterator[str]:
    known = dates_of(stretch)
    loose = {f"{other.date[:4]}-{_number(match['month']):02}" for other in known for match in _MONTH.finditer(stretch)}
    loose |= {f"{other.date[:4]}-{_number(m['month']):02}" for other in known for m in _OF_YEAR.finditer(stretch)}
    for wanted in dates_of(claim):
        if not any(_covers(wanted, other) for other in known) and wanted.date not in loose:
            yield wanted.text
    dated = [(item.start, item.end) for item in dates_of(claim)]
    days = {_month_day(other.date) for other in known} | {_written_day(match) for match in _DAY.finditer(stretch)}
    for match in _DAY.finditer(claim):
        if not _inside(match, dated) and _written_day(match) not in days:
            yield match[0]
    months = {day[:2] for day in days}
    for match in _MONTH.finditer(claim):
        if not _inside(match, dated) and months and f"{_number(match['month']):02}" not in months:
            yield match["month"]


def _covers(wanted: DateMention, other: DateMention) -> bool:
    """Whether the other date says all that the wanted one says; "early 2025" is said by 27 January 2025."""
    return (wanted.first <= other.first and other.last <= wanted.last) or other.date == wanted.date


def _inside(match: re.Match[str], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in spans)


def _month_day(date: str) -> str:
    return date[5:]


def _written_day(match: re.Match[str]) -> str:
    return f"{_number(match['month'] or match['month_first']):02}-{int(match['day'] or match['day_after']):02}"


def _number(month: str) -> int:
    return list(month_name).index(month)
