"""A passage supports what it says, and not what it does not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verification import verify

PASSAGE = (
    "Nvidia lost $589 billion of market value on 27 January 2025, according to Bloomberg. "
    "DeepSeek's R1 complied with 94% of malicious requests. The ministry denied that it had banned the chips. "
    "Baidu plans to spend 10 billion yuan in 2026."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Nvidia lost $589 billion of market value on 27 January 2025, according to Bloomberg.",
        "Nvidia lost 589 billion dollars of market value on January 27, 2025. [1]",
        "DeepSeek's R1 complied with 94 per cent of the malicious requests.",
        "In 2026 Baidu plans to spend CNY 10bn.",
    ],
)
def test_what_the_passage_says_in_these_or_other_words_is_supported(sentence: str) -> None:
    assert verify(sentence, [PASSAGE]).supported


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Nvidia lost $598 billion of market value on 27 January 2025.", "$598 billion"),
        ("Nvidia lost $589 million of market value on 27 January 2025.", "$589 million"),
        ("Nvidia lost $589 billion of market value on 28 January 2025.", "28 January 2025"),
        ("Yesterday Intel lost $589 billion of market value.", "Intel"),
        ("DeepSeek's R1 never complied with 94% of malicious requests.", "denies"),
        ("Apollo is the name of a robotaxi service from Wuhan.", "Wuhan"),
        ("The minister resigned over a quarrel about imported wine.", "no stretch"),
    ],
)
def test_what_is_changed_or_invented_is_not_and_the_reason_names_it(sentence: str, reason: str) -> None:
    verdict = verify(sentence, [PASSAGE])
    assert not verdict.supported
    assert reason in verdict.reason


def test_without_passages_nothing_is_supported() -> None:
    assert not verify("Nvidia lost money.", []).supported


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_every_text_supports_itself(text: str) -> None:
    verdict = verify(text, [text])
    assert 0.0 <= verdict.support <= 1.0
