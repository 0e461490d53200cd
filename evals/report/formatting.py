"""Numbers as people read them: shares in percent, times in milliseconds or seconds, changes with their sign."""

from __future__ import annotations

import math
from typing import Literal

__all__ = ["MISSING", "Unit", "change_text", "interval_text", "p_text", "value_text"]

Unit = Literal["rate", "score", "characters", "tokens", "usd", "ms"]

MISSING = "–"
"""Stands where there is no number."""

_SECOND = 1000.0
_SECONDS_FROM = 10_000.0  # milliseconds from which a time is shown in seconds


def value_text(value: float | None, unit: Unit) -> str:
    """The number with its unit.

    `87.1%`, `0.871` (a score from 0 to 1 that is no share of anything), `43 ms`, `12.3 s`, `$0.00120`, or a plain `312`
    of characters or tokens.
    """
    if value is None or math.isnan(value):
        return MISSING
    if unit == "rate":
        return f"{value:.1%}"
    if unit == "score":
        return f"{value:.3f}"
    if unit == "usd":
        return f"${value:.5f}"
    if unit == "ms":
        return f"{value / _SECOND:.1f} s" if value >= _SECONDS_FROM else f"{_plain(value)} ms"
    return _plain(value)


def interval_text(low: float | None, high: float | None, unit: Unit) -> str:
    """`79.2–93.8%`, the ends of an interval with the unit said once."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return MISSING
    if unit == "rate":
        return f"{low * 100:.1f}–{high:.1%}"
    if unit == "ms" and high < _SECONDS_FROM:
        return f"{_plain(low)}–{_plain(high)} ms"
    return f"{value_text(low, unit)}–{value_text(high, unit)}"


def change_text(before: float, after: float, unit: Unit) -> str:
    """`+2.4 pp` (percentage points), `−12 ms`, or `0`: by how much a figure moved."""
    moved = (after - before) * (100 if unit == "rate" else 1)
    digits = {"rate": 1, "score": 3, "usd": 5}.get(unit, 0)
    if round(abs(moved), digits) == 0:
        return "0"
    suffix = {"rate": " pp", "ms": " ms", "usd": " USD"}.get(unit, "")
    return f"{'+' if moved > 0 else '−'}{abs(moved):,.{digits}f}{suffix}"


def p_text(p_value: float | None) -> str:
    """`0.03`, or `<0.001` where that says enough."""
    if p_value is None:
        return MISSING
    return "<0.001" if p_value < 0.001 else f"{p_value:.2f}" if p_value >= 0.01 else f"{p_value:.3f}"


def _plain(value: float) -> str:
    """A whole number; small ones with one decimal."""
    return f"{value:,.1f}" if abs(value) < 10 and value != round(value) else f"{value:,.0f}"
