"""The filters that questions are asked under, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ui.render import safe

__all__ = ["scope_bar", "scope_text"]

_WORDS = {
    "publisher": "from {}",
    "publisher_country": "publishers in {}",
    "kind": "{} sources",
    "theme": "on {}",
    "language": "in language {}",
    "since": "since {}",
    "until": "until {}",
}


def scope_text(where: Mapping[str, str | Sequence[str]]) -> str:
    """A `where` mapping in words: `official sources · since 2026`; "" if it lets everything pass."""
    return " · ".join(_words(key, [value] if isinstance(value, str) else list(value)) for key, value in where.items())


def scope_bar(where: Mapping[str, str | Sequence[str]]) -> str:
    """The line that says what is searched, with a way to search everything again; "" if nothing is left out."""
    if not where:
        return ""
    return (
        f'<div class="scope" role="status">Searching only: {safe(scope_text(where))} '
        '<button class="plain" data-clear="1">clear</button></div>'
    )


def _words(key: str, values: list[str]) -> str:
    if key == "doc_id":
        return "1 document" if len(values) == 1 else f"{len(values)} documents"
    return _WORDS.get(key, key + " {}").format(" or ".join(values))
