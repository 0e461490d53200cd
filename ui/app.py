"""Builds the app around an assistant, and starts its server."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from rag.assistant import Assistant
from rag.conversation import turns_from
from rag.errors import AiraceError
from rag.types import Passage, Retrieved, Sentence, Token, Verified
from ui import render
from ui.api import add_api
from ui.server import Server, start
from ui.users import Users

__all__ = ["build_app", "launch"]


_ASSETS = Path(__file__).parent / "assets"
_TITLE = "airace"
_MAX_TURNS = 50  # of a conversation that are kept in the session
_FONTS = ["system-ui", "sans-serif"]


def launch(assistant: Assistant, *, host: str, port: int, users: Users | None = None, mcp: bool = False) -> Server:
    """Start the server in the background; see `ui.server.start`."""
    return start(
        build_app(assistant).queue(default_concurrency_limit=8),
        assistant,
        host=host,
        port=port,
        users=users,
        mcp=mcp,
        theme=gr.themes.Soft(font=_FONTS, font_mono=["monospace"]),
        css=(_ASSETS / "app.css").read_text(encoding="utf-8"),
    )


def build_app(assistant: Assistant) -> Any:
    """The app: chat on the left, reader on the right."""
    state = _State(assistant)
    with gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True) as demo:
        turns = gr.State([])
        with gr.Row():
            with gr.Column(scale=6, min_width=320):
                gr.HTML(
                    f"<h1>{_TITLE}</h1><p>Answers that you can check, sentence by sentence.</p>",
                    elem_id="top",
                )
                chat = gr.HTML(
                    value=state.welcome(),
                    elem_id="chat",
                    js_on_load=(_ASSETS / "transcript.js").read_text(encoding="utf-8"),
                )
                with gr.Row(elem_id="ask"):
                    question = gr.Textbox(
                        show_label=False,
                        placeholder="Ask a question …",
                        max_length=2000,
                        lines=1,
                        max_lines=4,
                        scale=8,
                        autofocus=True,
                        container=False,
                        elem_id="question",
                    )
                    send = gr.Button("Ask", variant="primary", size="md", scale=1, min_width=80, elem_id="send")
                    clear = gr.Button("New chat", size="md", scale=1, min_width=110, elem_id="clear")
                status = gr.HTML(value=state.status(), elem_id="status")
            with gr.Column(scale=5, min_width=320):
                reader = gr.HTML(
                    value=render.empty_reader(),
                    elem_id="reader",
                    js_on_load=(_ASSETS / "reader.js").read_text(encoding="utf-8"),
                )
        timer = gr.Timer(1.0)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        answering = [question, turns, chat]
        gr.on([question.submit, send.click], state.respond, [question, turns], answering, **private)
        chat.submit(state.respond_to_example, [turns], answering, **private)
        chat.select(state.open, [turns], [reader], **private)
        clear.click(state.clear, None, [question, turns, chat, reader], **private)
        timer.tick(state.poll, None, [status, timer], **private)
        add_api(assistant)
    state.warm_up()
    return demo


class _State:
    """What the handlers share: the assistant, and whether it is warm."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._warm = threading.Event()
        self._problem = ""

    def warm_up(self) -> None:
        """Load models and index in the background, so that the first question does not wait."""
        threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        try:
            self._assistant.search("warm up")
        except AiraceError as error:
            self._problem = str(error)
        self._warm.set()

    def status(self) -> str:
        """One line below the input."""
        if not self._warm.is_set():
            return '<div class="meta" role="status">Warming up: loading the model and the index …</div>'
        if self._problem:
            return f'<div class="error" role="alert">{render.safe(self._problem)}</div>'
        manifest = self._assistant.index.manifest
        line = f"{manifest.n_documents} documents · {manifest.n_chunks} passages · {self._assistant.settings.engine}"
        return f'<div class="meta" role="status">Ready: {render.safe(line)}</div>'

    def poll(self) -> tuple[str, gr.Timer]:
        """The status, until there is nothing more to wait for."""
        return self.status(), gr.Timer(active=not self._warm.is_set())

    def welcome(self) -> str:
        """The chat before the first question."""
        info = self._assistant.corpus_info
        return render.welcome(info.subject, info.questions)

    def clear(self) -> tuple[str, list[render.Turn], str, str]:
        """A new conversation."""
        return "", [], self.welcome(), render.empty_reader()

    def respond(self, question: str, turns: list[render.Turn]) -> Iterator[tuple[str, list[render.Turn], str]]:
        """Answer a question, showing each step as it comes."""
        if not question.strip():
            yield "", turns, render.transcript(turns) if turns else self.welcome()
            return
        earlier = turns[-_MAX_TURNS:]
        turn = render.Turn(question)
        yield "", [*earlier, turn], render.transcript([*earlier, turn])
        try:
            for event in self._assistant.stream(question, history=_history(earlier)):
                if isinstance(event, Sentence):  # what a model writes is not shown before it is checked
                    turn = render.Turn(question, provisional=f"{turn.provisional} {event.text}".strip())
                elif isinstance(event, Verified):
                    turn = render.Turn(question, answer=event.answer)
                if not isinstance(event, Retrieved | Token):
                    yield "", [*earlier, turn], render.transcript([*earlier, turn])
        except AiraceError as error:
            turn = render.Turn(question, error=str(error))
            yield "", [*earlier, turn], render.transcript([*earlier, turn])

    def respond_to_example(
        self, turns: list[render.Turn], event: gr.EventData
    ) -> Iterator[tuple[str, list[render.Turn], str]]:
        """Answer the example question that was clicked."""
        yield from self.respond(str(event.question), turns)

    def open(self, turns: list[render.Turn], event: gr.EventData) -> str:
        """The document behind a marker, a source card or a nearest passage."""
        found = _clicked(turns, int(event.turn), int(event.n), int(event.near))
        if found is None:
            return render.empty_reader()
        doc_id, quote, passage = found
        document = self._assistant.document(doc_id)
        if document is None:
            return render.empty_reader()
        return render.reader(document, quote=quote, passage=passage)


_Place = tuple[str, tuple[int, int], tuple[int, int]]


def _clicked(turns: list[render.Turn], turn: int, n: int, near: int) -> _Place | None:
    """Document, quoted span and passage span of what was clicked; None if there is no such thing."""
    answer = turns[turn].answer if 0 <= turn < len(turns) else None
    if answer is None:
        return None
    for citation in answer.citations:
        if citation.n == n:
            return citation.doc_id, (citation.quote_start, citation.quote_end), (citation.start, citation.end)
    passages: dict[int, Passage] = {passage.rank: passage for passage in answer.nearest}
    if near in passages:
        chunk = passages[near].chunk
        return chunk.doc_id, (chunk.start, chunk.start), (chunk.start, chunk.end)
    return None


def _history(turns: list[render.Turn]) -> Any:
    """The turns as messages."""
    messages: list[dict[str, str]] = []
    for turn in turns:
        messages.append({"role": "user", "content": turn.question})
        if turn.answer is not None:
            messages.append({"role": "assistant", "content": turn.answer.answer})
    return turns_from(messages)
