"""Chooses what fits into a language model's context, with room left for the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.errors import ContextOverflowError
from rag.prompts import answer_messages, passage_block, rewrite_messages
from rag.types import Passage, Turn

__all__ = ["DEFAULT_CONTEXT", "ContextWindow", "estimate_tokens", "fit_history", "fit_passages"]

DEFAULT_CONTEXT = 8192
"""Tokens assumed where nothing is known; every model in use today has at least that."""

_CHARS_PER_TOKEN = 3.2  # below the 4 or so of English prose, so that an estimate errs on the safe side
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]")
_PER_MESSAGE = 16  # tokens that a chat template puts around a message
_MAX_HISTORY_TURNS = 8


def estimate_tokens(text: str) -> int:
    """An upper guess: a token for every 3.2 characters, and for every Chinese, Japanese or Korean one."""
    wide = len(_WIDE.findall(text))
    return wide + round((len(text) - wide) / _CHARS_PER_TOKEN) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextWindow:
    """How many tokens prompt and answer may have together, how many of them the answer, and how they are counted."""

    tokens: int = DEFAULT_CONTEXT
    answer_tokens: int
    count: Callable[[str], int] = estimate_tokens

    def room(self, messages: Sequence[tuple[str, str]], *, answer_tokens: int | None = None) -> int:
        """Tokens left beside these messages and the answer; negative if they are too long."""
        used = sum(self.count(text) + _PER_MESSAGE for _, text in messages)
        return self.tokens - used - (self.answer_tokens if answer_tokens is None else answer_tokens)


def fit_passages(question: str, passages: Sequence[Passage], window: ContextWindow) -> list[Passage]:
    """The best passages, in order, that fit; one that is too long does not keep shorter ones out.

    Raises:
        ContextOverflowError: Not one passage fits.
    """
    room = window.room(answer_messages(question, ()))
    chosen: list[Passage] = []
    for passage in passages:
        needed = window.count(passage_block(len(chosen) + 1, passage)) + 2
        if needed <= room:
            chosen.append(passage)
            room -= needed
    if not chosen:
        raise ContextOverflowError(
            f"no passage fits into the model's context of {window.tokens} tokens",
            "use a model with a longer one, or lower AIRACE_ANSWER_TOKENS",
        )
    return chosen


def fit_history(question: str, history: Sequence[Turn], window: ContextWindow, *, answer_tokens: int) -> list[Turn]:
    """The latest turns that fit, at most eight; empty if none does."""
    turns = list(history[-_MAX_HISTORY_TURNS:])
    while turns and window.room(rewrite_messages(question, turns), answer_tokens=answer_tokens) < 0:
        turns.pop(0)
    return turns
