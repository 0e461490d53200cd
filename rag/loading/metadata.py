"""What files and pages say about themselves, made safe to show: one line a field, real dates, web addresses only."""

from __future__ import annotations

from dataclasses import replace

from rag.dates import date_bounds
from rag.loading.text import printable
from rag.types import Document

__all__ = ["is_url", "tidied"]

_MAX_FIELD = 300  # characters


def is_url(source: str) -> bool:
    """Whether `source` is a web address rather than a path."""
    return source.lower().startswith(("http://", "https://"))


def tidied(document: Document) -> Document:
    """The document with metadata that can be shown, linked and searched without a second look."""
    return replace(
        document,
        title=_line(document.title),
        source_title=_line(document.source_title),
        publisher=_line(document.publisher),
        publisher_country=_line(document.publisher_country),
        kind=_line(document.kind),
        language=_line(document.language),
        themes=tuple(theme for raw in document.themes if (theme := _line(raw))),
        date=_date(document.date),
        added=_date(document.added),
        url=_address(document.url),
    )


def _line(value: str | None) -> str | None:
    line = " ".join(printable(value or "").split())
    if len(line) > _MAX_FIELD:
        line = line[: _MAX_FIELD - 1].rstrip() + "…"
    return line or None


def _date(value: str | None) -> str | None:
    return value if value and date_bounds(value) else None


def _address(value: str | None) -> str | None:
    """No `javascript:` or `file:`: the app makes links of addresses."""
    return value if value and is_url(value) and not any(char.isspace() for char in value) else None
