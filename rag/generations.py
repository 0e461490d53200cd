"""Generations of the index: every sync builds a whole new one beside the old and switches to it at the end.

    data_dir/
    ├── CURRENT                 name of the generation in use, replaced atomically
    ├── index/<name>/           catalog.sqlite, chroma/, lexical/, manifest.json: never changed once in use
    ├── embeddings.sqlite       embeddings by hash of their text, shared by all generations
    ├── library/                documents added by hand
    ├── sync.lock               held by the one process that writes; the system frees it when that process ends
    └── sync.owner              which process that is, for whoever waits

A killed sync so leaves the old generation in use and a folder that the next sync clears away; a process that
is answering meanwhile keeps reading the generation that it has opened.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import IndexBusyError, SearchIndexError
from rag.library import Library, write_atomically

__all__ = ["DataDir", "Manifest"]

logger = logging.getLogger(__name__)

_BUILDING = ".building-"
_LOOKS, _BETWEEN_LOOKS_S = 5, 0.1


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
    files: dict[str, int] = field(default_factory=dict)
    """Size in bytes of every file of the generation, by its path in it."""


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
        except (OSError, ValueError):
            return None
        folder = self._generations / name
        return folder if name == folder.name and (folder / "manifest.json").is_file() else None

    @staticmethod
    def manifest(generation: Path) -> Manifest:
        """What a generation was made from.

        Raises:
            SearchIndexError: Its manifest is damaged.
        """
        try:
            return Manifest(**json.loads((generation / "manifest.json").read_text(encoding="utf-8")))
        except (OSError, TypeError, ValueError) as error:
            raise _damaged(generation, "manifest.json") from error

    @staticmethod
    def check_intact(generation: Path, manifest: Manifest) -> None:
        """Look whether every file is there in full; it takes microseconds, and spares reading past the end of one.

        Chroma writes its files anew whenever a process opens them: what is short is looked at again before it is said
        to be damaged.

        Raises:
            SearchIndexError: One is missing or cut short.
        """
        for looks_left in reversed(range(_LOOKS)):
            short = _first_short(generation, manifest)
            if short is None:
                return
            if not looks_left:
                raise _damaged(generation, short)
            time.sleep(_BETWEEN_LOOKS_S)

    @contextmanager
    def writing(self, *, timeout_s: float) -> Iterator[None]:
        """Hold the lock of the one writer; the system takes it from a process that has died.

        Raises:
            IndexBusyError: Another process held it for `timeout_s` seconds.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / "sync.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("waiting for %s, which is updating the index", self._owner())
            try:
                lock.acquire(timeout=timeout_s)
            except Timeout:
                raise IndexBusyError(
                    f"{self._owner()} is updating the index in {self.path}", "try again when it is done, or stop it"
                ) from None
        try:
            owner = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
            write_atomically(self.path / "sync.owner", json.dumps(owner))
            yield
        finally:
            (self.path / "sync.owner").unlink(missing_ok=True)
            lock.release()

    def _owner(self) -> str:
        """Who holds the lock, and for how long."""
        try:
            owner = json.loads((self.path / "sync.owner").read_text(encoding="utf-8"))
            age = max(0.0, time.time() - owner["since"])  # the clock may have been set back
            return f"process {owner['pid']} on {owner['host']}, at it for {age:.0f} s,"
        except (OSError, TypeError, ValueError, KeyError):
            return "another process"

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
        files = {
            path.relative_to(scratch).as_posix(): path.stat().st_size for path in scratch.rglob("*") if path.is_file()
        }
        manifest = replace(manifest, files=files)
        (scratch / "manifest.json").write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        previous = self.current()
        target = self._generations / scratch.name.removeprefix(_BUILDING)
        scratch.rename(target)
        write_atomically(self.path / "CURRENT", target.name)
        for folder in self._generations.iterdir():
            if folder not in (target, previous) and not folder.name.startswith(_BUILDING):
                discard(folder)
        return target

    @staticmethod
    def new_name(index_version: str) -> str:
        """A name that no generation has had, not even a deleted one: who has that open must see the difference."""
        return f"{index_version}-{secrets.token_hex(4)}"

    @property
    def _generations(self) -> Path:
        return self.path / "index"


def _first_short(generation: Path, manifest: Manifest) -> str | None:
    """The first file that is missing or shorter than it was when the generation was put into use."""
    for name, size in manifest.files.items():
        try:
            found = (generation / name).stat().st_size
        except OSError:
            found = -1
        if found < size:
            return name
    return None


def _damaged(generation: Path, name: str) -> SearchIndexError:
    return SearchIndexError(
        f"the index in {generation} is damaged ({name} is missing or broken)", "build it anew: airace ingest"
    )
