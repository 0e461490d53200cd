"""A saved answer is run again, and what changed is explained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Assistant
from rag.errors import ConfigurationError
from rag.saving import ask_and_record, read_record, replay, write_record

Make = Callable[..., Assistant]
QUESTION = "How much market value did Nvidia lose?"
LOSS = "Nvidia lost $589 billion of market value on 27 January 2025.\n"


def test_nothing_has_changed(make_assistant: Make, tmp_path: Path) -> None:
    assistant = make_assistant({"a.txt": LOSS}, abstain_below=0.0)
    assistant.sync()
    write_record(tmp_path / "saved.json", ask_and_record(assistant, QUESTION)[1])
    found = replay(assistant, read_record(tmp_path / "saved.json"))
    assert found.same
    assert found.reasons == found.differences == ()


def test_a_changed_document_is_named(make_assistant: Make) -> None:
    assistant = make_assistant({"a.txt": LOSS}, abstain_below=0.0)
    assistant.sync()
    _, record = ask_and_record(assistant, QUESTION)
    (assistant.settings.corpus_dir / "a.txt").write_text(LOSS.replace("589", "600"))
    assistant.sync()
    found = replay(assistant, record)
    assert not found.same
    assert found.differences == (f"- {LOSS.strip()}", f"+ {LOSS.replace('589', '600').strip()}")
    assert [reason.split(":")[0] for reason in found.reasons] == [
        "index", "passage no longer found", "passage newly found",
    ]  # fmt: skip


def test_secrets_are_not_saved(make_assistant: Make) -> None:
    assistant = make_assistant({"a.txt": LOSS}, api_key="sk-secret-123456", auth="user:secret", abstain_below=0.0)
    assistant.sync()
    assert "secret" not in str(ask_and_record(assistant, QUESTION)[1])


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(ConfigurationError, match="no saved answer"):
        read_record(tmp_path / "x.json")
