"""Whatever documents and questions hold: no crash, no hang, one line for what is refused, and nothing else lost."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from rag import AiraceError, Assistant, Document, Settings
from rag.chunking import chunk_document
from rag.errors import ConfigurationError, LoadingError
from rag.index import find_disagreements
from rag.loading import DocumentReader, Limits
from rag.loading.text import printable
from rag.protocols import Embedder
from rag.terminal import show_answer, show_report, show_sources
from rag.types import Origin
from tests.abuse.budget import generated, times
from tests.abuse.hostile import FILES, NASTY, QUESTIONS
from tests.contract.test_answer_contract import check_invariants

pytestmark = pytest.mark.timeout(times(300, 6 * 3600))  # 20,000 questions of a tenth of a second or more
SECONDS = 30  # that any one question or file may take on a busy machine
SOUND = {
    "loss.txt": "Nvidia lost $589 billion of market value on 27 January 2025.\n",
    "rule.md": "---\ntitle: The rule\npublisher: BIS\n---\nThe rule of 2022 restricted exports of A100 chips.\n",
}


def assistant_over(folder: Path, embedder: Embedder) -> Assistant:
    assistant = Assistant.open(
        Settings(corpus_dir=folder / "corpus", data_dir=folder / "data", max_file_seconds=SECONDS)
    )
    assistant.__dict__["embedder"] = embedder
    return assistant


def check_shown(text: str) -> None:
    """Nothing that drives a terminal or hides may be in what is shown, but for line ends."""
    assert text == printable(text)


def shown(show: object, *arguments: object) -> str:
    buffer = io.StringIO()
    show(Console(file=buffer, width=100), *arguments)  # type: ignore[operator]
    return buffer.getvalue()


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    with DocumentReader(Limits(seconds=SECONDS, max_pages=50)) as opened:
        yield opened


@pytest.fixture(scope="module")
def assistant(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("sound")
    (folder / "corpus").mkdir()
    for name, text in SOUND.items():
        (folder / "corpus" / name).write_text(text)
    opened = assistant_over(folder, embedder)
    opened.sync()
    yield opened
    opened.close()


def outcome(action: Callable[[], Any]) -> Any | AiraceError:
    """What came of it, or the error that it was refused with."""
    try:
        return action()
    except AiraceError as error:
        return error


def check_document(document: Document) -> None:
    fields = (
        document.title,
        document.source_title,
        document.publisher,
        document.kind,
        document.language,
        document.date,
    )
    for field in (*fields, *document.themes, document.url, document.doc_id):
        assert field is None or (isinstance(field, str) and "\n" not in field)
        check_shown(field or "")
    check_shown(document.text)
    assert document.text.strip()
    assert all(isinstance(origin, Origin) for span in document.origins for origin in span.origins)
    assert document.url is None or document.url.startswith(("http://", "https://"))
    json.dumps(document.text).encode()


@generated(700, 15_000)
@given(file=FILES)
def test_a_hostile_file_is_a_document_or_one_line(
    reader: DocumentReader, embedder: Embedder, file: tuple[str, bytes]
) -> None:
    name, data = file
    started = time.monotonic()
    document = outcome(lambda: reader.read(data, name=name, source=name))
    if isinstance(document, LoadingError):
        assert document.hint
        assert "\n" not in str(document)
        check_shown(str(document))
        return
    check_document(document)
    for chunk in chunk_document(document, embedder, target_tokens=200):
        assert document.text[chunk.start : chunk.end] == chunk.text
        assert embedder.count_tokens([chunk.prefix + chunk.text])[0] <= embedder.max_tokens
    assert time.monotonic() - started < SECONDS + 5


@generated(5, 100)
@given(files=st.lists(FILES, min_size=20, max_size=40))
def test_hostile_files_harm_no_other_document(embedder: Embedder, files: list[tuple[str, bytes]]) -> None:
    folder = Path(tempfile.mkdtemp())
    corpus = folder / "corpus"
    corpus.mkdir()
    try:
        for name, text in SOUND.items():
            (corpus / name).write_text(text)
        for name, data in files:
            try:
                (corpus / name).write_bytes(data)
            except OSError:  # no name for a file
                continue
        (corpus / "loss.txt").write_text(SOUND["loss.txt"])
        assistant = assistant_over(folder, embedder)
        report = assistant.sync()
        assert all(why for _, why in report.skipped)
        check_shown(shown(show_report, report))
        assert find_disagreements(assistant.index) == []
        documents = {document.doc_id: document for document in assistant.documents()}
        check_shown(shown(show_sources, list(documents.values())))
        assert SOUND["loss.txt"] in {document.text for document in documents.values()}
        passages = assistant.search("Nvidia lost $589 billion of market value")
        assert any("$589 billion of market value" in passage.chunk.text for passage in passages)
        for question in ("How much market value did Nvidia lose on 27 January 2025?", "What is this?", files[0][0]):
            check_answer(assistant, question, documents)
        assert not assistant.sync().added
        assistant.close()
    finally:
        shutil.rmtree(folder)


def check_answer(assistant: Assistant, question: str, documents: dict[str, Document]) -> None:
    """The contract's invariants, unless the question is refused."""
    started = time.monotonic()
    answer = outcome(lambda: assistant.ask(question))
    if isinstance(answer, ConfigurationError):
        assert "question" in str(answer)
        return
    assert time.monotonic() - started < SECONDS
    check_invariants(answer, documents)
    check_shown(answer.answer)
    json.dumps(answer.to_dict(), ensure_ascii=False).encode()
    check_shown(shown(show_answer, answer))


