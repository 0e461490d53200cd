"""The whole path with a real, small language model in this process, which invents a great deal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Assistant, Settings
from rag.doctor import diagnose
from rag.models import PULLABLE, model_path, pull
from rag.types import Retrieved, Sentence, Token, Verified
from tests.conftest import ROOT
from tests.contract.test_answer_contract import check_invariants
from tests.small_model import small_model_path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # a busy machine writes two tokens a second

Make = Callable[..., Assistant]
DOCUMENTS = {
    "loss.txt": "Nvidia lost $589 billion of market value on 27 January 2025. It was the largest loss on record.\n",
    "cause.txt": "DeepSeek released R1 on 20 January 2025. Reuters called its market effect on Nvidia a shock.\n",
}


@pytest.fixture
def assistant(make_assistant: Make) -> Assistant:
    options = {"context_tokens": 1024, "answer_tokens": 64, "timeout_s": 200, "abstain_below": 0.0}
    made = make_assistant(DOCUMENTS, engine=f"local:{small_model_path()}", **options)
    made.sync()
    return made


def test_nothing_unsupported_is_shown(assistant: Assistant) -> None:
    documents = {document.doc_id: document for document in assistant.documents()}
    questions = ["How much market value did Nvidia lose?", "Who is the CEO of Baidu?", "英伟达损失了多少?"]
    for question in questions:
        answer = assistant.ask(question)
        check_invariants(answer, documents)
        assert answer.engine in ("quote", f"local:{small_model_path().name}")
        assert (answer.note is not None) == (answer.engine == "quote")
        assert answer.usage is not None
        assert answer.usage.tokens_out <= 64


def test_its_markers_are_always_of_passages_that_exist(assistant: Assistant) -> None:
    retrieved, *events = assistant.stream("How much market value did Nvidia lose?")
    assert isinstance(retrieved, Retrieved)
    written = "".join(event.text for event in events if isinstance(event, Token))
    markers = [int(marker) for marker in re.findall(r"\[(\d+)\]", written)]
    assert markers
    assert set(markers) <= set(range(1, len(retrieved.passages) + 1))
    answer = events[-1].answer if isinstance(events[-1], Verified) else None
    assert answer is not None
    assert answer.usage is not None
    assert answer.usage.markers_removed == answer.usage.markers_repaired == 0
    assert answer.usage.cost_usd is None


def test_it_streams_and_stops_when_nobody_listens(assistant: Assistant) -> None:
    events = list(assistant.stream("How much market value did Nvidia lose?"))
    assert isinstance(events[0], Retrieved)
    assert isinstance(events[-1], Verified)
    assert any(isinstance(event, Token) for event in events)
    assert any(isinstance(event, Sentence) for event in events)
    stream = assistant.stream("How much market value did Nvidia lose?")
    while not isinstance(next(stream), Token):
        pass
    stream.close()  # type: ignore[attr-defined]
    assert assistant.ask("When was R1 released?").answer  # the one slot of the server is free again


def test_a_follow_up_is_understood_with_the_question_before(assistant: Assistant) -> None:
    history = [{"role": "user", "content": "How much market value did Nvidia lose?"}]
    answer = assistant.ask("And when was that?", history=history)
    assert "Nvidia" in answer.standalone_question


def test_doctor_tries_it(assistant: Assistant) -> None:
    checks = {check["name"]: check for check in diagnose(assistant.settings, {})["checks"]}
    assert checks["answer engine"]["ok"]
    assert "tokens/s" in checks["answer engine"]["detail"]


def test_pulled_models_are_checked_and_used_by_name(tmp_path: Path) -> None:
    path = model_path("smollm2", tmp_path)
    path.parent.mkdir()
    path.write_bytes(small_model_path().read_bytes())
    assert pull("smollm2", tmp_path) == path  # it is there and sound: nothing is fetched
    assert PULLABLE["smollm2"].sha256.startswith("b179c952")
    settings = Settings(engine="local:smollm2", cache_dir=tmp_path, context_tokens=1024)
    assert Assistant.open(settings).engine.name == f"local:{path.name}"


def test_an_answer_is_saved_and_replayed(assistant: Assistant, tmp_path: Path) -> None:
    def airace(*arguments: str) -> str:
        settings = assistant.settings
        where = ["--corpus", str(settings.corpus_dir), "--data-dir", str(settings.data_dir)]
        environment = os.environ | {"AIRACE_CONTEXT_TOKENS": "1024", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "rag", *arguments, *where]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=250).stdout

    saved = tmp_path / "answer.json"
    airace("ask", "How much market value did Nvidia lose?", "--engine", assistant.settings.engine, "--save", str(saved))
    record = json.loads(saved.read_text())
    assert record["model"] == f"local:{small_model_path().name}"
    assert "numbered passages" in record["prompt"]
    assert {len(passage["sha256"]) for passage in record["passages"]} == {64}
    found = json.loads(airace("replay", str(saved), "--engine", "quote", "--json"))
    assert f"setting engine: {assistant.settings.engine}, now quote" in found["reasons"]
