"""Misspelt words of a question become words of the documents; other words stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.spelling import Speller

TEXTS = [
    "Huawei and Nvidia sell chips. DeepSeek trains on them.",
    "Nvidia and DeepSeek, Biden and Baidu.",
    "It was a human trial, a market for subsidies, pilots trained by a company.",
]


@pytest.fixture(scope="module")
def speller(tmp_path_factory: pytest.TempPathFactory) -> Speller:
    folder: Path = tmp_path_factory.mktemp("lexical")
    Speller.build(TEXTS, folder)
    return Speller.load(folder)


def correct(speller: Speller, text: str, *known: str) -> str:
    return speller.correct(text, is_word=lambda word: word in known)


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        ("Huwaei", "Huawei"),
        ("Nvidea", "Nvidia"),
        ("Deepseak", "DeepSeek"),
        ("deapseak", "DeepSeek"),
        ("Biadu", "Baidu"),
        ("companny", "company"),
        ("subsedeis", "subsidies"),
    ],
)
def test_a_slip_is_corrected_to_the_word_as_the_documents_write_it(speller: Speller, misspelt: str, right: str) -> None:
    assert correct(speller, f"What of {misspelt.lower()}'s plans?") == f"What of {right}'s plans?"


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("nvidia", id="the documents have it"),
        pytest.param("Bien", id="too short"),
        pytest.param("Biren", id="of five letters, one replaced"),
        pytest.param("Humain", id="a name, where the documents only have a word"),
        pytest.param("traineds", id="a form of a word"),
        pytest.param("Muawei", id="another first letter"),
        pytest.param("Huuwwei", id="two edits in a short word"),
        pytest.param("Nvidia2", id="with a digit"),
        pytest.param("华为人工智能公司", id="another script"),
    ],
)
def test_other_words_stay(speller: Speller, word: str) -> None:
    assert correct(speller, f"What does {word} buy?") == f"What does {word} buy?"


def test_a_word_known_from_elsewhere_stays(speller: Speller) -> None:
    assert correct(speller, "the markets of marker", "marker") == "the markets of marker"


def test_of_words_as_near_the_more_frequent_is_meant(tmp_path: Path) -> None:
    Speller.build(["planet planet plants"], tmp_path)
    assert correct(Speller.load(tmp_path), "planzt") == "planet"


@given(text=st.text(max_size=80))
def test_nothing_is_corrected_where_every_word_is_known(speller: Speller, text: str) -> None:
    assert speller.correct(text, is_word=lambda _: True) == text
