"""One opened generation of the index: catalog, vectors, lexical index and embeddings, ready to search."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.catalog import CATALOG_VERSION, Catalog
from rag.chroma_server import ChromaServer
from rag.chunk_tokens import TokenSpans
from rag.embedding_cache import EmbeddingCache
from rag.errors import IndexMismatchError, IndexMissingError
from rag.faults import reading_index
from rag.generations import DataDir, Manifest
from rag.lexical import LEXICAL_VERSION, LexicalIndex
from rag.protocols import Embedder
from rag.spelling import Speller
from rag.store import ChromaStore

__all__ = ["Index", "find_disagreements"]


@dataclass(frozen=True)
class Index:
    """Everything that a search reads."""

    folder: Path
    manifest: Manifest
    catalog: Catalog
    store: ChromaStore
    lexical: LexicalIndex
    speller: Speller
    embeddings: EmbeddingCache
    token_spans: TokenSpans

    @classmethod
    def open(cls, data_dir: DataDir, embedder: Embedder, server: ChromaServer | None = None) -> Index:
        """Open the generation in use, its vectors on the Chroma server if there is one.

        Raises:
            IndexMissingError: There is none.
            IndexMismatchError: It was made with another embedding model, or by another version; or its vectors are
                elsewhere.
            SearchIndexError: It is damaged.
        """
        folder = data_dir.current()
        if folder is None:
            raise IndexMissingError(f"there is no index in {data_dir.path}", "build it: airace ingest")
        manifest = data_dir.manifest(folder)
        if manifest.embedding_model != embedder.name:
            raise IndexMismatchError(
                f"the index was built with the embedding model {manifest.embedding_model}, not {embedder.name}",
                "rebuild it with `airace ingest`, or set AIRACE_EMBEDDING_MODEL back",
            )
        versions = f"-{LEXICAL_VERSION}-{CATALOG_VERSION}"
        if manifest.embedder != embedder.fingerprint or not manifest.chunker.endswith(versions):
            raise IndexMismatchError("the index was built by another version of airace", "rebuild it: airace ingest")
        data_dir.check_intact(folder, manifest)
        with reading_index():
            return cls(
                folder=folder,
                manifest=manifest,
                catalog=Catalog(folder / "catalog.sqlite"),
                store=ChromaStore.open(folder / "chroma", server),
                lexical=LexicalIndex.load(folder / "lexical"),
                speller=Speller.load(folder / "lexical"),
                embeddings=EmbeddingCache(data_dir.embeddings),
                token_spans=TokenSpans(),
            )

    def close(self) -> None:
        """Release all files."""
        self.catalog.close()
        self.store.close()
        self.embeddings.close()


def find_disagreements(index: Index) -> list[str]:
    """What does not fit together in an index, one line each; an empty list is a healthy index."""
    findings = []
    entries = index.catalog.entries()
    vectors = index.store.ids()
    for chunk_id in sorted(set(entries) - vectors):
        findings.append(f"passage {chunk_id} has no vector")
    for chunk_id in sorted(vectors - set(entries)):
        findings.append(f"vector {chunk_id} has no passage")
    if index.lexical.n_rows != len(entries):
        findings.append(f"the lexical index has {index.lexical.n_rows} rows for {len(entries)} passages")
    missing = index.embeddings.missing(entry.embedding_key for entry in entries.values())
    findings += [f"embedding {key} is missing" for key in missing]
    texts = {document.doc_id: document.text for document, _ in index.catalog.documents()}
    for chunk_id, entry in entries.items():
        chunk = entry.chunk
        if texts.get(chunk.doc_id, "")[chunk.start : chunk.end] != chunk.text:
            findings.append(f"passage {chunk_id} is not what its document says at {chunk.start}:{chunk.end}")
    return findings
