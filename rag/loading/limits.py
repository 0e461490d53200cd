"""What one document may cost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.errors import LoadingError
from rag.settings import Settings
from rag.types import Document

__all__ = ["Limits", "check_length"]

# What counts as a page where a format has none. Every heading begins a passage, however little stands below it.
_PAGE_CHARACTERS = 3000
_PAGE_HEADINGS = 10
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits on a document, and on where documents may be fetched from.

    Attributes:
        max_bytes: Of a file or web page.
        max_pages: Of a document; 3,000 characters or ten headings are a page where there are none.
        seconds: That reading it may take.
        allow_private_urls: Whether pages on this machine and in the local network may be fetched.
    """

    max_bytes: int = 100_000_000
    max_pages: int = 5000
    seconds: float = 60.0
    allow_private_urls: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that are set."""
        return cls(
            max_bytes=settings.max_file_mb * 1_000_000,
            max_pages=settings.max_file_pages,
            seconds=settings.max_file_seconds,
            allow_private_urls=settings.allow_private_urls,
        )


def check_length(document: Document, max_pages: int) -> None:
    """Refuse what would take hours to embed.

    Raises:
        LoadingError: The document has too many pages.
    """
    text = document.text
    pages = len(document.page_starts) or len(text) // _PAGE_CHARACTERS
    if not document.page_starts and text.count("#") > _PAGE_HEADINGS * max_pages:
        pages = max(pages, sum(1 for _ in _HEADING.finditer(text)) // _PAGE_HEADINGS)
    if pages > max_pages:
        raise LoadingError(
            f"it is as long as {pages} pages, more than {max_pages}", "split it, or raise AIRACE_MAX_FILE_PAGES"
        )
