"""Gathers what the index should hold: the corpus folder and the library, each document once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from rag.errors import ConfigurationError, LoadingError
from rag.library import Library
from rag.loading import DocumentReader, doc_id_from, doc_id_from_url, is_url
from rag.loading.files import scan
from rag.loading.text import one_line
from rag.records import DocumentRecord, bytes_hash
from rag.types import Document

__all__ = [
    "LOADER_VERSION",
    "Gathered",
    "gather",
    "is_own_name",
    "load_source",
    "sources_in",
    "unlike_others",
]

LOADER_VERSION = "3"
"""Raise it whenever a loader gives other text for the same file: everything is then read again."""

_LEADS_OUT = "it is a link that leads out of the folder: put the file itself there"


@dataclass
class Gathered:
    """Documents, and what was left out and why."""

    documents: list[DocumentRecord] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    _by_text: dict[str, str] = field(default_factory=dict)
    _by_id: dict[str, str] = field(default_factory=dict)

    def take(self, document: DocumentRecord) -> None:
        """Add a document unless its text or its id is there already."""
        twin = self._by_text.get(document.text_hash)
        if twin is not None:
            self.duplicates.append((document.source, twin))
        elif document.doc_id in self._by_id:
            other = self._by_id[document.doc_id]
            self.skipped.append((document.source, f"its id {document.doc_id!r} is that of {other}: give it another"))
        else:
            self._by_text[document.text_hash] = document.doc_id
            self._by_id[document.doc_id] = document.source
            self.documents.append(document)

    def has_id(self, doc_id: str) -> bool:
        """Whether a document of this id was taken."""
        return doc_id in self._by_id


def gather(
    corpus_dir: Path, library: Library, *, known: Mapping[tuple[str, str], DocumentRecord], reader: DocumentReader
) -> Gathered:
    """Read the corpus folder and the library.

    Args:
        corpus_dir: The folder; documents are named by their path below it unless they bring an id.
        library: Added and removed documents.
        known: Documents already read, by source and hash of their bytes; they are not parsed again.
        reader: Reads them; what it refuses is skipped.
    """
    gathered = Gathered()
    removed = library.removed()
    files, links = scan(corpus_dir)
    gathered.skipped += [(one_line(path.relative_to(corpus_dir).as_posix()), _LEADS_OUT) for path in links]
    for path in files:
        source = path.relative_to(corpus_dir).as_posix()
        try:
            data, source_hash = _content(path, reader)
            document = known.get((source, source_hash))
            if document is None:
                document = DocumentRecord.of(reader.read(data, name=path.name, source=source), source_hash)
        except LoadingError as error:
            gathered.skipped.append((one_line(source), str(error)))
            continue
        if gathered.has_id(document.doc_id) and is_own_name(document):
            renamed = replace(document.document(), doc_id=unlike_others(document))
            document = DocumentRecord.of(renamed, source_hash)
        if document.doc_id not in removed:
            gathered.take(document)
    for added, source_hash in library.documents():
        gathered.take(DocumentRecord.of(added, source_hash))
    return gathered


def sources_in(names: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Files and addresses that the user's arguments stand for; folders become their files.

    Returns:
        Them, and what is left out with the reason.

    Raises:
        ConfigurationError: A path does not exist.
    """
    sources: list[str] = []
    skipped: list[tuple[str, str]] = []
    for name in names:
        path = Path(name).expanduser()
        if is_url(name):
            sources.append(name)
        elif path.is_dir():
            files, links = scan(path)
            sources += [str(file.resolve()) for file in files]
            skipped += [(one_line(str(link)), _LEADS_OUT) for link in links]
        elif path.exists():
            sources.append(str(path.resolve()))
        else:
            raise ConfigurationError(f"{name}: there is no such file or folder", "check the path")
    return sources, skipped


def load_source(source: str, reader: DocumentReader) -> tuple[Document, str]:
    """A file or web page that the user adds, with the hash of its content; its id is unlike any other's.

    Raises:
        LoadingError: It cannot be read; the message says why and what to do.
    """
    if is_url(source):
        document = reader.fetch(source)
        return document, bytes_hash(document.text.encode())
    path = Path(source)
    data, source_hash = _content(path, reader)
    return reader.read(data, name=path.name, source=source), source_hash


def _content(path: Path, reader: DocumentReader) -> tuple[bytes, str]:
    """The bytes of a file, and their hash."""
    max_bytes = reader.limits.max_bytes
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)  # whatever size it says it has
            size = max(len(data), os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise LoadingError(error.strerror or str(error), "check the file and its permissions") from error
    if size > max_bytes:
        raise LoadingError(
            f"{size / 1e6:.0f} MB is over the limit of {max_bytes / 1e6:.0f} MB",
            "split it, or raise AIRACE_MAX_FILE_MB",
        )
    return data, bytes_hash(data + LOADER_VERSION.encode())


def is_own_name(document: Document | DocumentRecord) -> bool:
    """Whether the id was made from the file name or address, and may so be that of another source by chance."""
    return document.doc_id in (doc_id_from(PurePath(document.source).stem), doc_id_from_url(document.source))


def unlike_others(document: Document | DocumentRecord) -> str:
    """The id made unique by a hash of the source."""
    return f"{document.doc_id}-{bytes_hash(document.source.encode())[:8]}"
