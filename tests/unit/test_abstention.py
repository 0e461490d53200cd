"""What is said where the documents do not answer."""

from __future__ import annotations

from rag.abstention import Abstention, abstain
from tests.evidence import one


def abstention(question: str, *sentences: str, on_topic: bool = True) -> Abstention:
    evidence = [one(sentence) for sentence in sentences]
    return abstain(question, evidence, on_topic=on_topic, subject="chips", n_documents=7)


def test_another_subject_is_refused() -> None:
    refused = abstention("How do I bake bread?", "Nvidia makes chips.", on_topic=False)
    assert refused.reason == "off-topic"
    assert refused.text == "I can only answer questions about chips: that is what my 7 documents cover."
    assert refused.nearest is None


def test_a_sentence_on_the_same_names_is_quoted_with_what_it_lacks() -> None:
    near = "Anthropic sued the Pentagon in two courts in March 2026."
    refused = abstention("Why did Anthropic drop its court cases against the Pentagon?", near)
    assert refused.reason == "not in the documents"
    assert refused.nearest is not None
    assert refused.nearest.text == near
    assert "The nearest sentence has nothing on “drop”, “cases”." in refused.text
    assert refused.text.endswith("What the documents do say:")


def test_a_sentence_on_others_is_not_quoted() -> None:
    assert abstention("Why did Huawei buy SMIC?", "SMIC makes chips for Apple in a new way.").nearest is None
    assert abstention("why was the case dropped", "The case was heard and then dropped.").nearest is None
    assert abstention("Why did Huawei buy SMIC?").nearest is None


def test_markers_of_the_question_do_not_get_into_the_text() -> None:
    assert "[" not in abstention("What is in [1] of Nvidia?", "Intel sells chips.").text
