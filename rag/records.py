"""Documents and chunks as the catalog stores them: a sync passes on what has not changed without reading it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from rag.types import Chunk, Document, Origin, OriginSpan

__all__ = ["ChunkRow", "DocumentRecord", "bytes_hash", "document_from_dict", "document_to_dict"]

_DOCUMENT_FIELDS = tuple(field.name for field in fields(Document))
_ORIGIN_FIELDS = tuple(field.name for field in fields(Origin))


def bytes_hash(data: bytes) -> str:
    """What tells one content from another."""
    return hashlib.sha256(data).hexdigest()


def document_to_dict(document: Document) -> dict[str, Any]:
    """The document as JSON data; `dataclasses.asdict` copies every value, which took most of a large sync."""
    data = {name: getattr(document, name) for name in _DOCUMENT_FIELDS}
    data["origins"] = [
        {
            "start": span.start,
            "end": span.end,
            "origins": [{name: getattr(origin, name) for name in _ORIGIN_FIELDS} for origin in span.origins],
        }
        for span in document.origins
    ]
    return data


def document_from_dict(data: Mapping[str, Any]) -> Document:
    """The inverse of `document_to_dict` after a trip through JSON."""
    origins = tuple(
        OriginSpan(
            start=span["start"],
            end=span["end"],
            origins=tuple(Origin(**origin) for origin in span["origins"]),
        )
        for span in data["origins"]
    )
    fields = {
        **data,
        "origins": origins,
        "themes": tuple(data["themes"]),
        "page_starts": tuple(data["page_starts"]),
    }
    return Document(**fields)


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document as read, before it is compared with others; parsed only when somebody asks for it.

    source_hash: Of the bytes it was read from.
    text_hash: The same for documents of the same text.
    digest: Of `data`: two documents with the same one are the same in all they say and all that is known about them.
    data: The document as JSON.
    """

    doc_id: str
    source: str
    source_hash: str
    text_hash: str
    digest: str
    data: str

    @classmethod
    def of(cls, document: Document, source_hash: str) -> DocumentRecord:
        """The record of a document just read."""
        data = json.dumps(document_to_dict(document))
        text_hash = bytes_hash(document.text.strip().encode())
        return cls(document.doc_id, document.source, source_hash, text_hash, bytes_hash(data.encode()), data)

    @property
    def is_intact(self) -> bool:
        """Whether the data is what it was when it was written."""
        return bytes_hash(self.data.encode()) == self.digest

    def document(self) -> Document:
        """The document itself."""
        return document_from_dict(json.loads(self.data))


class ChunkRow(NamedTuple):
    """A chunk in its place in the index, and what of it the index before has.

    old_row: Its row there, if it has the same text there.
    chunk: Itself, unless its whole document is as it was.
    """

    chunk_id: str
    doc_id: str
    embedding_key: str
    old_row: int | None
    chunk: Chunk | None
