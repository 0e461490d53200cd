"""Finds files, decides what format each really is, and hands it to that format's loader."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from rag.errors import LoadingError
from rag.loading.docx import load_docx
from rag.loading.html import load_html
from rag.loading.markdown import load_markdown
from rag.loading.metadata import tidied
from rag.loading.pdf import load_pdf
from rag.loading.text import load_text, printable
from rag.types import Document

__all__ = ["SUFFIXES", "doc_id_from", "iter_files", "load_bytes"]

_LOADERS: dict[str, Callable[..., Document]] = {
    ".md": load_markdown,
    ".markdown": load_markdown,
    ".txt": load_text,
    ".text": load_text,
    ".html": load_html,
    ".htm": load_html,
    ".xhtml": load_html,
    ".pdf": load_pdf,
    ".docx": load_docx,
}
SUFFIXES = frozenset(_LOADERS)
"""File name endings that can be read."""

_MAX_ID = 80
_SNIFF = 2048
_HTML = re.compile(rb"(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def iter_files(folder: Path) -> Iterator[Path]:
    """The readable files below a folder in a stable order; README files and hidden ones are not documents."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden and path.stem.upper() != "README":
            yield path


def load_bytes(data: bytes, *, name: str, source: str) -> Document:
    """The document in `data`; `name` gives the format by its ending, the content overrules it.

    Raises:
        LoadingError: It cannot be read; the message says why and what to do.
    """
    if source != printable(source):
        raise LoadingError("its name has characters that are no text", "rename it")
    if not data or data.isspace():
        raise LoadingError("it is empty, there is no text in it", "fill it or remove it")
    suffix = _true_suffix(data, Path(name).suffix.lower())
    loader = _LOADERS.get(suffix)
    if loader is None:
        raise LoadingError(
            f"files of type {suffix or '(none)'} cannot be read",
            "convert it to PDF, DOCX, HTML, Markdown or text",
        )
    document = tidied(loader(data, source=source))
    if not any(char.isalnum() for char in document.text):
        raise LoadingError("there is no text in it", "if it is a scan, run text recognition (OCR) first")
    return document if document.doc_id else replace(document, doc_id=doc_id_from(Path(name).stem))


def doc_id_from(name: str) -> str:
    """A file name or address as an id: lower case ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_ID].strip("-") or "document"


def _true_suffix(data: bytes, suffix: str) -> str:
    """The format that the content shows, else the one that the name says."""
    head = data[:_SNIFF].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF-"):
        return ".pdf"
    if head.startswith(b"PK\x03\x04"):
        return ".docx"
    return ".html" if _HTML.match(head) else suffix
