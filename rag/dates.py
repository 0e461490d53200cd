"""Dates as precise as known: 2025, 2025-01 or 2025-01-27, compared as the days that they may mean."""

from __future__ import annotations

import calendar
import re

from rag.errors import ConfigurationError

__all__ = ["date_bounds", "parse_date_option"]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


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


def parse_date_option(name: str, value: str) -> tuple[str, str]:
    """The bounds of a date that the user gave.

    Raises:
        ConfigurationError: It is no date.
    """
    bounds = date_bounds(value)
    if bounds is None:
        raise ConfigurationError(f"{name}: {value!r} is not a date", "write 2025, 2025-01 or 2025-01-27")
    return bounds
