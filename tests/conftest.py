"""What tests share: a clean environment, the real embedding model, small corpora, the default corpus indexed once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import Assistant, Settings
from rag.protocols import Embedder
from tests.assistants import indexed

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
_CACHE = os.environ.get("AIRACE_CACHE_DIR")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Indexing the default corpus takes most of a minute: what needs it is slow."""
    for item in items:
        if "default_assistant" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests gets in; every test has a working directory of its own."""
    for name in [name for name in os.environ if name.startswith("AIRACE_")]:
        monkeypatch.delenv(name)
    if _CACHE:
        monkeypatch.setenv("AIRACE_CACHE_DIR", _CACHE)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The packaged model."""
    from rag.embedding import open_embedder

    return open_embedder(Settings(cache_dir=_CACHE) if _CACHE else Settings())


@pytest.fixture
def make_assistant(tmp_path: Path, embedder: Embedder) -> Iterator[Callable[..., Assistant]]:
    """Makes an assistant over a folder of files given as name → text, not yet synced."""
    opened: list[Assistant] = []

    def make(files: dict[str, str | bytes] | None = None, **settings: object) -> Assistant:
        corpus = tmp_path / "corpus"
        corpus.mkdir(exist_ok=True)
        for name, content in (files or {}).items():
            path = corpus / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = {"corpus_dir": corpus, "data_dir": tmp_path / "data"} | settings
        assistant = Assistant.open(Settings(**options))
        assistant.__dict__["embedder"] = embedder  # loaded once for all tests
        opened.append(assistant)
        return assistant

    yield make
    for assistant in opened:
        assistant.close()


@pytest.fixture(scope="session")
def default_assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """The default corpus, indexed once for the whole run."""
    with indexed(ROOT / "corpus", tmp_path_factory.mktemp("default"), embedder) as assistant:
        yield assistant
