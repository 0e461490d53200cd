"""Every embedder keeps the protocol, and the converted model is the original."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag import Settings
from rag.embedding import open_embedder
from rag.embedding.export import MANIFEST_FILE, export
from rag.embedding.packaged import packaged_model_dir
from rag.embedding.sentence_transformer import SentenceTransformerEmbedder
from rag.errors import ModelError
from rag.protocols import Embedder

TEXTS = ["How much did Nvidia lose?", "", "中国 🤖 café e\u0301", "word " * 600, "DeepSeek trained R1 on H800 chips."]


@pytest.fixture(scope="module")
def original() -> Embedder:
    return SentenceTransformerEmbedder(str(packaged_model_dir()))


@pytest.fixture(params=["packaged", "sentence-transformers"])
def any_embedder(request: pytest.FixtureRequest) -> Embedder:
    return request.getfixturevalue("embedder" if request.param == "packaged" else "original")


@pytest.mark.slow
def test_every_text_gets_a_unit_vector_and_a_row_for_each_token(any_embedder: Embedder) -> None:
    found = dict(any_embedder.embed_documents(TEXTS))
    assert sorted(found) == list(range(len(TEXTS)))
    for position, embedding in found.items():
        assert embedding.vector.shape == (any_embedder.dimension,)
        assert np.linalg.norm(embedding.vector) == pytest.approx(1, abs=1e-4)
        assert len(embedding.tokens) == len(embedding.offsets) <= any_embedder.max_tokens
        assert all(0 <= start <= end <= len(TEXTS[position]) for start, end in embedding.offsets)


@pytest.mark.slow
def test_tokens_are_counted_without_cutting(any_embedder: Embedder) -> None:
    assert any_embedder.count_tokens(["word " * 600, ""]) == [600, 0]


@pytest.mark.slow
def test_the_converted_model_gives_the_vectors_of_sentence_transformers(embedder: Embedder, original: Embedder) -> None:
    """All but the rounding to int8; before it they are the same, as the test below holds."""
    ours, theirs = dict(embedder.embed_documents(TEXTS)), dict(original.embed_documents(TEXTS))
    for position in ours:
        assert float(ours[position].vector @ theirs[position].vector) >= 0.97


@pytest.mark.slow
def test_before_rounding_the_converted_model_is_the_original(tmp_path: Path) -> None:
    export(packaged_model_dir(), tmp_path)
    cosines = json.loads((tmp_path / MANIFEST_FILE).read_text())["min_cosine"]
    assert cosines["exact"] >= 0.9999
    assert cosines["int8"] >= 0.98


def test_what_a_text_becomes_does_not_depend_on_the_texts_beside_it(embedder: Embedder) -> None:
    together = dict(embedder.embed_documents(TEXTS))
    for position, text in enumerate(TEXTS):
        _, alone = next(iter(embedder.embed_documents([text])))
        assert (together[position].vector == alone.vector).all()
        assert (together[position].tokens == alone.tokens).all()


def test_a_query_is_embedded_as_a_document_of_the_same_words(embedder: Embedder) -> None:
    query = embedder.embed_query(TEXTS[0])
    _, document = next(iter(embedder.embed_documents([TEXTS[0]])))
    assert float(query.vector @ document.vector) == pytest.approx(1, abs=1e-5)
    assert query.tokens.shape == document.tokens.shape


@pytest.mark.slow
def test_a_model_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_embedder(Settings(embedding_model=str(tmp_path / "nothing")))
