"""An index that may be read and not be written answers as any other; what would write says so in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from rag import Assistant
from rag.embedding_cache import EmbeddingCache
from rag.index import find_disagreements
from tests.abuse.test_faults import QUESTION, check_sound, disk, folder, one_line, opened
from tests.abuse.test_killed_app import Page, running
from tests.conftest import ROOT

__all__ = ["disk", "folder", "opened"]


@pytest.fixture
def frozen(folder: Path, opened: Callable[..., Assistant], disk: Path) -> Path:
    """The folder of an index on a file system that is mounted read-only."""
    assistant = opened()
    assistant.sync()
    assistant.close()
    shutil.copytree(folder / "data", disk / "data")
    remount(disk, "ro")
    return disk / "data"


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def test_a_read_only_index_answers_and_leaves_nothing_behind(
    folder: Path,
    opened: Callable[..., Assistant],
    frozen: Path,
    temporary: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assistant = opened(data_dir=frozen)
    expected = opened().ask(QUESTION)
    answer = assistant.ask(QUESTION)
    assert (answer.answer, answer.confidence) == (expected.answer, expected.confidence)
    assert find_disagreements(assistant.index) == []
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        f"{assistant.index.folder} cannot be written"
    ]
    assert len(list(temporary.iterdir())) == 1
    for write in (assistant.sync, lambda: assistant.ingest([str(folder / "corpus")]), lambda: assistant.remove("d1")):
        assert "cannot be written" in one_line(write)
    assistant.close()
    assert list(temporary.iterdir()) == []


def test_a_read_only_index_is_written_again_as_soon_as_it_may(
    folder: Path, opened: Callable[..., Assistant], frozen: Path
) -> None:
    assistant = opened(data_dir=frozen)
    assistant.ask(QUESTION)
    remount(frozen.parent, "rw")
    (folder / "corpus" / "d1.txt").write_text("SMIC makes wafers in Shanghai.")
    assert assistant.sync().updated == ("d1",)
    check_sound(assistant, folder / "corpus")


def test_a_read_only_copy_of_an_index_in_use_answers(
    folder: Path, opened: Callable[..., Assistant], disk: Path
) -> None:
    assistant = opened()
    assistant.sync()
    with closing(EmbeddingCache(folder / "data" / "embeddings.sqlite")) as writing:
        writing.put([])  # its log is there, as after a kill
        assert (folder / "data" / "embeddings.sqlite-wal").exists()
        shutil.copytree(folder / "data", disk / "data")
    remount(disk, "ro")
    assert "Company 3" in opened(data_dir=disk / "data").ask(QUESTION).answer


@pytest.mark.slow
def test_the_app_comes_up_on_a_read_only_index(folder: Path, frozen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRACE_DATA_DIR", str(frozen))
    with running(folder) as (_, url):
        page = Page(url, [])
        assert "Company 3" in page.ask("")
        assert httpx.get(f"{url}/ready").status_code == 200
    (line,) = [
        line for line in (folder / "stderr.txt").read_text().splitlines() if line.startswith("Serving the index")
    ]
    assert "cannot be written" in line


@pytest.fixture
def without_permission(folder: Path, opened: Callable[..., Assistant]) -> Iterator[Path]:
    """The folder of an index that nobody has the permission to write."""
    opened().sync()
    opened_folders = [folder / "data", *(path for path in (folder / "data").rglob("*"))]
    for path in opened_folders:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder / "data"
    for path in opened_folders:
        path.chmod(0o755 if path.is_dir() else 0o644)


def airace(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command, run by somebody who is bound by permissions, as root is not."""
    command = [sys.executable, "-m", "rag", *arguments]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root is not bound by permissions")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.usefixtures("without_permission")
def test_without_permission_to_write_commands_answer_and_say_what_they_cannot_do() -> None:
    asked = airace("ask", QUESTION)
    assert "Company 3" in asked.stdout, asked.stderr
    assert len(asked.stderr.splitlines()) == 1
    assert "its vectors are read from a copy" in asked.stderr
    for command in (["ingest"], ["remove", "d1"]):
        refused = airace(*command)
        assert refused.returncode == 1
        assert "cannot be written (Permission denied)" in refused.stderr.splitlines()[-1]
        assert "Traceback" not in refused.stderr
