"""The quantities and dates of claims and stretches, each text read once."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterator
from functools import lru_cache

from rag.dates import DateMention, dates_in
from rag.lexical import terms
from rag.quantities import Quantity, quantities
from rag.units import DAYS, FRACTIONS, NUMBER_WORDS, ONES, SCALES, any_of

__all__ = ["DAY", "base_of", "dates_of", "figure_spans", "is_measure", "is_physical", "quantities_of"]

_MONTHS = "|".join(filter(None, month_name))
DAY = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})\s(?P<month>{_MONTHS})|(?P<month_first>{_MONTHS})\s(?P<day_after>\d{{1,2}}))\b"
)
"""A day without a year: 16 February, or February 16."""

_MEASURES = frozenset(("percent", "percentage point", "day", "times", "W", "Wh", "FLOPS", "B", "m", "kg"))
_PHYSICAL = frozenset(
    terms("metre kilometre mile inch foot hectare acre tonne ton litre gram byte gigabyte terabyte pixel")
)
_PARTS = re.compile(
    r"\b(?:(?:an?|one|two|three|four)\s(?:quarters?|thirds?|fifths?|tenths?)|half|halves|tenfold|twofold)\b", re.I
)
_HEDGES = (
    r"(?:more|less) than|(?:just )?(?:over|under)|nearly|almost|about|around|roughly|not quite|at (?:least|most)|"
    r"below|above"
)
_HEDGED = re.compile(
    rf"\b(?P<hedge>(?:{_HEDGES})\s)?(?P<amount>half|an?\s(?P<unit>{any_of(DAYS)}))\b"
    r"(?P<after>\s(?:after|before|earlier|later|ahead|prior)\b)?",
    re.I,
)
_SCALED_PART = re.compile(
    rf"\b(?:(?P<n>an?|{any_of(ONES)})[\s-])?(?P<part>{any_of(FRACTIONS)})s?\s(?:of\s)?an?\s"
    rf"(?=(?:{any_of(SCALES)}|{any_of(DAYS)})\b)",
    re.I,
)
_SEVERAL_PARTS = re.compile(rf"\b(?P<n>{any_of(ONES)})[\s-](?P<part>{any_of(FRACTIONS)})s\b(?!\s(?:of\s)?an?\b)", re.I)
_HUNDREDTH = re.compile(rf"\b(?P<n>{any_of(ONES)}|\d+)\s(?:[A-Za-z]+\s){{0,3}}in\sa\shundred\b", re.I)
_BARE = re.compile(rf"\b(?!one\b)(?P<n>{any_of(ONES)}|ten|eleven|twelve)\s(?=(?:of|more|others?)\b)", re.I)
_VERSION = re.compile(r"\b[A-Z]\w*-$")  # what it stands before belongs to a name: R1-0528


@lru_cache(maxsize=4096)  # every claim is held against many stretches, every stretch against many claims
def quantities_of(text: str) -> tuple[Quantity, ...]:
    """The quantities in a text, those among them that are told without a number of their own."""
    told = [*_scaled_parts(text), *_several_parts(text), *_hundredths(text), *_hedged(text), *_bare(text)]
    written = [item for item in quantities(text) if not any(_overlap(item, other) for other in told)]
    return tuple(sorted([*written, *told], key=lambda item: item.start))


@lru_cache(maxsize=4096)
def dates_of(text: str) -> tuple[DateMention, ...]:
    """The dates in a text."""
    return tuple(dates_in(text))


def figure_spans(text: str) -> list[tuple[int, int]]:
    """Where the quantities and dates of a text stand."""
    figures = [item for item in quantities_of(text) if not _VERSION.search(text[: item.start])]
    found = [(item.start, item.end) for item in figures] + [(item.start, item.end) for item in dates_of(text)]
    return found + [match.span() for pattern in (DAY, _PARTS) for match in pattern.finditer(text)]


def base_of(quantity: Quantity) -> str:
    """The unit without what it is counted by: "USD" of "USD/month"."""
    return quantity.unit.partition("/")[0]


def is_measure(quantity: Quantity) -> bool:
    """Whether its unit is one of measurement or money, and not what is counted."""
    base = base_of(quantity)
    return base in _MEASURES or (len(base) == 3 and base.isupper())


def is_physical(quantity: Quantity) -> bool:
    """Whether what is counted is itself a unit that `rag.units` does not know."""
    return quantity.unit in _PHYSICAL


def _scaled_parts(text: str) -> Iterator[Quantity]:
    """A quarter of a billion dollars, half a year."""
    for match in _SCALED_PART.finditer(text):
        whole = next(iter(quantities(f"1 {text[match.end() : match.end() + 48]}")), None)
        if whole and whole.start == 0:
            share = ONES.get((match["n"] or "").casefold(), 1) * FRACTIONS[match["part"].casefold()]
            yield _told(text, match.start(), match.end() + whole.end - 2, share * whole.value, whole.unit)


def _several_parts(text: str) -> Iterator[Quantity]:
    """Nine tenths, four-fifths."""
    for match in _SEVERAL_PARTS.finditer(text):
        share = 100 * ONES[match["n"].casefold()] * FRACTIONS[match["part"].casefold()]
        if share <= 100 and match["part"].casefold() != "quarter":
            yield _told(text, match.start(), match.end(), share, "percent")


def _hundredths(text: str) -> Iterator[Quantity]:
    """One company in a hundred."""
    for match in _HUNDREDTH.finditer(text):
        n = float(match["n"]) if match["n"].isdigit() else float(ONES[match["n"].casefold()])
        yield _told(text, match.start(), match.end(), n, "percent")


def _hedged(text: str) -> Iterator[Quantity]:
    """Just under half, more than an hour, a week after."""
    for match in _HEDGED.finditer(text):
        if match["unit"] and (match["hedge"] or match["after"]):
            yield _told(text, match.start(), match.end("amount"), DAYS[match["unit"].casefold()], "day")
        elif match["hedge"] and not match["unit"] and re.match(r"[.,;]|$|\s(?:in|by|for|on|at)\b", text[match.end() :]):
            yield _told(text, match.start(), match.end("amount"), 50.0, "percent")


def _bare(text: str) -> Iterator[Quantity]:
    """Two of seven, two more."""
    for match in _BARE.finditer(text):
        yield _told(text, match.start(), match.end("n"), float(NUMBER_WORDS[match["n"].casefold()]), "")


def _told(text: str, start: int, end: int, value: float, unit: str) -> Quantity:
    return Quantity(value=value, high=value, unit=unit, start=start, end=end, text=text[start:end])


def _overlap(one: Quantity, other: Quantity) -> bool:
    return one.start < other.end and other.start < one.end
