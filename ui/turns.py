"""The turns of a conversation, and how they travel to the browser, which keeps them, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rag.conversation import turns_from
from rag.errors import ConfigurationError
from rag.types import Answer, Passage
from rag.types import Turn as Message

__all__ = ["MAX_TURNS", "Turn", "history", "turns_from_data", "turns_to_data"]

MAX_TURNS = 50
"""Turns of a conversation that are kept, the last ones."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came back: an answer, text still arriving, or an error.

    question: As it was asked.
    answer: The checked answer.
    provisional: The sentences so far, with their markers.
    progress: What is being done.
    error: Why there is no answer.
    stopped: Whether the user stopped the answer.
    alone: Whether the question was asked without those before it.
    where: The filters it was asked under.
    """

    question: str
    answer: Answer | None = None
    provisional: str = ""
    progress: str = ""
    error: str = ""
    stopped: bool = False
    alone: bool = False
    where: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


_TURNS = TypeAdapter(list[Turn])


def history(turns: Sequence[Turn]) -> list[Message]:
    """The turns as messages."""
    messages: list[dict[str, str]] = []
    for turn in turns:
        messages.append({"role": "user", "content": turn.question})
        if turn.answer is not None:
            messages.append({"role": "assistant", "content": turn.answer.answer})
    return turns_from(messages)


def turns_to_data(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """The turns as JSON data, without the texts of whole documents and the prompt."""
    return [asdict(replace(turn, answer=_slim(turn.answer))) for turn in turns]


def turns_from_data(data: object) -> list[Turn]:
    """The inverse of `turns_to_data` after a trip through the browser; nothing in it is trusted.

    Raises:
        ConfigurationError: It is not a conversation that this version can read.
    """
    try:
        return _TURNS.validate_python(data)[-MAX_TURNS:]
    except ValidationError as error:
        raise ConfigurationError(
            "this conversation cannot be read", "it was saved by another version: delete it, or ask its questions again"
        ) from error


def _slim(answer: Answer | None) -> Answer | None:
    if answer is None:
        return None
    nearest = answer.nearest if answer.abstained else ()  # shown with an abstention only
    return replace(answer, prompt=None, nearest=tuple(_slim_passage(passage) for passage in nearest))


def _slim_passage(passage: Passage) -> Passage:
    return replace(passage, document=replace(passage.document, text="", origins=(), page_starts=()))
