"""Dates as precise as known: 2025, 2025-01 or 2025-01-27, compared as the days that they may mean."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import ConfigurationError

__all__ = ["DateMention", "date_bounds", "dates_in", "parse_date_option", "without_title_years"]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_PARTS = {  # first and last month; early, middle and late are thirds of the year
    "early": (1, 4),
    "mid": (5, 8),
    "late": (9, 12),
    "end": (12, 12),
    "start": (1, 1),
    "beginning": (1, 1),
    "q1": (1, 3),
    "q2": (4, 6),
    "q3": (7, 9),
    "q4": (10, 12),
    "h1": (1, 6),
    "h2": (7, 12),
    "first quarter": (1, 3),
    "second quarter": (4, 6),
    "third quarter": (7, 9),
    "fourth quarter": (10, 12),
    "first half": (1, 6),
    "second half": (7, 12),
    "spring": (3, 5),
    "summer": (6, 8),
    "autumn": (9, 11),
    "fall": (9, 11),
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_PART = "|".join(name.replace(" ", r"[ \n]") for name in sorted(_PARTS, key=len, reverse=True))
_YEAR = r"(?:19|20)[0-9][0-9]"  # of other scripts' digits no date can be put together
_MENTION = re.compile(
    rf"\b(?P<iso>{_YEAR}-[01][0-9](?:-[0-3][0-9])?)(?![\w-])"
    rf"|\b(?:(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s)?(?P<month>{_MONTH})\s(?:(?P<day_after>[0-3]?\d)(?:st|nd|rd|th)?,?\s)?"
    rf"(?P<month_year>{_YEAR})(?![\w%]|[.,]\d)"
    rf"|\b(?P<part>{_PART})(?:\s(?:of\s|in\s)?|-)(?P<part_year>{_YEAR})(?![\w%]|[.,]\d)"
    rf"|(?<![\w$€£¥.,/])(?<![^\W\d_]-)(?P<year>{_YEAR})(?:[-–](?P<to_year>[0-9][0-9])(?!\d))?(?![\w%]|[.,]\d)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"\b(?!(?:A|The|In|By|Of|Since|For|From|Until|During|Its|Over|What|Which|And)\b)[A-Z]\w*\s$")
_LONGEST_TITLE = 24  # characters before a year in which the last word of a title stands


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date in a text: as precise as ISO 8601 can say it, and the days from `first` to `last` that it may mean.

    A quarter or "early 2026" has a year for its `date`, and the months in `first` and `last`.
    """

    date: str
    first: str
    last: str
    start: int
    end: int
    text: str


def date_bounds(date: str) -> tuple[str, str] | None:
    """The first and the last day that a date may mean, or None if it is no date.

    >>> date_bounds("2024-02")
    ('2024-02-01', '2024-02-29')
    """
    match = _DATE.fullmatch(date)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if year < 1 or month > 12 or (match[2] and month < 1):
        return None
    last_month = month or 12
    days = calendar.monthrange(year, last_month)[1]
    if day > days or (match[3] and day < 1):
        return None
    return f"{year:04}-{month or 1:02}-{day or 1:02}", f"{year:04}-{last_month:02}-{day or days:02}"


def dates_in(text: str) -> list[DateMention]:
    """The dates with a year that a text mentions, in order: days, months, quarters, parts of a year, years.

    >>> [(mention.text, mention.date) for mention in dates_in("From Q1 2026 to 27 January 2027")]
    [('Q1 2026', '2026'), ('27 January 2027', '2027-01-27')]
    """
    mentions = []
    for match in _MENTION.finditer(text):
        date = _iso(match)
        bounds = date_bounds(date)
        if bounds is None:
            continue
        first, last = bounds
        if match["part"]:
            months = _PARTS[" ".join(match["part"].casefold().split())]
            first, last = f"{date}-{months[0]:02}-01", (date_bounds(f"{date}-{months[1]:02}") or bounds)[1]
        elif match["to_year"]:
            last = f"{date[:2]}{match['to_year']}-12-31"
        mentions.append(
            DateMention(date=date, first=first, last=last, start=match.start(), end=match.end(), text=match[0])
        )
    return mentions


def without_title_years(text: str, mentions: Sequence[DateMention]) -> list[DateMention]:
    """The dates in a text without years that seem to belong to a name ("AI Index 2026")."""
    return [
        mention
        for mention in mentions
        if len(mention.text) > len("2026")
        or not _TITLE.search(text, max(0, mention.start - _LONGEST_TITLE), mention.start)
    ]


def _iso(match: re.Match[str]) -> str:
    if match["iso"]:
        return match["iso"]
    if not match["month"]:
        return match["part_year"] or match["year"]
    month = f"{match['month_year']}-{_MONTHS[match['month'].rstrip('.').casefold()]:02}"
    day = match["day"] or match["day_after"]
    return f"{month}-{int(day):02}" if day else month


def parse_date_option(name: str, value: str) -> tuple[str, str]:
    """The bounds of a date that the user gave.

    Raises:
        ConfigurationError: It is no date.
    """
    bounds = date_bounds(value)
    if bounds is None:
        raise ConfigurationError(f"{name}: {value!r} is not a date", "write 2025, 2025-01 or 2025-01-27")
    return bounds
