"""Who says it: speakers in supporting quotes, and whether the answer names one."""

from __future__ import annotations

import pytest

from evals.metrics.attribution import names_the_speaker, speakers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The gap is seven months, according to Epoch AI.", ["Epoch AI"]),
        ("In May 2026 Eric Sheridan, an analyst at Goldman Sachs, argued that it pays off.", ["Eric Sheridan"]),
        ("Justin Lin (Lin Junyang) put the odds at 20%.", ["Justin Lin"]),
        ("DeepSeek gave in four times as often, by CAISI's count in 2025.", ["CAISI"]),
        ("China produced 99% of the gallium in 2024.", []),
        ("He said so.", []),
    ],
)
def test_names_before_a_verb_of_saying_or_after_according_to_are_speakers(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected


def test_the_last_name_is_enough() -> None:
    quotes = ["Eric Sheridan argued that it pays off."]
    assert names_the_speaker("It pays off, says Sheridan. [1]", quotes) == (1.0, ["Eric Sheridan"])
    assert names_the_speaker("It pays off. [1]", quotes) == (0.0, ["Eric Sheridan"])


def test_a_fact_that_nobody_says_needs_no_speaker() -> None:
    assert names_the_speaker("It is so.", ["It is so."]) is None
