"""A question is understood although it is misspelt."""

from __future__ import annotations

from collections.abc import Callable

from rag import Assistant

MakeAssistant = Callable[..., Assistant]

FILES = {
    "a.txt": "Greta Moos enlarged the harbour of Lindau for the Lake Harbour Board (LHB). It cost 4 million marks.",
    "b.txt": "The LHB sold the railway station to a citizen in 1911. The citizen repaired its roof.",
    "c.txt": "Anglers catch trout and perch near the shore. The season opens in the month of April.",
}


def opened(make_assistant: MakeAssistant) -> Assistant:
    assistant = make_assistant(FILES)
    assistant.sync()
    return assistant


def test_a_misspelt_name_is_corrected_and_the_correction_shown(make_assistant: MakeAssistant) -> None:
    assistant = opened(make_assistant)
    answer = assistant.ask("Who enlarged the harbour of Lindua?")
    assert answer.question == "Who enlarged the harbour of Lindua?"
    assert answer.standalone_question == "Who enlarged the harbour of Lindau?"
    right = assistant.ask("Who enlarged the harbour of Lindau?")
    assert (answer.answer, answer.confidence) == (right.answer, right.confidence)


def test_a_word_that_exists_is_left_alone_though_no_document_has_it(make_assistant: MakeAssistant) -> None:
    question = "Who enlarged the market of London?"
    assert opened(make_assistant).ask(question).standalone_question == question
