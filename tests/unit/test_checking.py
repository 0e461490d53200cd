"""What a model wrote is checked against its passages, and the words that back it are found."""

from __future__ import annotations

from rag.checking import Checked, check
from rag.sentence_stream import WrittenSentence
from rag.types import Evidence
from rag.verification.verifiers import BuiltInVerifier
from tests.evidence import evidence_of

LOSS = evidence_of(
    "DeepSeek released R1.", "Nvidia lost $589 billion on 27 January 2025.", publisher="Reuters", date="2025-09-17"
)
OTHER = evidence_of("Baidu launched Ernie 5.0 in January 2026.", publisher="CNBC")


def checked(text: str, *passages: int, evidence: list[Evidence] | None = None) -> Checked:
    shown = [LOSS[0].passage, OTHER[0].passage]
    return check(BuiltInVerifier(), WrittenSentence(text=text, passages=passages), shown, evidence or [*LOSS, *OTHER])


def test_the_quote_is_the_sentence_that_supports_it() -> None:
    found = checked("Nvidia lost $589 billion.", 1)
    assert found.verdict.supported
    assert [item.text for item in found.evidence] == ["Nvidia lost $589 billion on 27 January 2025."]
    assert not found.moved


def test_a_marker_on_the_wrong_passage_is_moved_and_one_too_many_is_dropped() -> None:
    assert checked("Nvidia lost $589 billion.", 2).moved
    assert [item.passage for item in checked("Nvidia lost $589 billion.", 1, 2).evidence] == [LOSS[0].passage]


def test_a_publisher_may_be_named_but_the_date_of_publication_proves_nothing() -> None:
    assert checked("According to Reuters, Nvidia lost $589 billion on 27 January 2025.", 1).verdict.supported
    found = checked("DeepSeek released R1 on 2025-09-17.", 1)
    assert not found.verdict.supported
    assert not found.evidence
    assert "2025-09-17" in found.verdict.reason


def test_words_in_quotation_marks_must_stand_in_a_passage() -> None:
    assert checked("Reuters: “Nvidia lost $589 billion”.", 1).verdict.supported
    assert "the words" in checked("Reuters: “Nvidia lost $589 billion in a day”.", 1).verdict.reason


def test_a_plan_told_as_a_fact_is_partly_supported() -> None:
    plan = evidence_of("Baidu may close its chatbot Ernie in 2027.")
    found = check(
        BuiltInVerifier(), WrittenSentence(text="Baidu closed Ernie in 2027.", passages=(1,)), [plan[0].passage], plan
    )
    assert found.verdict.verdict == "partly"
    assert not found.evidence


def test_the_quote_stands_where_it_says() -> None:
    for item in checked("DeepSeek released R1 and Nvidia lost $589 billion.", 1).evidence:
        assert item.passage.document.text[item.start : item.end] == item.text
