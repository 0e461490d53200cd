"""Resolves follow-up questions: rewritten by a language model if there is one, else searched with the one before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rag.errors import ConfigurationError
from rag.lexical import content_terms
from rag.loading.text import printable
from rag.protocols import AnswerEngine
from rag.retrieval import Query
from rag.types import Turn, Usage

__all__ = ["MAX_QUESTION", "leans_on_history", "resolve", "turns_from", "understand"]

MAX_QUESTION = 2000
"""Characters that a question may have."""

_REFERENCE = re.compile(
    r"\b(it|its|itself|they|them|their|he|him|his|she|her|hers|this|these|those"
    r"|the (same|former|latter|others?|company|companies|firm|model|models|report|study|law|rule|deal|chips?|two)"
    r"|(about|of|for|with|after|before|by|does|did|is|was|do|why|like|than) that|that ones?"
    r")\b|\b(that|there|then)\s*\?",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\s*(and|but|so|or|what about|how about|why( not)?\s*\?|since when|by whom|also|what else)\b", re.I
)
_FEW_TERMS = 1  # a question with no more content words than this says too little alone
_MAX_BACK = 2  # previous questions that a chain of follow-ups may reach back


def turns_from(history: Iterable[Mapping[str, Any] | Turn] | None) -> list[Turn]:
    """A history given as `{"role": …, "content": …}` messages, checked.

    Raises:
        ConfigurationError: A message has another shape.
    """
    turns = []
    for message in history or ():
        if isinstance(message, Turn):
            turns.append(message)
            continue
        role = message.get("role") if isinstance(message, Mapping) else None
        content = message.get("content") if isinstance(message, Mapping) else None
        if role not in ("user", "assistant") or not isinstance(content, str):
            raise ConfigurationError(
                "the history has a message that is not one",
                'give a list of {"role": "user" or "assistant", "content": "…"}',
            )
        turns.append(Turn(role=role, content=content))
    return turns


def leans_on_history(question: str) -> bool:
    """Whether the question cannot be understood without the one before it."""
    if _OPENING.match(question) or len(content_terms(question)) <= _FEW_TERMS:
        return True
    return bool(_REFERENCE.search(question))


def understand(engine: AnswerEngine, question: str, history: Sequence[Turn]) -> tuple[Query, Usage | None]:
    """The question that stands alone: in the engine's words if it has any, else by the rules; and what that cost."""
    by_rules = resolve(question, history)
    if not by_rules.context:
        return by_rules, None
    rewritten, usage = engine.rewrite(question, history)
    return (Query(" ".join(rewritten.split())) if rewritten else by_rules), usage


def resolve(question: str, history: Sequence[Turn]) -> Query:
    """The question with the earlier ones that it leans on, oldest first.

    Nobody has checked what is said to have been asked earlier: it is cut to the length of a question.
    """
    earlier = [turn.content for turn in history if turn.role == "user"]
    context: list[str] = []
    current = question
    while earlier and len(context) < _MAX_BACK and leans_on_history(current):
        current = " ".join(printable(earlier.pop()[:MAX_QUESTION]).split())
        context.insert(0, current)
    return Query(question, " ".join(context))
