"""HTML pages: trafilatura finds the article and its metadata, navigation and notices stay behind."""

from __future__ import annotations

import html
import logging
import re
from typing import Any

import trafilatura
from lxml.etree import LxmlError
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from rag.errors import LoadingError
from rag.loading.cleaning import strip_boilerplate
from rag.loading.metadata import is_url
from rag.loading.text import decode, printable
from rag.types import Document

__all__ = ["load_html"]

for _name in ("trafilatura", "htmldate"):  # what they have to say about a page goes into our error
    logging.getLogger(_name).addHandler(logging.NullHandler())

_MAX_CHARACTERS = 20_000_000  # larger ones are no articles, and would take minutes
_HEAD = 5000  # characters that the language is looked for in
_LANGUAGE = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([a-z]{2})\b", re.IGNORECASE)
_CHARACTER_CODE = re.compile(r"&#(?:[0-9]{1,7}|x[0-9a-f]{1,6});", re.I)  # lxml refuses those of control characters
_UNSEEN = "//script|//style|//noscript|//template|//iframe|//object|//svg"  # what a reader of the page does not read
_PARAGRAPH = re.compile(r"\n(?![ \t]*[-|\n])")  # a new line, unless it is a list item or a table row


def load_html(data: bytes, *, source: str) -> Document:
    """The main text of a page as Markdown, with title, publisher, date, language and canonical address."""
    page = _CHARACTER_CODE.sub(lambda code: code[0] if html.unescape(code[0]) else "", decode(data))
    if len(page) > _MAX_CHARACTERS:
        raise LoadingError("pages of more than 20 MB cannot be read", "save the text itself as .txt or .md")
    address = source if is_url(source) else None
    found = _extracted(page, address)
    text = strip_boilerplate(_as_markdown(found.body), source=source) if found is not None else ""
    if not text.strip():
        raise LoadingError("no article text was found on the page", "save the text itself as .txt or .md")
    language = _LANGUAGE.search(page[:_HEAD])
    return Document(
        doc_id="",
        text=text,
        title=found.title or None,
        publisher=found.sitename or found.hostname or None,
        date=found.date or None,
        url=found.url or address,
        language=found.language or (language[1].lower() if language else None),
        source=source,
    )


def _extracted(page: str, address: str | None) -> Any:
    """What trafilatura makes of a page, or None."""
    options = Extractor(output_format="python", formatting=True, comments=False, with_metadata=True, url=address)
    options.date_params["extensive_search"] = False  # it takes the first date of the text for the article's
    try:
        return trafilatura.bare_extraction(page, options=options, prune_xpath=_UNSEEN)
    except (LxmlError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise LoadingError("the page is too broken to be read", "save the text itself as .txt or .md") from error


def _as_markdown(body: Any) -> str:
    """The article's headings, paragraphs, lists and tables as Markdown, and its words as they are, without escapes."""
    for heading in body.iter("head"):
        level = re.fullmatch(r"h([1-6])", heading.get("rend") or "")
        heading.text = "#" * int(level[1] if level else 2) + " " + (heading.text or "")
    for raised in body.iter("hi"):
        previous = raised.getprevious()
        before = raised.getparent().text if previous is None else previous.tail
        if raised.get("rend") == "#sup" and (raised.text or "").isdigit() and (before or "")[-1:].isdigit():
            raised.text = f"^{raised.text}"  # 10^26 is not 1026
    return printable(_PARAGRAPH.sub("\n\n", xmltotxt(body, include_formatting=False).strip())) + "\n"
