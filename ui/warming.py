"""Loads models and index in the background, so that the first question does not wait."""

from __future__ import annotations

import threading

import gradio as gr

from rag.assistant import Assistant
from rag.errors import AiraceError
from ui.render import safe

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

    def status(self) -> str:
        """One line below the input."""
        if not self.is_done:
            return '<div class="meta warming" role="status">Warming up: loading the model and the index …</div>'
        if self.problem:
            return f'<div class="error" role="alert">{safe(self.problem)}</div>'
        manifest = self._assistant.index.manifest
        line = f"{manifest.n_documents} documents · {manifest.n_chunks} passages · {self._assistant.settings.engine}"
        return f'<div class="meta" role="status">Ready: {safe(line)}</div>'

    def poll(self) -> tuple[str, gr.Timer]:
        """The status, until there is nothing more to wait for."""
        return self.status(), gr.Timer(active=not self.is_done)
