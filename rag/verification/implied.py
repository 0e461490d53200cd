"""Quantities that a text gives without writing them: a week is seven days, "A, B and C" are three."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations

from rag.dates import DateMention
from rag.sentences import sentence_spans
from rag.units import DAYS, any_of
from rag.verification.readings import DAY, dates_of

__all__ = ["counts_in", "durations_in", "spans_between"]

_PERIODS = DAYS | {"fortnight": 14.0, "quarter of a year": DAYS["year"] / 4, "century": 36525.0}
_PERIOD = re.compile(rf"\b(?P<half>half\s)?(?:an?|one|per|the|single)\s(?P<unit>{any_of(_PERIODS)})\b", re.I)
_DURATION = {"first quarter": 3, "second quarter": 3, "third quarter": 3, "fourth quarter": 3, "half-year": 6}
_SEPARATOR = re.compile(r",\s(?:and\s|or\s|as\swell\sas\s)?|;\s|\s(?:and|or|as\swell\sas|from|against|both)\s|-")
_PAIR = re.compile(r"\b(?:both|dual|twin|pair|couple|another|either|neither|two|second|other)\b", re.I)
_TRIO = re.compile(r"\b(?:trio|third)\b", re.I)
_MONTH_DAYS = DAYS["month"]


@lru_cache(maxsize=4096)
def counts_in(text: str) -> frozenset[int]:
    """How many things a text may have named one by one, sentence by sentence."""
    found: set[int] = set()
    for start, end in sentence_spans(text, 0, len(text)):
        sentence = text[start:end]
        runs = len(_SEPARATOR.findall(sentence))
        found.update(range(2, runs + 2))
        if _PAIR.search(sentence):
            found.add(2)
        if _TRIO.search(sentence):
            found.add(3)
    if len(sentence_spans(text, 0, len(text))) > 1:
        found.add(2)
    return frozenset(found)


@lru_cache(maxsize=4096)
def durations_in(text: str) -> tuple[float, ...]:
    """Days of the durations that are said without a number: a week, half a year, the first quarter."""
    found = [
        _PERIODS[" ".join(m["unit"].casefold().split())] * (0.5 if m["half"] else 1.0) for m in _PERIOD.finditer(text)
    ]
    return tuple(found + [months * _MONTH_DAYS for name, months in _DURATION.items() if name in text])


@lru_cache(maxsize=4096)
def spans_between(text: str) -> tuple[tuple[float, float], ...]:
    """The least and the most days from one date of a text to a later one, and through both where they are months."""
    return tuple(_spans([*dates_of(text), *_days_of(text)]))


def _days_of(text: str) -> Iterator[DateMention]:
    """Days without a year, in that of each date of the text."""
    years = {known.date[:4] for known in dates_of(text)}
    for match in DAY.finditer(text):
        if any(known.start < match.end() and match.start() < known.end for known in dates_of(text)):
            continue
        for year in years:
            yield from dates_of(f"{match[0]} {year}")


def _spans(dates: list[DateMention]) -> Iterator[tuple[float, float]]:
    for one, other in combinations(dates, 2):
        early, late = sorted((one, other), key=lambda mention: mention.first)
        if early.last < late.first:
            yield float(_days(late.first) - _days(early.last)), float(_days(late.last) - _days(early.first))


def _days(day: str) -> int:
    return date.fromisoformat(day).toordinal()
