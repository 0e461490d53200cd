"""The command line as a user types it: output, errors, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CORPUS = {
    "nvidia.md": (
        "---\nid: n-1\ntitle: Nvidia's loss\npublisher: Example Press\ndate: 2025-01-28\nurl: https://example.org/n\n"
        "kind: news\n---\nNvidia lost $589 billion of market value on 27 January 2025.[^1] It was a record.[^2]\n\n"
        '[^1]: Bloomberg, "Nvidia sinks", 2025-01-27, <https://example.org/b>\n[^2]: Reuters\n'
    ),
    "huawei.txt": "Huawei makes the Ascend 910C chip. SMIC makes its dies.\n",
}


@pytest.fixture
def airace(tmp_path: Path) -> Any:
    """Runs `airace …` on a small corpus in a process of its own."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, text in CORPUS.items():
        (corpus / name).write_text(text)

    def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {"AIRACE_CORPUS": str(corpus), "AIRACE_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "100"}
        return subprocess.run(
            [sys.executable, "-m", "rag", *arguments],
            capture_output=True,
            text=True,
            input=stdin,
            env=os.environ | settings | {"PYTHONPATH": str(ROOT)} | environment,
            cwd=tmp_path,
            check=False,
        )

    return run


def test_ask_indexes_first_then_answers_with_its_sources(airace: Any) -> None:
    done = airace("ask", "How much did Nvidia lose?")
    assert done.returncode == 0, done.stderr
    assert "Nvidia lost $589 billion of market value on 27 January 2025. [1]" in " ".join(done.stdout.split())
    assert "Bloomberg · 2025-01-27 · https://example.org/b" in done.stdout
    assert "added 2" in done.stderr


def test_ask_json_is_one_document_on_stdout_and_nothing_else(airace: Any) -> None:
    done = airace("ask", "How much did Nvidia lose?", "--json")
    answer = json.loads(done.stdout)
    assert answer["citations"][0]["origin"] == {
        "publisher": "Bloomberg",
        "title": "Nvidia sinks",
        "date": "2025-01-27",
        "url": "https://example.org/b",
    }
    assert list(answer["timings_ms"]) == ["retrieve", "evidence", "generate", "verify", "total"]


def test_search_json_has_ranked_passages_with_component_scores(airace: Any) -> None:
    found = json.loads(airace("search", "Ascend chip", "-k", "1", "--json").stdout)
    (passage,) = found["passages"]
    assert (passage["rank"], passage["doc_id"]) == (1, "huawei")
    assert {"dense", "lexical", "fused"} <= set(passage["scores"])
    assert set(found) == {"question", "passages", "timings_ms", "index_version"}


def test_a_question_that_is_not_answered_says_so_and_what_was_looked_for(airace: Any) -> None:
    done = airace("ask", "Who founded Tencent in Shenzhen?")
    assert done.returncode == 0
    assert "do not answer" in done.stdout
    assert "“Tencent”" in done.stdout


def test_chat_understands_a_follow_up(airace: Any) -> None:
    done = airace("chat", stdin="How much did Nvidia lose?\nWhen was that?\n\n")
    assert "Understood as: How much did Nvidia lose? When was that?" in done.stdout
    assert done.stdout.count("27 January 2025") >= 2


def test_a_chat_goes_on_from_its_file(airace: Any, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept.json")
    airace("chat", "--history", kept, stdin="How much did Nvidia lose?\n\n")
    done = airace("chat", "--history", kept, stdin="When was that?\n\n")
    assert "Understood as: How much did Nvidia lose? When was that?" in done.stdout
    assert [turn["role"] for turn in json.loads(Path(kept).read_text())] == ["user", "assistant"] * 2


def test_a_history_file_serves_ask_as_well(airace: Any, tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text(json.dumps([{"role": "user", "content": "How much did Nvidia lose?"}]))
    answer = json.loads(airace("ask", "When was that?", "--history", str(history), "--json").stdout)
    assert answer["standalone_question"] == "How much did Nvidia lose? When was that?"


def test_documents_are_added_listed_and_removed(airace: Any, tmp_path: Path) -> None:
    (tmp_path / "extra.txt").write_text("Baidu makes the chatbot Ernie.\n")
    assert "added 2" in airace("ingest").stdout
    assert "added 1, unchanged 2" in airace("ingest", "extra.txt").stdout
    listed = json.loads(airace("sources", "--json").stdout)
    assert [row["doc_id"] for row in listed["documents"]] == ["huawei", "n-1", "extra"]
    assert "removed 1" in airace("remove", "extra").stdout
    assert "extra" not in airace("sources").stdout


def test_doctor_shows_where_settings_come_from_and_masks_secrets(airace: Any) -> None:
    airace("ingest")
    done = airace("doctor", "--json", AIRACE_AUTH="me:secret-word")
    report = json.loads(done.stdout)
    assert report["settings"]["corpus_dir"]["from"] == "environment (AIRACE_CORPUS)"
    assert report["settings"]["engine"] == {"value": "quote", "from": "default"}
    assert "secret-word" not in done.stdout
    assert all(check["ok"] for check in report["checks"])


def test_options_come_before_environment_before_dotenv(airace: Any, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AIRACE_TOP_K=3\nAIRACE_CHUNK_TOKENS=99\n")
    report = json.loads(airace("doctor", "--json", AIRACE_TOP_K="4").stdout)["settings"]
    assert (report["top_k"]["value"], report["chunk_tokens"]["value"]) == (4, 99)
    assert report["chunk_tokens"]["from"] == ".env (AIRACE_CHUNK_TOKENS)"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "Usage"),
        (("nonsense",), 2, "No such command"),
        (("ask",), 2, "Missing argument"),
        (("ask", "   "), 2, "question is empty"),
        (("ask", "x" * 3000), 2, "2000 are the limit"),
        (("ask", "x", "--where", "colour"), 2, "KEY=VALUE"),
        (("ask", "x", "--where", "colour=red"), 2, "cannot filter by 'colour'"),
        (("ask", "x", "--since", "yesterday"), 2, "not a date"),
        (("ask", "x", "--engine", "magic"), 2, "no answer engine 'magic'"),
        (("ask", "x", "--history", "nowhere.json"), 2, "cannot be read"),
        (("ask", "x", "--corpus", "nowhere"), 2, "no corpus folder"),
        (("ingest", "nowhere.pdf"), 2, "no such file"),
        (("remove", "nothing"), 2, "no document 'nothing'"),
        (("serve", "--host", "0.0.0.0"), 2, "--auth"),
        (("serve", "--auth", "me"), 2, "user:password"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_2(airace: Any, arguments: tuple[str, ...], code: int, says: str) -> None:
    if arguments[:1] in (("ask",), ("remove",)):
        airace("ingest")
    done = airace(*arguments)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if arguments:
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_two_corpora_without_data_dir_do_not_share_an_index(airace: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("Potatoes grow in Idaho.\n")
    environment = {"AIRACE_DATA_DIR": "", "XDG_DATA_HOME": str(tmp_path / "home")}
    assert json.loads(airace("sources", "--json", **environment).stdout)["count"] == 2
    assert json.loads(airace("sources", "--corpus", str(other), "--json", **environment).stdout)["count"] == 1
    assert json.loads(airace("sources", "--json", **environment).stdout)["count"] == 2


def test_the_index_follows_when_the_same_data_dir_gets_another_corpus(airace: Any, tmp_path: Path) -> None:
    airace("ingest")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("Potatoes grow in Idaho.\n")
    assert "Potatoes" in airace("ask", "Where do potatoes grow?", "--corpus", str(other)).stdout
