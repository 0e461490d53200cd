"""A throw-away index over a benchmark's texts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rag import Assistant, Settings
from rag.errors import ConfigurationError
from rag.sync import Progress

__all__ = ["existing_file", "indexed_folder", "indexed_texts"]


@contextmanager
def indexed_folder(corpus_dir: Path, settings: Settings, *, progress: Progress | None = None) -> Iterator[Assistant]:
    """An assistant over a folder, its index in a temporary place; all other settings as given."""
    with tempfile.TemporaryDirectory(prefix="airace-bench-") as scratch:
        options = {"corpus_dir": corpus_dir.resolve(), "data_dir": Path(scratch)}
        assistant = Assistant.open(settings.model_copy(update=options))
        assistant.sync(progress=progress)
        try:
            yield assistant
        finally:
            assistant.close()


@contextmanager
def indexed_texts(
    texts: Mapping[str, str], settings: Settings, *, progress: Progress | None = None
) -> Iterator[Assistant]:
    """An assistant over texts by name; the document id is the name."""
    with tempfile.TemporaryDirectory(prefix="airace-texts-") as scratch:
        for name, text in texts.items():
            (Path(scratch) / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
        with indexed_folder(Path(scratch), settings, progress=progress) as assistant:
            yield assistant


def existing_file(path: Path) -> Path:
    """The path, if there is a file.

    Raises:
        ConfigurationError: There is none.
    """
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}", "check the path of the benchmark's data")
    return path
