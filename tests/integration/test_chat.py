"""Conversations that come back from the browser, and the questions that are offered next."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from rag import Assistant
from rag.errors import ConfigurationError
from ui.chat_events import ChatEvents
from ui.suggestions import follow_ups
from ui.transcript import transcript
from ui.turns import Turn, history, turns_from_data, turns_to_data
from ui.warming import Warming

Make = Callable[..., Assistant]
QUESTION = "How much did Nvidia lose on 27 January 2025?"
FILES = {
    "corpus.yaml": "subject: chips\nquestions: ['Who called R1 a Sputnik moment?', 'Who won in Peru?']\n",
    "a.md": """# The market shock

## Nvidia's record loss

Nvidia lost $589 billion of market value on 27 January 2025, Bloomberg said.

## How Marvell and Broadcom fell

Marvell fell by 19.1% and Broadcom by 17.4% on 27 January 2025, CNBC reported.

## The Sputnik remark

Marc Andreessen called R1 a Sputnik moment of artificial intelligence.
""",
}


@pytest.fixture
def assistant(make_assistant: Make) -> Assistant:
    assistant = make_assistant(FILES, abstain_below=0.3)
    assistant.sync()
    return assistant


def test_a_conversation_comes_back_from_the_browser_as_it_was(assistant: Assistant) -> None:
    turns = [
        Turn(QUESTION, answer=assistant.ask(QUESTION), where={"kind": ["news"]}),
        Turn("How many parameters does Llama 5 have?", answer=replace(assistant.ask(QUESTION), abstained=True)),
        Turn("Why?", error="the server is gone"),
    ]
    again = turns_from_data(json.loads(json.dumps(turns_to_data(turns))))
    assert transcript(again, {}) == transcript(turns, {})
    assert history(again) == history(turns)


def test_the_browser_is_not_sent_whole_documents(assistant: Assistant) -> None:
    answer = replace(assistant.ask(QUESTION), abstained=True)
    assert answer.nearest[0].document.text
    assert turns_to_data([Turn(QUESTION, answer=answer)])[0]["answer"]["nearest"][0]["document"]["text"] == ""


@pytest.mark.parametrize("data", [None, {}, [1], [{"answer": None}], [{"question": "q", "answer": {"question": 1}}]])
def test_what_is_no_conversation_is_refused(data: object) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        turns_from_data(data)


def test_questions_are_offered_that_the_documents_answer(assistant: Assistant) -> None:
    offered = follow_ups(assistant, assistant.ask(QUESTION), [QUESTION], {})
    assert "Who called R1 a Sputnik moment?" in offered
    assert "What is said about “How Marvell and Broadcom fell”?" in offered
    assert "Who won in Peru?" not in offered
    assert all(assistant.confidence(question) >= 0.3 for question in offered)


def test_a_question_that_was_asked_is_not_offered_again(assistant: Assistant) -> None:
    asked = [QUESTION, "Who called R1 a Sputnik moment?"]
    assert "Who called R1 a Sputnik moment?" not in follow_ups(assistant, assistant.ask(QUESTION), asked, {})


def test_a_question_asked_while_the_models_load_waits_and_is_answered(assistant: Assistant) -> None:
    events = ChatEvents(assistant, Warming(assistant), lambda **_: None)  # not started: as if it were still loading
    *steps, (_, turns, html, kept, _) = events.respond(QUESTION, [], "", {}, gr.Request())
    assert "Loading the model and the index; your question is next" in steps[0][2]
    assert not turns[0].answer.abstained
    assert "$589 billion" in html.replace("&#36;", "$")
    assert kept["turns"][0]["question"] == QUESTION


def test_a_conversation_goes_on_after_a_restart_of_the_server(assistant: Assistant) -> None:
    events = ChatEvents(assistant, Warming(assistant), lambda **_: None)
    *_, (_, _, _, kept, _) = events.respond(QUESTION, [], "", {}, gr.Request())
    *_, (_, turns, _, _, _) = events.respond("When was that?", [], json.loads(json.dumps(kept)), {}, gr.Request())
    assert [turn.question for turn in turns] == [QUESTION, "When was that?"]
    assert turns[1].answer.standalone_question == f"{QUESTION} When was that?"
    opened = events.open([], kept, gr.EventData(None, {"turn": 0, "n": 1, "near": 0}))
    assert '<mark class="quoted">' in opened


def test_feedback_is_kept_with_the_answer_that_it_is_about(assistant: Assistant) -> None:
    given: list[dict[str, Any]] = []
    events = ChatEvents(assistant, Warming(assistant), lambda **feedback: given.append(feedback))
    turns = [Turn(QUESTION, answer=assistant.ask(QUESTION))]
    told = {"turn": 0, "verdict": "down", "reason": "incomplete", "note": "more"}
    events.give_feedback(turns, "", gr.Request(username="ann"), gr.EventData(None, told))
    events.give_feedback(turns, "", gr.Request(), gr.EventData(None, told | {"turn": 7}))
    events.give_feedback(turns, "", gr.Request(), gr.EventData(None, told | {"verdict": "sideways"}))
    (feedback,) = given
    assert feedback.pop("answer")["question"] == QUESTION
    assert feedback == {"verdict": "down", "reason": "incomplete", "note": "more", "user": "ann"}


def test_the_confidence_is_that_of_the_answer(assistant: Assistant) -> None:
    assert assistant.confidence(QUESTION) == assistant.ask(QUESTION).confidence
