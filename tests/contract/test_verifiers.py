"""Whatever verifies keeps to one contract: the built-in checks, and a cross-encoder by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.protocols import Verifier
from rag.settings import Settings
from rag.verification.verifiers import open_verifier
from tests.cross_encoders import save_cross_encoder

WORDS = ["nvidia", "lost", "money", ".", "the", "chip", "sells"]
PASSAGES = ["The chip sells.", "Nvidia lost money. The chip sells."]


@pytest.fixture(params=["built-in", "cross-encoder"])
def verifier(request: pytest.FixtureRequest, tmp_path: Path) -> Verifier:
    if request.param == "built-in":
        return open_verifier(Settings())
    name = save_cross_encoder(tmp_path, ["contradiction", "entailment", "neutral"], WORDS)
    return open_verifier(Settings(verifier=name))


def test_a_sentence_word_for_word_is_supported_by_its_exact_quote(verifier: Verifier) -> None:
    verdict = verifier.verify("Nvidia lost money. [1]", PASSAGES)
    assert verdict.support == 1.0
    assert verdict.quote == (1, 0, 18)


def test_other_sentences_get_a_support_from_0_to_1_and_the_nearest_stretch(verifier: Verifier) -> None:
    verdict = verifier.verify("The chip lost.", PASSAGES, headings=["Nvidia", "Nvidia"])
    assert 0.0 <= verdict.support <= 1.0
    assert verdict.quote
    passage, start, end = verdict.quote
    assert PASSAGES[passage][start:end].strip()
    assert verdict.supported or verdict.reason


def test_without_passages_nothing_is_supported(verifier: Verifier) -> None:
    assert verifier.verify("Nvidia lost money.", []).support == 0.0


def test_a_model_that_is_not_there_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_verifier(Settings(verifier=str(tmp_path / "nothing")))


def test_a_model_without_entailment_is_a_model_error(tmp_path: Path) -> None:
    name = save_cross_encoder(tmp_path, ["bad", "good"], WORDS)
    with pytest.raises(ModelError, match="no label"):
        open_verifier(Settings(verifier=name))
