"""Markdown with YAML front matter; footnotes after sentences name where each sentence comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from rag.dates import date_bounds
from rag.errors import LoadingError
from rag.loading.cleaning import strip_boilerplate
from rag.loading.text import decode
from rag.sentences import heading_title
from rag.types import Document, Origin, OriginSpan

__all__ = ["FOOTNOTE_DEFINITION", "load_markdown", "parse_footnote", "split_front_matter"]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.{0,65536}?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
FOOTNOTE_DEFINITION = re.compile(
    r"^\[\^(?P<key>[\w-]+)\]:[ \t]*(?P<body>.*(?:\n(?: {2,}|\t).+)*)(?:\n|\Z)", re.MULTILINE
)
_MARKERS = re.compile(r"(?:\[\^[\w-]+\])+")
_KEY = re.compile(r"\[\^([\w-]+)\]")
_FOOTNOTE_BODY = re.compile(
    r'(?P<publisher>[^"<>]+?)(?:, "(?P<title>[^"]+)")?(?:, (?P<date>\d{4}(?:-\d\d){0,2}))?'
    r"(?:, <(?P<url>https?://[^>\s]+)>)?"
)
_TITLE = re.compile(r"^#[ \t]+(.+)$", re.MULTILINE)
_DAY = re.compile(r"\d{4}(?:-\d\d){0,2}(?=$|[T ])")
_TEXT_FIELDS = ("title", "source_title", "publisher", "publisher_country", "url", "kind", "language")


class _TextLoader(yaml.BaseLoader):
    """Reads every scalar as text and null as None: YAML's other types have more ways to fail than uses here."""


_TextLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_TextLoader.add_constructor("tag:yaml.org,2002:null", lambda _loader, _node: None)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The front matter as a dict (empty if there is none) and the body after it.

    Values are text, None, or lists and dicts of these.

    Raises:
        LoadingError: There is front matter, but it is not valid YAML.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    try:
        data = yaml.load(match["yaml"], Loader=_TextLoader)  # nosec B506 # makes text, lists and dicts
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark else ""
        raise LoadingError(f"its front matter is not valid YAML{where}", "mend it or remove it") from error
    if data is not None and not isinstance(data, dict):
        return {}, text
    return data or {}, text[match.end() :]


def parse_footnote(body: str) -> Origin:
    """`Publisher, "Title", 2025-01-28, <https://…>` as an origin; title, date and address may be missing."""
    line = " ".join(body.split())
    match = _FOOTNOTE_BODY.fullmatch(line)
    if match is None:
        return Origin(publisher=line)
    return Origin(publisher=match["publisher"].strip(), title=match["title"], date=match["date"], url=match["url"])


def load_markdown(data: bytes, *, source: str) -> Document:
    """A Markdown file; footnote markers leave the text, and their spans keep the origin of each sentence."""
    meta, body = split_front_matter(decode(data))
    body = strip_boilerplate(body, source=source)
    footnotes = {match["key"]: parse_footnote(match["body"]) for match in FOOTNOTE_DEFINITION.finditer(body)}
    origins: tuple[OriginSpan, ...] = ()
    if footnotes:
        body, origins = _strip_footnotes(FOOTNOTE_DEFINITION.sub("", body).rstrip() + "\n", footnotes)
    heading = _TITLE.search(body)
    identifier = _text(meta.get("id")) or ""
    fields: dict[str, Any] = {name: _text(meta.get(name)) for name in _TEXT_FIELDS}
    fields["title"] = fields["title"] or (heading_title(heading[1]) if heading else None)
    return Document(
        doc_id=identifier if re.fullmatch(r"[\w.-]{1,80}", identifier) else "",
        text=body,
        date=_date(meta.get("date")),
        added=_date(meta.get("added")),
        themes=_themes(meta.get("themes")),
        source=source,
        origins=origins,
        **fields,
    )


def _strip_footnotes(body: str, footnotes: Mapping[str, Origin]) -> tuple[str, tuple[OriginSpan, ...]]:
    """The body without markers, and what each group of markers speaks for: the text since the last one."""
    pieces: list[str] = []
    marked: list[tuple[int, tuple[Origin, ...]]] = []
    length = consumed = 0
    for match in _MARKERS.finditer(body):
        named = tuple(footnotes[key] for key in _KEY.findall(match[0]) if key in footnotes)
        if named:
            pieces.append(body[consumed : match.start()])
            length += len(pieces[-1])
            consumed = match.end()
            marked.append((length, named))
    text = "".join([*pieces, body[consumed:]])
    spans: list[OriginSpan] = []
    previous = 0
    for end, named in marked:
        start = max(previous, text.rfind("\n\n", previous, end) + 2 if "\n\n" in text[previous:end] else 0)
        start += len(text[start:end]) - len(text[start:end].lstrip())
        spans.append(OriginSpan(start=start, end=end, origins=named))
        previous = end
    return text, tuple(spans)


def _text(value: Any) -> str | None:
    """A scalar of the front matter, or None."""
    return value.strip() or None if isinstance(value, str) else None


def _date(value: Any) -> str | None:
    """A year, month, day or point in time as a date in ISO form; None for other text."""
    match = _DAY.match(_text(value) or "")
    if match is None:
        return None
    if date_bounds(match[0]) is None:
        raise LoadingError(f"its front matter is not valid: there is no date {match[0]}", "mend the date")
    return match[0]


def _themes(value: Any) -> tuple[str, ...]:
    """Themes given as a list or as comma-separated text."""
    items = value if isinstance(value, list) else (_text(value) or "").split(",")
    return tuple(text for item in items if (text := _text(item)))
