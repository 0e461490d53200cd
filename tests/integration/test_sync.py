"""Sync makes the index hold what the folder holds: incremental, idempotent, safe to kill, safe to read meanwhile."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag import Assistant, Settings
from rag.embedding_cache import EmbeddingCache
from rag.errors import ConfigurationError, IndexMismatchError, IndexMissingError
from rag.index import Index, find_disagreements
from rag.protocols import Embedder
from rag.settings import PACKAGED_MODEL
from tests.conftest import ROOT

MakeAssistant = Callable[..., Assistant]

FILES = {
    "a.md": (
        "---\nid: a-1\ntitle: On A\npublisher: Alpha\ndate: 2025-01\nkind: news\nthemes: [chips]\n---\n"
        "Nvidia lost $589 billion.\n"
    ),
    "b.txt": "DeepSeek trained its R1 model on H800 chips, the company said in September 2025.\n",
    "deep/c.md": "# On C\n\nHuawei makes Ascend chips.\n",
}


def test_everything_is_added_once_and_a_second_sync_does_nothing(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(FILES)
    first, second = assistant.sync(), assistant.sync()
    assert (first.summary(), second.summary()) == ("added 3, unchanged 0", "added 0, unchanged 3")
    assert first.index_version == second.index_version
    assert {document.doc_id for document in assistant.documents()} == {"a-1", "b", "c"}
    assert find_disagreements(assistant.index) == []


def test_only_what_changed_is_embedded_again(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    embedded: list[int] = []
    make_assistant(FILES | {"b.txt": "DeepSeek trained V3 on H800 chips.\n", "d.txt": "Baidu makes Ernie.\n"})
    (tmp_path / "corpus" / "deep" / "c.md").unlink()
    report = assistant.sync(progress=lambda what, _done, total: embedded.append(total) if "Embed" in what else None)
    assert report.summary() == "added 1, updated 1, removed 1, unchanged 1"
    assert max(embedded) == 2
    assert find_disagreements(assistant.index) == []
    assert "V3" in assistant.ask("What did DeepSeek train on H800 chips?").answer
    assert all(passage.chunk.doc_id != "c" for passage in assistant.search("Huawei Ascend chips"))


def test_an_index_that_took_over_what_was_there_finds_the_same_as_a_new_one(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    assistant = make_assistant(FILES | {f"n{i}.txt": f"Baidu made {i} chips. SMIC made {i * 7}.\n" for i in range(9)})
    assistant.sync()
    make_assistant({"b.txt": "DeepSeek trained V3 on H800 chips.\n", "a0.txt": "Baidu makes Ernie and chips.\n"})
    (tmp_path / "corpus" / "deep" / "c.md").unlink()
    assistant.sync()
    anew = make_assistant({}, data_dir=tmp_path / "anew")
    anew.sync()
    for question in ("Which chips did DeepSeek train on?", "How many chips did Baidu make?", "Huawei Ascend"):
        taken, built = (
            [(p.chunk.chunk_id, round(p.score, 5), round(p.scores["lexical"], 5)) for p in a.search(question)]
            for a in (assistant, anew)
        )
        assert taken == built


def stated(number: int, *, changed: int = 0) -> str:
    """Twelve sentences of a document, the last few of them its own."""
    lines = [f"Maker {number} made {n * 7} chips in {2000 + n}." for n in range(12 - changed)]
    return "\n".join(["---", f"themes: [t{number}, chips]", "---", *lines, *(f"It lost ${n}." for n in range(changed))])


REVISIONS: tuple[dict[str, str | None], ...] = (
    {"m2.md": stated(2, changed=3)},  # changed: the rows after it move
    {"n1.md": stated(1, changed=1), "o1.md": stated(1, changed=1) + "\nIt is late."},  # each almost the one before
    {"m1.md": None},  # so that the last one is almost the same as the first one that is left
    {"m0.md": None, "z.txt": "Baidu makes Ernie.\n", "m3.md": stated(3).replace("t3", "t4")},
    {"m1.md": stated(1)},
)


def tables(assistant: Assistant) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the catalog."""
    file = assistant.index.folder / "catalog.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("documents", "themes", "chunks")
        }


