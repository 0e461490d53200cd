"""The three endpoints for programs: the same over HTTP (`gradio_client`) and as MCP tools."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import gradio as gr
from gradio.events import api

from rag.assistant import Assistant
from rag.catalog import FILTERS
from rag.errors import AiraceError, ConfigurationError
from rag.types import Document

__all__ = ["PUBLIC", "Endpoint", "add_api", "endpoints", "told"]

Endpoint = Callable[..., Any]

PUBLIC = ("ask", "search", "sources")
"""The names of the endpoints; nothing else answers to a program."""

_LOG = logging.getLogger(__name__)
_MAX_K = 100
_MAX_MESSAGES = 100
_SOURCE_FIELDS = (
    *("doc_id", "title", "source_title", "publisher", "publisher_country"),
    *("date", "url", "kind", "themes", "language"),
)


def add_api(assistant: Assistant) -> None:
    """Add the endpoints to the Blocks that is being built."""
    for function in endpoints(assistant):
        api(told(function, partial(gr.Error, print_exception=False)), api_name=function.__name__)


def endpoints(assistant: Assistant) -> tuple[Endpoint, ...]:
    """The functions, named like `PUBLIC`; what programs read about them is their docstrings and annotations."""

    def ask(
        question: str,
        history: list[dict[str, str]] | None = None,
        k: int | None = None,
        filters: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Answer a question about the corpus; every sentence cites the exact passage behind it.

        Args:
            question: In natural language, at most 2000 characters.
            history: Earlier messages, oldest first, each {"role": "user" or "assistant", "content": text}.
            k: How many passages the answer may draw on, from 1 to 100.
            filters: Only documents that match, by publisher, publisher_country, kind, language, doc_id, theme (each a
                value or a list of values), since or until (a date such as "2026-03").

        Returns:
            What `airace ask --json` prints: the answer with its sentences, citations, confidence and timings; with
            "abstained" true, the corpus does not answer it.
        """
        answer = assistant.ask(_text(question), history=_messages(history), k=_k(k), where=_filters(filters))
        return answer.to_dict()

    def search(question: str, k: int | None = None, filters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Find the passages of the corpus that fit a question.

        Args:
            question: In natural language, at most 2000 characters.
            k: How many passages, from 1 to 100.
            filters: Only documents that match; see `ask`.

        Returns:
            Passages with their text, document, publisher, date and scores, best first.
        """
        found = assistant.search(_text(question), k=_k(k), where=_filters(filters))
        return [passage.to_dict() for passage in found]

    def sources() -> list[dict[str, Any]]:
        """List the documents of the corpus.

        Returns:
            Documents with id, title, publisher, country, kind, date, themes and address, in order.
        """
        return [_source(document) for document in assistant.documents()]

    return ask, search, sources


def told(function: Endpoint, refusal: Callable[[str], Exception]) -> Endpoint:
    """The endpoint with errors as the caller's protocol knows them; unexpected ones are only told to the log."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except AiraceError as error:
            raise refusal(str(error)) from error
        except Exception as error:
            _LOG.exception("%s failed", function.__name__)
            raise refusal("something went wrong here: the server's log says what") from error

    return call


def _text(question: Any) -> str:
    if not isinstance(question, str):
        raise ConfigurationError("the question is not a text", "ask in words")
    return question


def _k(k: Any) -> int | None:
    if k is None:
        return None
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= _MAX_K:
        raise ConfigurationError(f"k is not a whole number from 1 to {_MAX_K}", "leave it out for the usual number")
    return k


def _messages(history: Any) -> list[Any]:
    if history is not None and not isinstance(history, list):
        raise ConfigurationError(
            "the history is not a list of messages", 'give [{"role": "user", "content": "…"}, …], oldest first'
        )
    return (history or [])[-_MAX_MESSAGES:]


def _filters(filters: Any) -> dict[str, list[str]]:
    if filters is None:
        return {}
    if not isinstance(filters, dict):
        raise ConfigurationError("the filters are not pairs of key and value", f"use {', '.join(FILTERS)}")
    return {str(key): _values(key, value) for key, value in filters.items()}


def _values(key: Any, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        raise ConfigurationError(f"the filter {str(key)!r} is not a text or a list of texts", "write values as text")
    return values


def _source(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in _SOURCE_FIELDS}
