"""A question that asks for two things is taken apart; one that does not is left whole."""

from __future__ import annotations

import pytest

from rag.decomposition import merge_evidence, sub_questions
from tests.evidence import evidence_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What chip did DeepSeek train R1 on, and from what date did the US rule apply to it?",
            ["What chip did DeepSeek train R1 on", "from what date did the US rule apply to it?"],
        ),
        (
            "Compare planned spending of Amazon in 2026 with the AI budget of ByteDance",
            ["planned spending of Amazon in 2026", "the AI budget of ByteDance"],
        ),
        (
            "When did the price war turn around? Which cloud firms raised prices?",
            ["When did the price war turn around", "Which cloud firms raised prices?"],
        ),
        ("Apollo Go rides a week versus Waymo rides a week", ["Apollo Go rides a week", "Waymo rides a week"]),
    ],
)
def test_two_questions_in_one_are_two_parts(question: str, parts: list[str]) -> None:
    assert sub_questions(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "How much did Nvidia lose after DeepSeek?",
        "Which firms in China and the United States build robots?",
        "When did Italy block DeepSeek? Reports disagree.",
        "Compare Waymo and Apollo Go",  # a side says too little to be searched for alone
        "",
    ],
)
def test_one_question_is_left_whole(question: str) -> None:
    assert sub_questions(question) == []


def test_a_question_of_very_many_parts_is_searched_for_a_few_of_them() -> None:
    parts = sub_questions("Who lost market value? " * 80)
    assert 2 < len(parts) < 10
    assert set(parts) == {"Who lost market value"}


def test_the_best_sentence_of_a_part_stands_level_with_the_best_of_the_whole() -> None:
    whole = evidence_of("Apollo Go gave rides.", "Waymo was named.", scores=(2.0, 1.0))
    part = evidence_of("Waymo gave 400,000 rides.", "Waymo grew.", scores=(1.5, 1.4))
    merged = merge_evidence(whole, [part])
    assert [item.text for item in merged[:2]] == ["Apollo Go gave rides.", "Waymo gave 400,000 rides."]
    assert [item.score for item in merged] == pytest.approx([2.0, 2.0, 1.9, 1.0])


def test_a_sentence_found_for_the_whole_and_a_part_is_there_once() -> None:
    whole = evidence_of("Apollo Go gave rides.", "Waymo gave rides.", scores=(2.0, 1.0))
    merged = merge_evidence(whole, [whole[1:]])
    assert [item.score for item in merged] == [2.0, 2.0]
    assert len({item.text for item in merged}) == 2


def test_without_parts_nothing_changes() -> None:
    whole = evidence_of("One.", "Two.", scores=(1.0, 2.0))
    assert merge_evidence(whole, []) == whole
