"""Abstention and confidence: examples worked by hand."""

from __future__ import annotations

import pytest

from evals.metrics.abstention import auroc, expected_calibration_error, risk_coverage


def test_auroc_counts_the_pairs_in_the_right_order() -> None:
    # Pairs (answerable, unanswerable): .9>.5, .9>.4, .4<.5, .4=.4 (half) → 2.5 of 4
    assert auroc([0.9, 0.4, 0.5, 0.4], [True, True, False, False]) == pytest.approx(0.625)
    assert auroc([0.9, 0.4], [True, True]) is None


def test_calibration_error_is_the_distance_of_confidence_and_frequency() -> None:
    # Two bins of two: mean .2 against 0/2, mean .8 against 2/2 → (2*.2 + 2*.2) / 4
    error = expected_calibration_error([0.1, 0.3, 0.7, 0.9], [False, False, True, True], n_bins=2)
    assert error == pytest.approx(0.2)
    assert expected_calibration_error([1.0, 0.0], [True, False]) == 0.0


def test_risk_coverage_follows_confidence_and_ends_where_airace_abstains() -> None:
    # Answered: .9 (right), .8 (wrong), .7 (right); .1 declined.
    curve = risk_coverage([0.8, 0.9, 0.1, 0.7], [True, False, False, False], [True, True, False, True])
    assert curve == [[0.25, 0.0], [0.5, 0.5], [0.75, pytest.approx(1 / 3)]]
