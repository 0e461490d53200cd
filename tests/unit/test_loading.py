"""Every format is read, web boilerplate goes, and what cannot be read is one clear line."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import docx
import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission

from rag import Document
from rag.errors import LoadingError
from rag.loading import load_bytes
from rag.loading.cleaning import strip_boilerplate
from tests.conftest import SHARED

SENTENCE = "Nvidia lost 589 billion dollars of market value on 27 January 2025."


def load(data: bytes | str, name: str) -> Document:
    return load_bytes(data if isinstance(data, bytes) else data.encode(), name=name, source=name)


def pdf(*pages: str, **metadata: str) -> FPDF:
    document = FPDF()
    document.set_font("Helvetica", size=12)
    for text in pages:
        document.add_page()
        if text:
            document.multi_cell(0, 8, text)
    for name, value in metadata.items():
        getattr(document, f"set_{name}")(value)
    return document


def word(fill: Any) -> bytes:
    document = docx.Document()
    fill(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_pdf_keeps_page_numbers_and_title() -> None:
    document = load(bytes(pdf(SENTENCE, "Huawei makes Ascend chips.", title="A report").output()), "report.pdf")
    assert document.title == "A report"
    assert SENTENCE in " ".join(document.text.split())
    assert document.page_at(document.text.index("Nvidia")) == 1
    assert document.page_at(document.text.index("Huawei")) == 2


def test_docx_keeps_headings_lists_and_tables_in_order() -> None:
    def fill(document: Any) -> None:
        document.core_properties.title = "A memo"
        document.add_heading("Losses", level=1)
        document.add_paragraph(SENTENCE)
        document.add_paragraph("One item", style="List Bullet")
        table = document.add_table(rows=1, cols=2)
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = "R1", "$294,000"

    document = load(word(fill), "memo.docx")
    assert document.title == "A memo"
    assert document.text == f"# Losses\n\n{SENTENCE}\n\n- One item\n\n| R1 | $294,000 |\n"


PAGE = f"""<!doctype html><html lang="en"><head><title>Nvidia sinks | Example News</title>
<meta property="og:title" content="Nvidia sinks"><meta property="og:site_name" content="Example News">
<meta property="article:published_time" content="2025-01-28T09:00:00Z">
<link rel="canonical" href="https://news.example.org/nvidia-sinks"><script>var evil = 1;</script></head><body>
<nav><a href="/">Home</a> <a href="/tech">Technology</a> <a href="/login">Log in</a></nav>
<div id="cookie-banner">We use cookies to improve your experience. <button>Accept all</button></div>
<article><h1>Nvidia sinks</h1><p>{SENTENCE} It was the largest loss that any company had seen in one day.</p>
<h2>Reactions</h2><p>Analysts at Cantor disagreed with the sell-off and told clients that demand will rise.</p>
<p onclick="alert(1)">Venture capitalist Marc Andreessen compared the model with Sputnik, the Soviet satellite.</p>
<div class="share">Share on Facebook Tweet Email</div></article>
<footer>Copyright 2025 Example News. All rights reserved. Privacy policy</footer></body></html>"""


def test_html_gives_the_article_and_its_metadata_alone() -> None:
    document = load(PAGE, "page.html")
    assert SENTENCE in document.text
    assert "Sputnik" in document.text
    for unwanted in ("cookies", "Log in", "Technology", "Tweet", "All rights reserved", "evil", "alert", "<p"):
        assert unwanted not in document.text
    assert (document.title, document.publisher, document.date) == ("Nvidia sinks", "Example News", "2025-01-28")
    assert (document.url, document.language) == ("https://news.example.org/nvidia-sinks", "en")


@pytest.mark.skipif(not (SHARED / "seed/article.txt").is_file(), reason="the seed article is not beside this checkout")
def test_the_cookie_notice_of_the_seed_article_goes_and_nothing_else() -> None:
    data = (SHARED / "seed/article.txt").read_bytes()
    kept = load(data, "article.txt").text.split("\n")
    original = data.decode().split("\n")
    gone = [line for line in original if line not in kept]
    assert len(gone) == 1
    assert "storing of cookies" in gone[0]


@pytest.mark.parametrize(
    "line",
    [
        'By clicking "Accept", you agree to the storing of cookies on your device.',
        "This website uses cookies to enhance your experience.",
        "Share Tweet Email",
        "Accept all cookies",
        "Subscribe to our newsletter",
        "Skip to main content",
        "© 2025 Example News. All rights reserved.",
    ],
)
def test_boilerplate_lines_go(line: str) -> None:
    assert strip_boilerplate(f"First.\n{line}\nLast.") == "First.\nLast."


@pytest.mark.parametrize(
    "line",
    [
        "The regulator fined the firm because it stored cookies without consent.",
        "By clicking a link in the mail, the official opened the door to the hackers.",
        "Email",
        "Facebook",
        "Investors accept all risks, the prospectus says, and share prices may fall.",
        "The report on privacy policy runs to 300 pages.",
    ],
)
def test_prose_and_single_words_stay(line: str) -> None:
    assert strip_boilerplate(f"First.\n{line}\nLast.") == f"First.\n{line}\nLast."


def test_cleaning_takes_linear_time_on_hostile_lines() -> None:
    lines = ["share this " * 36, "accept " * 57, "by clicking " * 33, "we use cookies " * 26, "sign up for our " * 25]
    started = time.perf_counter()
    strip_boilerplate("\n".join(lines * 200))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Café – “naïve”\n".encode(), "Café – “naïve”\n"),
        ("\ufeffPlain\n".encode(), "Plain\n"),
        ("Größe ½\n".encode("utf-16"), "Größe ½\n"),
        (b"one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("Les élèves français étaient déçus par le résultat final de l’été.\n".encode("cp1252"), "élèves français"),
    ],
)
def test_encodings_and_line_ends_are_understood(data: bytes, expected: str) -> None:
    assert expected in load(data, "a.txt").text


def test_a_wrong_ending_does_not_matter_where_the_content_is_clear() -> None:
    assert SENTENCE in " ".join(load(bytes(pdf(SENTENCE).output()), "really-a-pdf.txt").text.split())
    assert SENTENCE in load(PAGE, "really-html.pdf").text


def encrypted() -> bytes:
    document = pdf(SENTENCE)
    document.set_encryption(owner_password="o", user_password="u", permissions=AccessPermission.none())
    return bytes(document.output())


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"word/document{number}.xml", b"\0" * 100_000_000)
    return buffer.getvalue()


def other_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "no Word file")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (lambda: bytes(pdf("", "").output()), "scan.pdf", "OCR"),
        (lambda: b"", "empty.txt", "no text"),
        (lambda: b" \n\t\n", "blank.md", "no text"),
        (lambda: bytes(range(256)) * 40, "binary.txt", "not text"),
        (lambda: bytes(pdf(SENTENCE).output())[:300], "cut.pdf", "damaged"),
        (encrypted, "secret.pdf", "password"),
        (zip_bomb, "bomb.docx", "unpacks to 400 MB"),
        (other_zip, "other.docx", "not a Word file"),
        (lambda: b"PK\x03\x04broken", "broken.docx", "not a Word file"),
        (lambda: b"\x89PNG", "picture.png", "cannot be read"),
        (lambda: b"---\ntitle: [unclosed\n---\nText.\n", "bad.md", "front matter is not valid"),
        (lambda: b"---\ndate: 2025-02-30\n---\nText.\n", "date.md", "front matter is not valid"),
        (lambda: b"<html><body><script>var x = 1;</script></body></html>", "nav.html", "no "),
    ],
)
def test_what_cannot_be_read_is_one_line_saying_why_and_what_to_do(make: Any, name: str, says: str) -> None:
    with pytest.raises(LoadingError) as caught:
        load(make(), name)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.slow
def test_a_text_of_50_megabytes_is_read_in_seconds() -> None:
    line = (SENTENCE + "\n").encode()
    started = time.perf_counter()
    document = load(line * (50_000_000 // len(line)), "long.txt")
    assert len(document.text) > 49_000_000
    assert time.perf_counter() - started < 20


def test_markdown_front_matter_and_footnotes() -> None:
    text = (
        "---\nid: x-1\ntitle: T\npublisher: P\ndate: 2025-03\nthemes: [a, b]\n---\n"
        'First fact.[^1] Second one.[^2][^1]\n\nThird.[^2]\n\n[^1]: Bloomberg, "B, or not", 2025-01-27, '
        "<https://example.org/b>\n[^2]: Reuters\n"
    )
    document = load(text, "x.md")
    assert document.text == "First fact. Second one.\n\nThird.\n"
    assert (document.doc_id, document.date, document.themes) == ("x-1", "2025-03", ("a", "b"))
    quoted = {document.text[span.start : span.end]: [o.publisher for o in span.origins] for span in document.origins}
    assert quoted == {"First fact.": ["Bloomberg"], "Second one.": ["Reuters", "Bloomberg"], "Third.": ["Reuters"]}
    origin = document.origin_at(0, 5)
    assert origin is not None
    assert (origin.title, origin.date, origin.url) == ("B, or not", "2025-01-27", "https://example.org/b")
    assert document.origin_at(len(document.text), len(document.text) + 1) is None


def test_markdown_without_front_matter_is_kept_as_it_is() -> None:
    text = "# Title here\n\n---\n\nText with [^1] a marker that has no note.\n"
    document = load(text, "y.md")
    assert document.text == text
    assert (document.doc_id, document.title) == ("y", "Title here")
