"""Reads documents within limits of size, length, time and memory.

Parsers of PDF, HTML and DOCX can be kept busy for hours by a file of a few kilobytes, or made to crash. They run in a
process apart, which is stopped when it takes too long and started again for the next document. Text needs none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from threading import Event, Lock, Timer
from types import TracebackType
from typing import Any

from rag.errors import LoadingError
from rag.loading.files import SUFFIXES, TEXT_SUFFIXES, load_bytes, true_suffix
from rag.loading.limits import Limits, check_length
from rag.loading.worker import READY
from rag.records import document_from_dict
from rag.types import Document

__all__ = ["DocumentReader"]

_APART = SUFFIXES - TEXT_SUFFIXES
_START_S = 60.0  # on a busy machine
_DOWNLOAD_S = 120.0
_MAX_ANSWER = 500_000_000  # bytes


class DocumentReader:
    """Reads files and web pages; a context manager that stops its process at the end. Safe to use from several threads.

    Example:
        >>> with DocumentReader(Limits()) as reader:
        ...     document = reader.read(path.read_bytes(), name=path.name, source=str(path))
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._worker: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def __enter__(self) -> DocumentReader:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def read(self, data: bytes, *, name: str, source: str) -> Document:
        """The document in `data`; `name` gives the format by its ending, the content overrules it.

        Raises:
            LoadingError: It cannot be read within the limits; the message says why and what to do.
        """
        if true_suffix(data, name) in _APART:
            document = self._apart({"name": name, "source": source}, data, self.limits.seconds)
        else:
            document = load_bytes(data, name=name, source=source)
        check_length(document, self.limits.max_pages)
        return document

    def fetch(self, url: str) -> Document:
        """The document at a web address.

        Raises:
            LoadingError: It cannot be fetched or read within the limits.
        """
        document = self._apart({"url": url}, b"", self.limits.seconds + _DOWNLOAD_S)
        check_length(document, self.limits.max_pages)
        return document

    def close(self) -> None:
        """Stop the process."""
        with self._lock:
            self._stop()

    def _apart(self, request: dict[str, Any], data: bytes, seconds: float) -> Document:
        """Have the process read a document."""
        request |= {"size": len(data), "limits": asdict(self.limits), "seconds": seconds}
        with self._lock:
            worker = self._running()
            line, in_time = _exchange(worker, json.dumps(request).encode() + b"\n" + data, seconds)
            if not line.endswith(b"\n"):
                self._stop()
                raise _failed(in_time, seconds)
        answer = json.loads(line)
        if "error" in answer:
            raise LoadingError(*answer["error"])
        return document_from_dict(answer["document"])

    def _running(self) -> subprocess.Popen[bytes]:
        """The process, started unless it is there."""
        if self._worker is None or self._worker.poll() is not None:
            self._stop()
            self._worker = subprocess.Popen(  # nosec B603 # no shell, our own module
                [sys.executable, "-c", "from rag.loading.worker import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            )
            if _exchange(self._worker, b"", _START_S)[0] != READY:
                self._stop()
                raise LoadingError("the process that reads documents does not start", "try again, or reinstall airace")
        return self._worker

    def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            worker.communicate()


def _exchange(worker: subprocess.Popen[bytes], request: bytes, seconds: float) -> tuple[bytes, bool]:
    """The line that the process answers, cut short if it ends or is stopped; and whether it was in time."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    late = Event()

    def stop() -> None:
        late.set()
        worker.kill()

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        worker.stdin.write(request)
        worker.stdin.flush()
        line = worker.stdout.readline(_MAX_ANSWER)
    except OSError:
        line = b""
    finally:
        timer.cancel()
    return line, not late.is_set()


def _failed(in_time: bool, seconds: float) -> LoadingError:
    if in_time:
        return LoadingError("it makes the program that reads it crash", "save its text as .txt")
    return LoadingError(
        f"reading it takes longer than {seconds:g} seconds", "save its text as .txt, or raise AIRACE_MAX_FILE_SECONDS"
    )
