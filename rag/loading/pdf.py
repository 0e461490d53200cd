"""PDF through PDFium, page by page; page starts are kept so that a citation can name its page."""

from __future__ import annotations

import re
from threading import Lock

import pypdfium2 as pdfium

from rag.errors import LoadingError
from rag.loading.text import printable
from rag.types import Document

__all__ = ["load_pdf"]

_HYPHENATED = re.compile(r"(\w)[\u00ad\ufffe\u0002]\s*\n?(\w)")  # PDFium marks a word broken at a line end
_PDFIUM = Lock()  # PDFium may only be used by one thread at a time


def load_pdf(data: bytes, *, source: str, max_pages: int) -> Document:
    """The text of a PDF with its page starts, title and date."""
    with _PDFIUM:
        pages, meta = _read(data, max_pages)
    if not any(page.strip() for page in pages):
        raise LoadingError("no text in it, only images", "run text recognition (OCR) on the scan first")
    starts, length = [], 0
    for page in pages:
        starts.append(length)
        length += len(page) + 2
    created = re.match(r"D:(\d{4})(\d\d)?(\d\d)?", meta.get("CreationDate", ""))
    return Document(
        doc_id="",
        text="\n\n".join(pages),
        title=meta.get("Title", "").strip() or None,
        publisher=meta.get("Author", "").strip() or None,
        date="-".join(part for part in created.groups() if part) if created else None,
        source=source,
        page_starts=tuple(starts),
    )


def _read(data: bytes, max_pages: int) -> tuple[list[str], dict[str, str]]:
    """The texts of the pages, and the metadata."""
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise LoadingError("it is protected by a password", "save a copy without the password") from error
        raise LoadingError("it is damaged or not a PDF", "download or export it again") from error
    try:
        if len(pdf) > max_pages:
            raise LoadingError(
                f"it has {len(pdf)} pages, more than {max_pages}", "split it, or raise AIRACE_MAX_FILE_PAGES"
            )
        pages = [_page_text(pdf, number) for number in range(len(pdf))]
        return pages, pdf.get_metadata_dict()
    except pdfium.PdfiumError as error:
        raise LoadingError("it is damaged: a page cannot be read", "download or export it again") from error
    finally:
        pdf.close()


def _page_text(pdf: pdfium.PdfDocument, number: int) -> str:
    page = pdf[number]
    text_page = page.get_textpage()
    text: str = text_page.get_text_bounded()
    text_page.close()
    page.close()
    return printable(_HYPHENATED.sub(r"\1\2", text.replace("\r\n", "\n"))).strip("\n")
