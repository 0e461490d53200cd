"""Required content, token F1: examples worked by hand."""

from __future__ import annotations

import pytest

from evals.metrics.content import contains_form, missing_requirements, token_f1, word_recall


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("It complied with 8% of requests.", "8%", True),
        ("It complied with 98% of requests.", "8%", False),
        ("It rose by 4.8%.", "8%", False),
        ("A loss of $589 billion.", "$589 billion", True),
        ("A loss of\n$589  billion.", "$589 billion", True),
        ("A loss of $1,589 billion.", "589 billion", False),
        ("It covers agriculture and industry.", "agricultur", True),
        ("It covers aquaculture.", "culture", False),
        ("An administrative STAY was granted.", "stay", True),
        ("Nvidia lost 589 billion.", "nvidia", True),
        ("In 2025, that was new.", "2025", True),
        ("Version 2025.1 came out.", "2025", False),
        ("the five-year plan", "five-year", True),
    ],
)
def test_a_form_is_found_at_the_beginning_of_words_and_as_whole_numbers(text: str, form: str, expected: bool) -> None:
    assert contains_form(text, form) is expected


def test_every_requirement_needs_one_of_its_forms() -> None:
    answer = "DeepSeek complied with 94% [1] and the US models with 8% [2]."
    assert missing_requirements(answer, [["94%", "94 percent"], ["8 percent", "8%"]]) == []
    assert missing_requirements(answer, [["94%"], ["12%", "12 percent"]]) == ["12%"]


def test_citation_markers_do_not_count_as_content() -> None:
    assert missing_requirements("It was so. [12]", [["12"]]) == ["12"]


def test_token_f1_is_the_harmonic_mean_of_shared_words() -> None:
    # Answer: nvidia lost $589 billion in 2025 → 6 words; gold: $589 billion → 2 words, both shared.
    # precision 2/6, recall 2/2, F1 = 2 * (1/3) * 1 / (4/3) = 0.5
    assert token_f1("Nvidia lost $589 billion in 2025. [1]", "$589 billion") == pytest.approx(0.5)


def test_token_f1_leaves_articles_and_punctuation_out_but_keeps_decimals() -> None:
    assert token_f1("The answer: 4.5 billion!", "answer 4.5 billion") == 1.0
    assert token_f1("4.5", "45") == 0.0


def test_token_f1_without_common_words_is_0() -> None:
    assert token_f1("yes", "no") == 0.0


def test_word_recall_is_the_share_of_the_gold_words() -> None:
    assert word_recall("Justin Lin, then of Alibaba. [1]", "Justin Lin of Qwen") == 0.75
