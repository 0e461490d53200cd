"""What `Assistant.explain` says about an answer, on a real index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag import Assistant

DOCUMENTS: dict[str, str] = {
    "chips.md": "---\ntitle: Chips\nkind: news\n---\n"
    "Nvidia lost 589 billion dollars of market value on 27 January 2025."
    " The loss was the largest of any company in one day.",
    "copy.md": "---\ntitle: A reprint\nkind: analysis\n---\n"
    "Nvidia lost 589 billion dollars of market value on 27 January 2025. "
    "The loss was the largest of any company in one day.\n\n## Farms\n\nWheat grows in spring.",
    "cabs.md": "---\ntitle: Robotaxis\nkind: official\n---\nApollo Go made 250,000 rides a week in October 2025.",
}
FILLER = {f"filler-{n}.md": f"Pottery of the dynasty number {n} is kept in museum {n}." for n in range(30)}
QUESTION = "How much market value did Nvidia lose in January 2025?"


@pytest.fixture
def assistant(make_assistant: Callable[..., Assistant]) -> Assistant:
    assistant = make_assistant(DOCUMENTS | FILLER, candidates=10)
    assistant.sync()
    return assistant


def stages(assistant: Assistant, expected: str, **options: object) -> dict[str, tuple[int | None, bool]]:
    trace = assistant.explain(QUESTION, expected=expected, **options).expected  # type: ignore[arg-type]
    assert trace is not None
    return {stage.name: (stage.rank, stage.passed) for stage in trace.stages}


def test_it_explains_the_answer_that_ask_gives(assistant: Assistant) -> None:
    explanation = assistant.explain(QUESTION)
    answer = assistant.ask(QUESTION)
    assert explanation.answer.answer == answer.answer
    assert explanation.passages[0].chunk.text.startswith("Nvidia lost")
    assert [item.rank for item in explanation.passages] == list(range(1, len(explanation.passages) + 1))
    assert {item.text for item in explanation.evidence} >= {sentence.text for sentence in answer.sentences}
    assert explanation.threshold == assistant.settings.abstain_below
    assert explanation.expected is None


def test_the_factors_add_up_to_the_confidence(assistant: Assistant) -> None:
    import math

    explanation = assistant.explain(QUESTION)
    logit = sum(factor.contribution for factor in explanation.factors)
    assert explanation.answer.confidence == pytest.approx(1 / (1 + math.exp(-logit)))


def test_a_passage_that_is_quoted_was_not_lost(assistant: Assistant) -> None:
    trace = assistant.explain(QUESTION, expected="lost 589 billion dollars").expected
    assert trace is not None
    assert trace.in_answer
    assert trace.verdict == "Not lost: the answer quotes it as [1]."
    assert all(stage.passed for stage in trace.stages)


def test_pasted_words_may_differ_a_little_from_the_documents(assistant: Assistant) -> None:
    trace = assistant.explain(QUESTION, expected="NVIDIA lost  589 billion dollars in market value").expected
    assert trace is not None
    assert trace.in_answer


def test_words_that_no_document_has_are_said_to_be_nowhere(assistant: Assistant) -> None:
    trace = assistant.explain(QUESTION, expected="zebras graze in the savanna").expected
    assert trace is not None
    assert trace.document is None
    assert "No passage" in trace.verdict


def test_a_passage_may_be_lost_to_the_filters(assistant: Assistant) -> None:
    trace = assistant.explain(QUESTION, expected="Apollo Go made 250,000 rides", where={"kind": "news"}).expected
    assert trace is not None
    assert "filters" in trace.verdict
    assert not trace.stages[0].passed


def test_a_passage_may_be_lost_in_the_search(assistant: Assistant) -> None:
    trace = assistant.explain(QUESTION, expected="Pottery of the dynasty number 7").expected
    assert trace is not None
    assert "Lost in the search" in trace.verdict
    found = stages(assistant, "Pottery of the dynasty number 7")
    dense_rank, passed = found["Dense search"]
    assert dense_rank is not None
    assert dense_rank > 10
    assert not passed
    assert found["Lexical search"] == (None, False)


def test_a_repeat_is_said_to_be_one(assistant: Assistant) -> None:
    catalog = assistant.index.catalog
    ids = [chunk_id for chunk_id, entry in catalog.entries().items() if "589" in entry.chunk.text]
    quoted = {citation.chunk_id for citation in assistant.ask(QUESTION).citations}
    (other,) = set(ids) - quoted
    trace = assistant.explain(QUESTION, expected=other).expected
    assert trace is not None
    assert "says the same" in trace.verdict
    assert trace.scores


def test_without_an_answer_the_confidence_is_the_reason(make_assistant: Callable[..., Assistant]) -> None:
    assistant = make_assistant(DOCUMENTS, abstain_below=1.0)
    assistant.sync()
    trace = assistant.explain(QUESTION, expected="lost 589 billion dollars").expected
    assert trace is not None
    assert "there is no answer" in trace.verdict
    assert "100% is needed" in trace.verdict


def test_a_product_that_no_document_mentions_is_told(assistant: Assistant) -> None:
    assert assistant.explain("How much did Llama 5 lose?").names_unknown
    assert not assistant.explain(QUESTION).names_unknown


def test_parts_of_a_question_and_corrected_words_are_told(assistant: Assistant) -> None:
    explanation = assistant.explain("How much did Nvidia lose and how many rides did Apollo Go make?")
    assert len(explanation.parts) == 2
    assert "Nvidia" in assistant.explain("How much did Nvidai lose?").searched
