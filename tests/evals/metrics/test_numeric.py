"""Numeric agreement: value, unit and scale count, not the form."""

from __future__ import annotations

import pytest

from evals.metrics.numeric import numeric_agreement


@pytest.mark.parametrize(
    ("answer", "gold", "share"),
    [
        ("Nvidia lost $589bn. [1]", "589 billion dollars", 1.0),
        ("Nvidia lost $589 million. [1]", "$589 billion", 0.0),
        ("Nvidia lost 589 billion yuan. [1]", "$589 billion", 0.0),
        ("R1 complied with 94% and the others with 12%. [1]", "94% against 8%", 0.5),
        ("It came on 31 March 2026. [1]", "March 31, 2026", 1.0),
        ("It came on 31 March 2026. [1]", "In March 2026", 1.0),
        ("It came in March 2026. [1]", "On 31 March 2026", 0.0),
        ("Two weeks. [1]", "14 days", 1.0),
    ],
)
def test_the_share_of_the_gold_figures_that_the_answer_gives(answer: str, gold: str, share: float) -> None:
    agreement = numeric_agreement(answer, gold)
    assert agreement is not None
    assert agreement[0] == share


def test_what_is_lacking_is_named() -> None:
    assert numeric_agreement("It was 94%.", "94% against 8%") == (0.5, ["8%"])


def test_a_gold_answer_without_figures_has_no_agreement() -> None:
    assert numeric_agreement("Justin Lin. [1]", "Justin Lin of Alibaba") is None


def test_citation_numbers_are_no_figures() -> None:
    agreement = numeric_agreement("Some. [8]", "8")
    assert agreement is None or agreement[0] == 0.0
