"""Turns what goes wrong with a language model into one clear line, and says whether another try is worth it.

Every provider has exceptions of its own; what they share are an HTTP status, headers, and httpx underneath.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from rag.errors import ContextOverflowError, GenerationError

__all__ = ["explain", "redacted", "seconds_until_retry"]

_TOO_LONG = re.compile(
    r"context.{0,20}(length|size|window)|maximum context|too many tokens|prompt is too long|"
    r"exceeds? the (available )?context",
    re.IGNORECASE,
)
_WORTH_RETRYING = frozenset({408, 429, 500, 502, 503, 504, 529})
_BROKEN = frozenset({"ReadError", "RemoteProtocolError", "ProtocolError", "APIConnectionError", "ConnectionError"})
_AT_ONCE_S = 0.2
_MAX_DETAIL = 160  # characters of a provider's own message


def explain(error: BaseException, *, timeout_s: float, secrets: Iterable[str]) -> GenerationError:
    """The failure in our words; a provider's own only where it adds something, never with a key in it."""
    if isinstance(error, GenerationError):
        return error
    detail = redacted(" ".join(str(error).split()), secrets)
    status = _status(error)
    names = {type(one).__name__ for one in _causes(error)}
    if "ContextOverflowError" in names or _TOO_LONG.search(detail):
        return ContextOverflowError("the prompt is longer than the model's context", "set AIRACE_CONTEXT_TOKENS")
    if status in (401, 403):
        return GenerationError("the key was refused", "check AIRACE_API_KEY, or the provider's own key")
    if status == 404:
        return GenerationError("the server knows no such model", "check the name after the colon")
    if status == 429:
        return GenerationError("the provider's rate limit is reached", "wait, or use another model")
    if status is not None and status >= 500:
        return GenerationError(f"the server failed (HTTP {status})", "try again later")
    if any("Timeout" in name for name in names):
        return GenerationError(f"no answer within {timeout_s:g} s", "raise AIRACE_TIMEOUT_S or use a faster model")
    if names & {"ConnectError", "ConnectionRefusedError"}:
        return GenerationError("the server cannot be reached", "check AIRACE_BASE_URL and that it is running")
    if names & _BROKEN:
        return GenerationError("the connection broke off while the model was writing", "try again")
    return GenerationError(f"the model failed ({detail[:_MAX_DETAIL] or type(error).__name__})", "try another model")


def seconds_until_retry(error: BaseException, attempt: int) -> float | None:
    """Wait before another try: as the server says in Retry-After, else 1, 2, 4 … s; None if it is no use.

    A broken connection is tried once more at once: servers close connections that have been idle.
    """
    status = _status(error)
    names = {type(one).__name__ for one in _causes(error)}
    if status is None and attempt == 1 and names & _BROKEN and not any("Timeout" in name for name in names):
        return _AT_ONCE_S
    if status not in _WORTH_RETRYING:
        return None
    given = _header(error, "retry-after")
    if given is None:
        return float(2 ** (attempt - 1))
    try:
        return max(0.0, float(given))
    except ValueError:
        try:
            return max(0.0, parsedate_to_datetime(given).timestamp() - time())
        except ValueError:
            return float(2 ** (attempt - 1))


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Text without any of the secrets, nor anything that looks like a provider's key."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "********")
    return re.sub(r"\b(sk|pk|gsk|xai|AIza|key)[-_][\w*-]{6,}|\bAIza[\w-]{10,}", "********", text)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, its base classes' instances aside, and what it was raised from."""
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int | None:
    for one in _causes(error):
        for holder in (one, getattr(one, "response", None)):
            for name in ("status_code", "code"):
                value: Any = getattr(holder, name, None)
                if isinstance(value, int) and 400 <= value < 600:
                    return value
    return None


def _header(error: BaseException, name: str) -> str | None:
    for one in _causes(error):
        headers = getattr(getattr(one, "response", None), "headers", None)
        if headers is not None and name in headers:
            return str(headers[name])
    return None
