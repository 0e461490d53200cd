"""Plot of documents by month and country of their publisher, as SVG that takes its colours from the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rag.types import Document
from ui.render import safe

__all__ = ["timeline"]

_MAX_MONTHS = 36
_N_COUNTRIES = 3  # with a colour of their own
_OTHER = "other or unknown"
_HEIGHT = 84  # pixels of the tallest bar
_AXIS = 18  # pixels below the bars
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def timeline(documents: Iterable[Document]) -> str:
    """Bars for the last 36 months that have documents, one for all before; "" without dated documents."""
    dated = [(document.date, document.publisher_country or "") for document in documents if document.date]
    exact = [(date[:7], country) for date, country in dated if len(date) >= len("2025-01")]
    if not exact:
        return ""
    common = [name for name, _ in Counter(country for _, country in exact if country).most_common(_N_COUNTRIES)]
    groups = [*common, _OTHER]
    months = _months(exact)
    counts = Counter((max(month, months[0]), country if country in common else _OTHER) for month, country in exact)
    has_earlier = any(month < months[0] for month, _ in exact)
    label = f"{len(exact)} documents by month of publication, {_name(months[0])} to {_name(months[-1])}"
    width = 100 / len(months)
    tallest = max(sum(counts[month, group] for group in groups) for month in months)
    bars = "".join(
        _bar(
            place * width,
            width,
            _month_name(month, months, has_earlier),
            [counts[month, g] for g in groups],
            groups,
            tallest,
        )
        for place, month in enumerate(months)
    )
    ticks = "".join(
        f'<text x="{place * width + width / 2:.2f}%" y="{_HEIGHT + 14}" text-anchor="middle">{safe(text)}</text>'
        for place, text in _ticks(months)
    )
    keys = "".join(f'<li><i class="group-{n}"></i>{safe(group)}</li>' for n, group in enumerate(groups))
    vague = len(dated) - len(exact)
    note = f"<li>and {vague} of which only the year is known</li>" if vague else ""
    return (
        f'<figure class="timeline"><svg role="img" aria-label="{safe(label)}" width="100%" height="{_HEIGHT + _AXIS}">'
        f'{bars}<line x1="0" x2="100%" y1="{_HEIGHT}" y2="{_HEIGHT}"/>{ticks}</svg>'
        f'<ul class="keys" aria-label="Country of the publisher">{keys}{note}</ul></figure>'
    )


def _months(exact: Sequence[tuple[str, str]]) -> list[str]:
    """All months from the first to the last, at most 36."""
    first, last = min(exact)[0], max(exact)[0]
    year, month = int(last[:4]), int(last[5:])
    months: list[str] = []
    while (name := f"{year:04d}-{month:02d}") >= first and len(months) < _MAX_MONTHS:
        months.append(name)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return months[::-1]


def _bar(x: float, width: float, name: str, values: Sequence[int], groups: Sequence[str], tallest: int) -> str:
    """One month: a stack, the first group at the bottom."""
    told = ", ".join(f"{group} {value}" for group, value in zip(groups, values, strict=True) if value)
    pieces, y = [], float(_HEIGHT)
    for number, value in enumerate(values):
        height = value / tallest * (_HEIGHT - 4)
        y -= height
        if value:
            pieces.append(
                f'<rect class="group-{number}" x="{x + width * 0.12:.2f}%" y="{y:.1f}" width="{width * 0.76:.2f}%" '
                f'height="{height:.1f}"/>'
            )
    return f"<g><title>{safe(f'{name}: {told}')}</title>{''.join(pieces)}</g>" if pieces else ""


def _ticks(months: Sequence[str]) -> list[tuple[int, str]]:
    """A label at each January; where that leaves fewer than two, at both ends."""
    marks = [(place, month[:4]) for place, month in enumerate(months) if month.endswith("-01")]
    if len(marks) < 2:
        marks = [(place, _name(month)) for place, month in enumerate(months) if place in (0, len(months) - 1)]
    return marks


def _month_name(month: str, months: Sequence[str], has_earlier: bool) -> str:
    return f"{_name(month)} and before" if has_earlier and month == months[0] else _name(month)


def _name(month: str) -> str:
    return f"{_MONTHS[int(month[5:7]) - 1]} {month[:4]}"
