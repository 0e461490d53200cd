"""A language model's sentences are shown only where sources support them; every failure ends in quotes and one line."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag import Answer, Assistant
from rag.composing import NOT_SUPPORTED
from rag.errors import ConfigurationError
from rag.types import Retrieved, Sentence, Token, Verified
from tests.contract.test_answer_contract import check_invariants
from tests.cross_encoders import save_cross_encoder
from tests.misbehaving_server import Behaviour, fails, hangs, hangs_up, says, says_as_anthropic, says_as_ollama, serving

Make = Callable[..., Assistant]

KEY = "sk-test-0123456789abcdef"
QUESTION = "How much market value did Nvidia lose?"
DOCUMENTS = {
    "loss.txt": "Nvidia lost $589 billion of market value on 27 January 2025. It was the largest loss on record.\n",
    "cause.txt": "DeepSeek released R1 on 20 January 2025. Reuters called its market effect on Nvidia a shock.\n",
}
RIGHT = "Nvidia lost $589 billion of market value on 27 January 2025 [{loss}]."


def passage_numbers(request: dict[str, Any]) -> dict[str, int]:
    """Which number each document has in the prompt."""
    prompt = request["messages"][-1]["content"]
    order = sorted(("loss", "cause"), key=lambda name: prompt.index({"loss": "$589", "cause": "R1 on"}[name]))
    return {name: order.index(name) + 1 for name in order}


@pytest.fixture
def assistant(make_assistant: Make) -> Make:
    def make(url: str, **settings: object) -> Assistant:
        options = {"engine": "openai:scripted", "base_url": url, "api_key": KEY, "abstain_below": 0.0, "timeout_s": 20}
        made = make_assistant(DOCUMENTS, **options | settings)
        made.sync()
        return made

    return make


@pytest.fixture
def numbers(assistant: Make) -> dict[str, int]:
    with serving(says("Nothing.")) as server:
        assistant(server.url).ask(QUESTION)
        return passage_numbers(server.requests[0])


def ask(assistant: Make, *behaviours: Behaviour, question: str = QUESTION, **settings: object) -> Answer:
    with serving(*behaviours) as server:
        answer = assistant(server.url, **settings).ask(question)
    check_invariants(answer, {d.doc_id: d for d in assistant(server.url).documents()})
    return answer


def test_supported_sentences_are_shown_with_the_exact_words_behind_them(
    assistant: Make, numbers: dict[str, int]
) -> None:
    answer = ask(assistant, says(RIGHT.format(**numbers)))
    assert answer.engine == "openai:scripted"
    assert answer.answer == "Nvidia lost $589 billion of market value on 27 January 2025. [1]"
    assert answer.citations[0].quote == DOCUMENTS["loss.txt"].split(" It was")[0]
    assert answer.note is None
    assert answer.withheld == ()
    assert answer.usage is not None
    assert (answer.usage.tokens_in, answer.usage.tokens_out) == (100, 20)
    assert answer.timings_ms.verify > 0


def test_what_the_sources_do_not_say_is_withheld(assistant: Make, numbers: dict[str, int]) -> None:
    answer = ask(assistant, says(RIGHT.format(**numbers) + " Intel lost $900 billion in 2031 [1]."))
    assert "Intel" not in answer.answer
    (withheld,) = answer.withheld
    assert withheld.text == "Intel lost $900 billion in 2031."
    assert withheld.reason


def test_a_sentence_that_leans_on_a_withheld_one_goes_with_it(assistant: Make, numbers: dict[str, int]) -> None:
    leaning = DOCUMENTS["loss.txt"].split("2025. ")[1].rstrip(".") + f" [{numbers['loss']}]."
    right = RIGHT.format(**numbers)
    assert ask(assistant, says(f"{right} {leaning}")).withheld == ()
    answer = ask(assistant, says(f"{right} Intel lost $900 billion in 2031 [1]. {leaning}"))
    assert [one.text.split()[0] for one in answer.withheld] == ["Intel", "It"]
    assert "leans" in answer.withheld[1].reason


def test_or_shown_and_marked_if_set(assistant: Make, numbers: dict[str, int]) -> None:
    text = RIGHT.format(**numbers) + " Intel lost $900 billion in 2031 [1]."
    with serving(says(text)) as server:
        answer = assistant(server.url, unsupported="mark").ask(QUESTION)
    assert f"Intel lost $900 billion in 2031. {NOT_SUPPORTED}" in answer.answer
    assert [sentence.supported for sentence in answer.sentences] == [True, False]
    assert answer.sentences[1].citations == ()


def test_a_wrong_marker_is_moved_to_the_passage_that_supports_the_sentence(
    assistant: Make, numbers: dict[str, int]
) -> None:
    answer = ask(assistant, says(RIGHT.format(loss=numbers["cause"])))
    assert answer.citations[0].doc_id.startswith("loss")
    assert answer.usage is not None
    assert answer.usage.citations_moved == 1


@pytest.mark.parametrize("marker", ["", "[99]", "[n]", "【{loss}】", "[passage {loss}]", "[{loss}, 77]"])
def test_missing_unknown_and_malformed_markers_are_put_right(
    assistant: Make, numbers: dict[str, int], marker: str
) -> None:
    text = f"Nvidia lost $589 billion of market value on 27 January 2025 {marker.format(**numbers)}."
    answer = ask(assistant, says(text))
    assert answer.answer == "Nvidia lost $589 billion of market value on 27 January 2025. [1]"


def test_an_error_while_checking_never_counts_as_support(
    assistant: Make, numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("rag.verification.verifiers.verify", broken)
    answer = ask(assistant, says(RIGHT.format(**numbers)))
    assert answer.engine == "quote"
    assert [withheld.reason for withheld in answer.withheld] == ["it could not be checked"]


def test_what_is_missing_is_told_beside_a_marked_sentence(assistant: Make, numbers: dict[str, int]) -> None:
    text = RIGHT.format(**numbers) + " Bloomberg called the market effect on Nvidia a shock [1]."
    with serving(says(text)) as server:
        right, wrong = assistant(server.url, unsupported="mark").ask(QUESTION).sentences
    assert (right.verdict, right.reason) == ("supported", "")
    assert (wrong.supported, wrong.verdict) == (False, "not found")
    assert "Bloomberg" in wrong.reason


def test_a_verifier_by_name_has_the_say(assistant: Make, tmp_path: Path, numbers: dict[str, int]) -> None:
    folder = tmp_path / "verifier"
    folder.mkdir()
    name = save_cross_encoder(folder, ["entailment", "neutral"], ["nvidia", "lost"])
    made = assistant("http://127.0.0.1:9/v1", verifier=name)
    assert made.verifier.name == name
    with serving(says(RIGHT.format(**numbers))) as server:
        answer = assistant(server.url, verifier=name).ask(QUESTION)
    assert answer.sentences[0].support == 1.0  # word for word: no model is asked


@pytest.mark.parametrize(
    ("behaviour", "line"),
    [
        (hangs(3), "no answer within 1 s"),
        (says("word " * 100, pause=0.1), "not done within 1 s"),
        (fails(429, headers={"Retry-After": "60"}), "the provider's rate limit is reached"),
        (fails(500), "the server failed (HTTP 500)"),
        (fails(401, f"Incorrect API key provided: {KEY}"), "the key was refused"),
        (fails(404), "the server knows no such model"),
        (fails(400, f"strange request with {KEY}"), "the model failed (Error code: 400"),
        (hangs_up, "the connection broke off"),
        (fails(400, "request (9000 tokens) exceeds the available context size"), "longer than the model's context"),
        (says("Nvidia lost $589 billion of market", finish=None), "the connection broke off"),
        (says(""), "the model wrote nothing"),
        (says("Nvidia lost", finish="length"), "the model finished no sentence"),
        (says('Nvidia "lost $589 billion and much more" on 27 January 2025 [1].'), "nothing that the model wrote is"),
        (says("MISSING: market value"), "the model found no answer"),
        (says("英伟达市值蒸发了。" * 2), "nothing that the model wrote is supported"),
        (says("Paris is the capital of France [1]. Rome is old [1]."), "nothing that the model wrote is supported"),
        (says("It is a loss. " * 50), "repeated itself without end"),
        (says("loss " * 3000), "repeated itself without end"),
    ],
)
def test_every_failure_ends_in_a_quoted_answer_and_one_clear_line(
    assistant: Make, behaviour: Behaviour, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = ask(assistant, behaviour, timeout_s=1 if "within" in line or "429" in line else 5)
    assert answer.engine == "quote"
    assert answer.answer.startswith("Nvidia lost $589 billion")
    assert answer.note is not None
    assert line in answer.note
    assert answer.note.startswith("openai:scripted: ")
    assert "\n" not in answer.note
    assert len(answer.note) < 300
    assert KEY not in json.dumps(answer.to_dict()) + caplog.text


def test_what_a_stopped_model_has_cost_is_counted_too(assistant: Make) -> None:
    answer = ask(assistant, says("It is a loss. " * 50))
    assert answer.usage is not None
    assert answer.usage.tokens_in > 100
    assert answer.usage.tokens_out > 10


def test_a_server_that_is_not_there_ends_in_quotes_too(assistant: Make) -> None:
    answer = assistant("http://127.0.0.1:9/v1").ask(QUESTION)
    assert answer.note is not None
    assert "the server cannot be reached" in answer.note


def test_a_rate_limit_that_passes_is_waited_for(assistant: Make, numbers: dict[str, int]) -> None:
    answer = ask(assistant, fails(429, headers={"Retry-After": "0.2"}), fails(503), says(RIGHT.format(**numbers)))
    assert answer.engine == "openai:scripted"


def test_a_connection_that_was_idle_too_long_is_opened_again(assistant: Make, numbers: dict[str, int]) -> None:
    answer = ask(assistant, hangs_up, says(RIGHT.format(**numbers)))
    assert answer.engine == "openai:scripted"


def test_an_overflowing_prompt_is_tried_once_more_with_half_the_room(assistant: Make) -> None:
    with serving(fails(400, "maximum context length is 1000"), says("Nothing.")) as server:
        note = assistant(server.url).ask(QUESTION).note
    assert len(server.requests) == 2, note


def test_what_breaks_off_after_an_overflow_is_tried_again_as_ever(assistant: Make, numbers: dict[str, int]) -> None:
    overflow = fails(400, "maximum context length is 1000", headers={"Connection": "close"})
    answer = ask(assistant, overflow, hangs_up, says(RIGHT.format(**numbers)))
    assert answer.engine == "openai:scripted"


def test_events_come_in_order_and_only_supported_sentences_are_announced(
    assistant: Make, numbers: dict[str, int]
) -> None:
    text = RIGHT.format(**numbers) + " Intel lost $900 billion in 2031 [1]."
    with serving(says(text)) as server:
        events = list(assistant(server.url).stream(QUESTION))
    assert isinstance(events[0], Retrieved)
    assert isinstance(events[-1], Verified)
    assert "".join(event.text for event in events if isinstance(event, Token)).strip() == text
    (announced,) = [event for event in events if isinstance(event, Sentence)]
    assert announced.text == events[-1].answer.answer


def test_closing_the_stream_stops_the_model(assistant: Make) -> None:
    with serving(says("word " * 500, pause=0.02)) as server:
        events = assistant(server.url).stream(QUESTION)
        while not isinstance(next(events), Token):
            pass
        events.close()  # type: ignore[attr-defined]
        assert server.left_early.wait(timeout=5)


def test_a_follow_up_is_rewritten_by_the_model_or_by_the_rules(assistant: Make) -> None:
    history = [{"role": "user", "content": "What did Nvidia lose on 27 January 2025?"}]
    with serving(says("How large was the loss of Nvidia on 27 January 2025?"), says("Nothing.")) as server:
        answer = assistant(server.url).ask("How large was it?", history=history)
        assert answer.standalone_question == "How large was the loss of Nvidia on 27 January 2025?"
        assert answer.usage is not None
        assert answer.usage.tokens_in == 200
    with serving(says("How large was the loss of Elon Musk in 1999?"), says("Nothing.")) as server:
        answer = assistant(server.url).ask("How large was it?", history=history)
        assert answer.standalone_question == "What did Nvidia lose on 27 January 2025? How large was it?"


def test_a_citation_of_an_earlier_turn_never_turns_up_again(assistant: Make, numbers: dict[str, int]) -> None:
    history = [
        {"role": "user", "content": "How much market value did Intel lose?"},
        {"role": "assistant", "content": "Intel lost $1 billion [7]."},
    ]
    with serving(says(RIGHT.format(**numbers) + " Intel lost $1 billion [7].")) as server:
        made = assistant(server.url)
        answer = made.ask(QUESTION, history=history)
    check_invariants(answer, {document.doc_id: document for document in made.documents()})
    assert [citation.n for citation in answer.citations] == [1]
    assert [withheld.text for withheld in answer.withheld] == ["Intel lost $1 billion."]
    assert answer.usage is not None
    assert answer.usage.markers_removed == 1


def test_a_key_of_the_environment_is_not_sent_to_a_server_of_ones_own(
    assistant: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-provider")
    with serving(says("Nothing.")) as server:
        assistant(server.url, api_key=None).ask(QUESTION)
        assistant(server.url).ask(QUESTION)
    assert server.keys == ["Bearer none", f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("engine", "speaks"), [("anthropic:claude-haiku-5-5", says_as_anthropic), ("ollama:llama", says_as_ollama)]
)
def test_other_providers_write_answers_too(
    assistant: Make, numbers: dict[str, int], engine: str, speaks: Callable[[str], Behaviour]
) -> None:
    with serving(speaks(RIGHT.format(**numbers) + " Intel lost $900 billion in 2031 [1].")) as server:
        answer = assistant(server.url.removesuffix("/v1"), engine=engine).ask(QUESTION)
    assert answer.engine == engine
    assert answer.answer.startswith("Nvidia lost $589 billion")
    assert len(answer.withheld) == 1
    assert answer.usage is not None
    assert (answer.usage.tokens_in, answer.usage.tokens_out) == (1000, 20)


def test_auto_takes_the_server_that_is_set_and_quotes_without_one(assistant: Make) -> None:
    with serving(says("Nothing.")) as server:
        assert assistant(server.url, engine="auto").engine.name == "openai:scripted"
    assert assistant("http://127.0.0.1:9/v1", engine="auto").engine.name == "quote"


@pytest.mark.parametrize(
    ("engine", "line"),
    [
        ("openai:gpt-5-mini", "needs a key: set AIRACE_API_KEY or OPENAI_API_KEY"),
        ("anthropic:claude-x", "needs a key"),
        ("cohere:command", "needs a package: pip install 'langchain-cohere'"),
        ("magic", "there is no answer engine 'magic'"),
        ("magic:wand", "there is no answer engine 'magic:wand'"),
        ("local:nowhere.gguf", "there is no model file"),
        ("local:smollm2", "airace models pull smollm2"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    make_assistant: Make, tmp_path: Any, engine: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = make_assistant(DOCUMENTS, engine=engine, cache_dir=tmp_path / "cache")
    with pytest.raises(ConfigurationError) as caught:
        _ = made.engine
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
