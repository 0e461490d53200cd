"""Small real files for the tests: PDF, Word, HTML and zip, sound and hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import docx
from fpdf import FPDF
from fpdf.enums import AccessPermission

from rag import Document
from rag.loading import load_bytes

SENTENCE = "Nvidia lost 589 billion dollars of market value on 27 January 2025."

PAGE = f"""<!doctype html><html lang="en-GB"><head><title>Nvidia sinks | Example News</title>
<meta property="og:title" content="Nvidia sinks"><meta property="og:site_name" content="Example News">
<meta property="article:published_time" content="2025-01-28T09:00:00Z"><style>.evil {{ color: red }}</style>
<link rel="canonical" href="https://news.example.org/nvidia-sinks"><script>var evil = 1;</script></head><body>
<nav><a href="/">Home</a> <a href="/tech">Technology</a> <a href="/login">Log in</a></nav>
<div id="cookie-banner">We use cookies to improve your experience. <button>Accept all</button></div>
<article><h1>Nvidia sinks</h1><p>{SENTENCE} It was the largest loss that any company had seen in one day.</p>
<h2>Reactions</h2><p>Analysts at Cantor disagreed with the sell-off and told clients that demand will rise.</p>
<p onclick="alert(1)">Venture capitalist Marc Andreessen compared the model with Sputnik, the Soviet satellite.</p>
<div class="share">Share on Facebook Tweet Email</div><script>document.write("evil")</script></article>
<footer>Copyright 2025 Example News. All rights reserved. Privacy policy</footer></body></html>"""


def load(data: bytes | str, name: str) -> Document:
    return load_bytes(data if isinstance(data, bytes) else data.encode(), name=name, source=name)


def pdf(*pages: str, **metadata: Any) -> FPDF:
    document = FPDF()
    document.set_font("Helvetica", size=12)
    for text in pages:
        document.add_page()
        if text:
            document.multi_cell(0, 8, text)
    for name, value in metadata.items():
        getattr(document, f"set_{name}")(value)
    return document


def encrypted(user_password: str = "u") -> bytes:
    document = pdf(SENTENCE)
    document.set_encryption(owner_password="o", user_password=user_password, permissions=AccessPermission.none())
    return bytes(document.output())


def article(body: str, head: str = "") -> str:
    more = "<p>The paragraphs around it are long enough for an article, and say nothing of note at all.</p>"
    return f"<html><head>{head}</head><body><article>{more}{body}{more.upper()}</article></body></html>"


def word(fill: Callable[[Any], object]) -> bytes:
    document = docx.Document()
    fill(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def word_of(body: str, *, before: str = "", inflate: int = 0) -> bytes:
    """A Word file with this XML for a body."""
    namespaces = " ".join(
        f'xmlns:{prefix}="http://schemas.openxmlformats.org/{path}"'
        for prefix, path in [("w", "wordprocessingml/2006/main"), ("mc", "markup-compatibility/2006")]
    )
    xml = f"{before}<w:document {namespaces}><w:body>{body}{' ' * inflate}</w:body></w:document>"
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word(lambda document: document))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, xml if name == "word/document.xml" else old.read(name))
    return buffer.getvalue()


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def zip_of(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    return zip_of({f"word/document{number}.xml": b"\0" * 100_000_000 for number in range(4)})


def entity_bomb() -> bytes:
    entities = [f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefgh")]
    return word_of(p("&h;"), before=f'<!DOCTYPE x [<!ENTITY a "lol">{"".join(entities)}]>')


def encrypted_word() -> bytes:
    data = bytearray(word(lambda document: document))
    # The flag of an encrypted entry, before its content and in the index.
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)
