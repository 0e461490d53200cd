"""Small files that take hours or gigabytes to read."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

__all__ = ["form_bomb", "inline_bomb", "memory_bomb"]

_HEAD = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
    b"/Resources<</XObject<</F 6 0 R>>/Font<</T 5 0 R>>>>>>",
)
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def form_bomb(depth: int = 12, width: int = 10) -> bytes:
    """A PDF whose page draws a form that draws ten forms that draw ten forms …, the last of them a word."""
    objects = [*_HEAD, _stream(b"/F Do"), _FONT]
    for level in range(depth):
        inner = b"/XObject<</F %d 0 R>>" % (7 + level) if level < depth - 1 else b"/Font<</T 5 0 R>>"
        drawing = b"/F Do " * width if level < depth - 1 else b"BT /T 9 Tf (word) Tj ET"
        entries = b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<<" + inner + b">>"
        objects.append(_stream(drawing, entries))
    return _pdf_of(objects)


def memory_bomb(words: int = 20_000_000) -> bytes:
    """A PDF of some hundred kilobytes whose page has millions of words."""
    packed = zlib.compressobj(1)
    content = b"".join([packed.compress(b"BT /T 9 Tf (word) Tj ET " * 100_000) for _ in range(words // 100_000)])
    return _pdf_of([*_HEAD, _stream(content + packed.flush(), b"/Filter/FlateDecode"), _FONT])


def inline_bomb(elements: int = 60_000) -> bytes:
    """A page with one paragraph of very many inline elements."""
    return b"<html><body><article><p>" + b"<b>word</b> <i>word</i> " * (elements // 2) + b"</p></article></body></html>"


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def _pdf_of(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1, the first the catalog."""
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
