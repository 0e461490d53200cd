"""Plain text, and decoding bytes to text for every format that is text underneath."""

from __future__ import annotations

from charset_normalizer import from_bytes

from rag.errors import LoadingError
from rag.loading.cleaning import strip_boilerplate
from rag.types import Document

__all__ = ["decode", "load_text"]

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 200_000  # bytes that the encoding is guessed from
_MOSTLY = 0.8  # share of bytes
_NOT_IN_CP1252 = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D, 0x00))
_MAX_CONTROL = 0.01  # more control characters than this: not text


def decode(data: bytes) -> str:
    r"""Bytes as text with `\n` line ends: UTF-8 if valid, else by byte order mark, else the likeliest encoding.

    Raises:
        LoadingError: The bytes are not text.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(_guess_encoding(data[:_SAMPLE]), errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    control = sum(1 for char in text[:_SAMPLE] if char < " " and char not in "\n\t\f\v")
    if control > _MAX_CONTROL * min(len(text), _SAMPLE):
        raise LoadingError("it is not text, whatever its name says", "convert it to text, HTML, PDF or DOCX")
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _guess_encoding(sample: bytes) -> str:
    """Windows-1252 for what is mostly ASCII (the usual case, and too little for statistics), else the likeliest."""
    if sum(byte < 0x80 for byte in sample) >= _MOSTLY * len(sample) and not set(sample) & _NOT_IN_CP1252:
        return "cp1252"
    guess = from_bytes(sample).best()
    if guess is None:
        raise LoadingError("it is not text, or its encoding cannot be told", "save it as UTF-8")
    return guess.encoding


def load_text(data: bytes, *, source: str) -> Document:
    """A plain text file; only what is surely boilerplate is removed."""
    text = strip_boilerplate(decode(data), source=source)
    return Document(doc_id="", text=text, source=source)
