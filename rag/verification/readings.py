"""The quantities and dates of claims and stretches, each text read once."""

from __future__ import annotations

import re
from calendar import month_name
from functools import lru_cache

from rag.dates import DateMention, dates_in
from rag.lexical import terms
from rag.quantities import Quantity, quantities

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
_VERSION = re.compile(r"\b[A-Z]\w*-$")  # what it stands before belongs to a name: R1-0528


@lru_cache(maxsize=4096)  # every claim is held against many stretches, every stretch against many claims
def quantities_of(text: str) -> tuple[Quantity, ...]:
    """The quantities in a text."""
    return tuple(quantities(text))


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
