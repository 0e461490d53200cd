"""The pipeline of most LangChain tutorials, to compare airace with: splitter, embeddings on torch, Chroma.

The weights are airace's, everything else is as the libraries have it. The embeddings do what HuggingFaceEmbeddings of
langchain-huggingface 1.2 does; that package itself asks for an older huggingface-hub than airace is locked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embedding.packaged import packaged_model_dir
from rag.errors import ConfigurationError

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import VectorStore

__all__ = ["check_installed", "stock_embeddings", "stock_store"]

_PACKAGES = ("langchain_chroma", "langchain_text_splitters")
_CHUNK_CHARS, _OVERLAP_CHARS = 1000, 200  # of LangChain's own tutorial on retrieval


def check_installed() -> None:
    """Do nothing if the packages of the stock pipeline are there.

    Raises:
        ConfigurationError: One is missing.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"LangChain's stock pipeline is not installed ({', '.join(missing)})", "pip install 'airace[bench]'"
        )


def stock_embeddings() -> Embeddings:
    """The packaged MiniLM in sentence-transformers on torch."""
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(packaged_model_dir()))

    class TorchEmbeddings(Embeddings):
        """One call for all texts, with the library's own batch size."""

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            lines = [text.replace("\n", " ") for text in texts]
            vectors: list[list[float]] = model.encode(lines, show_progress_bar=False).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    return TorchEmbeddings()


def stock_store(texts: Mapping[str, str], embeddings: Embeddings, folder: Path) -> VectorStore:
    """Split, embed and store texts by name in a new Chroma database in `folder`."""
    from chromadb.config import Settings
    from langchain_chroma import Chroma
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK_CHARS, chunk_overlap=_OVERLAP_CHARS)
    chunks = splitter.create_documents(list(texts.values()), metadatas=[{"source": name} for name in texts])
    settings = Settings(anonymized_telemetry=False, is_persistent=True)
    store: VectorStore = Chroma.from_documents(
        chunks, embeddings, persist_directory=str(folder), client_settings=settings
    )
    return store
