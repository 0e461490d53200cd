"""Numbers, dates and amounts of money in a text, written in one way: 589bn = $589 billion = 589,000,000,000."""

from __future__ import annotations

import re

__all__ = ["figures"]

_SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12, "tn": 1e12, "trn": 1e12,
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = "|".join(f"{month}|{month[:3]}" for month in _MONTHS)
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:[ -]?(?P<scale>thousand|million|billion|trillion|bn|tn|mn|trn|k|m|b)\b)?",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(rf"\b(?P<day>\d{{1,2}})(?:[-–]\d{{1,2}})? (?P<month>{_MONTH})\b(?:,? (?P<year>\d{{4}}))?")
_MONTH_YEAR = re.compile(rf"\b(?P<month>{_MONTH})\b,? (?P<year>\d{{4}})")
_ISO = re.compile(r"\b(\d{4})[-/](\d\d)(?:[-/](\d\d))?\b")  # also as addresses have it


def _value(number: str, scale: str | None) -> str:
    value = float(number.replace(",", "")) * _SCALES.get((scale or "").lower(), 1.0)
    return f"{value:.6g}"


def figures(text: str) -> set[str]:
    """Normalised figures: numbers by value (scale applied), and dates as `MM-DD`, `YYYY-MM` beside their parts."""
    found = set()
    for match in _NUMBER.finditer(text):
        found.add(_value(match["number"], match["scale"]))
    for match in _DAY_MONTH.finditer(text):
        month = [name[:3] for name in _MONTHS].index(match["month"][:3]) + 1
        found.add(f"{month:02}-{int(match['day']):02}")
    for match in _MONTH_YEAR.finditer(text):
        month = [name[:3] for name in _MONTHS].index(match["month"][:3]) + 1
        found.add(f"{match['year']}-{month:02}")
    for year, month, day in _ISO.findall(text):
        found |= {f"{year}-{month}", year} | ({f"{month}-{day}", str(int(day))} if day else set())
    return found
