"""When two sources differ on the very same thing, and all the cases in which they do not."""

from __future__ import annotations

import pytest

from rag.conflicts import find_disputes, find_later
from tests.evidence import one

LOSS = "How much market value did Nvidia lose on 27 January 2025?"
BLOOMBERG = "Bloomberg put Nvidia's loss of market value on 27 January 2025 at $589 billion."


def values(question: str, cited: str, other: str, *, publisher: str = "Another Paper") -> list[str]:
    first, second = one(cited), one(other, publisher=publisher)
    return [value for dispute in find_disputes(question, [first], [first, second]) for value, _ in dispute.values]


def test_two_sources_that_give_different_values_for_one_thing_differ() -> None:
    other = "The Epoch Times gave $593.7 billion for Nvidia's one-day loss of 27 January 2025."
    assert values(LOSS, BLOOMBERG, other) == ["$589 billion", "$593.7 billion"]


@pytest.mark.parametrize(
    ("question", "cited", "other", "expected"),
    [
        (
            "What share of world gallium does China produce?",
            "China held 99% of world gallium supply in 2024 according to the US Geological Survey.",
            "A 2024 European Union report credits China with 94% of gallium output, and with 83% of germanium.",
            ["99%", "94%"],
        ),
        (
            "How much private AI investment did the US have in 2025?",
            "Stanford's AI Index 2026 put US private AI investment in 2025 at $285.9 billion, China's at $12 billion.",
            "The Fortune blog printed 2025 private AI investment as $110.7 billion (US) and $4.8 billion (China).",
            ["$285.9 billion", "$110.7 billion"],
        ),
        (
            "How far behind are Chinese models?",
            "Goldman Sachs wrote that Chinese models lag two to three months as of May 2026.",
            "CAISI found that Chinese models lag seven months as of May 2026.",
            ["two to three months", "seven months"],
        ),
    ],
)
def test_differences_in_other_words(question: str, cited: str, other: str, expected: list[str]) -> None:
    assert values(question, cited, other) == expected


@pytest.mark.parametrize(
    "other",
    [
        "Reuters put Nvidia's loss of market value on 27 January 2025 at nearly $600 billion.",
        "Reuters put Nvidia's loss of market value on 27 January 2025 at 589 billion dollars.",
        "Reuters put Broadcom's loss of market value on 27 January 2025 at $244 billion.",
        "Reuters put Nvidia's loss of market value on 3 September 2024 at $279 billion.",
        "Reuters put Nvidia's loss of market value at $279 billion.",
        "Reuters put Nvidia's median loss of market value on 27 January 2025 at $279 billion.",
        "Reuters put Nvidia's revenue on 27 January 2025 at $279 billion.",
        "Reuters expected Nvidia's loss of market value on 27 January 2025 to be $279 billion.",
        "Reuters put Nvidia's loss of market value on 27 January 2025 at 17%.",
        "Reuters put Nvidia's loss of market value on 27 January 2025 at 4 trillion yuan.",
        "Reuters put the loss of market value of Nvidia and Oracle on 27 January 2025 at $700 billion.",
        "Reuters put Nvidia's loss of market value on 27 January 2025 at $2.",
    ],
)
def test_what_is_no_conflict(other: str) -> None:
    assert values(LOSS, BLOOMBERG, other) == []


def test_one_source_does_not_differ_from_itself() -> None:
    other = "Nvidia's loss of market value on 27 January 2025 came to $593.7 billion."
    assert values(LOSS, "Nvidia's loss of market value on 27 January 2025 was $589 billion.", other) != []
    assert (
        values(
            LOSS,
            "Nvidia's loss of market value on 27 January 2025 was $589 billion.",
            other,
            publisher="Example News",
        )
        == []
    )


def test_differences_beside_the_question_are_left_out() -> None:
    other = "The Epoch Times put Nvidia's loss of market value on 27 January 2025 at $593.7 billion."
    assert values("Why did Nvidia fall?", BLOOMBERG, other) == []
    assert values("Who founded Nvidia?", BLOOMBERG, other) == []
    assert values("How much did Oracle lose on 27 January 2025?", BLOOMBERG, other) == []


def test_the_subject_is_named_in_the_words_of_a_source() -> None:
    first = one(BLOOMBERG)
    second = one("The Epoch Times put Nvidia's loss of market value on 27 January 2025 at $593.7 billion.", "Epoch")
    (dispute,) = find_disputes(LOSS, [first], [first, second])
    assert dispute.about == "Nvidia's loss of market value on 27 January 2025"
    assert [item for _, item in dispute.values] == [first, second]


def test_several_sources_are_listed_once_for_each_value() -> None:
    sentences = [
        one(BLOOMBERG),
        one("Reuters put Nvidia's loss of market value on 27 January 2025 at $593.7 billion.", "Reuters"),
        one("Barron's put Nvidia's loss of market value on 27 January 2025 at $593.7bn.", "Barron's"),
        one("Forbes put Nvidia's loss of market value on 27 January 2025 at $560 billion.", "Forbes"),
    ]
    again = one("Nvidia's loss of market value on 27 January 2025 was $589 billion, Axios reported.", "Axios")
    (dispute,) = find_disputes(LOSS, [*sentences[:2], again], [*sentences, again])
    assert [value for value, _ in dispute.values] == ["$589 billion", "$593.7 billion", "$560 billion"]


def test_a_later_value_overtakes_an_earlier_one() -> None:
    question = "How many weekly robotaxi rides does Waymo provide?"
    old = one("Waymo provided 250,000 weekly robotaxi rides in May 2025.")
    new = one("Waymo provided 400,000 weekly robotaxi rides in February 2026.")
    newest = one("Waymo provided 500,000 weekly robotaxi rides in April 2026.")
    rest = one("Zoox provided 300,000 weekly robotaxi rides in May 2026.")
    assert find_later(question, [old], [old, new, newest, rest]) == [newest]
    assert find_later(question, [newest], [newest, new, old]) == []
    assert find_later("How many weekly robotaxi rides did Waymo provide in May 2025?", [old], [old, new]) == []
    assert find_disputes(question, [old], [old, new, newest]) == []
