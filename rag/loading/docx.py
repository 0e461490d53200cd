"""DOCX through python-docx: headings, paragraphs, lists and tables in order."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml.etree import LxmlError

from rag.errors import LoadingError
from rag.loading.text import printable
from rag.types import Document

__all__ = ["load_docx"]

_MAX_UNPACKED = 300_000_000  # bytes
_MAX_XML = 50_000_000  # bytes, which take thirty times as much memory; a thousand pages of text stay below a fifth
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what encrypted Word files and those before 2007 begin with
_DAMAGED = (
    OpcError,
    LxmlError,
    zipfile.BadZipFile,
    zlib.error,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What python-docx and zipfile let through when a part is missing, is not what it should be, or is encrypted."""

_PARAGRAPH, _ROW, _CELL, _RUN = qn("w:p"), qn("w:tr"), qn("w:tc"), qn("w:r")
_STYLE, _RAISED = f"{qn('w:pPr')}/{qn('w:pStyle')}", f"{qn('w:rPr')}/{qn('w:vertAlign')}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def load_docx(data: bytes, *, source: str) -> Document:
    """The text of a Word file as Markdown, with title and date."""
    if data.startswith(_OLE):
        raise LoadingError("it is protected by a password, or an old .doc", "save it as .docx without a password")
    _refuse_zip_bomb(data)
    try:
        word = docx.Document(io.BytesIO(data))
        text = "\n\n".join(_blocks(word))
        properties = word.core_properties
        title, author, created = properties.title, properties.author, properties.created
    except _DAMAGED as error:
        raise LoadingError("it is damaged or not a Word file", "save it again as .docx") from error
    return Document(
        doc_id="",
        text=printable(text) + "\n",
        title=title or None,
        publisher=None if author in ("", "python-docx") else author,
        date=created.date().isoformat() if created else None,
        source=source,
    )


def _refuse_zip_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except _DAMAGED as error:
        raise LoadingError("it is damaged or not a Word file", "save it again as .docx") from error
    for what, limit, ending in (("it", _MAX_UNPACKED, ""), ("its XML", _MAX_XML, ".xml")):
        unpacked = sum(entry.file_size for entry in entries if entry.filename.lower().endswith(ending))
        if unpacked > limit:
            raise LoadingError(
                f"{what} unpacks to {unpacked / 1e6:.0f} MB, more than {limit / 1e6:.0f} MB",
                "remove embedded media, or save its text as .txt",
            )


def _blocks(word: Any) -> Iterator[str]:
    """Paragraphs and table rows as Markdown: those in content controls, text boxes and insertions as well."""
    styles = {style.style_id: style.name or "" for style in word.styles}
    rows: list[str] = []
    for element in word.element.body.iter(_PARAGRAPH, _ROW):
        if next(element.iterancestors(_ROW, _FALLBACK), None) is not None:
            continue  # the row takes it, or it is a second copy for old versions of Word
        if element.tag == _ROW:
            rows.append(_row(element))
            continue
        if rows:
            yield "\n".join(rows)
            rows = []
        if text := _text(element).strip():
            yield _styled(text, element, styles)
    if rows:
        yield "\n".join(rows)


def _row(row: Any) -> str:
    """A table row; merged cells come once, and tables in cells are part of the cell."""
    cells = (cell for cell in row.iter(_CELL) if next(cell.iterancestors(_ROW)) is row)
    return "| " + " | ".join(" ".join(_cell(cell).split()) for cell in cells) + " |"


def _cell(cell: Any) -> str:
    paragraphs = (item for item in cell.iter(_PARAGRAPH) if next(item.iterancestors(_FALLBACK), None) is None)
    return " ".join(map(_text, paragraphs))


def _text(paragraph: Any) -> str:
    """The words of a paragraph, without those of text boxes in it and without deleted ones."""
    text = ""
    for run in paragraph.iter(_RUN):
        if next(run.iterancestors(_PARAGRAPH)) is not paragraph:
            continue
        own = "".join(_SIGNS.get(child.tag) or (child.text or "") * (child.tag == qn("w:t")) for child in run)
        raised = run.find(_RAISED)
        if raised is not None and raised.get(qn("w:val")) == "superscript" and own.isdigit() and text[-1:].isdigit():
            own = f"^{own}"  # 10^26 is not 1026
        text += own
    return text


def _styled(text: str, paragraph: Any, styles: dict[str, str]) -> str:
    style = paragraph.find(_STYLE)
    name = styles.get(style.get(qn("w:val")), "") if style is not None else ""
    heading = re.fullmatch(r"Heading (\d)|(Title)", name)
    if heading:
        return "#" * int(heading[1] or 1) + " " + " ".join(text.split())
    return f"- {text}" if name.startswith("List") else text
