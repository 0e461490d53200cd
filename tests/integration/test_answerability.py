"""A question counts as answered if one sentence holds what it demands, not if its words are somewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag import Assistant
from rag.answerability import answerability_features
from rag.constraints import Constraints, Met
from rag.conversation import resolve
from rag.evidence import rank_evidence
from rag.retrieval import Retriever
from rag.weights import load_weights

TEXT = """# Robots

Unitree sold 5,500 humanoid robots in 2025. AgiBot moved its headquarters to Shanghai in 2024.
Tesla named no sales target for its Optimus robots. Figure AI closed a plant because demand was weak.
"""


@pytest.fixture
def robots(make_assistant: Callable[..., Assistant]) -> Assistant:
    assistant = make_assistant({"robots.md": TEXT, "other.txt": "Gallium is a soft metal. It melts at 30 degrees.\n"})
    assistant.sync()
    return assistant


def best_met(assistant: Assistant, question: str, start: str) -> Met:
    """How far the sentence that starts so meets a question."""
    retriever = Retriever(assistant.index, assistant.embedder, assistant.reranker, n_candidates=50)
    search = retriever.prepare(resolve(question, []))
    candidates = retriever.retrieve(search, k=8)
    item = next(item for item in rank_evidence(search, candidates) if item.text.startswith(start))
    candidate = next(one for one in candidates if one.passage is item.passage)
    return Constraints.of(search).met_by(item, candidate)


def test_a_sentence_that_holds_everything_fits_best(robots: Assistant) -> None:
    met = best_met(robots, "How many humanoid robots did Unitree sell in 2025?", "Unitree sold")
    assert met.names == met.years == 1
    assert met.fit > 0.8


def test_another_name_or_year_does_not_fit(robots: Assistant) -> None:
    assert best_met(robots, "How many robots did Boston Dynamics sell?", "Unitree sold").names == 0
    assert best_met(robots, "How many robots did Unitree sell in 2021?", "Unitree sold").years == 0
    assert 0 < best_met(robots, "What target did Tesla name in 2021?", "Tesla named").years < 1


def test_an_amount_must_be_there_and_of_the_thing_that_is_asked_for(robots: Assistant) -> None:
    assert best_met(robots, "How many robots did Tesla sell?", "Tesla named").slot == 0
    robots_sold = best_met(robots, "How many robots did Unitree sell?", "Unitree sold").slot
    employees = best_met(robots, "How many employees does Unitree have?", "Unitree sold").slot
    assert robots_sold > employees


def test_a_name_in_the_heading_counts(robots: Assistant) -> None:
    assert best_met(robots, "What happened at the plant of Robots?", "Figure AI").names == 1


@pytest.mark.parametrize(
    ("answered", "unanswered"),
    [
        ("How many humanoid robots did Unitree sell in 2025?", "How many humanoid robots did Unitree sell in 2021?"),
        ("How many humanoid robots did Unitree sell in 2025?", "How many employees did AgiBot have in 2025?"),
        ("Why did Figure AI close a plant?", "Why did AgiBot close a plant?"),
    ],
)
def test_confidence_is_higher_where_the_sentence_answers(robots: Assistant, answered: str, unanswered: str) -> None:
    assert robots.ask(answered).confidence > robots.ask(unanswered).confidence


def test_what_no_document_speaks_of_is_declined_as_off_topic(robots: Assistant) -> None:
    answer = robots.ask("Which club won the football league?")
    assert answer.abstained
    assert answer.abstain_reason == "off-topic"


@pytest.mark.parametrize("question", ["?", "the", "中国?", "[1]", "Unitree", "2025", "How many?", "Why?", "\u0000a"])
def test_any_question_gets_a_confidence(robots: Assistant, question: str) -> None:
    assert 0 <= robots.ask(question).confidence <= 1


def test_the_weights_are_of_the_features(robots: Assistant) -> None:
    retriever = Retriever(robots.index, robots.embedder, robots.reranker, n_candidates=50)
    search = retriever.prepare(resolve("How many robots did Unitree sell?", []))
    candidates = retriever.retrieve(search, k=8)
    features = answerability_features(search, candidates, rank_evidence(search, candidates))
    assert set(load_weights().features) == set(features)
    assert all(-1 <= value <= 1.001 for value in features.values())
