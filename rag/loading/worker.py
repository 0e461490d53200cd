"""The process that `rag.loading.reader` has documents read in.

A request is a line of JSON, followed by the bytes of a file where it says so; an answer is a line of JSON. No objects
are unpickled on either side, so a document that takes over this process can send back nothing but text.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from rag.errors import LoadingError
from rag.loading.files import load_bytes
from rag.loading.limits import Limits
from rag.types import Document

__all__ = ["READY", "main"]

READY = b"ready\n"
_MEMORY = 2_000_000_000  # bytes of address space
_GRACE_S = 5  # seconds of computing beyond the limit, in case nobody is left to stop this process


def main() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    _confine()
    answers.write(READY)
    answers.flush()
    while line := sys.stdin.buffer.readline():
        answers.write(json.dumps(_answer(json.loads(line), sys.stdin.buffer)).encode() + b"\n")
        answers.flush()


def _answer(request: dict[str, Any], rest: BinaryIO) -> dict[str, Any]:
    """The document asked for, or why there is none."""
    data = rest.read(request["size"])
    limits = Limits(**request["limits"])
    _limit_computing(request["seconds"])
    try:
        return {"document": asdict(_load(request, data, limits))}
    except LoadingError as error:
        return {"error": [error.message, error.hint]}
    except MemoryError:
        return {"error": [f"reading it takes more than {_MEMORY // 10**9} GB of memory", "save its text as .txt"]}


def _load(request: dict[str, Any], data: bytes, limits: Limits) -> Document:
    if "url" in request:
        from rag.loading.web import fetch

        return fetch(request["url"], limits=limits)
    return load_bytes(data, name=request["name"], source=request["source"], max_pages=limits.max_pages)


def _confine() -> None:
    """Bound the memory, and write no file, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _limit_computing(seconds: float) -> None:
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + _GRACE_S, hard))
