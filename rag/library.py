"""What the user has added beside the corpus folder, and what was removed: one JSON file a document.

Together with the corpus folder it says what the index should hold; `rag.sync` makes it so. Files that will not stay
where they are, as uploads, are kept in `files/`, under their own names in folders named by their content.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import SearchIndexError
from rag.faults import writing_index
from rag.records import document_from_dict, document_to_dict
from rag.types import Document

__all__ = ["Library", "write_atomically"]

_REMOVED = "removed.json"
_FILES = "files"


def write_atomically(path: Path, text: str) -> None:
    """Write a whole file or nothing.

    Raises:
        SearchIndexError: The disk is full, or nothing may be written there.
    """
    with writing_index(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with scratch.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(path)
        except OSError:
            scratch.unlink(missing_ok=True)
            raise


class Library:
    """Added documents and removed ids below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, document: Document, source_hash: str) -> None:
        """Keep a document; one from the same source is replaced, a removal of its id is taken back."""
        data = {"source_hash": source_hash, "document": document_to_dict(document)}
        write_atomically(self._path(document.source), json.dumps(data))
        self._write_removed(self.removed() - {document.doc_id})

    def documents(self) -> Iterator[tuple[Document, str]]:
        """The added documents in a stable order, each with the hash of the bytes it was read from."""
        for path in sorted(self._folder.glob("*.json")):
            if path.name != _REMOVED:
                with _reading(path):
                    data = json.loads(path.read_text(encoding="utf-8"))
                    document = document_from_dict(data["document"]), str(data["source_hash"])
                yield document

    def remove(self, doc_id: str) -> None:
        """Forget an added document, or keep one of the corpus folder out of the index."""
        added = [document.source for document, _ in self.documents() if document.doc_id == doc_id]
        for source in added:
            self._path(source).unlink(missing_ok=True)
            self.discard(source)
        if not added:
            self._write_removed(self.removed() | {doc_id})

    def keep(self, file: Path) -> Path:
        """A copy of a file under the same name that stays; the same content gives the same place."""
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()[:12]
        target = self._folder / _FILES / content / file.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            scratch = target.with_name(f".{os.getpid()}")
            shutil.copyfile(file, scratch)
            scratch.replace(target)
        return target

    def discard(self, source: str) -> None:
        """Delete the copy that `keep` made; other files are left alone."""
        path = Path(source)
        if path.parent.parent == self._folder / _FILES and path.is_file():
            shutil.rmtree(path.parent)

    def restore(self, doc_ids: set[str]) -> None:
        """Take back removals."""
        if self.removed() & doc_ids:
            self._write_removed(self.removed() - doc_ids)

    def removed(self) -> set[str]:
        """Ids that were removed."""
        path = self._folder / _REMOVED
        with _reading(path):
            return set(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else set()

    def _write_removed(self, ids: set[str]) -> None:
        if ids != self.removed():
            write_atomically(self._folder / _REMOVED, json.dumps(sorted(ids)))

    def _path(self, source: str) -> Path:
        return self._folder / f"{hashlib.sha256(source.encode()).hexdigest()[:24]}.json"


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SearchIndexError(f"{path} is damaged", "delete it, and add again what it held: airace ingest") from error
