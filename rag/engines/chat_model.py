"""A LangChain chat model as a stream of text: opened by name, with retries, a deadline, and errors in our words."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.context_window import ContextWindow
from rag.engines.failures import explain, redacted, seconds_until_retry
from rag.engines.prices import cost_usd
from rag.engines.servers import known_context, takes_grammars, token_counter
from rag.errors import ConfigurationError, GenerationError
from rag.prompts import Messages
from rag.settings import Settings
from rag.types import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["KEYS", "ChatModel", "open_chat_model"]

KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "together": "TOGETHER_API_KEY",
    "xai": "XAI_API_KEY",
}
"""Where the providers' packages look for their keys."""

_EXTRAS = ("openai", "anthropic", "google_genai", "ollama")
_ATTEMPTS = 3
_NO_KEY = "none"  # what servers without keys get: their clients insist on one
_OLLAMA_CONTEXT = 8192  # its own default is shorter than a prompt with passages


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A chat model ready to write. Safe to use from several threads."""

    name: str
    model: BaseChatModel
    window: ContextWindow
    timeout_s: float
    is_hosted: bool = False  # by its provider, whose prices are known
    takes_grammars: bool = False
    secrets: tuple[str, ...] = ()
    keeps: Any = None  # what must live as long as the model: the server in this process

    def stream(
        self, messages: Messages, *, max_tokens: int | None = None, grammar: str = ""
    ) -> Generator[str, None, tuple[Usage, bool]]:
        """Text as it is written; returns what it used, and whether it was cut off at the limit of tokens.

        Closing the generator closes the connection, which stops the model.

        Args:
            messages: The prompt.
            max_tokens: To be written, where the settings' number is too many.
            grammar: That the text must follow, for servers that take one.

        Raises:
            GenerationError: After the last attempt, or if the connection breaks off, in one clear line.
        """
        options: dict[str, Any] = {"max_tokens": max_tokens} if max_tokens else {}
        if grammar and self.takes_grammars:
            options["extra_body"] = {"grammar": grammar}
        deadline = time.monotonic() + self.timeout_s
        attempt = 1
        while True:
            begun = False
            try:
                with closing(self._pieces(messages, options, deadline)) as pieces:
                    while True:
                        try:
                            piece = next(pieces)
                        except StopIteration as done:
                            return done.value  # type: ignore[no-any-return]
                        begun = True
                        yield piece
            except Exception as error:
                wait = None if begun or attempt == _ATTEMPTS else seconds_until_retry(error, attempt)
                if wait is None or time.monotonic() + wait > deadline:
                    raise explain(error, timeout_s=self.timeout_s, secrets=self.secrets) from None
            time.sleep(wait)
            attempt += 1

    def usage(self, tokens_in: int, tokens_out: int) -> Usage:
        """These tokens and what they cost."""
        cost = cost_usd(self.name, tokens_in, tokens_out) if self.is_hosted else None
        return Usage(tokens_in=tokens_in, tokens_out=tokens_out, cost_usd=cost)

    def _pieces(
        self, messages: Messages, options: dict[str, Any], deadline: float
    ) -> Generator[str, None, tuple[Usage, bool]]:
        usage, finish, text = Usage(), "", ""
        with closing(self.model.stream(messages, **options)) as chunks:  # type: ignore[type-var]
            for chunk in chunks:
                if time.monotonic() > deadline:
                    hint = "raise AIRACE_TIMEOUT_S or use a faster model"
                    raise GenerationError(f"not done within {self.timeout_s:g} s", hint)
                if used := chunk.usage_metadata:
                    usage += self.usage(used["input_tokens"], used["output_tokens"])
                meta = chunk.response_metadata
                finish = meta.get("finish_reason") or meta.get("stop_reason") or meta.get("done_reason") or finish
                if piece := str(chunk.text):
                    text += piece
                    yield piece
        if not finish and self._tells_its_end:
            raise GenerationError("the connection broke off while the model was writing", "try again")
        if not usage.tokens_in:
            count = self.window.count
            usage = self.usage(sum(count(said) for _, said in messages), count(text))
        return usage, finish.lower() in ("length", "max_tokens")

    @property
    def _tells_its_end(self) -> bool:
        return "openai" in type(self.model).__module__


def open_chat_model(name: str, settings: Settings, *, base_url: str | None = None, key: str | None = None) -> ChatModel:
    """The model `provider:model`, as LangChain's `init_chat_model` names them.

    Args:
        name: For example `openai:gpt-5.4-mini` or `ollama:llama3.2`.
        settings: Time-out, tokens, address, key.
        base_url: Before the setting of that name.
        key: Before the setting of that name.

    Raises:
        ConfigurationError: A package or a key is missing, or the provider is unknown.
    """
    provider = name.partition(":")[0]
    base_url = base_url or settings.base_url
    key = key or (settings.api_key.get_secret_value() if settings.api_key else None)
    variable = KEYS.get(provider)
    if variable and not key and not base_url and not os.environ.get(variable):
        raise ConfigurationError(f"the engine {name} needs a key", f"set AIRACE_API_KEY or {variable}")
    secrets = tuple(value for value in (key, *(os.environ.get(each) for each in KEYS.values())) if value)
    # A key in the environment is the provider's: a server of one's own must not get it.
    shown_key = key or (_NO_KEY if base_url and variable else None)
    model = _init(name, _options(provider, settings, base_url, shown_key), secrets)
    tokens = settings.context_tokens or (
        _OLLAMA_CONTEXT if provider == "ollama" else known_context(model, base_url, shown_key)
    )
    window = ContextWindow(
        tokens=tokens, answer_tokens=min(settings.answer_tokens, tokens // 2), count=token_counter(base_url, shown_key)
    )
    return ChatModel(
        name,
        model,
        window,
        settings.timeout_s,
        is_hosted=not base_url,
        takes_grammars=provider == "openai" and takes_grammars(base_url, shown_key),
        secrets=secrets,
    )


def _init(name: str, options: dict[str, Any], secrets: tuple[str, ...]) -> BaseChatModel:
    provider, _, model_name = name.partition(":")
    extra = provider if provider in _EXTRAS else "openai"
    try:
        from langchain.chat_models import init_chat_model

        model: BaseChatModel = init_chat_model(model_name, model_provider=provider, **options)
    except ImportError as error:
        package = f"langchain-{provider.replace('_', '-')}" if provider not in _EXTRAS else f"airace[{extra}]"
        raise ConfigurationError(f"the engine {name} needs a package", f"pip install '{package}'") from error
    except Exception as error:  # providers raise errors of their own for a wrong name or option
        reason = redacted(" ".join(str(error).split()), secrets)
        unknown = "Unsupported provider" in reason
        raise ConfigurationError(
            f"there is no answer engine {name!r}" if unknown else f"{name} cannot be opened ({reason[:200]})",
            "use quote, auto, local:FILE, or provider:model as LangChain names them, such as openai:gpt-5.4-mini",
        ) from None
    return model


def _options(provider: str, settings: Settings, base_url: str | None, key: str | None) -> dict[str, Any]:
    """The few options that providers name differently; retries are ours, so that they end with the time-out."""
    by_provider: dict[str, Callable[[], dict[str, Any]]] = {
        "ollama": lambda: {
            "num_predict": settings.answer_tokens,
            "num_ctx": settings.context_tokens or _OLLAMA_CONTEXT,
            "client_kwargs": {"timeout": settings.timeout_s},
            "temperature": 0,
        },
        "openai": lambda: {"stream_usage": True, "temperature": 0, "use_responses_api": False},
        "anthropic": dict,  # its newest models take no temperature
    }
    options = by_provider.get(provider, lambda: {"temperature": 0})()
    if provider != "ollama":
        options |= {"max_tokens": settings.answer_tokens, "timeout": settings.timeout_s, "max_retries": 0}
    if base_url:
        options["base_url"] = base_url
    if key and provider != "ollama":
        options["api_key"] = key
    return options
