"""HTML pages: trafilatura finds the article and its metadata, navigation and notices stay behind."""

from __future__ import annotations

from typing import Any

import trafilatura
from trafilatura.settings import Extractor

from rag.errors import LoadingError
from rag.loading.cleaning import strip_boilerplate
from rag.loading.text import decode
from rag.types import Document

__all__ = ["load_html"]


def load_html(data: bytes, *, source: str) -> Document:
    """The main text of a page as Markdown, with title, publisher, date, language and canonical address."""
    html = decode(data)
    options = Extractor(output_format="markdown", formatting=False, tables=True, comments=False)
    found: Any = trafilatura.bare_extraction(html, options=options, url=source if "://" in source else None)
    if found is None or not (found.text or "").strip():
        raise LoadingError("no article text was found on the page", "save the text itself as .txt or .md")
    return Document(
        doc_id="",
        text=strip_boilerplate(found.text, source=source),
        title=found.title or None,
        publisher=found.sitename or found.hostname or None,
        date=found.date or None,
        url=found.url or (source if "://" in source else None),
        language=found.language or _html_language(html),
        source=source,
    )


def _html_language(html: str) -> str | None:
    """The `lang` attribute of the page, two letters."""
    tree = trafilatura.load_html(html)
    lang = tree.get("lang") if tree is not None else None
    return lang[:2].lower() if lang else None
