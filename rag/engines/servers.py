"""What can be asked of a model server: its models, its context length, and how it counts tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import httpx

from rag.context_window import DEFAULT_CONTEXT, estimate_tokens

__all__ = [
    "first_model",
    "is_reachable",
    "known_context",
    "ollama_models",
    "ollama_url",
    "takes_grammars",
    "token_counter",
]

_WAIT_S = 3.0
_MAX_COUNTED = 4096  # texts whose counts are kept


def known_context(model: Any, base_url: str | None, key: str | None) -> int:
    """Tokens of context: as LangChain's profile of the model or the server tells, else 8192."""
    if base_url:
        return _server_context(base_url, key) or DEFAULT_CONTEXT
    profile = getattr(model, "profile", None) or {}
    return int(profile.get("max_input_tokens") or DEFAULT_CONTEXT)


def takes_grammars(base_url: str | None, key: str | None) -> bool:
    """Whether the server is llama.cpp's, which holds a model to a grammar."""
    props = _get(f"{_root(base_url)}/props", key) if base_url else None
    return bool(props and "default_generation_settings" in props)


def first_model(base_url: str, key: str | None) -> str | None:
    """The first model that an OpenAI-compatible server offers, or None if it cannot be reached."""
    models = (_get(f"{base_url.rstrip('/')}/models", key) or {}).get("data") or []
    return str(models[0]["id"]) if models else None


def ollama_url(base_url: str | None) -> str:
    """Where Ollama listens."""
    return (base_url or "http://127.0.0.1:11434").rstrip("/")


def ollama_models(base_url: str | None) -> list[str]:
    """The models that are there; empty if it does not run."""
    return [str(model["name"]) for model in (_get(f"{ollama_url(base_url)}/api/tags", None) or {}).get("models", [])]


def is_reachable(url: str) -> bool:
    """Whether anything answers at this address."""
    try:
        httpx.get(url, timeout=_WAIT_S)
    except httpx.HTTPError:
        return False
    return True


def token_counter(base_url: str | None, key: str | None) -> Callable[[str], int]:
    """Counts as the server does where it can be asked (llama.cpp's `/tokenize`), else by an upper guess."""
    if not base_url:
        return estimate_tokens
    url = f"{_root(base_url)}/tokenize"
    answers = True  # one failure is enough: a server that hangs must not be waited for again and again

    @lru_cache(maxsize=_MAX_COUNTED)
    def count(text: str) -> int:
        nonlocal answers
        tokens = (_ask("POST", url, key, {"content": text}) or {}).get("tokens") if answers else None
        answers = isinstance(tokens, list)
        return len(tokens) if isinstance(tokens, list) else estimate_tokens(text)

    return count


def _server_context(base_url: str, key: str | None) -> int | None:
    """llama.cpp tells it in `/props`, vLLM in the list of models."""
    props = _get(f"{_root(base_url)}/props", key) or {}
    value = (props.get("default_generation_settings") or {}).get("n_ctx")
    if not value:
        models = (_get(f"{base_url.rstrip('/')}/models", key) or {}).get("data") or [{}]
        value = models[0].get("max_model_len")
    return value if isinstance(value, int) and value > 0 else None


def _root(base_url: str) -> str:
    return base_url.rstrip("/").removesuffix("/v1")


def _get(url: str, key: str | None) -> dict[str, Any] | None:
    return _ask("GET", url, key)


def _ask(method: str, url: str, key: str | None, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The JSON object that comes back, or None for anything else."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        reply = httpx.request(method, url, headers=headers, json=body, timeout=_WAIT_S)
        data = reply.json() if reply.is_success else None
    except (httpx.HTTPError, ValueError):
        return None
    return data if isinstance(data, dict) else None
