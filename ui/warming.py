"""Loads models and index in the background, so that the first question does not wait."""

from __future__ import annotations

import threading

from rag.assistant import Assistant
from rag.errors import AiraceError

__all__ = ["Warming"]


class Warming:
    """Whether the assistant is ready, and what kept it from becoming so."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._done = threading.Event()
        self.problem = ""

    @property
    def is_done(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self._done.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        try:
            self._assistant.search("warm up")
        except AiraceError as error:
            self.problem = str(error)
        self._done.set()
