"""HTML pages: trafilatura finds the article and its metadata, navigation and notices stay behind."""

from __future__ import annotations

from typing import Any

import trafilatura

from rag.errors import LoadingError
from rag.loading.cleaning import strip_boilerplate
from rag.loading.text import decode
from rag.types import Document

__all__ = ["load_html"]


def load_html(data: bytes, *, source: str) -> Document:
    """The main text of a page as Markdown, with title, publisher, date, language and canonical address."""
    html = decode(data)
    address = source if "://" in source else None
    text = trafilatura.extract(html, url=address, output_format="markdown", include_comments=False)
    if text is None or not text.strip():
        raise LoadingError("no article text was found on the page", "save the text itself as .txt or .md")
    found: Any = trafilatura.extract_metadata(html, default_url=address)
    return Document(
        doc_id="",
        text=strip_boilerplate(text, source=source),
        title=found.title or None,
        publisher=found.sitename or found.hostname or None,
        date=found.date or None,
        url=found.url or address,
        language=found.language or _html_language(html),
        source=source,
    )


def _html_language(html: str) -> str | None:
    """The `lang` attribute of the page, two letters."""
    tree = trafilatura.load_html(html)
    lang = tree.get("lang") if tree is not None else None
    return lang[:2].lower() if lang else None
