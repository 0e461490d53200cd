"""Whatever reranks keeps to one contract: the built-in late interaction, and a cross-encoder by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag import Assistant
from rag.errors import ModelError
from rag.protocols import Reranker
from rag.reranking import open_reranker
from rag.settings import Settings
from tests.cross_encoders import save_cross_encoder

WORDS = ["nvidia", "lost", "money", "gallium", "is", "a", "soft", "metal", "who", "?", ".", "the", "chip", "sells"]
TEXTS = ["Nvidia lost money.", "Gallium is a soft metal.", "The chip sells."]
STAGES = [
    {"dense": cosine, "lexical": lexical, "fused": 0.03, "late": cosine, "late_sentence": cosine}
    for cosine, lexical in [(0.9, 0.8), (0.1, 0.0), (0.3, 0.1)]
]
FILES = {f"{n}.txt": f"{text}\n" for n, text in enumerate(TEXTS)}


@pytest.fixture
def cross_encoder(tmp_path: Path) -> str:
    folder = tmp_path / "tiny"
    folder.mkdir()
    return save_cross_encoder(folder, ["relevance"], WORDS)


@pytest.fixture(params=["built-in", "cross-encoder"])
def reranker(request: pytest.FixtureRequest) -> Reranker:
    if request.param == "built-in":
        return open_reranker(Settings())
    return open_reranker(Settings(reranker=request.getfixturevalue("cross_encoder")))


def test_every_passage_gets_a_score_from_0_to_1(reranker: Reranker) -> None:
    scores = reranker.score("Who lost money?", TEXTS, STAGES)
    assert len(scores) == 3
    assert all(0 <= score <= 1 for score in scores)


def test_a_passage_scores_the_same_whatever_is_beside_it(reranker: Reranker) -> None:
    together = reranker.score("Who lost money?", TEXTS, STAGES)
    alone = [reranker.score("Who lost money?", [text], [stage])[0] for text, stage in zip(TEXTS, STAGES, strict=True)]
    assert np.allclose(together, alone, atol=1e-5)


def test_without_passages_there_is_nothing_to_score(reranker: Reranker) -> None:
    assert len(reranker.score("Who lost money?", [], [])) == 0


def test_the_built_in_order_follows_the_stages() -> None:
    assert list(np.argsort(open_reranker(Settings()).score("Who?", TEXTS, STAGES))) == [1, 2, 0]


def test_a_cross_encoder_has_half_of_the_say(cross_encoder: str) -> None:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(cross_encoder)
    logits = model.predict([("Who lost money?", text) for text in TEXTS], activation_fn=lambda logits: logits)
    expected = (np.array(open_reranker(Settings()).score("", TEXTS, STAGES)) + 1 / (1 + np.exp(-logits))) / 2
    scores = open_reranker(Settings(reranker=cross_encoder)).score("Who lost money?", TEXTS, STAGES)
    assert np.allclose(scores, expected, atol=1e-5)


def test_only_the_first_fifty_are_read(cross_encoder: str) -> None:
    stages = [{**STAGES[0], "dense": 0.9 - n / 1000} for n in range(60)]
    scores = open_reranker(Settings(reranker=cross_encoder)).score("Who lost money?", TEXTS[:1] * 60, stages)
    assert min(scores[:50]) > max(scores[50:])


def test_answers_come_through_a_cross_encoder(make_assistant: Callable[..., Assistant], cross_encoder: str) -> None:
    plain, reranked = make_assistant(FILES), make_assistant(FILES, reranker=cross_encoder)
    plain.sync()
    before = {passage.chunk.chunk_id: passage for passage in plain.search("Who lost money?")}
    after = reranked.search("Who lost money?")
    assert {passage.chunk.chunk_id for passage in after} == set(before)
    assert all(passage.score != before[passage.chunk.chunk_id].score for passage in after)
    assert [passage.score for passage in after] == sorted((passage.score for passage in after), reverse=True)
    assert "Nvidia lost money." in reranked.ask("Who lost money?").answer


def test_a_model_that_is_not_there_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_reranker(Settings(reranker=str(tmp_path / "nothing")))


def test_a_model_for_inference_is_a_model_error(tmp_path: Path) -> None:
    name = save_cross_encoder(tmp_path, ["contradiction", "entailment", "neutral"], WORDS)
    with pytest.raises(ModelError, match="3 scores"):
        open_reranker(Settings(reranker=name))