@generated(350, 20_000)
@given(question=QUESTIONS)
def test_a_hostile_question_is_answered_or_refused_in_one_line(assistant: Assistant, question: str) -> None:
    documents = {document.doc_id: document for document in assistant.documents()}
    check_answer(assistant, question, documents)


@generated(40, 2000)
@given(history=st.lists(st.tuples(st.sampled_from(["user", "assistant"]), NASTY), max_size=6), question=NASTY)
def test_a_hostile_conversation_does_no_harm(
    assistant: Assistant, history: list[tuple[str, str]], question: str
) -> None:
    messages = [{"role": role, "content": content} for role, content in history]
    answer = outcome(lambda: assistant.ask(question, history=messages))
    if isinstance(answer, ConfigurationError):
        return
    check_invariants(answer, {document.doc_id: document for document in assistant.documents()})
    check_shown(answer.answer)


LARGE = "How much market value did Nvidia lose on 27 January 2025? "


def test_a_large_conversation_or_a_question_of_many_parts_takes_seconds(assistant: Assistant) -> None:
    started = time.monotonic()
    history = [{"role": "user", "content": LARGE * 18_000}, {"role": "assistant", "content": "[1] " * 200_000}]
    assistant.ask("And when was it?", history=history)
    assert not assistant.ask(LARGE + "Who lost value? " * 110).abstained
    assert time.monotonic() - started < 15


LONG = {
    "one line of a megabyte": lambda: b"word " * 200_000,
    "one word of a megabyte": lambda: b"w" * 1_000_000,
    "one megabyte of brackets": lambda: b"([{" * 330_000,
    "a million headings": lambda: b"# H\n\n" * 1_000_000,
    "a million headings with a line each": lambda: b"# H\nx\n" * 1_000_000,
    "a million footnotes": lambda: b"[^1] " * 200_000 + b"\n\n[^1]: Reuters\n",
    "a million empty lines": lambda: b"\n" * 1_000_000 + b"text",
    "a megabyte of full stops": lambda: b"a." * 500_000,
    "a megabyte of abbreviations": lambda: b"U.S. Dr. approx. " * 60_000,
    "a megabyte of table": lambda: b"| a " * 250_000 + b"|\n",
    "a megabyte of quotation marks": lambda: "“”".encode() * 170_000,
    "a megabyte of digits": lambda: b"1,234,567.89 " * 80_000,
    "a megabyte of combining marks": lambda: ("a" + "\u0301" * 500_000).encode(),
    "a megabyte of ideographs without a stop": lambda: "中".encode() * 330_000,
    "a megabyte of fences": lambda: b"```\n" * 250_000,
    "a megabyte of list items": lambda: b"- a\n" * 250_000,
    "a megabyte of front matter": lambda: b"---\n" + b"a: b\n" * 200_000 + b"---\ntext\n",
}


@pytest.mark.parametrize("name", LONG)
def test_large_monotonous_files_take_seconds(embedder: Embedder, name: str) -> None:
    started = time.monotonic()
    with DocumentReader(Limits()) as reader:
        document = outcome(lambda: reader.read(LONG[name](), name="long.md", source="long.md"))
    if isinstance(document, Document):
        assert chunk_document(document, embedder, target_tokens=200)
    else:
        assert "\n" not in str(document)
    assert time.monotonic() - started < 15
