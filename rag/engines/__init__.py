"""What writes answers: the built-in quote engine."""

from __future__ import annotations

from rag.engines.quote import QuoteEngine
from rag.errors import ConfigurationError
from rag.protocols import AnswerEngine
from rag.settings import Settings

__all__ = ["QuoteEngine", "open_engine"]


def open_engine(settings: Settings) -> AnswerEngine:
    """The engine that the settings name.

    Raises:
        ConfigurationError: There is no such engine.
    """
    if settings.engine != "quote":
        raise ConfigurationError(f"there is no answer engine {settings.engine!r}", "use --engine quote")
    return QuoteEngine(max_sentences=settings.max_sentences)
