"""Terms, BM25 and rarity."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import date_bounds
from rag.lexical import LexicalIndex, content_terms, terms

TEXTS = ["Nvidia lost $589 billion.", "Nvidia gained.", "DeepSeek trained R1.", "", "The U.S. controls exports."]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    LexicalIndex.build(dict(enumerate(TEXTS)), tmp_path / "lexical")
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


@given(
    before=st.lists(st.text("ab12 ", max_size=12), min_size=1, max_size=6),
    after=st.lists(st.text("abc1 ", max_size=12), min_size=1, max_size=6),
    data=st.data(),
)
def test_an_index_taken_over_in_part_is_the_one_built_anew(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("words")
    kept = data.draw(
        st.dictionaries(st.integers(0, len(after) - 1), st.integers(0, len(before) - 1)).filter(
            lambda pairs: len(set(pairs.values())) == len(pairs)
        )
    )
    texts = {row: before[kept[row]] if row in kept else text for row, text in enumerate(after)}
    LexicalIndex.build(dict(enumerate(before)), folder / "old")
    LexicalIndex.build(texts, folder / "anew")
    fresh = {row: text for row, text in texts.items() if row not in kept}
    LexicalIndex.build(fresh, folder / "taken", kept=kept, old=folder / "old")
    anew, taken = LexicalIndex.load(folder / "anew"), LexicalIndex.load(folder / "taken")
    words = sorted({term for text in [*before, *after] for term in terms(text)})
    assert taken.n_rows == anew.n_rows == len(after)
    assert [taken.idf(word) for word in words] == [anew.idf(word) for word in words]
    assert [taken.knows(word) for word in words] == [anew.knows(word) for word in words]
    assert taken.scores(words).tolist() == anew.scores(words).tolist()


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
