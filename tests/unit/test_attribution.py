"""Claims keep their speaker: who is named, who is leaned on, and whose opinion it is where nobody is named."""

from __future__ import annotations

import pytest

from rag.attribution import leans_for_its_speaker, said_by, speaker_context, speaker_spans
from rag.types import Origin
from tests.evidence import evidence_of


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Bloomberg put the loss at $589 billion.", "Bloomberg"),
        ("China held 99% of supply in 2024 according to the US Geological Survey.", "US Geological Survey"),
        ("Super Micro sold servers to China, Cointelegraph reported on 3 May 2026.", "Cointelegraph"),
        ("Epoch AI's composite index has China seven months behind.", "Epoch AI's composite index"),
    ],
)
def test_speakers_are_found(text: str, speaker: str) -> None:
    assert any(speaker in text[start:end] for start, end in speaker_spans(text))


@pytest.mark.parametrize(
    "text",
    [
        "He said that China will win.",
        "But she later warned of a bubble.",
        "The report found 261 hospitals.",
        "China is nanoseconds behind, he said.",
        "“We will race ahead,” said the minister.",
        "According to the company, it costs less.",
    ],
)
def test_sentences_that_lean_for_their_speaker(text: str) -> None:
    assert leans_for_its_speaker(text)


@pytest.mark.parametrize(
    "text",
    ["Jensen Huang said that China will win.", "The report of Stanford lists them.", "The market fell by 17%."],
)
def test_sentences_that_name_their_speaker_or_need_none(text: str) -> None:
    assert not leans_for_its_speaker(text)


def test_the_sentence_that_names_the_speaker_comes_along() -> None:
    named, also, claim = evidence_of(
        "Jensen Huang spoke at a summit in London.", "it was a fine day.", "He said that China will win."
    )
    assert speaker_context(claim, [claim, also, named]) == [named]
    assert speaker_context(named, [named, also, claim]) == []
    nobody, alone = evidence_of("The day was fine.", "They said that prices will fall.")
    assert speaker_context(alone, [nobody, alone]) == []


def test_an_opinion_that_names_nobody_is_its_publishers() -> None:
    origin = Origin(publisher="Goldman Sachs")
    estimate = evidence_of("The gap is probably six months.", origin=origin)[0]
    assert said_by(estimate) == "Goldman Sachs"
    assert said_by(evidence_of("The gap is probably six months.", publisher="Mint")[0]) == "Mint"
    assert said_by(evidence_of("CAISI estimated that the gap is eight months.", origin=origin)[0]) is None
    assert said_by(evidence_of("The summit took place in London.", origin=origin)[0]) is None
