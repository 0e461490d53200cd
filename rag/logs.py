"""Logs on stderr, as plain lines or as JSON; the text of a question appears at DEBUG only, a key never."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import wraps
from time import perf_counter
from typing import Any, ParamSpec, TypeVar, cast

from rag.errors import AiraceError
from rag.settings import Settings
from rag.types import Answer, Verified

__all__ = ["QUESTIONS", "configure_logs", "logs_questions"]

QUESTIONS = "rag.questions"
"""The logger that hears of every question and how it ended: records with `outcome`, `engine` and `timings_ms`."""

_OURS = ("rag", "ui", "evals")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
_LOG = logging.getLogger(QUESTIONS)
_P = ParamSpec("_P")
_Event = TypeVar("_Event")


def configure_logs(
    settings: Settings, *, level: int = logging.WARNING, request_id: Callable[[], str | None] = lambda: None
) -> None:
    """Send the logs of this process to stderr.

    Args:
        settings: `log` chooses the form; what is secret in them is blotted out of every line.
        level: The lowest level of our own lines; other packages speak up from WARNING on.
        request_id: Gives the id of the request that is being answered.
    """
    secrets = _secrets(settings)
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(min(level, logging.WARNING))
    handler.setFormatter(_Formatter(as_json=settings.log == "json", secrets=secrets, request_id=request_id))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)


def logs_questions(stream: Callable[_P, Iterator[_Event]]) -> Callable[_P, Iterator[_Event]]:
    """Make a method that answers a question step by step log how it ended, and how long the stages took."""

    @wraps(stream)
    def logged(*args: _P.args, **kwargs: _P.kwargs) -> Iterator[_Event]:
        started = perf_counter()
        _LOG.debug("question", extra={"question": args[1] if len(args) > 1 else kwargs.get("question")})
        answer: Answer | None = None
        try:
            with closing(cast(Generator[_Event, None, None], stream(*args, **kwargs))) as events:
                for event in events:
                    if isinstance(event, Verified):
                        answer = event.answer
                        _log_answer(answer)
                    yield event
        except GeneratorExit:
            if answer is None:
                _log_end("stopped", started)
            raise
        except AiraceError as error:  # whoever asked says what is wrong
            _log_end("failed", started, error=type(error).__name__)
            raise
        except Exception:
            _log_end("failed", started, level=logging.WARNING, error="unexpected")
            raise

    return logged


def _log_answer(answer: Answer) -> None:
    timings = {stage: getattr(answer.timings_ms, stage) for stage in answer.timings_ms.__slots__}
    _LOG.info(
        "question answered" if not answer.abstained else "question declined",
        extra={
            "outcome": "abstained" if answer.abstained else "answered",
            "engine": answer.engine,
            "confidence": round(answer.confidence, 3),
            "citations": len(answer.citations),
            "timings_ms": timings,
            "index_version": answer.index_version,
        },
    )


def _log_end(outcome: str, started: float, *, level: int = logging.INFO, **more: str) -> None:
    elapsed = round((perf_counter() - started) * 1000, 3)
    _LOG.log(level, f"question {outcome}", extra={"outcome": outcome, "engine": "", "elapsed_ms": elapsed, **more})


class _Formatter(logging.Formatter):
    def __init__(self, *, as_json: bool, secrets: list[str], request_id: Callable[[], str | None]) -> None:
        super().__init__()
        self._as_json = as_json
        self._secrets = secrets
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        """One line, with what the record carries beside its message."""
        extra = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        request_id = extra.pop("request_id", None) or self._request_id()
        if request_id:
            extra = {"request_id": request_id, **extra}
        line = self._json(record, extra) if self._as_json else _plain(record, extra)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line

    def _json(self, record: logging.LogRecord, extra: dict[str, Any]) -> str:
        data = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **extra,
        }
        if record.exc_info:
            data["exception"] = self.formatException(record.exc_info)
        return json.dumps(data, ensure_ascii=False, default=str)


def _secrets(settings: Settings) -> list[str]:
    """What must not stand in a log, as it is and as JSON writes it."""
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    _, _, password = (settings.auth.get_secret_value() if settings.auth else "").partition(":")
    return [form for secret in (key, password) if secret for form in (secret, json.dumps(secret)[1:-1])]


def _plain(record: logging.LogRecord, extra: dict[str, Any]) -> str:
    line = " ".join((record.getMessage(), *(f"{name}={value}" for name, value in extra.items())))
    if record.exc_info:
        line += f" ({record.exc_info[0].__name__ if record.exc_info[0] else 'error'}: {record.exc_info[1]})"
    return "".join(character if character.isprintable() else "·" for character in line)
