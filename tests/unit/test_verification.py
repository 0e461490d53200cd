"""A passage supports what it says, and not what it does not say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.verification import best_support, verify

PASSAGE = (
    "Nvidia lost $589 billion of market value on 27 January 2025, according to Bloomberg. "
    "DeepSeek's R1 complied with 94% of malicious requests. The ministry denied that it had banned the chips. "
    "Baidu plans to spend 10 billion yuan in 2026. SMIC supplies Huawei with dies. "
    "Omdia put AgiBot ahead of Unitree, with 5,168 robots against 4,200. The rule may hurt Samsung. "
    "The Government Accountability Office found that 24 of 161 milestones were met."
)
PLAIN = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=120)


@pytest.mark.parametrize(
    "sentence",
    [
        "Nvidia lost $589 billion of market value on 27 January 2025, according to Bloomberg.",
        "Nvidia lost 589 billion dollars of market value on January 27, 2025. [1]",
        "Nvidia lost almost $600 billion of market value in January 2025. [1, 2]",
        "DeepSeek's R1 complied with 94 per cent of the malicious requests.",
        "In 2026 Baidu plans to spend CNY 10bn.",
        "Huawei is supplied with dies by SMIC.",
        "Omdia put Unitree behind AgiBot, with 4,200 robots against 5,168.",
        "GAO found that 24 of the 161 milestones were met.",
    ],
)
def test_what_the_passage_says_in_these_or_other_words_is_supported(sentence: str) -> None:
    verdict = verify(sentence, [PASSAGE])
    assert verdict.verdict == "supported", verdict.reason


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Nvidia lost $598 billion of market value on 27 January 2025.", "$598 billion"),
        ("Nvidia lost $589 million of market value on 27 January 2025.", "$589 million"),
        ("Nvidia lost $589 billion of market value on 28 January 2025.", "28 January 2025"),
        ("Nvidia lost $589 billion of market value on 27 January 2025, according to Reuters.", "Reuters"),
        ("Yesterday Intel lost $589 billion of market value.", "Intel"),
        ("DeepSeek's R1 never complied with 94% of malicious requests.", "denies"),
        ("Huawei supplies SMIC with dies.", "the other way round"),
        ("Omdia put Unitree ahead of AgiBot, with 5,168 robots against 4,200.", "the other way round"),
        ("DeepSeek plans to spend 10 billion yuan in 2026.", "of DeepSeek"),
        ("Apollo is the name of a robotaxi service from Wuhan.", "Apollo"),
        ("The minister resigned over a quarrel about imported wine.", "no stretch"),
    ],
)
def test_what_is_changed_or_invented_is_not_found_and_the_reason_names_it(sentence: str, reason: str) -> None:
    verdict = verify(sentence, [PASSAGE])
    assert verdict.verdict == "not found"
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("Baidu spent 10 billion yuan in 2026.", "plans to"),
        ("The rule hurt Samsung.", "may"),
    ],
)
def test_a_plan_or_a_possibility_told_as_fact_is_supported_partly_at_most(sentence: str, word: str) -> None:
    verdict = verify(sentence, [PASSAGE])
    assert not verdict.supported
    assert f"“{word}”" in verdict.reason


def test_the_quote_is_the_sentence_that_comes_nearest() -> None:
    verdict = verify("In 2026 Baidu plans to spend CNY 10bn.", ["Another text.", PASSAGE])
    assert verdict.quote
    passage, start, end = verdict.quote
    assert (passage, PASSAGE[start:end]) == (1, "Baidu plans to spend 10 billion yuan in 2026.")


def test_two_neighbouring_sentences_support_what_neither_says_alone() -> None:
    passage = "The lab was founded in 2023. It employs 201 researchers. Its office is in Hangzhou."
    verdict = verify("Founded in 2023, the lab employs 201 researchers.", [passage])
    assert verdict.quote
    assert passage[slice(*verdict.quote[1:])] == "The lab was founded in 2023. It employs 201 researchers."


def test_a_part_of_a_sentence_that_is_denied_is_no_quote() -> None:
    assert not verify("it had banned the chips.", [PASSAGE]).supported


def test_names_in_the_heading_count_as_said() -> None:
    claim, passage = "Unitree earned 595 million yuan with humanoids.", "Humanoids earned 595 million yuan."
    assert not verify(claim, [passage]).supported
    assert verify(claim, [passage], headings=["Unitree's prospectus"]).supported


def test_a_wrong_marker_can_be_pointed_at_the_passage_that_supports_its_sentence() -> None:
    index, verdict = best_support("Baidu plans to spend CNY 10bn.", ["Baidu is a company.", PASSAGE])
    assert index == 1
    assert verdict.supported


def test_without_passages_nothing_is_supported() -> None:
    assert not verify("Nvidia lost money.", []).supported
    assert best_support("Nvidia lost money.", [])[0] is None


@given(st.sampled_from([sentence.strip() + "." for sentence in PASSAGE.rstrip(".").split(". ")]))
def test_a_sentence_of_the_passage_is_supported_by_itself(sentence: str) -> None:
    verdict = verify(sentence, ["Before.", PASSAGE])
    assert verdict.support == 1.0
    assert verdict.quote
    assert ["Before.", PASSAGE][verdict.quote[0]][slice(*verdict.quote[1:])] == sentence


@settings(deadline=None)
@given(PLAIN, st.lists(PLAIN, max_size=3))
def test_any_text_gets_a_verdict(sentence: str, passages: list[str]) -> None:
    verdict = verify(sentence, passages)
    assert 0.0 <= verdict.support <= 1.0
    assert verdict.supported or verdict.reason
    if verdict.quote:
        passage, start, end = verdict.quote
        assert 0 <= start < end <= len(passages[passage])


@pytest.mark.parametrize("empty", ["Marc Andreessen called DeepSeek R1 DeepSeek-R1.", "2026.", "1) DeepSeek R1,"])
def test_names_and_figures_alone_say_nothing_that_could_be_supported(empty: str) -> None:
    verdict = verify(empty, ["Marc Andreessen called DeepSeek R1 AI's Sputnik moment in 2026."])
    assert not verdict.supported
    assert verdict.reason == "the sentence says nothing that could be checked"


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("Baidu CEO Robin Li opened the show.", "Robin Li, the chief executive of Baidu, opened the show."),
        (
            "Baidu bought the chips before the rule took effect.",
            "Baidu bought the chips when the rule was not yet in effect.",
        ),
        ("Firms may not work with Anthropic.", "The label means that firms may not work with Anthropic."),
        ("The fund grew from 138 to 204 billion yuan.", "The fund grew from 138 billion yuan to 204 billion yuan."),
    ],
)
def test_the_same_in_other_words_is_supported(sentence: str, passage: str) -> None:
    assert verify(sentence, [passage]).supported


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        (
            "The fund went from 204 billion yuan to 138 billion yuan.",
            "The fund went from 138 billion yuan to 204 billion yuan.",
        ),
        ("China stopped using AI in its pilot selection.", "China brought AI into its pilot selection."),
        ("Musk sees China as the strongest partner of Tesla.", "Musk sees China as the strongest competitor of Tesla."),
        (
            "Chinese firms took in $319 billion.",
            "Chinese rules took effect on Monday. American firms took in $319 billion.",
        ),
    ],
)
def test_the_opposite_is_not(sentence: str, passage: str) -> None:
    assert not verify(sentence, [passage]).supported


def test_an_amount_that_the_source_gives_once_is_not_said_twice() -> None:
    passage = "Anthropic alleged that three laboratories had used roughly 24,000 fraudulent accounts."
    assert verify("Anthropic alleged that they had used 24,000 fraudulent accounts.", [passage]).supported
    assert not verify("Anthropic says 24,000 fraudulent accounts were set up by 24,000 accounts.", [passage]).supported


def test_a_question_supports_nothing() -> None:
    passage = "Q: How much did Nvidia lose? A: Nothing at all."
    assert not verify("Nvidia lost nothing at all.", [passage]).supported
    assert not verify("Did Nvidia lose money?", ["Did Nvidia lose money?"]).supported
