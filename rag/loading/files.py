"""Finds files, decides what format each really is, and hands it to that format's loader."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from urllib.parse import urlsplit

from rag.errors import LoadingError
from rag.loading.markdown import load_markdown
from rag.loading.metadata import tidied
from rag.loading.text import load_text, printable
from rag.types import Document

__all__ = [
    "SUFFIXES", "TEXT_SUFFIXES", "doc_id_from", "doc_id_from_url", "iter_files", "load_bytes", "scan", "true_suffix",
]  # fmt: skip

_TEXT_LOADERS: dict[str, Callable[..., Document]] = {
    ".md": load_markdown,
    ".markdown": load_markdown,
    ".txt": load_text,
    ".text": load_text,
}
TEXT_SUFFIXES = frozenset(_TEXT_LOADERS)
"""Endings of formats that are text, which take time in proportion to their length to read."""

SUFFIXES = TEXT_SUFFIXES | {".html", ".htm", ".xhtml", ".pdf", ".docx"}
"""File name endings that can be read."""

_MAX_ID = 80
_MAX_PAGES = 5000
_SNIFF = 2048
_HTML = re.compile(rb"(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def iter_files(folder: Path) -> Iterator[Path]:
    """The readable files below a folder in a stable order; README files and hidden ones are not documents."""
    yield from scan(folder)[0]


def scan(folder: Path) -> tuple[list[Path], list[Path]]:
    """The readable files below a folder, and the links in it that are not followed because they lead out of it."""
    root = folder.resolve()
    depth = len(folder.parts)  # `relative_to` is slow for thousands of files
    files: list[Path] = []
    links: list[Path] = []
    for path in sorted(folder.rglob("*")):
        if any(part.startswith(".") for part in path.parts[depth:]) or path.stem.upper() == "README":
            continue
        is_link = path.is_symlink()
        if is_link and not Path(os.path.realpath(path)).is_relative_to(root):
            links.append(path)
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            files.append(path)
    return files, links


def load_bytes(data: bytes, *, name: str, source: str, max_pages: int = _MAX_PAGES) -> Document:
    """The document in `data`; `name` gives the format by its ending, the content overrules it.

    Files of others than oneself are read by `rag.loading.reader`, within limits.

    Raises:
        LoadingError: It cannot be read; the message says why and what to do.
    """
    if source != printable(source):
        raise LoadingError("its name has characters that are no text", "rename it")
    if not data or data.isspace():
        raise LoadingError("it is empty, there is no text in it", "fill it or remove it")
    document = tidied(_load(true_suffix(data, name), data, source, max_pages))
    if not any(char.isalnum() for char in document.text):
        raise LoadingError("there is no text in it", "if it is a scan, run text recognition (OCR) first")
    return document if document.doc_id else replace(document, doc_id=doc_id_from(Path(name).stem))


def doc_id_from(name: str) -> str:
    """A file name or address as an id: lower case ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_ID].strip("-") or "document"


def doc_id_from_url(url: str) -> str:
    """A web address as an id: host and last part of the path."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].removeprefix("www.")
    return doc_id_from(f"{host}-{PurePosixPath(parts.path).stem}")


def true_suffix(data: bytes, name: str) -> str:
    """The ending of the format that the content shows, else the one that the name has."""
    head = data[:_SNIFF].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF-"):
        return ".pdf"
    if head.startswith(b"PK\x03\x04"):
        return ".docx"
    return ".html" if _HTML.match(head) else PurePath(name).suffix.lower()


def _load(suffix: str, data: bytes, source: str, max_pages: int) -> Document:
    """Hand the data to its format's loader, imported only now: only the process that parses needs most of them."""
    if suffix in _TEXT_LOADERS:
        return _TEXT_LOADERS[suffix](data, source=source)
    if suffix == ".pdf":
        from rag.loading.pdf import load_pdf

        return load_pdf(data, source=source, max_pages=max_pages)
    if suffix == ".docx":
        from rag.loading.docx import load_docx

        return load_docx(data, source=source)
    if suffix in SUFFIXES:
        from rag.loading.html import load_html

        return load_html(data, source=source)
    raise LoadingError(
        f"files of type {suffix or '(none)'} cannot be read", "convert it to PDF, DOCX, HTML, Markdown or text"
    )
