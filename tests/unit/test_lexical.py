"""Terms, BM25 and rarity."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.dates import date_bounds
from rag.lexical import LexicalIndex, content_terms, terms

TEXTS = ["Nvidia lost $589 billion.", "Nvidia gained.", "DeepSeek trained R1.", "", "The U.S. controls exports."]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    LexicalIndex.build(TEXTS, tmp_path / "lexical")
    return LexicalIndex.load(tmp_path / "lexical")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("training", "trained"),
        ("U.S. exports", "US export"),
        ("589,000", "589000"),
        ("Nvidia’s", "nvidia"),
        ("ＧＰＵ", "gpu"),
    ],
)
def test_different_spellings_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(("one", "other"), [("V3.1", "V3.2"), ("3.1", "31"), ("R1", "R2")])
def test_different_numbers_are_different_terms(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_questions_keep_their_content_words_once_and_in_order() -> None:
    assert content_terms("What did the chips of Nvidia, and only chips, do?") == ["chip", "nvidia"]


def test_chinese_is_searched_character_by_character() -> None:
    assert terms("人工智能") == ["人", "工", "智", "能"]


def test_rows_with_the_words_come_first_and_others_not_at_all(index: LexicalIndex) -> None:
    scores = index.scores(content_terms("What did Nvidia lose in billions?"))
    assert index.top(scores, k=5) == [0, 1]
    assert index.top(scores, k=5, rows=[1, 2]) == [1]


def test_unknown_words_match_nothing(index: LexicalIndex) -> None:
    scores = index.scores(["zzz"])
    assert scores.shape == (len(TEXTS),)
    assert index.top(scores, k=5) == []


def test_rare_terms_weigh_more(index: LexicalIndex) -> None:
    assert index.idf("zzz") > index.idf("deepseek") > index.idf("nvidia") > 0


@pytest.mark.parametrize(
    ("date", "bounds"),
    [
        ("2024", ("2024-01-01", "2024-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2025-01-27", ("2025-01-27", "2025-01-27")),
        ("2025-13", None),
        ("2025-02-30", None),
        ("soon", None),
    ],
)
def test_a_date_stands_for_all_days_that_it_may_mean(date: str, bounds: tuple[str, str] | None) -> None:
    assert date_bounds(date) == bounds
