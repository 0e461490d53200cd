"""DOCX through python-docx: headings, paragraphs, lists and tables in order."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.table import Table
from lxml.etree import LxmlError

from rag.errors import LoadingError
from rag.types import Document

__all__ = ["load_docx"]

_MAX_UNPACKED = 300_000_000  # bytes; Word files of a thousand pages stay below a tenth of it


def load_docx(data: bytes, *, source: str) -> Document:
    """The text of a Word file as Markdown, with title and date."""
    _refuse_zip_bomb(data)
    try:
        word = docx.Document(io.BytesIO(data))
        text = "\n\n".join(block for item in word.iter_inner_content() if (block := _block(item)))
        properties = word.core_properties
        title, author, created = properties.title, properties.author, properties.created
    except (OpcError, LxmlError, KeyError, ValueError, zipfile.BadZipFile, OSError) as error:
        raise LoadingError("it is damaged or not a Word file", "save it again as .docx") from error
    return Document(
        doc_id="",
        text=text + "\n",
        title=title or None,
        publisher=None if author in ("", "python-docx") else author,
        date=created.date().isoformat() if created else None,
        source=source,
    )


def _refuse_zip_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise LoadingError("it is damaged or not a Word file", "save it again as .docx") from error
    if unpacked > _MAX_UNPACKED:
        raise LoadingError(
            f"it unpacks to {unpacked / 1e6:.0f} MB, more than {_MAX_UNPACKED / 1e6:.0f} MB",
            "remove embedded media, or save its text as .txt",
        )


def _block(item: Any) -> str:
    """A paragraph or a table as a Markdown block."""
    if isinstance(item, Table):
        rows = ("| " + " | ".join(" ".join(cell.text.split()) for cell in row.cells) + " |" for row in item.rows)
        return "\n".join(rows)
    text = str(item.text).strip()
    style = (item.style.name or "") if item.style is not None else ""
    heading = re.fullmatch(r"Heading (\d)|(Title)", style)
    if text and heading:
        return "#" * int(heading[1] or 1) + " " + " ".join(text.split())
    return f"- {text}" if text and style.startswith("List") else text
