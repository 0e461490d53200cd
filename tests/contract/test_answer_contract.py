"""The contract's invariants hold for every answer, whatever the documents and the question."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import Answer, Assistant, Document, Settings
from rag.citing import without_markers
from rag.protocols import Embedder
from tests.misbehaving_server import recites, says, serving

MARKER = re.compile(r"\[(\d+)\]")
FIELDS = {
    "question": str,
    "standalone_question": str,
    "engine": str,
    "answer": str,
    "abstained": bool,
    "abstain_reason": str | None,
    "confidence": float,
    "sentences": tuple | list,
    "citations": tuple | list,
    "conflicts": tuple | list,
    "as_of": str | None,
    "balance": dict | None,
    "withheld": tuple | list,
    "note": str | None,
    "usage": dict | None,
    "timings_ms": dict,
    "index_version": str,
}


def check_invariants(answer: Answer, documents: dict[str, Document]) -> None:
    for citation in answer.citations:
        text = documents[citation.doc_id].text
        assert text[citation.start : citation.end] == citation.text
        assert text[citation.quote_start : citation.quote_end] == citation.quote
        assert citation.start <= citation.quote_start < citation.quote_end <= citation.end
    first_use = list(dict.fromkeys(int(n) for n in MARKER.findall(answer.answer)))
    assert first_use == list(range(1, len(answer.citations) + 1))
    assert [citation.n for citation in answer.citations] == first_use
    assert 0 <= answer.confidence <= 1
    if answer.abstained:
        assert answer.abstain_reason
        quotes = {citation.n: " ".join(without_markers(citation.quote).split()) for citation in answer.citations}
        assert all(sentence.text == f"“{quotes[sentence.citations[0]]}”" for sentence in answer.sentences)
    else:
        assert answer.sentences
    assert all(sentence.supported and sentence.citations for sentence in answer.sentences)
    values = [value for conflict in answer.conflicts for value in conflict.values]
    assert all(f"{value.value} [{value.citation}]" in answer.answer for value in values)
    data = answer.to_dict()
    assert set(data) == set(FIELDS)
    assert all(isinstance(data[name], kind) for name, kind in FIELDS.items())
    json.dumps(data)


WORDS = st.sampled_from(
    [
        "Nvidia",
        "DeepSeek",
        "China",
        "chips",
        "$589",
        "billion",
        "lost",
        "27",
        "January",
        "2025",
        "the",
        "model",
        "trained",
        "on",
        "H800",
        "exports",
        "3.1%",
        "U.S.",
        "approx.",
        "said",
        "Dr.",
        "Li",
        "“huge",
        "pressure”",
        "中国",
        "人工智能",
        "发展很快。",
        "naïve",
        "café",
        "🤖",
        "👩\u200d👩\u200d👧",
        "étude",
        "ﬁne",
        "½",
        "[1]",
        "[99]",
        "[^3]",
        "<b>bold</b>",
        "**x**",
        "|",
        "a",
        "|",
        "https://example.org/x?y=1&z=2",
        "&amp;",
        "{{value}}",
        "${value}",
        "—",
        "…",
        "?!",
        "It",
        "They",
        "However",
    ]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=25).map(lambda words: " ".join(words) + ".")
LINES = st.one_of(
    SENTENCES,
    st.just(""),
    SENTENCES.map(lambda text: f"- {text}"),
    SENTENCES.map(lambda text: f"## {text[:40]}"),
    st.lists(WORDS, min_size=2, max_size=4).map(lambda cells: "| " + " | ".join(cells) + " |"),
    SENTENCES.map(lambda text: f"\t{text}"),
    st.just("```"),
    st.text(max_size=60),
)
TEXTS = st.tuples(st.lists(LINES, min_size=1, max_size=30), st.sampled_from(["\n", "\r\n", "\n\n", "\r"])).map(
    lambda pair: pair[1].join(pair[0])
)
QUESTIONS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=8).map(lambda words: " ".join(words) + "?"),
    st.text(min_size=1, max_size=200).filter(lambda text: bool(text.strip())),
    st.sampled_from(["How much did Nvidia lose?", "Who said “huge pressure”?", "?", "[1]", "中国?", "🤖", "\u0000a"]),
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(TEXTS, min_size=1, max_size=4), questions=st.lists(QUESTIONS, min_size=1, max_size=4))
@pytest.mark.slow
def test_invariants_hold_over_random_documents_and_questions(
    embedder: Embedder, texts: list[str], questions: list[str]
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        corpus = folder / "corpus"
        corpus.mkdir()
        anchor = "Nvidia lost $589 billion on 27 January 2025. It was a record.\n"
        for number, text in enumerate([anchor, *texts]):
            (corpus / f"d{number}.md").write_text(text, encoding="utf-8", newline="")
        # Every answer is given, however doubtful: abstaining would hide broken citations.
        assistant = Assistant.open(Settings(corpus_dir=corpus, data_dir=folder / "data", abstain_below=0.0))
        assistant.__dict__["embedder"] = embedder
        assistant.sync()
        documents = {document.doc_id: document for document in assistant.documents()}
        for question in questions:
            check_invariants(assistant.ask(question), documents)
        assistant.close()
    finally:
        shutil.rmtree(folder)


SCRIPTS = st.lists(
    st.one_of(
        SENTENCES,
        st.just("Nvidia lost $589 billion on 27 January 2025 [1]."),
        st.just("It was a record [2]. Nvidia lost $589 billion on 27 January 2025."),
        st.sampled_from(
            ["[1]", "[0]", "[n]", "【1】", "[1, 2]", "## Answer", "- ", "MISSING: x", "Sources:", "<think>"]
        ),
        st.text(max_size=60),
    ),
    max_size=12,
).map("\n".join)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=SCRIPTS)
@pytest.mark.slow
def test_invariants_hold_whatever_a_language_model_writes(llm_assistant: Any, script: str) -> None:
    assistant, scripts = llm_assistant
    scripts.append(script)
    documents = {document.doc_id: document for document in assistant.documents()}
    check_invariants(assistant.ask("How much did Nvidia lose?"), documents)


@pytest.fixture
def llm_assistant(make_assistant: Any) -> Iterator[tuple[Assistant, list[str]]]:
    """An assistant whose model writes the last of the scripts."""
    scripts: list[str] = []
    text = "Nvidia lost $589 billion on 27 January 2025. It was a record.\n"
    with serving(lambda reply: says(scripts[-1])(reply)) as server:
        options = {"engine": "openai:scripted", "base_url": server.url, "abstain_below": 0.0}
        assistant = make_assistant({"a.txt": text, "b.txt": "DeepSeek released R1.\n"}, **options)
        assistant.sync()
        yield assistant, scripts


@pytest.fixture(params=["quote", "openai:scripted"])
def engine_assistant(request: pytest.FixtureRequest, default_assistant: Assistant) -> Iterator[Assistant]:
    """The default corpus with the quote engine, and with a model that says right and wrong things."""
    with serving(recites) as server:
        changed = {"engine": request.param, "base_url": server.url, "context_tokens": 8192}
        assistant = Assistant.open(default_assistant.settings.model_copy(update=changed))
        assistant.__dict__["embedder"] = default_assistant.embedder
        yield assistant
        assistant.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        "How much did Nvidia lose after DeepSeek?",
        "Why is China behind, and who says so?",
        "What is the best recipe for pancakes?",
        "Which companies are called the AI tigers?",
        "How many satellites did DeepSeek launch in 2031?",
    ],
)
def test_invariants_hold_on_the_default_corpus(engine_assistant: Assistant, question: str) -> None:
    documents = {document.doc_id: document for document in engine_assistant.documents()}
    answer = engine_assistant.ask(question)
    check_invariants(answer, documents)
    assert answer.abstained or answer.engine == engine_assistant.settings.engine
    assert "Atlantis" not in answer.answer


def test_a_citation_names_the_origin_of_the_quoted_sentence(default_assistant: Assistant) -> None:
    answer = default_assistant.ask("How much did Nvidia lose after DeepSeek?")
    for citation in answer.citations:
        document = default_assistant.document(citation.doc_id)
        assert document is not None
        span = next(s for s in document.origins if s.start <= citation.quote_start and citation.quote_end <= s.end)
        assert citation.origin == span.origins[0]


def test_bracketed_numbers_in_documents_are_not_taken_for_markers(make_assistant: Any) -> None:
    assistant = make_assistant({"a.txt": "Nvidia lost $589 billion on one day [7], said Reuters [12].\n"})
    assistant.sync()
    answer = assistant.ask("How much did Nvidia lose on one day?")
    assert answer.answer == "Nvidia lost $589 billion on one day (7), said Reuters (12). [1]"
    assert answer.citations[0].quote == "Nvidia lost $589 billion on one day [7], said Reuters [12]."


def test_the_same_question_gets_the_same_answer(default_assistant: Assistant) -> None:
    first, second = (default_assistant.ask("Who disputes DeepSeek's training costs?").to_dict() for _ in range(2))
    del first["timings_ms"], second["timings_ms"]
    assert first == second


def test_a_question_of_which_nothing_can_be_read_is_declined(make_assistant: Any) -> None:
    assistant = make_assistant({"a.txt": "Nvidia sells chips.\n"})
    assistant.sync()
    assert assistant.ask("\x1b").abstained
