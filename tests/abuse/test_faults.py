"""Kills, full and read-only disks, damaged files, two writers, a clock set back: one clear line, and nothing lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from rag import AiraceError, Assistant, Settings
from rag.errors import IndexBusyError, IndexMissingError, SearchIndexError
from rag.generations import DataDir
from rag.index import find_disagreements
from rag.protocols import Embedder
from tests.abuse.budget import times
from tests.conftest import ROOT

SYNC = "from rag import Assistant, Settings; Assistant.open(Settings()).sync()"
QUESTION = "How much did Company 3 spend on chip number 7?"
N_DOCUMENTS = 12


def write_corpus(folder: Path, revision: int) -> None:
    """Documents, a third of which differ from revision to revision."""
    folder.mkdir(exist_ok=True)
    for number in range(N_DOCUMENTS):
        changing = revision if number % 3 == 0 else 0
        lines = [
            f"Company {number} spent ${n + changing} million on chip number {n} in {2000 + n}." for n in range(1, 25)
        ]
        (folder / f"d{number}.txt").write_text(" ".join(lines))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a corpus, and the settings of this process and those that it starts pointing there."""
    write_corpus(tmp_path / "corpus", 0)
    monkeypatch.setenv("AIRACE_CORPUS", str(tmp_path / "corpus"))
    monkeypatch.setenv("AIRACE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def opened(embedder: Embedder) -> Iterator[Callable[..., Assistant]]:
    assistants: list[Assistant] = []

    def make(**settings: object) -> Assistant:
        assistants.append(Assistant.open(Settings(**settings)))
        assistants[-1].__dict__["embedder"] = embedder
        return assistants[-1]

    yield make
    for assistant in assistants:
        assistant.close()


def check_sound(assistant: Assistant, corpus: Path) -> None:
    """The index holds what the folder holds, once, and answers."""
    assert find_disagreements(assistant.index) == []
    texts = {document.source: document.text for document in assistant.documents()}
    assert texts == {path.name: path.read_text() for path in corpus.iterdir()}
    assert assistant.sync().summary() == f"added 0, unchanged {N_DOCUMENTS}"
    assert "Company 3" in assistant.ask(QUESTION).answer


@contextmanager
def one_line_at_most(says: str) -> Iterator[None]:
    """Nothing goes wrong, or one line says so and what to do."""
    caught: AiraceError | None = None
    try:
        yield
    except AiraceError as error:
        caught = error
    assert caught is None or ("\n" not in str(caught) and says in caught.hint)


def one_line(action: Callable[[], object]) -> str:
    with pytest.raises(AiraceError) as caught:
        action()
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return str(caught.value)


# Kills


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_syncs_lose_nothing_and_double_nothing(folder: Path, opened: Callable[..., Assistant]) -> None:
    generator = random.Random(None if times(0, 1) else 7)
    n_times = times(5, 50)
    killed = 0
    for revision in range(n_times):
        write_corpus(folder / "corpus", revision)
        process = subprocess.Popen([sys.executable, "-c", SYNC], cwd=ROOT)
        time.sleep(generator.uniform(0.6, 3.5))  # from the start of the work to about its usual end
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assistant = opened()
        assistant.sync()
        check_sound(assistant, folder / "corpus")
        assert [path.name for path in (folder / "data" / "index").iterdir() if path.name.startswith(".")] == []
        assistant.close()
    assert killed >= n_times // 2, "most kills must have hit a running sync"


APP = """
import threading
from rag import Assistant, Settings
assistant = Assistant.open(Settings())
assistant.sync()
def ask():
    while True:
        assistant.ask("How much did Company 3 spend on chip number 7?")
for _ in range(3):
    threading.Thread(target=ask, daemon=True).start()
print("up", flush=True)
while True:
    assistant.ingest([str(assistant.settings.data_dir.parent / "more.txt")])
    assistant.remove("more")
"""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_killed_app_that_was_answering_and_adding_loses_nothing(
    folder: Path, opened: Callable[..., Assistant]
) -> None:
    (folder / "more.txt").write_text("SMIC makes wafers in Shanghai.\n")
    generator = random.Random(None if times(0, 1) else 7)
    for _ in range(times(2, 25)):
        app = subprocess.Popen([sys.executable, "-c", APP], cwd=ROOT, stdout=subprocess.PIPE)
        assert app.stdout is not None
        assert app.stdout.readline() == b"up\n"
        time.sleep(generator.uniform(0, 3))
        app.kill()
        app.communicate()
        assistant = opened()
        assistant.sync()
        assert find_disagreements(assistant.index) == []
        assert {document.doc_id for document in assistant.documents()} - {"more"} == {
            f"d{n}" for n in range(N_DOCUMENTS)
        }
        assert "Company 3" in assistant.ask(QUESTION).answer
        assistant.close()


# Two writers


@pytest.mark.slow
def test_three_syncs_at_once_all_succeed(folder: Path, opened: Callable[..., Assistant]) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", SYNC], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    errors = [process.communicate(timeout=120)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors
    assert all("Traceback" not in error for error in errors)
    check_sound(opened(), folder / "corpus")


HOLD = """
import sys, time
from pathlib import Path
from rag.generations import DataDir
with DataDir(Path(sys.argv[1])).writing(timeout_s=1):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(data_dir: Path) -> subprocess.Popen[bytes]:
    """A process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_who_waits_is_told_for_whom_and_for_how_long(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    process = holder(tmp_path)
    try:
        waiting = DataDir(tmp_path).writing(timeout_s=0.1)
        with pytest.raises(IndexBusyError, match=rf"process {process.pid} on \S+, at it for \d+ s"), waiting:
            pass
        assert f"waiting for process {process.pid}" in caplog.text
    finally:
        process.kill()
        process.communicate()


def test_the_lock_of_a_dead_process_is_taken_over_at_once(tmp_path: Path) -> None:
    process = holder(tmp_path)
    process.kill()
    process.communicate()
    assert (tmp_path / "sync.owner").exists()
    started = time.monotonic()
    with DataDir(tmp_path).writing(timeout_s=60):
        assert json.loads((tmp_path / "sync.owner").read_text())["pid"] == os.getpid()
    assert time.monotonic() - started < 2
    assert not (tmp_path / "sync.owner").exists()


# Damaged files


def every_file(data_dir: Path) -> list[str]:
    names = [path.relative_to(data_dir).as_posix() for path in sorted(data_dir.rglob("*")) if path.is_file()]
    return [name for name in names if not name.startswith("sync.") and not name.endswith(("-wal", "-shm"))]


def delete(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    path.write_bytes(random.Random(path.name).randbytes(path.stat().st_size))


@pytest.mark.slow
@pytest.mark.parametrize("damage", [delete, truncate, overwrite])
@pytest.mark.parametrize("running", [True, False])
def test_any_damaged_file_is_one_line_at_most_and_a_rebuild_mends_it(
    folder: Path, opened: Callable[..., Assistant], damage: Callable[[Path], None], running: bool
) -> None:
    opened().sync()
    names = every_file(folder / "data")
    assert len(names) > 10
    for number, name in enumerate(names):
        data_dir = folder / f"copy-{number}"  # Chroma keeps what it knows by path
        shutil.copytree(folder / "data", data_dir)
        assistant = opened(data_dir=data_dir)
        if running:
            assistant.ask(QUESTION)
        damage(data_dir / name)
        with one_line_at_most("airace ingest"):
            assert assistant.ask(QUESTION).answer
        assistant.sync(rebuild=damage is overwrite)
        assert find_disagreements(assistant.index) == [], name
        assert "Company 3" in assistant.ask(QUESTION).answer, name
        assistant.close()


@pytest.mark.usefixtures("folder")
def test_a_file_that_another_process_is_writing_anew_is_not_taken_for_damaged(opened: Callable[..., Assistant]) -> None:
    assistant = opened()
    assistant.sync()
    assistant.ask(QUESTION)
    (path,) = (assistant.index.folder / "chroma").glob("*/header.bin")  # written by Chroma whenever it is opened
    whole = path.read_bytes()
    truncate(path)
    Timer(0.15, path.write_bytes, [whole]).start()
    assert "Company 3" in assistant.ask(QUESTION).answer


def test_a_running_assistant_whose_index_is_deleted_says_so_and_goes_on_after_the_next_sync(
    folder: Path, opened: Callable[..., Assistant]
) -> None:
    assistant = opened()
    assistant.sync()
    assistant.ask(QUESTION)
    shutil.rmtree(folder / "data")
    with pytest.raises(IndexMissingError, match="airace ingest"):
        assistant.ask(QUESTION)
    assert not assistant.is_indexed
    assistant.sync()
    check_sound(assistant, folder / "corpus")


@pytest.mark.usefixtures("folder")
def test_a_damaged_index_counts_as_none_so_that_commands_build_it_anew(opened: Callable[..., Assistant]) -> None:
    assistant = opened()
    assistant.sync()
    assert assistant.is_indexed
    truncate(assistant.index.folder / "lexical" / "words.json")
    assert not assistant.is_indexed


def test_a_damaged_file_of_the_library_is_one_line(folder: Path, opened: Callable[..., Assistant]) -> None:
    (folder / "more.txt").write_text("SMIC makes wafers.\n")
    assistant = opened()
    assistant.ingest([str(folder / "more.txt")])
    (path,) = (folder / "data" / "library").glob("*.json")
    truncate(path)
    assert path.name in one_line(assistant.sync)
    path.unlink()
    assistant.ingest([str(folder / "more.txt")])
    assert "SMIC" in {document.text[:4] for document in assistant.documents()}


# Disks


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(mount)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a file system")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


@pytest.mark.parametrize("room", [0, 50_000, 150_000, 400_000])
def test_a_full_disk_is_one_line_and_the_sync_goes_on_when_there_is_room(
    folder: Path, opened: Callable[..., Assistant], disk: Path, room: int
) -> None:
    assistant = opened(data_dir=disk / "data")
    assistant.sync()
    version = assistant.ask(QUESTION).index_version
    write_corpus(folder / "corpus", 1)
    (disk / "filler").write_bytes(b"x" * (shutil.disk_usage(disk).free - room))
    text = one_line(assistant.sync)
    assert "full" in text or "No space left" in text or "cannot be used" in text
    answer = assistant.ask(QUESTION)  # from the generation before
    assert answer.index_version == version
    assert "$7 million" in answer.answer
    (disk / "filler").unlink()
    assistant.sync()
    assert [path.name for path in (disk / "data" / "index").iterdir() if path.name.startswith(".")] == []
    check_sound(assistant, folder / "corpus")
    assert "$8 million" in assistant.ask(QUESTION).answer


# Clocks


@pytest.mark.parametrize("when", ["1970-01-02", "2100-01-01"])
def test_nothing_depends_on_the_clock(folder: Path, opened: Callable[..., Assistant], when: str) -> None:
    assistant = opened()
    assistant.sync()
    manifest = next((folder / "data" / "index").glob("*/manifest.json"))
    created = json.loads(manifest.read_text()) | {"created": f"{when}T00:00:00+00:00"}
    manifest.write_text(json.dumps(created))
    seconds = time.mktime(time.strptime(when, "%Y-%m-%d"))
    for path in [*(folder / "corpus").iterdir(), *(folder / "data").rglob("*")]:
        os.utime(path, (seconds, seconds))
    (folder / "data" / "sync.owner").write_text(json.dumps({"pid": 1, "host": "x", "since": seconds}))
    check_sound(assistant, folder / "corpus")
    write_corpus(folder / "corpus", 1)
    assert len(assistant.sync().updated) == len(range(0, N_DOCUMENTS, 3))
    assert "$8 million" in assistant.ask(QUESTION).answer


def test_a_missing_manifest_field_is_a_damaged_manifest(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(SearchIndexError, match=r"manifest\.json is missing or broken"):
        DataDir.manifest(tmp_path)