def test_a_catalog_taken_over_is_the_same_as_a_new_one_after_any_change(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    assistant = make_assistant({f"m{number}.md": stated(number) for number in range(5)})
    assistant.sync()
    twins = []
    for number, revision in enumerate(REVISIONS):
        make_assistant({name: text for name, text in revision.items() if text is not None})
        for name in (name for name, text in revision.items() if text is None):
            (tmp_path / "corpus" / name).unlink()
        version = assistant.sync().index_version
        anew = make_assistant({}, data_dir=tmp_path / f"anew-{number}")
        assert anew.sync().index_version == version
        assert tables(assistant) == tables(anew)
        assert find_disagreements(assistant.index) == []
        twins.append({d.doc_id: d.duplicate_of for d in assistant.documents() if d.duplicate_of})
    assert twins == [{}, {"n1": "m1"}, {"o1": "n1"}, {"o1": "n1"}, {"n1": "m1"}]


@pytest.mark.parametrize("damage", ["documents SET document = '{' || document", "chunks SET sentences = '[['"])
def test_a_damaged_catalog_is_not_taken_over(make_assistant: MakeAssistant, damage: str) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    with closing(sqlite3.connect(assistant.index.folder / "catalog.sqlite")) as connection, connection:
        connection.execute(f"UPDATE {damage} WHERE doc_id = 'b'")
    make_assistant({"d.txt": "Baidu makes Ernie.\n"})
    assistant.sync()
    assert find_disagreements(assistant.index) == []
    assert "H800" in assistant.ask("Which chips did DeepSeek train R1 on?").answer


def test_an_index_of_another_version_is_built_anew_without_embedding_anew(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    manifest = assistant.index.folder / "manifest.json"
    manifest.write_text(re.sub(r'("chunker": ".*)-\w+"', r'\1"', manifest.read_text()))
    with pytest.raises(IndexMismatchError, match="another version"):
        make_assistant(FILES).ask("What?")
    embedded: list[str] = []
    assistant.sync(progress=lambda what, _done, _total: embedded.append(what) if "Embed" in what else None)
    assert embedded == []
    assert find_disagreements(assistant.index) == []


def test_vectors_can_be_opened_without_inserting_many_again(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant({f"{i}.txt": f"Baidu made {i} chips.\n" for i in range(150)})
    assistant.sync()
    with closing(sqlite3.connect(assistant.index.folder / "chroma" / "chroma.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM embeddings_queue").fetchone()[0] < 100


def test_the_index_version_depends_on_content_alone(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(FILES)
    version = assistant.sync().index_version
    make_assistant({"b.txt": "Something else entirely.\n"})
    assert assistant.sync().index_version != version
    make_assistant(FILES)
    assert assistant.sync().index_version == version


def test_changed_metadata_is_an_update(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    make_assistant({"a.md": FILES["a.md"].replace("Alpha", "Beta")})
    assert assistant.sync().updated == ("a-1",)
    assert assistant.search("Nvidia", where={"publisher": "beta"})[0].document.publisher == "Beta"


def test_filters_apply_to_both_searches(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    found = {
        name: {passage.chunk.doc_id for passage in assistant.search("chips Nvidia DeepSeek Huawei", where=where)}
        for name, where in {
            "publisher": {"publisher": "alpha"},
            "theme": {"theme": "CHIPS"},
            "kind": {"kind": ["news", "official"]},
            "document": {"doc_id": "b"},
            "since": {"since": "2025-01-15"},
            "until": {"until": "2024-12"},
            "nothing": {"publisher": "nobody"},
        }.items()
    }
    assert found == {
        "publisher": {"a-1"},
        "theme": {"a-1"},
        "kind": {"a-1"},
        "document": {"b"},
        "since": {"a-1"},
        "until": set(),
        "nothing": set(),
    }
    with pytest.raises(ConfigurationError, match="publisher"):
        assistant.search("x", where={"colour": "red"})


def test_two_documents_with_one_id_are_reported(make_assistant: MakeAssistant) -> None:
    report = make_assistant(FILES | {"z.md": FILES["a.md"].replace("589", "590")}).sync()
    assert report.skipped[0][0] == "z.md"
    assert "a-1" in report.skipped[0][1]


def test_files_of_the_same_name_in_two_folders_are_two_documents(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant({"x/note.txt": "Nvidia is a company.\n", "y/note.txt": "Huawei is another.\n"})
    assert len(assistant.sync().added) == 2


def test_an_empty_folder_and_a_missing_one_are_clear_errors(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no document to index"):
        make_assistant({}).sync()
    with pytest.raises(ConfigurationError, match="no corpus folder"):
        make_assistant({}, corpus_dir=tmp_path / "nowhere").sync()


def test_asking_before_indexing_says_what_to_do(make_assistant: MakeAssistant) -> None:
    with pytest.raises(IndexMissingError, match="airace ingest"):
        make_assistant(FILES).ask("What?")


class OtherModel:
    """The packaged model under another fingerprint, as any other model would show itself."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.fingerprint, self.name = "another", "another-model"

    def __getattr__(self, name: str) -> object:
        return getattr(self._embedder, name)


def test_another_model_is_refused_until_sync_embeds_anew_and_says_so(
    make_assistant: MakeAssistant, embedder: Embedder
) -> None:
    make_assistant(FILES).sync()
    assistant = make_assistant(FILES)
    assistant.__dict__["embedder"] = OtherModel(embedder)
    with pytest.raises(IndexMismatchError, match=f"{PACKAGED_MODEL}.*airace ingest"):
        assistant.ask("What?")
    report = assistant.sync()
    assert "embedded anew" in report.notes[0]
    assert find_disagreements(assistant.index) == []
    metadata = assistant.index.store.metadata
    assert (metadata["model"], metadata["embedder"], metadata["dimension"]) == ("another-model", "another", 384)


def test_another_chunk_size_cuts_anew(make_assistant: MakeAssistant) -> None:
    make_assistant(FILES).sync()
    assistant = make_assistant(FILES, chunk_tokens=64)
    assert "cut and embedded anew" in assistant.sync().notes[0]


def test_a_running_assistant_picks_up_a_new_generation(make_assistant: MakeAssistant) -> None:
    reader, writer = make_assistant(FILES), make_assistant()
    writer.sync()
    assert reader.ask("Who makes Ernie?").abstained
    make_assistant({"d.txt": "Baidu makes the chatbot Ernie.\n"})
    writer.sync()
    assert "Baidu" in reader.ask("Who makes the chatbot Ernie?").answer


def big_corpus(folder: Path, revision: int) -> None:
    """Forty documents, a third of which differ from revision to revision."""
    folder.mkdir(exist_ok=True)
    for number in range(40):
        changing = revision if number % 3 == 0 else 0
        lines = [
            f"Company {number} spent ${n + changing} million on chip number {n} in {2000 + n}." for n in range(1, 25)
        ]
        (folder / f"d{number}.txt").write_text(" ".join(lines))


SYNC = "import sys; from rag import Assistant, Settings; Assistant.open(Settings()).sync()"


@pytest.mark.slow
def test_a_killed_sync_keeps_the_embeddings_that_it_had_made(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, data = tmp_path / "corpus", tmp_path / "data"
    big_corpus(corpus, 0)
    monkeypatch.setenv("AIRACE_CORPUS", str(corpus))
    monkeypatch.setenv("AIRACE_DATA_DIR", str(data))
    process = subprocess.Popen([sys.executable, "-c", SYNC], cwd=ROOT)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if (data / "embeddings.sqlite").exists():
            with closing(EmbeddingCache(data / "embeddings.sqlite")) as cache:
                if cache.count():
                    break
        time.sleep(0.01)
    process.kill()
    process.wait()
    with closing(EmbeddingCache(data / "embeddings.sqlite")) as cache:
        saved = cache.count()
    assert saved > 0
    totals: list[int] = []
    assistant = Assistant.open(Settings())
    assistant.__dict__["embedder"] = embedder
    report = assistant.sync(progress=lambda what, _done, total: totals.append(total) if "Embed" in what else None)
    assert max(totals, default=0) == report.n_chunks - saved


@pytest.mark.slow
def test_another_process_answers_while_one_syncs(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, data = tmp_path / "corpus", tmp_path / "data"
    monkeypatch.setenv("AIRACE_CORPUS", str(corpus))
    monkeypatch.setenv("AIRACE_DATA_DIR", str(data))
    big_corpus(corpus, 0)
    assistant = Assistant.open(Settings())
    assistant.__dict__["embedder"] = embedder
    assistant.sync()
    asked = 0
    for revision in range(1, 4):
        big_corpus(corpus, revision)
        process = subprocess.Popen([sys.executable, "-c", SYNC], cwd=ROOT)
        while process.poll() is None:
            answer = assistant.ask("How much did Company 3 spend on chip number 7?")
            assert "Company 3" in answer.answer
            asked += 1
        assert process.returncode == 0
        assert f"${7 + revision} million" in assistant.ask("How much did Company 3 spend on chip number 7?").answer
    assert asked > 10
    assistant.close()


def test_disagreements_are_found(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    index: Index = assistant.index
    some = next(iter(index.catalog.entries()))
    index.store.delete([some])
    assert find_disagreements(index) == [f"passage {some} has no vector"]
    assert assistant.sync(rebuild=True).summary() == "added 0, unchanged 3"
    assert find_disagreements(assistant.index) == []
