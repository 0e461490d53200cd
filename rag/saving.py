"""Saves an answer with all that it came from, and runs it again to say what changed and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ConfigurationError
from rag.types import Answer, Passage, Retrieved, Verified

if TYPE_CHECKING:
    from rag.assistant import Assistant

__all__ = ["Replay", "ask_and_record", "read_record", "replay", "write_record"]

_FORMAT = 1
_SETTINGS = (  # what bears on an answer; no secret belongs here
    "engine", "embedding_model", "chunk_tokens", "top_k", "candidates", "reranker", "max_sentences", "abstain_below",
    "context_tokens", "answer_tokens", "unsupported", "verifier",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The new answer, whether it reads the same, how it differs (`-` gone, `+` new), and the reasons found."""

    answer: Answer
    same: bool
    differences: tuple[str, ...]
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As `airace replay --json` prints it."""
        found = {"same": self.same, "differences": list(self.differences), "reasons": list(self.reasons)}
        return found | {"answer": self.answer.to_dict()}


def ask_and_record(assistant: Assistant, question: str, **arguments: Any) -> tuple[Answer, dict[str, Any]]:
    """Answer a question and keep the record: question, passages with hashes, prompt, model, settings, index, answer.

    Args:
        assistant: What answers.
        question: In natural language.
        arguments: `history`, `k` and `where` of `Assistant.ask`, as plain data.
    """
    passages: tuple[Passage, ...] = ()
    answer: Answer | None = None
    for event in assistant.stream(question, **arguments):
        if isinstance(event, Retrieved):
            passages = event.passages
        elif isinstance(event, Verified):
            answer = event.answer
    assert answer is not None  # nosec B101 # tells the type
    settings = {name: getattr(assistant.settings, name) for name in _SETTINGS}
    record = {
        "format": _FORMAT,
        "question": question,
        "arguments": arguments,
        "standalone_question": answer.standalone_question,
        "model": assistant.engine.name,
        "settings": settings,
        "settings_fingerprint": _sha256(json.dumps(settings, sort_keys=True)),
        "index_version": answer.index_version,
        "passages": [_passage(passage) for passage in passages],
        "prompt": answer.prompt,
        "answer": answer.to_dict(),
    }
    return answer, record


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """One JSON file.

    Raises:
        ConfigurationError: It cannot be written.
    """
    try:
        path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror})", "give another file") from error


def read_record(path: Path) -> dict[str, Any]:
    """A saved answer.

    Raises:
        ConfigurationError: The file cannot be read, or is no saved answer.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read ({error})", "give a file of airace ask --save") from error
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise ConfigurationError(f"{path} is no saved answer", "give a file of airace ask --save")
    return record


def replay(assistant: Assistant, record: Mapping[str, Any]) -> Replay:
    """Ask the saved question again, with the same history and filters, and compare."""
    answer, now = ask_and_record(assistant, record["question"], **record["arguments"])
    before = {_sentence(sentence): None for sentence in record["answer"]["sentences"]}
    after = {_sentence(sentence): None for sentence in now["answer"]["sentences"]}
    differences = [f"- {text}" for text in before if text not in after]
    differences += [f"+ {text}" for text in after if text not in before]
    same = record["answer"]["answer"] == answer.answer and not differences
    reasons = list(_reasons(record, now))
    if not same and not reasons:
        reasons.append(f"{now['model']} wrote other words from the same prompt")
    return Replay(answer=answer, same=same, differences=tuple(differences), reasons=tuple(reasons))


def _reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in _SETTINGS:
        old, new = before["settings"].get(name), after["settings"][name]
        if old != new:
            yield f"setting {name}: {old}, now {new}"
    for name, what in (("model", "model"), ("standalone_question", "understood as"), ("index_version", "index")):
        if before[name] != after[name]:
            yield f"{what}: {before[name]}, now {after[name]}"
    yield from _changed_passages(before["passages"], after["passages"])
    if before["prompt"] != after["prompt"] and before["passages"] == after["passages"]:
        yield "the prompt is another one"
    if before["answer"]["note"] != after["answer"]["note"]:
        yield f"note: {before['answer']['note'] or 'none'}; now: {after['answer']['note'] or 'none'}"


def _changed_passages(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    old = {passage["sha256"]: passage for passage in before}
    new = {passage["sha256"]: passage for passage in after}
    yield from (f"passage no longer found: {_place(old[key])}" for key in old if key not in new)
    yield from (f"passage newly found: {_place(new[key])}" for key in new if key not in old)
    if list(old) != list(new) and set(old) == set(new):
        yield "the same passages are found in another order"


def _passage(passage: Passage) -> dict[str, Any]:
    chunk = passage.chunk
    place = {"chunk_id": chunk.chunk_id, "doc_id": chunk.doc_id, "start": chunk.start, "end": chunk.end}
    return place | {"rank": passage.rank, "sha256": _sha256(chunk.text), "text": chunk.text}


def _place(passage: Mapping[str, Any]) -> str:
    return f"{passage['doc_id']} {passage['start']}–{passage['end']}"


def _sentence(sentence: Mapping[str, Any]) -> str:
    return str(sentence["text"]) + ("" if sentence["supported"] else " (not supported)")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
