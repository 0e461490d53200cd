"""Adding files, folders and web pages: what goes in, what is left out, and what the report says."""

from __future__ import annotations

import contextlib
import gzip
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rag import Assistant
from rag.errors import LoadingError
from rag.loading import Limits
from rag.loading.web import fetch
from tests.documents import PAGE, SENTENCE, encrypted, pdf, word

MakeAssistant = Callable[..., Assistant]
LIMITS = Limits(max_bytes=1_000_000, allow_private_urls=True)
BASE = {"base.txt": "Huawei makes Ascend chips.\n"}
ARTICLE = " ".join(f"The plant number {n} made {n * 10} chips in the year {2000 + n}." for n in range(1, 21)) + "\n"
NOTE = b"---\ntitle: A note\n---\nBaidu makes Ernie.\n"

# Path → content type and body of what the local site serves.
SITE: dict[str, tuple[str, bytes]] = {
    "/article": ("text/html; charset=utf-8", PAGE.encode()),
    "/plain": ("text/plain", SENTENCE.encode()),
    "/note.md": ("text/plain; charset=utf-8", NOTE),
    "/file.pdf": ("application/octet-stream", bytes(pdf(SENTENCE).output())),
    "/untyped": ("", PAGE.encode()),
    "/gzip": ("text/plain", gzip.compress(SENTENCE.encode())),
    "/gzip-bomb": ("text/plain", gzip.compress(b"x" * 30_000_000)),
    "/brotli": ("text/plain", b"\x0b\x02\x80hello\x03"),
    "/double": ("text/plain", gzip.compress(gzip.compress(SENTENCE.encode()))),
    "/large": ("text/plain", b"x" * 3_000_000),
    "/picture": ("image/png", b"\x89PNG"),
    "/page.html": ("image/png", b"\x89PNG"),
    "/empty": ("text/html", b""),
    "/broken-gzip": ("text/plain", b"no gzip"),
    "/drip": ("text/plain", b""),
}
ENCODINGS = {
    "/gzip": "gzip", "/gzip-bomb": "gzip", "/broken-gzip": "gzip", "/brotli": "br", "/double": "gzip, gzip"
}  # fmt: skip
REDIRECTS = {"/moved": "/article", "/loop": "/loop", "/to-file": "file:///etc/passwd", "/to-nowhere": "http://["}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in REDIRECTS:
            self.send_response(302)
            self.send_header("Location", REDIRECTS[self.path])
            self.end_headers()
            return
        content_type, body = SITE.get(self.path, ("text/html", b"<p>Not found.</p><p>Try again.</p>"))
        self.send_response(200 if self.path in SITE else 404)
        if content_type:
            self.send_header("Content-Type", content_type)
        if self.path in ENCODINGS:
            self.send_header("Content-Encoding", ENCODINGS[self.path])
        self.end_headers()
        if self.path == "/drip":
            self.drip()
        else:
            self.wfile.write(body)

    def drip(self) -> None:
        """Send a byte now and then until the client has had enough."""
        with contextlib.suppress(OSError):
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(0.02)

    def log_message(self, *_arguments: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def assistant(make_assistant: MakeAssistant) -> Assistant:
    """Over a corpus of one document, which is indexed."""
    made = make_assistant(BASE, max_file_mb=1, allow_private_urls=True)
    made.sync()
    return made


# Files and folders


def test_a_folder_goes_in_and_what_cannot_be_read_is_reported(assistant: Assistant, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.txt").write_text(SENTENCE)
    (folder / "two.html").write_text(PAGE)
    (folder / "deep" / "three.docx").write_bytes(word(lambda document: document.add_paragraph("SMIC makes wafers.")))
    (folder / "empty.txt").write_text("")
    (folder / "secret.pdf").write_bytes(encrypted())
    (folder / "ignored.xyz").write_text("not a document")
    report = assistant.ingest([str(folder)])
    assert report.summary() == "added 3, unchanged 1, skipped 2"
    assert {Path(source).name: "password" in why or "no text" in why for source, why in report.skipped} == {
        "empty.txt": True,
        "secret.pdf": True,
    }
    assert assistant.ingest([str(folder)]).summary() == "added 0, unchanged 4, skipped 2"
    assert "589 billion" in assistant.ask("How much did Nvidia lose?").answer


def test_a_file_over_the_limit_is_skipped_and_one_below_goes_in(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_text("word " * 500_000)
    (tmp_path / "small.txt").write_text("A few words.\n")
    report = assistant.ingest([str(tmp_path / "large.txt"), str(tmp_path / "small.txt")])
    assert report.added == ("small",)
    ((_, why),) = report.skipped
    assert "over the limit of 1 MB" in why
    assert "AIRACE_MAX_FILE_MB" in why


def test_a_file_whose_name_is_no_text_is_skipped_and_the_rest_goes_in(assistant: Assistant, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text(SENTENCE)
    except OSError:
        pytest.skip("this file system has no such names")
    (folder / "fine.txt").write_text("Baidu makes Ernie.\n")
    assert assistant.ingest([str(folder)]).summary() == "added 1, unchanged 1, skipped 1"


def test_ingesting_a_file_twice_changes_nothing_unless_it_has_changed(assistant: Assistant, tmp_path: Path) -> None:
    extra = tmp_path / "extra.md"
    extra.write_bytes(NOTE)
    first = assistant.ingest([str(extra)])
    assert first.added == ("extra",)
    again = assistant.ingest([str(extra), str(extra)])
    assert again.summary() == "added 0, unchanged 2"
    assert (again.index_version, again.n_chunks) == (first.index_version, first.n_chunks)
    extra.write_bytes(NOTE.replace(b"Ernie", b"Ernie 5"))
    assert assistant.ingest([str(extra)]).updated == ("extra",)


def test_a_file_added_removed_and_added_again_is_there(assistant: Assistant, tmp_path: Path) -> None:
    extra = tmp_path / "extra.txt"
    extra.write_text("Baidu makes Ernie.\n")
    first = assistant.ingest([str(extra)])
    assert assistant.remove("extra").removed == ("extra",)
    assert assistant.document("extra") is None
    assert assistant.sync().summary() == "added 0, unchanged 1"
    again = assistant.ingest([str(extra)])
    assert again.added == ("extra",)
    assert again.index_version == first.index_version


def test_a_removed_corpus_document_stays_out_until_its_file_is_ingested(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    assistant = make_assistant({**BASE, "other.txt": "Baidu makes Ernie.\n"})
    assistant.sync()
    assert assistant.remove("other").removed == ("other",)
    assert assistant.sync().summary() == "added 0, unchanged 1"
    assert assistant.sync(rebuild=True).summary() == "added 0, unchanged 1"
    assert assistant.ingest([str(tmp_path / "corpus" / "other.txt")]).added == ("other",)


def test_two_files_of_one_name_are_two_documents(assistant: Assistant, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "人工智能.txt").write_text(f"Company {name} makes chips.\n")
    report = assistant.ingest([str(tmp_path / "a"), str(tmp_path / "b")])
    assert len(report.added) == 2
    assert report.skipped == ()


def test_the_same_content_twice_is_one_document(assistant: Assistant, tmp_path: Path) -> None:
    copy = tmp_path / "copy.md"
    copy.write_text(BASE["base.txt"])
    report = assistant.ingest([str(copy)])
    assert report.duplicates == ((str(copy), "base"),)
    assert len(assistant.documents()) == 1


def test_a_near_duplicate_is_recorded_and_not_found_beside_its_twin(make_assistant: MakeAssistant) -> None:
    copied = ARTICLE.replace("The plant number 7 made 70 chips", "Plant 7 made seventy chips")
    rewritten = ARTICLE.replace("made 1", "produced 1")
    assistant = make_assistant({"a.txt": ARTICLE, "b.txt": copied, "c.txt": rewritten})
    assistant.sync()
    twins = {document.doc_id: document.duplicate_of for document in assistant.documents()}
    assert twins == {"a": None, "b": "a", "c": None}
    found = {passage.chunk.doc_id for passage in assistant.search("How many chips did plant 7 make?", k=20)}
    assert not {"a", "b"} <= found
    only = assistant.search("How many chips did plant 7 make?", where={"doc_id": "b"})
    assert {passage.chunk.doc_id for passage in only} == {"b"}


# Web pages


def test_web_pages_are_added_with_their_metadata(assistant: Assistant, site: str) -> None:
    report = assistant.ingest([f"{site}/moved", f"{site}/note.md", f"{site}/file.pdf"])
    assert len(report.added) == 3
    by_source = {document.source: document for document in assistant.documents()}
    page, note, file = (by_source[site + path] for path in ("/moved", "/note.md", "/file.pdf"))
    assert (page.title, page.publisher, page.date) == ("Nvidia sinks", "Example News", "2025-01-28")
    assert page.url == "https://news.example.org/nvidia-sinks"
    assert (note.title, note.text, note.url) == ("A note", "Baidu makes Ernie.\n", f"{site}/note.md")
    assert (file.page_at(0), file.url) == (1, f"{site}/file.pdf")


def test_pages_that_are_not_given_are_reported_and_the_rest_goes_in(assistant: Assistant, site: str) -> None:
    report = assistant.ingest([f"{site}/nothing", f"{site}/plain"])
    assert report.summary() == "added 1, unchanged 1, skipped 1"
    assert report.skipped == ((f"{site}/nothing", "the server answered 404: check the address in a browser"),)


@pytest.mark.parametrize("path", ["/plain", "/gzip", "/untyped"])
def test_a_page_is_read_however_the_server_sends_it(site: str, path: str) -> None:
    document = fetch(site + path, limits=LIMITS)
    assert SENTENCE in document.text
    assert document.source == site + path


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/nothing", "the server answered 404"),
        ("/large", "larger than 1 MB"),
        ("/gzip-bomb", "larger than 1 MB"),
        ("/picture", "content of type image/png cannot be read"),
        ("/page.html", "content of type image/png cannot be read"),
        ("/empty", "it is empty"),
        ("/brotli", "not asked for"),
        ("/double", "not asked for"),
        ("/broken-gzip", "it cannot be fetched (DecodingError)"),
        ("/loop", "it cannot be fetched (TooManyRedirects)"),
        ("/to-file", "it cannot be fetched (UnsupportedProtocol)"),
        ("/to-nowhere", "it cannot be fetched"),
    ],
)
def test_what_the_web_does_not_give_is_one_line(site: str, path: str, says: str) -> None:
    with pytest.raises(LoadingError) as caught:
        fetch(site + path, limits=LIMITS)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "http://", "http://[::1", "http://a..b/", "http://xn--/", "http://\x00/"]
)
def test_an_address_that_leads_nowhere_is_one_line(url: str) -> None:
    with pytest.raises(LoadingError, match=r"\Ait cannot be fetched \(\w+\): check the address\Z"):
        fetch(url, limits=LIMITS)


def test_a_page_that_drips_on_is_given_up(site: str) -> None:
    with pytest.raises(LoadingError, match=r"it takes longer than 0\.2 seconds"):
        fetch(f"{site}/drip", limits=LIMITS, deadline_s=0.2)
