"""What all HTML of the app is made with. Everything that comes from outside passes through `safe`."""

from __future__ import annotations

import html
from urllib.parse import urlsplit

from rag.types import Citation

__all__ = ["joined", "link", "place_key", "safe", "shortened", "source_of", "url_of"]


def safe(text: str) -> str:
    """Text as HTML that shows it and does nothing; `$` and braces too, which Gradio's templates could read."""
    escaped = html.escape(text, quote=True)
    return escaped.replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;")


def link(url: str, text: str) -> str:
    """A link that opens in a new tab and tells the site nothing; only web addresses become links."""
    try:
        is_web = urlsplit(url).scheme in ("http", "https")
    except ValueError:  # not an address
        is_web = False
    if not is_web:
        return safe(text)
    return f'<a href="{safe(url)}" target="_blank" rel="noopener noreferrer nofollow">{safe(text)}</a>'


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut between words after `limit` characters."""
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[:limit].rsplit(" ", 1)[0] + " …"


def joined(*parts: str | None) -> str:
    """The parts that are known, with dots between them."""
    return " · ".join(part for part in parts if part)


def source_of(citation: Citation) -> tuple[str, str | None]:
    """Publisher and date of the publication that the quoted sentence comes from."""
    origin = citation.origin
    publisher, date = (origin.publisher, origin.date) if origin else (citation.publisher, citation.date)
    return publisher or citation.title, date


def url_of(citation: Citation) -> str | None:
    """The address of the publication that the quoted sentence comes from, or else of its document."""
    return (citation.origin.url if citation.origin else None) or citation.url


def place_key(doc_id: str, start: int) -> str:
    """Names a place in a document, for an attribute."""
    return safe(f"{doc_id}:{start}")
