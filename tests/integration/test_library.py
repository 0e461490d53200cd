"""Files that will not stay where they are, filtered lists of documents, and the health of an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag import Assistant

FILES = {"a.md": "---\nkind: official\n---\nAlpha makes chips in Ohio.", "b.md": "Beta makes models in Hangzhou."}


def upload(tmp_path: Path, folder: str, text: str) -> Path:
    path = tmp_path / folder / "report.txt"
    path.parent.mkdir()
    path.write_text(text)
    return path


def test_a_kept_file_outlives_the_original(make_assistant: Callable[..., Assistant], tmp_path: Path) -> None:
    assistant = make_assistant(FILES)
    file = upload(tmp_path, "gone", "Gamma makes robots in Seoul.")
    report = assistant.ingest([str(file)], keep_files=True)
    assert report.added == ("a", "b", "report")
    file.unlink()
    document = assistant.document("report")
    assert document is not None
    assert Path(document.source).name == "report.txt"
    assert Path(document.source).is_relative_to(assistant.settings.data_dir)
    assert Path(document.source).read_text() == "Gamma makes robots in Seoul."
    assert assistant.sync().unchanged == ("a", "b", "report")


def test_files_of_one_name_and_other_content_are_two_documents(
    make_assistant: Callable[..., Assistant], tmp_path: Path
) -> None:
    assistant = make_assistant(FILES)
    one = upload(tmp_path, "one", "Gamma makes robots in Seoul.")
    other = upload(tmp_path, "other", "Delta makes batteries in Turin.")
    assistant.ingest([str(one), str(other)], keep_files=True)
    assert len(assistant.documents()) == 4
    assistant.ingest([str(one)], keep_files=True)
    assert len(assistant.documents()) == 4


def test_a_removed_document_leaves_no_file_behind(make_assistant: Callable[..., Assistant], tmp_path: Path) -> None:
    assistant = make_assistant(FILES)
    assistant.ingest([str(upload(tmp_path, "one", "Gamma makes robots in Seoul."))], keep_files=True)
    assistant.remove("report")
    assert list((assistant.settings.data_dir / "library").rglob("report.txt")) == []


def test_a_file_that_cannot_be_read_is_reported_and_not_kept(
    make_assistant: Callable[..., Assistant], tmp_path: Path
) -> None:
    assistant = make_assistant(FILES)
    report = assistant.ingest([str(upload(tmp_path, "one", "  "))], keep_files=True)
    ((source, reason),) = report.skipped
    assert Path(source).name == "report.txt"
    assert "empty" in reason
    assert list((assistant.settings.data_dir / "library").rglob("report.txt")) == []


def test_documents_can_be_listed_under_the_filters_of_a_question(make_assistant: Callable[..., Assistant]) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    assert [document.doc_id for document in assistant.documents({"kind": "official"})] == ["a"]
    assert [document.doc_id for document in assistant.documents({"doc_id": ["b"]})] == ["b"]
    assert len(assistant.documents()) == 2


def test_health_tells_what_was_left_out(make_assistant: Callable[..., Assistant]) -> None:
    assistant = make_assistant(FILES | {"c.md": "Beta makes models in Hangzhou.", "empty.txt": " "})
    assistant.sync()
    health = assistant.health()
    assert health.duplicates == (("c.md", "b"),)
    assert [source for source, _ in health.skipped] == ["empty.txt"]
    assert health.disagreements == ()
    assert health.manifest.n_documents == 2
    assert health.bytes_on_disk > 0
