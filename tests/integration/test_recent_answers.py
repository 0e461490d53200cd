"""An answer is kept until anything changes that it depends on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from rag import Answer, Assistant
from rag.types import Timings

Make = Callable[..., Assistant]
FILES = {
    "loss.txt": "Nvidia lost $589 billion on 27 January 2025.\n",
    "chip.txt": "Huawei makes the Ascend 910C chip.\n",
}
QUESTION = "How much did Nvidia lose?"


def told(answer: Answer) -> Answer:
    return replace(answer, timings_ms=Timings())


def test_a_repeated_question_gets_the_same_answer_and_events_sooner(make_assistant: Make) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    first, again = list(assistant.stream(QUESTION)), list(assistant.stream(QUESTION))
    assert [type(event) for event in first] == [type(event) for event in again]
    assert first[:-1] == again[:-1]
    one, other = assistant.ask(QUESTION), assistant.ask(QUESTION)
    assert told(one) == told(other)
    assert other.timings_ms.retrieve == 0
    assert other.timings_ms.total > 0


def test_other_filters_history_and_numbers_of_passages_are_other_questions(make_assistant: Make) -> None:
    assistant = make_assistant(FILES, abstain_below=0.0)
    assistant.sync()
    plain = assistant.ask(QUESTION)
    filtered = assistant.ask(QUESTION, where={"doc_id": ["chip"]})
    assert {citation.doc_id for citation in plain.citations} == {"loss"}
    assert {citation.doc_id for citation in filtered.citations} == {"chip"}
    follow_up = "And when was that?"
    history = [{"role": "user", "content": QUESTION}]
    assert assistant.ask(follow_up).standalone_question != assistant.ask(follow_up, history=history).standalone_question
    assert assistant.ask(QUESTION, k=1).timings_ms.retrieve > 0


def test_a_changed_document_changes_the_answer(make_assistant: Make) -> None:
    assistant = make_assistant(FILES)
    assistant.sync()
    assert "$589 billion" in assistant.ask(QUESTION).answer
    make_assistant({"loss.txt": "Nvidia lost $600 billion on 27 January 2025.\n"})
    assistant.sync()
    assert "$600 billion" in assistant.ask(QUESTION).answer


def test_many_at_once_get_their_own_answers(make_assistant: Make) -> None:
    assistant = make_assistant(FILES, abstain_below=0.0)
    assistant.sync()
    questions = [QUESTION, "Who makes the Ascend 910C?"] * 8
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(assistant.ask, questions))
    for question, answer in zip(questions, answers, strict=True):
        assert answer.question == question
        assert ("Nvidia" in answer.answer) == (question == QUESTION)
