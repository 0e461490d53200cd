"""Generations of the index: every sync builds a whole new one beside the old and switches to it at the end.

    data_dir/
    ├── CURRENT                 name of the generation in use, replaced atomically
    ├── index/<name>/           catalog.sqlite, chroma/, lexical/, manifest.json: never changed once in use
    ├── embeddings.sqlite       embeddings by hash of their text, shared by all generations
    ├── library/                documents added by hand
    └── sync.lock               held by the one process that writes

A killed sync so leaves the old generation in use and a folder that the next sync clears away; a process that
is answering meanwhile keeps reading the generation that it has opened.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import IndexBusyError
from rag.library import Library, write_atomically

__all__ = ["DataDir", "Manifest"]

_BUILDING = ".building-"


def _remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one generation was made from."""

    index_version: str
    corpus_dir: str
    embedding_model: str
    embedder: str
    dimension: int
    chunker: str
    n_documents: int
    n_chunks: int
    created: str


@dataclass(frozen=True, slots=True)
class DataDir:
    """The folder of an index."""

    path: Path

    @property
    def embeddings(self) -> Path:
        """The cache of embeddings."""
        return self.path / "embeddings.sqlite"

    @property
    def library(self) -> Library:
        """The documents added by hand."""
        return Library(self.path / "library")

    def current(self) -> Path | None:
        """The generation in use, or None if there is none."""
        try:
            name = (self.path / "CURRENT").read_text(encoding="utf-8").strip()
        except OSError:
            return None
        folder = self._generations / name
        return folder if name and (folder / "manifest.json").is_file() else None

    @staticmethod
    def manifest(generation: Path) -> Manifest:
        """What a generation was made from."""
        return Manifest(**json.loads((generation / "manifest.json").read_text(encoding="utf-8")))

    @contextmanager
    def writing(self, *, timeout_s: float) -> Iterator[None]:
        """Hold the lock of the one writer.

        Raises:
            IndexBusyError: Another process held it for `timeout_s` seconds.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path / "sync.lock", timeout=timeout_s):
                yield
        except Timeout:
            raise IndexBusyError(
                f"another process is updating the index in {self.path}", "try again when it is done"
            ) from None

    @contextmanager
    def building(self, name: str, *, discard: Callable[[Path], None] = _remove_folder) -> Iterator[Path]:
        """A folder to build a generation in; only under `writing`. Leftovers of killed runs go first.

        Args:
            name: Of the generation.
            discard: Deletes the folder of a generation, and what it has elsewhere.
        """
        self._generations.mkdir(parents=True, exist_ok=True)
        for leftover in self._generations.glob(f"{_BUILDING}*"):
            discard(leftover)
        scratch = self._generations / f"{_BUILDING}{name}"
        scratch.mkdir()
        try:
            yield scratch
        finally:
            if scratch.exists():
                discard(scratch)

    def publish(self, scratch: Path, manifest: Manifest, *, discard: Callable[[Path], None] = _remove_folder) -> Path:
        """Put a finished generation into use; all but it and the one before it are deleted."""
        (scratch / "manifest.json").write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        previous = self.current()
        target = self._generations / scratch.name.removeprefix(_BUILDING)
        scratch.rename(target)
        write_atomically(self.path / "CURRENT", target.name)
        for folder in self._generations.iterdir():
            if folder not in (target, previous) and not folder.name.startswith(_BUILDING):
                discard(folder)
        return target

    def new_name(self, index_version: str) -> str:
        """A name for a new generation: its version, and a number that makes it unique."""
        folders = self._generations.iterdir() if self._generations.is_dir() else ()
        taken = {folder.name.removeprefix(_BUILDING) for folder in folders}
        number = next(n for n in range(len(taken) + 1) if f"{index_version}-{n}" not in taken)
        return f"{index_version}-{number}"

    @property
    def _generations(self) -> Path:
        return self.path / "index"
