"""What an answer says beside its sentences: where sources differ, what came later, how new and balanced they are."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from rag import Answer, Assistant
from rag.terminal import show_answer
from rag.types import Token
from ui.transcript import transcript
from ui.turns import Turn as ShownTurn


def document(doc_id: str, body: str, *, publisher: str, country: str, date: str, kind: str = "news") -> str:
    return (
        f"---\nid: {doc_id}\ntitle: {doc_id}\npublisher: {publisher}\npublisher_country: {country}\ndate: {date}\n"
        f"url: https://{doc_id}.example.org/x\nkind: {kind}\n---\n{body}\n"
    )


LOSSES = {
    "a.md": document(
        "a",
        "Bloomberg put Nvidia's loss of market value on 27 January 2025 at $589 billion. The sell-off began in Asia.",
        publisher="Bloomberg",
        country="US",
        date="2025-01-28",
    ),
    "b.md": document(
        "b",
        "The Epoch Times put Nvidia's loss of market value on 27 January 2025 at $593.7 billion. Others fell.",
        publisher="The Epoch Times",
        country="US",
        date="2025-02-03",
    ),
    "c.md": document(
        "c",
        "CNBC rounded Nvidia's loss of market value on 27 January 2025 to almost $600 billion.",
        publisher="CNBC",
        country="US",
        date="2025-01-27",
    ),
}
RIDES = {
    "old.txt": "Waymo provided 250,000 robotaxi rides a week in May 2025. Its cars are white.\n",
    "new.txt": "Waymo provided 400,000 robotaxi rides a week in February 2026. It runs in ten cities.\n",
}
QUESTION = "How much market value did Nvidia lose on 27 January 2025?"
Make = Callable[..., Assistant]


def ask(make_assistant: Make, files: dict[str, str], question: str) -> Answer:
    assistant = make_assistant(files, abstain_below=0.0)
    assistant.sync()
    return assistant.ask(question)


def shown(answer: Answer) -> str:
    stream = io.StringIO()
    show_answer(Console(file=stream, width=200), answer)
    return stream.getvalue()


def test_sources_that_differ_are_named_with_their_values(make_assistant: Make) -> None:
    answer = ask(make_assistant, LOSSES, QUESTION)
    (conflict,) = answer.conflicts
    assert conflict.about == "Nvidia's loss of market value on 27 January 2025"
    assert sorted(value.value for value in conflict.values) == ["$589 billion", "$593.7 billion"]
    values = ", ".join(f"{value.value} [{value.citation}]" for value in conflict.values)
    assert answer.answer.endswith(f"Sources differ on {conflict.about}: {values}.")
    assert all(value.value in answer.citations[value.citation - 1].quote for value in conflict.values)
    html = transcript([ShownTurn(QUESTION, answer=answer)], {})
    assert html.count('<div class="label">Sources differ on') == 1
    assert html.count('<div class="side">') == 2


def test_rounding_is_no_difference(make_assistant: Make) -> None:
    answer = ask(make_assistant, {name: LOSSES[name] for name in ("b.md", "c.md")}, QUESTION)
    assert answer.conflicts == ()
    assert "Sources differ" not in answer.answer


def test_the_stream_brings_the_text_of_the_answer(make_assistant: Make) -> None:
    assistant = make_assistant(LOSSES, abstain_below=0.0)
    assistant.sync()
    events: Iterator[object] = assistant.stream(QUESTION)
    text = "".join(event.text for event in events if isinstance(event, Token))
    assert text == assistant.ask(QUESTION).answer


def test_a_later_value_follows_the_earlier_one(make_assistant: Make) -> None:
    answer = ask(make_assistant, RIDES, "How many robotaxi rides a week does Waymo provide?")
    assert "400,000" in answer.answer
    assert answer.conflicts == ()


def test_the_time_of_the_question_decides(make_assistant: Make) -> None:
    answer = ask(make_assistant, RIDES, "How many robotaxi rides a week did Waymo provide in May 2025?")
    assert answer.answer.startswith("Waymo provided 250,000")
    answer = ask(make_assistant, RIDES, "How many robotaxi rides a week does Waymo currently provide?")
    assert answer.answer.startswith("Waymo provided 400,000")


def test_displays_say_how_new_the_sources_are_and_if_they_are_one_sided(make_assistant: Make) -> None:
    answer = ask(make_assistant, LOSSES, QUESTION)
    assert answer.as_of == "2025-02-03"
    assert answer.balance is not None
    assert answer.balance.countries == {"US": answer.balance.sources}
    line = f"Newest source: 2025-02-03. All {answer.balance.sources} cited sources are American."
    assert line in shown(answer)
    html = transcript([ShownTurn(QUESTION, answer=answer)], {})
    assert "As of <strong>2025-02-03</strong>" in html
    assert f"All {answer.balance.sources} cited sources are American." in html
    assert answer.to_dict()["as_of"] == "2025-02-03"


def test_a_claim_keeps_its_speaker(make_assistant: Make) -> None:
    text = (
        "Jensen Huang spoke at a summit in London in November 2025. Demand was one subject. "
        "China will win the artificial intelligence race because of cheaper power, he said.\n"
    )
    answer = ask(make_assistant, {"a.txt": text}, "Why will China win the artificial intelligence race?")
    assert answer.answer.startswith("Jensen Huang spoke at a summit in London in November 2025. [1]")
    assert "because of cheaper power, he said. [2]" in answer.answer


def test_a_false_premise_gets_what_the_documents_do_say(make_assistant: Make) -> None:
    files = {"a.txt": "Anthropic sued the Pentagon in two courts in March 2026. Judge Rita Lin ruled for Anthropic.\n"}
    assistant = make_assistant(files, abstain_below=1.0)
    assistant.sync()
    question = "Why did Anthropic drop its suits against the Pentagon in March 2026?"
    answer = assistant.ask(question)
    quote = "“Anthropic sued the Pentagon in two courts in March 2026.”"
    assert answer.abstained
    assert answer.answer.endswith(f"What the documents do say: {quote} [1]")
    assert "nothing on “drop”" in answer.answer
    assert answer.citations[0].quote == quote.strip("“”")
    html = transcript([ShownTurn(question, answer=answer)], {})
    assert html.count("Anthropic sued the Pentagon in two courts") >= 1
    assert "[1]" not in re.sub(r"<[^>]*>", "", html)


@pytest.mark.slow
def test_on_the_corpus_differences_are_found_and_not_invented(default_assistant: Assistant) -> None:
    def values(question: str) -> list[list[str]]:
        return [sorted(value.value for value in c.values) for c in default_assistant.ask(question).conflicts]

    assert values(QUESTION) == [["$589 billion", "$593.7 billion"]]
    assert values("What share of the world's gallium does China produce?") == [["94%", "99%"]]
    for question in (
        "How many robotaxi rides a week does Waymo make?",
        "How much will Amazon spend on AI in 2026?",
        "How many humanoid robots were sold in 2025?",
        "What is DeepSeek's valuation?",
        "How large is China's AI industry?",
        "What does the CHIPS Act pay?",
    ):
        assert values(question) == []
