"""What retrieval returns: passages in the right surroundings, each thing once, nothing weak; and sentences in order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from rag import Assistant
from rag.types import Passage

MakeAssistant = Callable[..., Assistant]

SMALL = 32  # tokens, so that two sentences make a chunk

HARBOUR = (
    "The harbour of Lindau was enlarged by the engineer Greta Moos over several decades. Her plans for the harbour of "
    "Lindau survive in the town archive. "
)
COST = "The whole work cost the town 4 million marks. Three quarters of the money came from taxes on salt. "
OTHER = "The railway station was a private venture of rich citizens. Its cost was 4 million marks as well. "
WEATHER = "Rain falls there on 140 days of the year. Snow lies for 20 days in an ordinary winter. "
FISH = "Anglers catch trout and perch near the shore. The season opens in the month of April. "


def found(assistant: Assistant, question: str, k: int = 5) -> list[Passage]:
    assistant.sync()
    return assistant.search(question, k=k)


def test_of_like_passages_the_one_in_the_right_surroundings_is_better(make_assistant: MakeAssistant) -> None:
    with_context = HARBOUR + COST
    without = WEATHER + COST.replace("Three quarters", "Two thirds")
    assistant = make_assistant({"a.txt": without, "b.txt": with_context}, chunk_tokens=SMALL)
    passages = found(assistant, "What did the harbour of Lindau cost the town in marks?", k=8)
    scores = {p.chunk.doc_id: p.scores["lexical"] for p in passages if "whole work cost" in p.chunk.text}
    assert scores["b"] > scores["a"]


def test_what_a_document_repeats_is_shown_once_where_it_says_it_first(make_assistant: MakeAssistant) -> None:
    text = "\n".join(f"# Part\n{part}" for part in (COST, WEATHER, HARBOUR, COST, FISH))
    assistant = make_assistant({"a.md": text}, chunk_tokens=SMALL)
    passages = found(assistant, "What did the work on the harbour cost the town in marks?")
    told = [p.chunk for p in passages if "whole work cost" in p.chunk.text]
    assert [chunk.start for chunk in told] == [text.index(COST)]


def test_a_document_shows_no_further_passage_that_is_far_weaker(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant({"a.txt": HARBOUR + COST + WEATHER + FISH, "b.txt": OTHER + FISH}, chunk_tokens=SMALL)
    passages = found(assistant, "Who enlarged the harbour of Lindau?", k=8)
    best = passages[0].score
    first = {p.chunk.doc_id: p.rank for p in reversed(passages)}
    assert "Greta Moos" in passages[0].chunk.text
    assert set(first) == {"a", "b"}, "a second document stays in as a second source"
    assert all(p.score >= 0.7 * best or p.rank == first[p.chunk.doc_id] for p in passages)
    assert not any("Anglers" in p.chunk.text for p in passages if p.chunk.doc_id == "a")


@pytest.mark.parametrize("question", ["harbour", "Who enlarged the harbour of Lindau?", "the of and", "zzz 人工智能"])
def test_passages_are_exact_ranked_and_scored_between_0_and_1(make_assistant: MakeAssistant, question: str) -> None:
    assistant = make_assistant({"a.txt": HARBOUR + COST + WEATHER + FISH, "b.txt": OTHER}, chunk_tokens=SMALL)
    passages = found(assistant, question)
    assert [p.rank for p in passages] == list(range(1, len(passages) + 1))
    assert all(a.score >= b.score for a, b in pairwise(passages))
    for passage in passages:
        assert 0 <= passage.score <= 1
        assert 0 <= passage.scores["lexical"] <= 1
        assert passage.document.text[passage.chunk.start : passage.chunk.end] == passage.chunk.text


def test_a_sentence_that_leans_on_the_one_before_it_can_come_first(make_assistant: MakeAssistant) -> None:
    text = "The Lindau lighthouse stands on the western mole. It is 33 metres high. Sailors like it. " + FISH
    assistant = make_assistant({"a.txt": text, "b.txt": WEATHER})
    assistant.sync()
    evidence = assistant.evidence("How high is the Lindau lighthouse?")
    assert "33 metres" in " ".join(item.text for item in evidence[:2])
    assert evidence[0].features["late_near"] >= evidence[0].features["late"]


def test_features_of_a_sentence_are_between_0_and_1(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant({"a.md": f"# Lindau\n\n{HARBOUR}{COST}\n", "b.txt": OTHER + WEATHER})
    assistant.sync()
    for item in assistant.evidence("Who enlarged the harbour of Lindau, and when?"):
        assert all(-0.2 <= value <= 1.001 for value in item.features.values()), item.features
        assert item.features["late_near"] >= item.features["late"]
        assert item.features["coverage_near"] >= item.features["coverage"]
