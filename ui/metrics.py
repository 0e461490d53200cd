"""What Prometheus may ask: questions and how they ended, time by stage, requests, the index, who is there."""

from __future__ import annotations

import logging

from prometheus_client import Counter, Gauge, Histogram

from rag.assistant import Assistant
from rag.errors import AiraceError
from rag.logs import QUESTIONS

__all__ = ["LOGINS", "OPEN_PAGES", "REQUESTS", "REQUEST_SECONDS", "count_questions", "measure_index"]

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)

REQUESTS = Counter("airace_http_requests_total", "HTTP requests.", ("route", "method", "status"))
REQUEST_SECONDS = Histogram(
    "airace_http_request_seconds", "Time until an HTTP response was complete.", ("route",), buckets=_SECONDS
)
OPEN_PAGES = Gauge("airace_open_pages", "Browser pages that are connected.")
LOGINS = Gauge("airace_sessions", "People and programs that are logged in.")
_QUESTIONS = Counter("airace_questions_total", "Questions by how they ended.", ("engine", "outcome"))
_STAGES = Histogram("airace_stage_seconds", "Time of a stage of answering.", ("stage",), buckets=_SECONDS)
_DOCUMENTS = Gauge("airace_index_documents", "Documents in the index.")
_PASSAGES = Gauge("airace_index_passages", "Passages in the index.")
_INDEX = Gauge("airace_index_info", "Which index is in use.", ("version", "embedding_model"))


class _Counting(logging.Handler):
    """Counts what the library logs about questions: one source for logs and metrics."""

    def emit(self, record: logging.LogRecord) -> None:
        outcome = getattr(record, "outcome", None)
        if outcome is None:
            return
        _QUESTIONS.labels(record.__dict__["engine"], outcome).inc()
        for stage, milliseconds in record.__dict__.get("timings_ms", {}).items():
            _STAGES.labels(stage).observe(milliseconds / 1000)


def count_questions() -> None:
    """Start counting, once in a process."""
    log = logging.getLogger(QUESTIONS)
    if not any(isinstance(handler, _Counting) for handler in log.handlers):
        log.addHandler(_Counting())
    log.setLevel(min(log.getEffectiveLevel(), logging.INFO))


def measure_index(assistant: Assistant) -> None:
    """Bring the figures on the index up to date."""
    _INDEX.clear()
    try:
        manifest = assistant.index.manifest
    except AiraceError:
        _DOCUMENTS.set(0)
        _PASSAGES.set(0)
        return
    _DOCUMENTS.set(manifest.n_documents)
    _PASSAGES.set(manifest.n_chunks)
    _INDEX.labels(manifest.index_version, manifest.embedding_model).set(1)
