"""What cannot be read, by accident or by malice, is one line that says why and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.errors import LoadingError
from tests.documents import (
    SENTENCE,
    encrypted,
    encrypted_word,
    entity_bomb,
    load,
    p,
    pdf,
    word,
    word_of,
    zip_bomb,
    zip_of,
)


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (lambda: bytes(pdf("", "").output()), "scan.pdf", "OCR"),
        (lambda: b"", "empty.txt", "no text"),
        (lambda: b"", "empty.pdf", "empty"),
        (lambda: b" \n\t\n", "blank.md", "no text"),
        (lambda: b"... --- ...", "signs.txt", "no text"),
        (lambda: bytes(range(256)) * 40, "binary.txt", "not text"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "picture.txt", "not text"),
        (lambda: bytes(range(128, 256)) * 9, "noise.txt", "not text"),
        (lambda: bytes(pdf(SENTENCE).output())[:300], "cut.pdf", "damaged"),
        (lambda: b"hello", "no.pdf", "not a PDF"),
        (encrypted, "secret.pdf", "password"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "secret.docx", "password"),
        (encrypted_word, "secret2.docx", "not a Word file"),
        (zip_bomb, "bomb.docx", "unpacks to 400 MB"),
        (lambda: word_of(p(SENTENCE), inflate=60_000_000), "big.docx", "its XML unpacks to 61 MB"),
        (lambda: zip_of({"readme.txt": b"no Word file"}), "other.docx", "not a Word file"),
        (lambda: zip_of({"[Content_Types].xml": b"<x/>"}), "other.txt", "not a Word file"),
        (lambda: word(lambda document: document)[:9000], "cut.docx", "not a Word file"),
        (entity_bomb, "entities.docx", "not a Word file"),
        (lambda: word_of("<w:p>" * 5000), "deep.docx", "not a Word file"),
        (lambda: word_of("", before="<x/>"), "root.docx", "not a Word file"),
        (lambda: b"PK\x03\x04broken", "broken.docx", "not a Word file"),
        (lambda: word_of(p("")), "void.docx", "no text"),
        (lambda: b"\x89PNG", "picture.png", "cannot be read"),
        (lambda: b"text", "no-ending", "cannot be read"),
        (lambda: b"text", "caf\udce9.txt", "name"),
        (lambda: b"---\ntitle: [unclosed\n---\nText.\n", "bad.md", "front matter is not valid"),
        (lambda: b"---\ndate: 2025-02-30\n---\nText.\n", "date.md", "front matter is not valid"),
        (lambda: b"<html><body><script>var x = 1;</script></body></html>", "nav.html", "no article text"),
        (lambda: b"<div>" * 10_000 + b"deep", "deep.html", "no article text"),
        (lambda: b"<p>word</p>" * 2_000_000, "huge.html", "more than 20 MB"),
    ],
)
def test_what_cannot_be_read_is_one_line_saying_why_and_what_to_do(
    make: Callable[[], bytes], name: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(LoadingError) as caught:
        load(make(), name)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    assert not [record for record in caplog.records if record.name.startswith("rag")]


def test_a_pdf_cut_anywhere_is_read_or_refused() -> None:
    data = bytes(pdf(*[SENTENCE] * 5).output())
    refused = 0
    for length in range(0, len(data), 50):
        try:
            assert "Nvidia" in load(data[:length], "cut.pdf").text
        except LoadingError:
            refused += 1
    assert refused > 10
