"""With the vectors on a Chroma server: the same answers, several processes, nothing left behind, back after a stop."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import chromadb
import pytest

from rag import Assistant, Settings
from rag.chroma_server import ChromaServer
from rag.doctor import diagnose
from rag.errors import AiraceError, ConfigurationError, IndexMismatchError, SearchIndexError
from rag.index import find_disagreements
from tests.conftest import ROOT
from tests.integration.chroma_servers import RunningServer, token_proxy

MakeAssistant = Callable[..., Assistant]

FILES = {
    "a.md": "---\nid: a-1\ntitle: On A\npublisher: Alpha\n---\nNvidia lost $589 billion on 27 January 2025.\n",
    "b.txt": "DeepSeek trained its R1 model on H800 chips, the company said in September 2025.\n",
}
QUESTION = "How much did Nvidia lose?"
ASK_ON = """
import sys
from rag import Assistant
assistant = Assistant.open()
for _ in sys.stdin:
    answer = assistant.ask("How much did Nvidia lose?")
    print(answer.index_version, "589" in answer.answer, flush=True)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path / "server")
    running.start()
    yield running
    running.stop()


def collections(server: RunningServer) -> set[str]:
    client = chromadb.HttpClient("127.0.0.1", server.port)
    return {collection.name for collection in client.list_collections()}


def test_each_generation_has_a_collection_and_old_ones_go(make_assistant: MakeAssistant, server: RunningServer) -> None:
    assistant = make_assistant(FILES, chroma_url=server.url)
    assistant.sync()
    first = collections(server)
    for text in ("Baidu makes Ernie.\n", "Baidu makes Ernie 4.\n", "Baidu makes Ernie 5.\n"):
        make_assistant({"c.txt": text})
        assistant.sync()
        assert find_disagreements(assistant.index) == []
    assert len(collections(server)) == 2, "the one in use, and the one before, which may still be read"
    assert not first & collections(server)
    assert "589" in assistant.ask(QUESTION).answer


def test_what_a_killed_sync_left_on_the_server_goes_with_the_next(
    make_assistant: MakeAssistant, server: RunningServer, tmp_path: Path
) -> None:
    make_assistant(FILES, chroma_url=server.url).sync()
    left = tmp_path / "data" / "index" / ".building-killed" / "chroma"
    left.mkdir(parents=True)
    (left / "collection").write_text("airace-left-behind")
    chromadb.HttpClient("127.0.0.1", server.port).create_collection("airace-left-behind")
    make_assistant({"c.txt": "Baidu makes Ernie.\n"}, chroma_url=server.url).sync()
    assert "airace-left-behind" not in collections(server)
    assert not left.exists()


def test_a_stopped_server_is_one_clear_line_and_service_resumes_with_it(
    make_assistant: MakeAssistant, server: RunningServer
) -> None:
    assistant = make_assistant(FILES, chroma_url=server.url)
    assistant.sync()
    before = assistant.ask(QUESTION)
    server.stop()
    assert assistant.ask(QUESTION).answer == before.answer  # what was asked just now is still known
    assistant.forget()
    for _ in range(2):
        with pytest.raises(SearchIndexError, match=rf"{server.url} cannot be used .*start it") as caught:
            assistant.ask(QUESTION)
        assert "\n" not in str(caught.value)
    newcomer = make_assistant(FILES, chroma_url=server.url)
    with pytest.raises(SearchIndexError, match="cannot be used"):
        newcomer.ask(QUESTION)
    server.start()
    assert [a.ask(QUESTION).answer for a in (assistant, newcomer)] == [before.answer] * 2


def test_a_sync_while_the_server_is_away_changes_nothing(make_assistant: MakeAssistant, server: RunningServer) -> None:
    assistant = make_assistant(FILES, chroma_url=server.url)
    version = assistant.sync().index_version
    server.stop()
    make_assistant({"c.txt": "Baidu makes Ernie.\n"})
    with pytest.raises(SearchIndexError, match="cannot be used"):
        assistant.sync()
    server.start()
    assert assistant.ask(QUESTION).index_version == version
    assert assistant.sync().added == ("c",)
    assert find_disagreements(assistant.index) == []
    assert len(collections(server)) == 2


