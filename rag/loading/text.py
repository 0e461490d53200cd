"""Plain text, and decoding bytes to text for every format that is text underneath."""

from __future__ import annotations

from charset_normalizer import from_bytes

from rag.errors import LoadingError
from rag.loading.cleaning import strip_boilerplate
from rag.types import Document

__all__ = ["decode", "load_text"]

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 200_000  # bytes that the encoding is guessed from
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
        guess = from_bytes(data[:_SAMPLE]).best()
        if guess is None:
            raise LoadingError("its text encoding cannot be told", "save it as UTF-8") from None
        text = data.decode(guess.encoding, errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    control = sum(1 for char in text[:_SAMPLE] if char < " " and char not in "\n\t\f\v")
    if control > _MAX_CONTROL * min(len(text), _SAMPLE):
        raise LoadingError("it is not text, whatever its name says", "convert it to text, HTML, PDF or DOCX")
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def load_text(data: bytes, *, source: str) -> Document:
    """A plain text file; only what is surely boilerplate is removed."""
    text = strip_boilerplate(decode(data), source=source)
    return Document(doc_id="", text=text, source=source)
