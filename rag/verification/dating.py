"""Do the dates of a sentence stand in what supports it, written out or resolved from their context?"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from rag.dates import DateMention
from rag.units import NUMBER_WORDS, any_of
from rag.verification.readings import DAY, dates_of

__all__ = ["missing_dates"]

_MONTHS = "|".join(filter(None, month_name))
_MONTH = re.compile(rf"\b(?:in|of|since|from|until|by|early|late|mid|during|that)[\s-](?P<month>{_MONTHS})\b")
_BARE_MONTH = re.compile(rf"\b(?P<month>(?!May\b)(?:{_MONTHS}))\b|(?<=[a-z]\s)(?P<may>May)\b")
_YEAR_AFTER = re.compile(r"\b(?:following|next|a|one)\s+year(?:\s+(?:later|after))?\b|\byear after\b", re.I)
_YEAR_BEFORE = re.compile(
    r"\b(?:previous|prior|last|a|one)\s+year(?:\s+(?:earlier|before))?\b|\byear (?:before|earlier)\b|\bon the year\b",
    re.I,
)
_SHIFT = re.compile(
    rf"\b(?P<n>\d{{1,3}}|an?|{any_of(NUMBER_WORDS)})\s(?P<unit>day|week|year)s?\s(?P<way>before|after|earlier|later|ahead)\b",
    re.I,
)


def missing_dates(claim: str, stretch: str) -> Iterator[str]:
    """The dates of the claim that the stretch does not give."""
    known = dates_of(stretch)
    spans = [(item.start, item.end) for item in known]
    resolved = _resolved(stretch, known)
    for wanted in dates_of(claim):
        if not any(_covers(wanted, other) for other in known) and not any(
            given.startswith(wanted.date) or _within(given, wanted) for given in resolved
        ):
            yield wanted.text
    dated = [(item.start, item.end) for item in dates_of(claim)]
    days = {other.date[5:] for other in known} | {given[5:] for given in resolved}
    days |= {_written_day(match) for match in DAY.finditer(stretch)}
    for match in DAY.finditer(claim):
        if not _inside(match, dated) and _written_day(match) not in days:
            yield match[0]
    months = {day[:2] for day in days} | {
        _month(match) for match in _BARE_MONTH.finditer(stretch) if not _inside(match, spans)
    }
    for match in _MONTH.finditer(claim):
        if not _inside(match, dated) and months and f"{_number(match['month']):02}" not in months:
            yield match["month"]


def _resolved(stretch: str, known: Sequence[DateMention]) -> set[str]:
    """Dates that the stretch gives by a month or day without its year, or by their distance from another."""
    years = {int(other.date[:4]) for other in known}
    spans = [(item.start, item.end) for item in known]
    found = {f"{year}-{_written_day(m)}" for m in DAY.finditer(stretch) if not _inside(m, spans) for year in years}
    found |= {f"{year}-{_month(m)}" for m in _BARE_MONTH.finditer(stretch) if not _inside(m, spans) for year in years}
    found |= {str(year + 1) for year in years if _YEAR_AFTER.search(stretch)}
    found |= {str(year - 1) for year in years if _YEAR_BEFORE.search(stretch)}
    for match in _SHIFT.finditer(stretch):
        n = int(match["n"]) if match["n"].isdigit() else NUMBER_WORDS.get(match["n"].casefold(), 1)
        n = -n if match["way"].casefold() in ("before", "earlier", "ahead") else n
        if match["unit"].casefold() == "year":
            found |= {str(year + n) for year in years}
            continue
        days = n * (7 if match["unit"].casefold() == "week" else 1)
        found |= {str(date.fromisoformat(other.date) + timedelta(days)) for other in known if len(other.date) == 10}
    return found


def _covers(wanted: DateMention, other: DateMention) -> bool:
    """Whether the other date says all that the wanted one says; "early 2025" is said by 27 January 2025."""
    return (wanted.first <= other.first and other.last <= wanted.last) or (
        other.date == wanted.date and wanted.first <= other.last and other.first <= wanted.last
    )


def _within(given: str, wanted: DateMention) -> bool:
    return len(given) >= len("2025-01") and wanted.first[: len(given)] <= given <= wanted.last[: len(given)]


def _inside(match: re.Match[str], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in spans)


def _written_day(match: re.Match[str]) -> str:
    return f"{_number(match['month'] or match['month_first']):02}-{int(match['day'] or match['day_after']):02}"


def _month(match: re.Match[str]) -> str:
    return f"{_number(match['month'] or match['may']):02}"


def _number(month: str) -> int:
    return list(month_name).index(month)