def test_an_index_moves_to_the_server_and_back(make_assistant: MakeAssistant, server: RunningServer) -> None:
    embedded = make_assistant(FILES)
    embedded.sync()
    before = embedded.ask(QUESTION)
    on_server = make_assistant(FILES, chroma_url=server.url)
    assert not on_server.is_indexed
    with pytest.raises(IndexMismatchError, match="in the data folder"):
        on_server.ask(QUESTION)
    on_server.sync()
    assert on_server.ask(QUESTION).answer == before.answer
    with pytest.raises(IndexMismatchError, match="on a Chroma server"):
        make_assistant(FILES).ask(QUESTION)
    embedded.sync()
    assert make_assistant(FILES).ask(QUESTION).citations


def test_two_processes_answer_while_one_of_them_ingests(
    make_assistant: MakeAssistant, server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = make_assistant(FILES, chroma_url=server.url)
    versions = [assistant.sync().index_version]
    for name, value in {"CORPUS": "corpus", "DATA_DIR": "data"}.items():
        monkeypatch.setenv(f"AIRACE_{name}", str(tmp_path / value))
    monkeypatch.setenv("AIRACE_CHROMA_URL", server.url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    other = subprocess.Popen(
        [sys.executable, "-c", ASK_ON], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert other.stdin
    assert other.stdout

    def others_answer() -> list[str]:
        assert other.stdin
        assert other.stdout
        other.stdin.write("\n")
        return other.stdout.readline().split()

    assert others_answer() == [versions[0], "True"]
    for number in range(4):
        make_assistant({"c.txt": f"Baidu makes Ernie {number}.\n"})
        other.stdin.write("\n" * 5)  # it answers while this process syncs
        versions.append(assistant.sync().index_version)
        meanwhile = [other.stdout.readline().split() for _ in range(5)]
        assert all(version in versions and right == "True" for version, right in meanwhile)
        assert others_answer() == [versions[-1], "True"], "it has taken up the new index"
        assert assistant.ask(QUESTION).index_version == versions[-1]
    other.stdin.close()
    assert other.wait(timeout=30) == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_token_goes_over_tls_and_without_it_nobody_gets_in(
    make_assistant: MakeAssistant, server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with token_proxy(server.port, "open sesame", certificate, key) as url:
        with pytest.raises(SearchIndexError, match=r"cannot be used .*AIRACE_CHROMA_TOKEN"):  # unknown certificate
            make_assistant(FILES, chroma_url=url, chroma_token="open sesame").sync()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(SearchIndexError, match="AIRACE_CHROMA_TOKEN"):
            make_assistant(FILES, chroma_url=url).sync()
        assistant = make_assistant(FILES, chroma_url=url, chroma_token="open sesame")
        assistant.sync()
        assert "589" in assistant.ask(QUESTION).answer
        report = diagnose(assistant.settings, {})
        assert "open sesame" not in json.dumps(report)
    assert next(c["detail"] for c in report["checks"] if c["name"] == "vector store").endswith("not offered")


@pytest.mark.parametrize("url", ["chroma:8000", "ftp://host", "http://", "http://host/tenant", "http://host:port"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="AIRACE_CHROMA_URL is http"):
        ChromaServer.of(Settings(chroma_url=url))


def test_an_address_may_name_tenant_and_database() -> None:
    server = ChromaServer.of(Settings(chroma_url="https://api.example.org/me/mine", chroma_token="t"))
    assert server == ChromaServer(host="api.example.org", port=443, tls=True, tenant="me", database="mine", token="t")


@pytest.mark.slow
def test_server_and_embedded_chroma_give_the_same_passages_and_answers(
    default_assistant: Assistant, server: RunningServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(default_assistant.settings.data_dir / "embeddings.sqlite", data)
    settings = default_assistant.settings.model_copy(update={"data_dir": data, "chroma_url": server.url})
    assistant = Assistant.open(settings)
    assistant.__dict__["embedder"] = default_assistant.embedder
    assistant.sync()
    lines = (ROOT / "evals" / "datasets" / "tune.jsonl").read_text(encoding="utf-8").splitlines()
    try:
        for question in [json.loads(line)["question"] for line in lines[:30]]:
            ours, theirs = ([p.chunk.chunk_id for p in a.search(question)] for a in (assistant, default_assistant))
            assert ours == theirs
            assert assistant.ask(question).answer == default_assistant.ask(question).answer
    except AiraceError as error:
        pytest.fail(str(error))
    finally:
        assistant.close()
