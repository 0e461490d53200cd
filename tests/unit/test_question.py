"""What questions ask for, and what sentences offer."""

from __future__ import annotations

import pytest

from rag.question import asked_words, asks_why, expected_answer, gives_reason, number_spans, offers


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did Nvidia lose?", "money"),
        ("What was the price of V4?", "money"),
        ("How many GPUs did xAI buy?", "amount"),
        ("What percentage of models are Chinese?", "amount"),
        ("When was R1 released?", "date"),
        ("In which year did China set its goal?", "date"),
        ("Who founded DeepSeek?", "person"),
        ("Why was the chip banned?", "any"),
    ],
)
def test_what_a_question_asks_for(question: str, kind: str) -> None:
    assert expected_answer(question) == kind


def test_what_a_sentence_offers() -> None:
    assert offers("It lost $589 billion.", "money", "") == 1
    assert offers("It lost 17% in value.", "money", "") == 0
    assert offers("Nine in ten were sold.", "amount", "") == 1
    assert offers("It came out in May.", "date", "") == 1
    assert offers("The founder is Liang Wenfeng.", "person", "Who is the founder?") == 1
    assert offers("The head of DeepSeek spoke.", "person", "Who is the head of DeepSeek?") == 0


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many weekly rides did Waymo make?", ["weekly", "rides"]),
        ("What salary does DeepSeek pay?", ["salary"]),
        ("In March, which state-owned banks lent to Biren?", ["state-owned", "banks", "lent"]),
        ("What is the price of V4?", ["price"]),
        ("How many GPUs did xAI buy?", ["buy"]),
        ("deepseek v4 licence", []),
        ("", []),
    ],
)
def test_the_words_that_say_what_is_asked_for(question: str, words: list[str]) -> None:
    assert [question[start:end] for start, end in asked_words(question)] == words


def test_a_reason_is_asked_for_and_given() -> None:
    assert asks_why("Why did OpenAI close Sora?")
    assert asks_why("What made China drop the rule?")
    assert not asks_why("When did OpenAI close Sora?")
    assert gives_reason("OpenAI closed Sora because it cost too much.")
    assert not gives_reason("OpenAI closed the app on 26 April 2026.")


def test_numbers_are_found_in_digits_and_words_but_years_are_none() -> None:
    text = "In 2025 nine firms paid $1.5 billion, or 12% each, for 3,206 chips."
    assert [text[start:end] for start, end in number_spans(text)] == ["nine", "$1.5", "billion", "12%", "3,206"]
