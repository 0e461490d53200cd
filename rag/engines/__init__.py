"""What writes answers: the built-in quote engine, or a language model that is held to the sources."""

from __future__ import annotations

from collections.abc import Callable

from rag.engines.auto import pick_engine
from rag.engines.quote import QuoteEngine
from rag.errors import ConfigurationError
from rag.protocols import AnswerEngine, Verifier
from rag.settings import Settings

__all__ = ["QuoteEngine", "open_engine"]


def open_engine(settings: Settings, open_verifier: Callable[[], Verifier]) -> AnswerEngine:
    """The engine that the settings name: `quote`, `auto`, `local:FILE`, or `provider:model` as LangChain names them.

    Args:
        settings: Of the engine.
        open_verifier: Opens what checks a language model's sentences; quotes need no check.

    Raises:
        ConfigurationError: There is no such engine, or it lacks a package, a key or its model file.
        ModelError: The verifier cannot be loaded.
    """
    name = pick_engine(settings) if settings.engine == "auto" else settings.engine
    quote = QuoteEngine(max_sentences=settings.max_sentences)
    if name == "quote":
        return quote
    kind, colon, rest = name.partition(":")
    if not (kind and colon and rest):
        hint = "use quote, auto, local:FILE, or provider:model, such as openai:gpt-5.4-mini"
        raise ConfigurationError(f"there is no answer engine {name!r}", hint)
    # Imported here: LangChain takes a while to load, and quoting needs none of it.
    from rag.engines.chat_model import open_chat_model
    from rag.engines.llm import LlmEngine
    from rag.engines.local import open_local_model

    model = open_local_model(rest, settings) if kind == "local" else open_chat_model(name, settings)
    return LlmEngine(model, fallback=quote, verifier=open_verifier(), mark_unsupported=settings.unsupported == "mark")
