"""Follow-ups are searched with the question that they lean on; others stand alone."""

from __future__ import annotations

import pytest

from rag.conversation import MAX_QUESTION, leans_on_history, resolve, turns_from
from rag.errors import ConfigurationError
from rag.types import Turn

HISTORY = turns_from(
    [
        {"role": "user", "content": "How much did Nvidia lose after DeepSeek?"},
        {"role": "assistant", "content": "Nvidia lost $589 billion. [1]"},
    ]
)


@pytest.mark.parametrize(
    "question",
    ["And in 2026?", "Why?", "What about AMD?", "When was that?", "Who said it?", "What did they say then?",
     "How does the model compare?", "Is there a reason for this?"],
)  # fmt: skip
def test_a_follow_up_leans_on_the_question_before(question: str) -> None:
    query = resolve(question, HISTORY)
    assert query.text == f"How much did Nvidia lose after DeepSeek? {question}"
    assert query.question == question


@pytest.mark.parametrize(
    "question",
    ["Who are the AI tigers of China?", "How many H20 chips may be sold to China?",
     "What rules did Washington publish that restrict chip exports?"],
)  # fmt: skip
def test_a_question_that_says_it_all_stands_alone(question: str) -> None:
    assert not leans_on_history(question)
    assert resolve(question, HISTORY).text == question


def test_a_chain_of_follow_ups_reaches_back_to_its_start() -> None:
    history = [*HISTORY, Turn(role="user", content="And AMD?")]
    assert resolve("Why?", history).context == "How much did Nvidia lose after DeepSeek? And AMD?"


def test_an_earlier_question_is_cleaned_and_cut_as_a_question_is() -> None:
    history = [Turn(role="user", content="\x1b[31mHow much did \u202eNvidia\nlose? " + "x" * 1_000_000)]
    context = resolve("Why?", history).context
    assert context.startswith("[31mHow much did Nvidia lose? xxx")
    assert len(context) <= MAX_QUESTION


def test_without_history_a_follow_up_is_searched_as_it_is() -> None:
    assert resolve("And in 2026?", []).text == "And in 2026?"


@pytest.mark.parametrize(
    "history", [[{"role": "system", "content": "x"}], [{"content": "x"}], ["x"], [{"role": "user", "content": 3}]]
)
def test_a_malformed_history_is_refused(history: list[object]) -> None:
    with pytest.raises(ConfigurationError, match="history"):
        turns_from(history)  # type: ignore[arg-type]
