"""Plain text, and decoding bytes to text for every format that is text underneath."""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

from rag.errors import LoadingError
from rag.loading.cleaning import strip_boilerplate
from rag.types import Document

__all__ = ["decode", "load_text", "one_line", "printable"]

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE = 200_000  # bytes that the encoding is guessed from
_MAX_CONTROL = 0.01  # more control characters than this: not text
_MAX_NUL = 0.2  # more NULs than this: two or four bytes a character
_FEW = (0.03, 0.2)  # shares of bytes outside ASCII that are too little for statistics, in long texts and in short ones
_SHORT = 20  # bytes outside ASCII
_DECLARES = re.compile(rb"charset|encoding")  # a page that names its encoding, which charset-normalizer looks at
_NOT_IN_CP1252 = frozenset((0x00, 0x81, 0x8D, 0x8F, 0x90, 0x9D))
_SOUND_PER_BROKEN = 4  # characters outside ASCII read well for each one broken: a damaged file, not another encoding
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Controls, lone surrogates, and what makes text look otherwise than it is: directional overrides, embeddings and
# isolates (Boucher & Anderson, Trojan Source, 2023), invisible operators, and tags, which no reader sees.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)


def decode(data: bytes) -> str:
    r"""Bytes as printable text with `\n` line ends, decoded by byte order mark, as UTF-8, or as the likeliest.

    Raises:
        LoadingError: The bytes are not text.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
        if text.count("\x00", 0, _SAMPLE) > _MAX_NUL * min(len(text), _SAMPLE):
            text = data.decode(_guessed_encoding(data[:_SAMPLE]), errors="replace")
    except UnicodeDecodeError as error:
        text = data.decode(encoding, errors="replace")
        if not _is_nearly_sound(text):
            first = max(0, error.start - _SAMPLE // 2) & ~1  # even: it may be UTF-16
            text = data.decode(_guessed_encoding(data[first : first + _SAMPLE]), errors="replace")
    control = sum(1 for char in text[:_SAMPLE] if char < " " and char not in "\n\r\t\f\v")
    if control > _MAX_CONTROL * min(len(text), _SAMPLE):
        raise LoadingError("it is not text, whatever its name says", "convert it to text, HTML, PDF or DOCX")
    return printable(text)


def printable(text: str) -> str:
    r"""The text with `\n` line ends and without controls, lone surrogates and what is invisible."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """A name or a message as it can be shown anywhere: characters that drive a terminal or hide become `�`."""
    return " ".join(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).split())


def load_text(data: bytes, *, source: str) -> Document:
    """A plain text file; only what is surely boilerplate is removed."""
    text = strip_boilerplate(decode(data), source=source)
    return Document(doc_id="", text=text, source=source)


def _is_nearly_sound(text: str) -> bool:
    """Whether few of the characters outside ASCII are broken."""
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    outside_ascii = len(text) - len(text.encode("ascii", errors="ignore"))
    return outside_ascii - broken >= _SOUND_PER_BROKEN * broken


def _guessed_encoding(sample: bytes) -> str:
    """The encoding that makes the most sense of `sample`; Windows-1252 where it makes as much sense as any."""
    outside_ascii = sum(byte > 0x7F for byte in sample)
    is_little = outside_ascii < _FEW[outside_ascii < _SHORT] * len(sample)
    if is_little and not _NOT_IN_CP1252 & set(sample) and not _DECLARES.search(sample):
        return "cp1252"
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        if b"\x00" in sample:
            raise LoadingError("it is not text, whatever its name says", "convert it to text, HTML, PDF or DOCX")
        raise LoadingError("it is not text, or its encoding cannot be told", "save it as UTF-8")
    western = next((match for match in matches if match.encoding == "cp1252"), best)
    return western.encoding if western.coherence >= best.coherence else best.encoding
