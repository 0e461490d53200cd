"""`airace doctor`: what is set, where it came from, what is installed, and whether the index is sound."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

from pydantic import SecretStr

from rag.assistant import Assistant
from rag.chroma_server import ChromaServer
from rag.errors import AiraceError
from rag.index import find_disagreements
from rag.protocols import Reranker, Verifier
from rag.settings import Settings, setting_origins

__all__ = ["Check", "diagnose"]

_PACKAGES = (
    "chromadb", "sentence-transformers", "onnxruntime", "torch", "langchain-core", "gradio",
    "langchain", "langchain-openai", "langchain-anthropic", "langchain-google-genai", "langchain-ollama", "xllamacpp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: fine or not, and what was seen."""

    name: str
    ok: bool
    detail: str


def diagnose(settings: Settings, options: Mapping[str, Any]) -> dict[str, Any]:
    """The report: effective settings with their origin (secrets masked), packages, checks."""
    origins = setting_origins(dict(options))
    return {
        "settings": {
            name: {"value": _shown(getattr(settings, name)), "from": origins[name]} for name in Settings.model_fields
        },
        "packages": {name: _version(name) for name in ("airace", *_PACKAGES)},
        "python": platform.python_version(),
        "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in _checks(settings)],
    }


def _checks(settings: Settings) -> Iterator[Check]:
    folder = settings.corpus_dir
    yield Check("corpus folder", folder.is_dir(), str(folder) if folder.is_dir() else f"{folder} does not exist")
    try:
        assistant = Assistant.open(settings)
        started = perf_counter()
        embedding = assistant.embedder.embed_query("a question")
        elapsed = (perf_counter() - started) * 1000
        yield Check(
            "embedding model",
            True,
            f"{assistant.embedder.name}, {len(embedding.vector)} dimensions, {elapsed:.0f} ms",
        )
    except AiraceError as error:
        yield Check("embedding model", False, str(error))
        return
    yield _opened("reranker", lambda: assistant.reranker)
    yield _opened("verifier", lambda: assistant.verifier)
    try:
        yield _vector_store(settings)
        index = assistant.index
    except AiraceError as error:
        yield Check("index", False, str(error))
        return
    findings = find_disagreements(index)
    manifest = index.manifest
    size = f"{manifest.n_documents} documents, {manifest.n_chunks} passages, version {manifest.index_version}"
    yield Check(
        "index",
        not findings,
        size if not findings else "; ".join([*findings[:3], "rebuild: airace ingest --rebuild"]),
    )
    yield _engine(assistant)


def _vector_store(settings: Settings) -> Check:
    server = ChromaServer.of(settings)
    if server is None:
        return Check("vector store", True, "Chroma in this process")
    try:
        offered = "offered, not needed" if server.offers_hybrid_search() else "not offered"
        return Check("vector store", True, f"Chroma server at {server.address}; hybrid search of its own: {offered}")
    except AiraceError as error:
        return Check("vector store", False, str(error))


def _opened(part: str, open_part: Callable[[], Reranker | Verifier]) -> Check:
    try:
        return Check(part, True, open_part().name)
    except AiraceError as error:
        return Check(part, False, str(error))


def _engine(assistant: Assistant) -> Check:
    """One question to the quote engine, one short request to a language model."""
    try:
        engine = assistant.engine
        described = engine.describe()
        if engine.name == "quote":
            answer = assistant.ask("What are these documents about?")
            described += f", {answer.timings_ms.total:.0f} ms for a question"
        return Check("answer engine", True, described)
    except AiraceError as error:
        return Check("answer engine", False, str(error))


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "********"
    if isinstance(value, str):
        return re.sub(r"(?<=://)[^/@\s]*@", "********@", value)  # a user and password in an address
    return value if isinstance(value, int | float | str) or value is None else str(value)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
