"""`--engine auto`: the first language model that is configured and can be reached, else `quote`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

from rag.settings import Settings

__all__ = ["HOSTED", "pick_engine"]

HOSTED = (
    ("ANTHROPIC_API_KEY", "langchain_anthropic", "anthropic:claude-haiku-5-5", "https://api.anthropic.com"),
    ("OPENAI_API_KEY", "langchain_openai", "openai:gpt-5.4-mini", "https://api.openai.com"),
    (
        "GOOGLE_API_KEY",
        "langchain_google_genai",
        "google_genai:gemini-flash-latest",
        "https://generativelanguage.googleapis.com",
    ),
)
"""Variable of the key, package, engine and address of the providers that `auto` knows: small, quick models."""


def pick_engine(settings: Settings) -> str:
    """A server of one's own, then a provider whose key and package are there, then Ollama, then `quote`."""
    return next(_candidates(settings), "quote")


def _candidates(settings: Settings) -> Iterator[str]:
    from rag.engines import servers

    if settings.base_url:
        key = settings.api_key.get_secret_value() if settings.api_key else None
        if find_spec("langchain_openai") and (model := servers.first_model(settings.base_url, key)):
            yield f"openai:{model}"
        return  # who names a server wants no other
    for variable, package, engine, url in HOSTED:
        if os.environ.get(variable) and find_spec(package) and servers.is_reachable(url):
            yield engine
    if find_spec("langchain_ollama"):
        yield from (f"ollama:{model}" for model in servers.ollama_models(None))
