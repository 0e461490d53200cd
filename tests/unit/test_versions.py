"""Numbered products in a question, and those that no document mentions."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.answerability import names_unknown_version
from rag.question import named_versions


@pytest.mark.parametrize(
    ("question", "versions"),
    [
        ("How many parameters does Llama 5 have?", [("Llama", "5")]),
        ("GPT-5.5 or Seedance 2.0?", [("GPT", "5.5"), ("Seedance", "2.0")]),
        ("What does one CloudMatrix 384 cost?", [("CloudMatrix", "384")]),
        ("What happened on January 27?", []),
        ("Did OpenAI spend 40 billion dollars?", []),
        ("Did Nvidia 500 times refuse?", []),
        ("What was agreed in May 2026?", []),
    ],
)
def test_a_name_with_a_number_is_a_version_and_a_date_or_an_amount_is_none(
    question: str, versions: list[tuple[str, str]]
) -> None:
    assert named_versions(question) == versions


def test_a_version_is_known_however_its_number_is_joined() -> None:
    def mentions(phrases: Sequence[str]) -> bool:
        return "GPT-5.5" in phrases

    assert not names_unknown_version("What does GPT 5.5 cost?", mentions)
    assert names_unknown_version("What does GPT-6 cost?", mentions)
