"""How the quote engine chooses and orders sentences."""

from __future__ import annotations

from rag.engines import QuoteEngine
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


def test_a_clear_winner_stands_alone_and_a_close_race_brings_in_others() -> None:
    rivals = [("Unitree sold 5,500 robots.", 2.0), ("Omdia counted 4,200 robots at Unitree.", 1.95)]
    assert len(write("How many robots did Unitree sell?", evidence("a", rivals))) == 2
    apart = [(rivals[0][0], 2.0), (rivals[1][0], 1.5)]
    assert len(write("How many robots did Unitree sell?", evidence("a", apart))) == 1


def test_a_long_sentence_must_be_likelier_than_a_short_one() -> None:
    long = "Officials " + "and further officials " * 20 + "met."
    short = evidence("a", [("Talks began.", 2.0)]) + evidence("b", [("Rules came.", 1.71)])
    lengthy = evidence("a", [("Talks began.", 2.0)]) + evidence("b", [(long, 1.71)])
    assert len(write("What happened?", short)) == 2
    assert len(write("What happened?", lengthy)) == 1


def test_the_answer_starts_with_the_best_sentence() -> None:
    items = evidence("a", [("First, rules came.", 1.9), ("Second, bans came.", 2.0)])
    assert write("Why did trade fall?", items)[0] == "Second, bans came."


def test_sentences_of_one_document_stand_together_in_their_order() -> None:
    items = evidence("a", [("First, rules came.", 1.95), ("Second, bans came.", 2.0), ("Third, fines came.", 1.97)])
    items += evidence("b", [("Elsewhere, talks began.", 1.98)])
    assert write("Why did trade fall?", items) == [
        "Second, bans came.",
        "First, rules came.",
        "Third, fines came.",
        "Elsewhere, talks began.",
    ]


def test_an_answer_stays_short() -> None:
    items = [item for n in range(9) for item in evidence(f"d{n}", [(f"Fact {n} " + f"word{n} " * 30 + "ends.", 2.0)])]
    assert sum(len(text) for text in write("Why did it happen?", items)) <= 750


def test_there_are_no_more_sentences_than_the_setting_allows() -> None:
    items = [item for n in range(9) for item in evidence(f"d{n}", [(f"Fact{n} is short{n}.", 2.0)])]
    assert len(write("Why did it happen?", items)) == 5


def test_the_first_sentence_is_given_however_long() -> None:
    assert len(write("What happened?", evidence("a", [("A long story " * 100 + "ended.", 2.0)]))) == 1


def test_nothing_comes_of_nothing() -> None:
    assert write("Why?", []) == []
