"""Bootstrap intervals and the paired comparison."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.metrics.intervals import interval, paired_p_value, proportion_interval


def test_the_interval_of_a_rate_is_about_its_normal_approximation() -> None:
    values = np.array([1.0] * 70 + [0.0] * 30)
    low, high = interval(100, lambda sample: float(values[sample].mean()), seed=1)
    half = 1.96 * math.sqrt(0.7 * 0.3 / 100)
    assert low == pytest.approx(0.7 - half, abs=0.03)
    assert high == pytest.approx(0.7 + half, abs=0.03)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(20.0)
    intervals = {interval(20, lambda sample: float(values[sample].mean()), seed=7) for _ in range(2)}
    assert len(intervals) == 1


def test_a_figure_that_never_varies_has_an_interval_without_width() -> None:
    assert interval(10, lambda _: 1.0, seed=1) == (1.0, 1.0)


def test_draws_in_which_the_figure_is_undefined_are_left_out() -> None:
    low, high = interval(2, lambda sample: None if sample[0] == 0 else 0.5, seed=1)
    assert (low, high) == (0.5, 0.5)


def test_no_difference_is_no_finding_and_a_constant_one_is() -> None:
    assert paired_p_value([0.0] * 20, seed=1) == 1.0
    assert paired_p_value([0.5] * 20, seed=1) < 0.001


def test_one_question_in_a_hundred_may_be_chance() -> None:
    assert paired_p_value([1.0] + [0.0] * 99, seed=1) > 0.05


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_the_sign_of_the_differences_does_not_matter(differences: list[float]) -> None:
    assert paired_p_value(differences, seed=1) == pytest.approx(
        paired_p_value([-value for value in differences], seed=1), abs=0.02
    )


def test_the_interval_of_a_share_has_a_width_where_all_are_right() -> None:
    assert proportion_interval(1.0, 5) == pytest.approx((0.5655, 1.0), abs=1e-3)
    assert proportion_interval(0.0, 5) == pytest.approx((0.0, 0.4345), abs=1e-3)


def test_the_interval_of_a_share_is_wilsons() -> None:
    # 81 of 263: worked example of Newcombe 1998, Statistics in Medicine 17, table I
    assert proportion_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
