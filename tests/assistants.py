"""Assistants over folders of documents, for fixtures that are shared by more than one test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag import Assistant, Settings
from rag.protocols import Embedder

__all__ = ["indexed", "write_files"]


@contextmanager
def indexed(corpus: Path, data: Path, embedder: Embedder, **settings: Any) -> Iterator[Assistant]:
    """An assistant that has read the folder, with the model that was loaded once for all tests."""
    assistant = Assistant.open(Settings(corpus_dir=corpus, data_dir=data, **settings))
    assistant.__dict__["embedder"] = embedder
    assistant.sync()
    yield assistant
    assistant.close()


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """A new folder with files, given as name → text."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
