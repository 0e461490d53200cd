"""The chance of answering is shared among the best sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.shares import DEPTH, answer_shares
from rag.types import Evidence
from tests.unit.test_quote_engine import evidence

SCORES = st.lists(st.floats(-5, 5), min_size=1, max_size=40).map(lambda scores: sorted(scores, reverse=True))


def ranked(scores: list[float]) -> list[Evidence]:
    return evidence("a", [(f"Sentence {n}.", score) for n, score in enumerate(scores)])


@given(SCORES)
def test_shares_sum_to_one_and_follow_the_ranking(scores: list[float]) -> None:
    shares = answer_shares(ranked(scores))
    assert len(shares) == min(len(scores), DEPTH)
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)


@given(SCORES, st.floats(-3, 3))
def test_only_differences_between_scores_count(scores: list[float], shift: float) -> None:
    moved = [score + shift for score in scores]
    assert answer_shares(ranked(moved)) == pytest.approx(answer_shares(ranked(scores)), abs=1e-6)


def test_without_evidence_there_is_nothing_to_share() -> None:
    assert answer_shares([]) == []
