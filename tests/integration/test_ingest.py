"""Adding files, folders and web pages: what goes in, what is left out, and what the report says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rag import Assistant
from tests.unit.test_loading import PAGE, SENTENCE, encrypted

MakeAssistant = Callable[..., Assistant]
BASE = {"base.txt": "Huawei makes Ascend chips.\n"}
ARTICLE = " ".join(f"The plant number {n} made {n * 10} chips in the year {2000 + n}." for n in range(1, 21)) + "\n"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/article")
            self.end_headers()
            return
        bodies = {
            "/article": ("text/html; charset=utf-8", PAGE.encode()),
            "/plain": ("text/plain", SENTENCE.encode()),
            "/large": ("text/plain", b"x" * 3_000_000),
            "/picture": ("image/png", b"\x89PNG"),
        }
        found = bodies.get(self.path)
        self.send_response(200 if found else 404)
        if found:
            self.send_header("Content-Type", found[0])
        self.end_headers()
        if found:
            self.wfile.write(found[1])

    def log_message(self, *_arguments: object) -> None:
        """Stay silent."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_folder_goes_in_and_what_cannot_be_read_is_reported(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    assistant = make_assistant(BASE)
    assistant.sync()
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "one.txt").write_text(SENTENCE)
    (folder / "two.html").write_text(PAGE)
    (folder / "empty.txt").write_text("")
    (folder / "secret.pdf").write_bytes(encrypted())
    (folder / "ignored.xyz").write_text("not a document")
    report = assistant.ingest([str(folder)])
    assert report.summary() == "added 2, unchanged 1, skipped 2"
    assert {Path(source).name: "password" in why or "no text" in why for source, why in report.skipped} == {
        "empty.txt": True,
        "secret.pdf": True,
    }
    assert assistant.ingest([str(folder)]).summary() == "added 0, unchanged 3, skipped 2"
    assert "589 billion" in assistant.ask("How much did Nvidia lose?").answer


def test_a_changed_file_is_updated_under_the_same_id(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    assistant = make_assistant(BASE)
    extra = tmp_path / "extra.txt"
    extra.write_text("Baidu makes Ernie 4.\n")
    assert assistant.ingest([str(extra)]).added == ("base", "extra")
    extra.write_text("Baidu makes Ernie 5.\n")
    assert assistant.ingest([str(extra)]).updated == ("extra",)


def test_two_files_of_one_name_are_two_documents(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    assistant = make_assistant(BASE)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "note.txt").write_text(f"Company {name} makes chips.\n")
    report = assistant.ingest([str(tmp_path / "a"), str(tmp_path / "b")])
    assert len(report.added) == 3
    assert report.skipped == ()


def test_the_same_content_twice_is_one_document(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    assistant = make_assistant(BASE)
    copy = tmp_path / "copy.txt"
    copy.write_text(BASE["base.txt"])
    report = assistant.ingest([str(copy)])
    assert report.duplicates == ((str(copy), "base"),)
    assert len(assistant.documents()) == 1


def test_a_near_duplicate_is_recorded_and_not_cited_beside_its_twin(make_assistant: MakeAssistant) -> None:
    copied = ARTICLE.replace("The plant number 7 made 70 chips", "Plant 7 made seventy chips")
    assistant = make_assistant({"a.txt": ARTICLE, "b.txt": copied})
    assistant.sync()
    twins = {document.doc_id: document.duplicate_of for document in assistant.documents()}
    assert twins == {"a": None, "b": "a"}
    found = {passage.chunk.doc_id for passage in assistant.search("How many chips did plant 7 make?", k=20)}
    assert len(found) == 1
    only = assistant.search("How many chips did plant 7 make?", where={"doc_id": "b"})
    assert {passage.chunk.doc_id for passage in only} == {"b"}


def test_a_removed_corpus_document_stays_out_until_its_file_is_ingested(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    assistant = make_assistant({**BASE, "other.txt": "Baidu makes Ernie.\n"})
    assistant.sync()
    assert assistant.remove("other").removed == ("other",)
    assert assistant.sync().summary() == "added 0, unchanged 1"
    assert assistant.ingest([str(tmp_path / "corpus" / "other.txt")]).added == ("other",)


def test_a_web_page_is_added_with_its_metadata(make_assistant: MakeAssistant, site: str) -> None:
    assistant = make_assistant(BASE)
    report = assistant.ingest([f"{site}/moved", f"{site}/plain"])
    assert len(report.added) == 3
    page = next(document for document in assistant.documents() if document.title == "Nvidia sinks")
    assert (page.publisher, page.date, page.url) == (
        "Example News",
        "2025-01-28",
        "https://news.example.org/nvidia-sinks",
    )


@pytest.mark.parametrize(
    ("path", "says"), [("/nothing", "answered 404"), ("/large", "larger than 1 MB"), ("/picture", "cannot be read")]
)
def test_what_the_web_does_not_give_is_one_line(make_assistant: MakeAssistant, site: str, path: str, says: str) -> None:
    report = make_assistant(BASE, max_file_mb=1).ingest([site + path])
    assert report.added == ("base",)
    ((source, why),) = report.skipped
    assert source == site + path
    assert says in why


def test_a_server_that_is_not_there_is_one_line(make_assistant: MakeAssistant) -> None:
    ((_, why),) = make_assistant(BASE).ingest(["http://127.0.0.1:9/x"]).skipped
    assert "cannot be fetched" in why
