"""Embedding models: the packaged MiniLM in ONNX Runtime, any other through sentence-transformers."""

from __future__ import annotations

from rag.embedding.packaged import open_packaged_embedder
from rag.embedding.sentence_transformer import SentenceTransformerEmbedder
from rag.protocols import Embedder
from rag.settings import PACKAGED_MODEL, Settings

__all__ = ["open_embedder"]


def open_embedder(settings: Settings) -> Embedder:
    """The embedding model that the settings name, ready to use.

    Raises:
        ModelError: It cannot be loaded, or its weights are not the known ones.
    """
    if settings.embedding_model == PACKAGED_MODEL:
        return open_packaged_embedder(settings.cache_dir)
    return SentenceTransformerEmbedder(settings.embedding_model)
