"""The state of an index: what it was made from, what was left out and why, and whether its parts fit together."""

from __future__ import annotations

from dataclasses import dataclass

from rag.gather import gather
from rag.generations import DataDir, Manifest
from rag.index import Index, find_disagreements
from rag.loading import DocumentReader, Limits
from rag.settings import Settings

__all__ = ["IndexHealth", "index_health"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexHealth:
    """What there is to know about an index.

    manifest: What it was made from.
    bytes_on_disk: Size of the data directory.
    duplicates: (source, id of the document with the same text); indexed once.
    near_duplicates: (document, id of the one that it shares 90 % of its sentences with); shown once in a search.
    skipped: (source, reason and what to do): files in which nothing could be read.
    disagreements: What does not fit together; a rebuild mends it.
    """

    manifest: Manifest
    bytes_on_disk: int
    duplicates: tuple[tuple[str, str], ...]
    near_duplicates: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]
    disagreements: tuple[str, ...]


def index_health(settings: Settings, data_dir: DataDir, index: Index) -> IndexHealth:
    """Examine an index; only files that it does not hold are read again."""
    known = {(record.source, record.source_hash): record for record, _ in index.catalog.records().values()}
    with DocumentReader(Limits.of(settings)) as reader:
        gathered = gather(settings.corpus_dir, data_dir.library, known=known, reader=reader)
    return IndexHealth(
        manifest=index.manifest,
        bytes_on_disk=sum(file.stat().st_size for file in data_dir.path.rglob("*") if file.is_file()),
        duplicates=tuple(gathered.duplicates),
        near_duplicates=tuple(
            (doc.doc_id, doc.duplicate_of) for doc, _ in index.catalog.documents() if doc.duplicate_of
        ),
        skipped=tuple(gathered.skipped),
        disagreements=tuple(find_disagreements(index)),
    )
