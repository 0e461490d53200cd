"""One document costs no more than is allowed, and takes nothing else down with it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import Assistant
from rag.errors import LoadingError
from rag.loading import DocumentReader, Limits
from tests.abuse.bombs import form_bomb, inline_bomb, memory_bomb
from tests.documents import PAGE, SENTENCE, pdf, word

MakeAssistant = Callable[..., Assistant]


@pytest.fixture
def reader() -> Iterator[DocumentReader]:
    with DocumentReader(Limits(max_pages=20, seconds=2)) as opened:
        yield opened


def read(reader: DocumentReader, data: bytes, name: str) -> str:
    return reader.read(data, name=name, source=name).text


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: bytes(pdf(SENTENCE).output()), "a.pdf"),
        (PAGE.encode, "a.html"),
        (lambda: word(lambda document: document.add_paragraph(SENTENCE)), "a.docx"),
        (lambda: bytes(pdf(SENTENCE).output()), "a-pdf-that-says-it-is.txt"),
        (SENTENCE.encode, "a.md"),
    ],
)
def test_every_format_is_read_within_limits_as_it_is_without(
    reader: DocumentReader, make: Callable[[], bytes], name: str
) -> None:
    assert "589 billion" in read(reader, make(), name)


@pytest.mark.parametrize(("make", "name"), [(form_bomb, "forms.pdf"), (inline_bomb, "inline.html")])
def test_what_takes_too_long_is_given_up_in_time_and_the_next_document_is_read(
    reader: DocumentReader, make: Callable[[], bytes], name: str
) -> None:
    read(reader, PAGE.encode(), "first.html")
    started = time.monotonic()
    with pytest.raises(LoadingError, match=r"takes longer than 2 seconds.*AIRACE_MAX_FILE_SECONDS"):
        read(reader, make(), name)
    assert time.monotonic() - started < 8
    assert "589 billion" in read(reader, PAGE.encode(), "next.html")


@pytest.mark.skipif(os.name == "nt", reason="the system cannot bound the memory of a process")
def test_what_takes_too_much_memory_is_given_up() -> None:
    with DocumentReader(Limits(seconds=60)) as reader:
        with pytest.raises(LoadingError, match=r"memory|crash"):
            read(reader, memory_bomb(), "memory.pdf")
        assert "589 billion" in read(reader, PAGE.encode(), "next.html")


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: bytes(pdf(*["A page."] * 21).output()), "long.pdf"),
        (lambda: b"Seven words are in this short sentence. " * 2000, "long.txt"),
        (lambda: b"# H\n\nx\n" * 300, "headings.md"),
    ],
)
def test_what_has_too_many_pages_is_refused(reader: DocumentReader, make: Callable[[], bytes], name: str) -> None:
    with pytest.raises(LoadingError, match=r"pages, more than 20.*AIRACE_MAX_FILE_PAGES"):
        read(reader, make(), name)


def test_a_corpus_with_bombs_in_it_is_indexed_without_them(make_assistant: MakeAssistant) -> None:
    files = {
        "a.txt": SENTENCE,
        "b.pdf": form_bomb(),
        "c.html": PAGE,
        "d.pdf": bytes(pdf("SMIC makes wafers.").output()),
    }
    assistant = make_assistant(files, max_file_seconds=2)
    report = assistant.sync()
    assert [source for source, _ in report.skipped] == ["b.pdf"]
    assert report.summary().startswith("added 3")
    assert "589 billion" in assistant.ask("How much did Nvidia lose?").answer


def test_links_out_of_the_folder_are_reported_and_not_followed(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("The password is swordfish.\n")
    assistant = make_assistant({"a.txt": SENTENCE})
    corpus = tmp_path / "corpus"
    (corpus / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (corpus / "folder").symlink_to(tmp_path / "outside")
    (corpus / "loop").symlink_to(corpus)
    (corpus / "same.txt").symlink_to(corpus / "a.txt")
    (corpus / "endless.txt").symlink_to("/dev/zero")
    report = assistant.sync()
    assert {source for source, _ in report.skipped} == {"link.txt", "folder", "endless.txt"}
    assert all("a link that leads out" in why for _, why in report.skipped)
    assert [document.doc_id for document in assistant.documents()] == ["a"]
    again = assistant.ingest([str(corpus)])
    assert again.skipped == report.skipped
