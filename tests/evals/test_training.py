"""The figures that the training of the weights goes by."""

from __future__ import annotations

import numpy as np
import pytest

from evals.training.answerability import expected_calibration_error, softmax_temperature


def test_a_calibrated_confidence_has_no_calibration_error() -> None:
    confidence = np.array([0.25] * 4 + [0.75] * 4)
    right = np.array([True, False, False, False, True, True, True, False])
    assert expected_calibration_error(confidence, right, np.ones(8)) == pytest.approx(0)


def test_overconfidence_is_an_error_of_its_size() -> None:
    confidence, right = np.full(10, 0.95), np.array([True] * 5 + [False] * 5)
    assert expected_calibration_error(confidence, right, np.ones(10)) == pytest.approx(0.45)


def test_weights_say_how_much_a_question_counts() -> None:
    confidence, right = np.array([0.95, 0.95]), np.array([True, False])
    assert expected_calibration_error(confidence, right, np.array([0.95, 0.05])) == pytest.approx(0, abs=1e-9)


def test_the_temperature_makes_the_observed_winners_likeliest() -> None:
    scores = np.array([0.0, -1.0])
    winners = [np.array([True, False])] * 3 + [np.array([False, True])]
    # Three in four times the better one: exp(1 / T) = 3.
    assert softmax_temperature([(scores, right) for right in winners]) == pytest.approx(1 / np.log(3), rel=0.03)
