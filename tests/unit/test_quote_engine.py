"""How the quote engine chooses and orders sentences, and what questions ask for."""

from __future__ import annotations

import pytest

from rag.engines import QuoteEngine
from rag.question import asks_for_several, expected_answer, offers
from rag.types import Chunk, Document, Evidence, Passage


def passage(doc_id: str, *sentences: str) -> tuple[Passage, list[tuple[int, int]]]:
    text, spans = "", []
    for sentence in sentences:
        start = len(text) + (1 if text else 0)
        text = f"{text} {sentence}".strip()
        spans.append((start, start + len(sentence)))
    chunk = Chunk(
        chunk_id=doc_id, doc_id=doc_id, start=0, end=len(text), text=text, heading=None, sentences=tuple(spans)
    )
    return Passage(rank=1, chunk=chunk, document=Document(doc_id=doc_id, text=text), score=1.0), spans


def evidence(doc_id: str, scored: list[tuple[str, float]]) -> list[Evidence]:
    found, spans = passage(doc_id, *(sentence for sentence, _ in scored))
    return [
        Evidence(passage=found, start=start, end=end, text=sentence, score=score)
        for (sentence, score), (start, end) in zip(scored, spans, strict=True)
    ]


def write(question: str, items: list[Evidence]) -> list[str]:
    ranked = sorted(items, key=lambda item: -item.score)
    return [claim.text for claim in QuoteEngine(max_sentences=5).write(question, ranked)]


def test_the_best_sentence_answers_and_weak_ones_stay_out() -> None:
    items = evidence("a", [("Nvidia lost $589 billion.", 2.0), ("The weather was fine.", 1.0)])
    assert write("How much did Nvidia lose?", items) == ["Nvidia lost $589 billion."]


def test_near_duplicates_are_said_once_but_other_figures_are_kept() -> None:
    items = evidence("a", [("Nvidia lost $589 billion on Monday.", 2.0)])
    items += evidence("b", [("On Monday, Nvidia lost $589 billion.", 1.99)])
    items += evidence("c", [("Nvidia lost $593.7 billion on Monday.", 1.98)])
    assert write("How much did Nvidia lose?", items) == [
        "Nvidia lost $589 billion on Monday.",
        "Nvidia lost $593.7 billion on Monday.",
    ]


def test_a_pronoun_brings_the_sentence_that_names_its_noun() -> None:
    items = evidence("a", [("Baidu released Ernie 4.5.", 0.5), ("It has 424 billion parameters.", 2.0)])
    assert write("How many parameters does Ernie have?", items) == [
        "Baidu released Ernie 4.5.",
        "It has 424 billion parameters.",
    ]


def test_sentences_of_one_document_stand_together_in_their_order() -> None:
    items = evidence("a", [("First, rules came.", 1.8), ("Second, bans came.", 2.0)])
    items += evidence("b", [("Elsewhere, talks began.", 1.9)])
    assert write("Why did trade fall?", items) == [
        "First, rules came.",
        "Second, bans came.",
        "Elsewhere, talks began.",
    ]


def test_an_answer_stays_short() -> None:
    items = [item for n in range(9) for item in evidence(f"d{n}", [(f"Fact {n} " + f"word{n} " * 30 + "ends.", 2.0)])]
    assert sum(len(text) for text in write("Why did it happen?", items)) <= 600


def test_nothing_comes_of_nothing() -> None:
    assert write("Why?", []) == []


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did Nvidia lose?", "money"),
        ("What was the price of V4?", "money"),
        ("How many GPUs did xAI buy?", "amount"),
        ("What percentage of models are Chinese?", "amount"),
        ("When was R1 released?", "date"),
        ("In which year did China set its goal?", "date"),
        ("Who founded DeepSeek?", "person"),
        ("Why was the chip banned?", "any"),
    ],
)
def test_what_a_question_asks_for(question: str, kind: str) -> None:
    assert expected_answer(question) == kind


def test_what_a_sentence_offers() -> None:
    assert offers("It lost $589 billion.", "money", "") == 1
    assert offers("It lost 17% in value.", "money", "") == 0
    assert offers("Nine in ten were sold.", "amount", "") == 1
    assert offers("It came out in May.", "date", "") == 1
    assert offers("The founder is Liang Wenfeng.", "person", "Who is the founder?") == 1
    assert offers("The head of DeepSeek spoke.", "person", "Who is the head of DeepSeek?") == 0


def test_lists_and_comparisons_ask_for_several_sentences_and_facts_for_few() -> None:
    assert asks_for_several("Why did Nvidia fall?")
    assert asks_for_several("Compare Unitree and AgiBot")
    assert not asks_for_several("How much did Nvidia lose?")
