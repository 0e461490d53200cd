"""The chat tab: questions, answers as they come, and the reader beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import MAX_QUESTION, Assistant
from ui.chat_events import ChatEvents
from ui.reader import empty_reader
from ui.scope import scope_bar
from ui.warming import Warming

__all__ = ["build_chat"]

_ASSETS = Path(__file__).parent / "assets"
_CHAT_SCRIPTS = ("transcript.js", "hover.js", "toolbar.js", "keyboard.js")
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build_chat(assistant: Assistant, scope: Any, warming: Warming, *, keep_feedback: Callable[..., object]) -> Any:
    """Lay out the chat and connect it.

    Args:
        assistant: What answers.
        scope: The `gr.State` with the filters (a `where` mapping) that questions are asked under.
        warming: Whether the assistant is ready.
        keep_feedback: Takes `verdict`, `reason`, `note`, `answer` and `user` of each thumb.

    Returns:
        The `gr.State` with the turns.
    """
    events = ChatEvents(assistant, warming, keep_feedback)
    turns = gr.State([])
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="talk", min_width=320):
            with gr.Row(elem_id="talk-bar"):
                kept = _html("", "conversations", "conversations.js", html_template=_CONVERSATIONS)
                clear = gr.Button("New chat", size="sm", elem_id="clear", min_width=90, scale=0)
            with gr.Column(elem_id="pane"):
                chat = _html(events.welcome(), "chat", *_CHAT_SCRIPTS)
                suggestions = _html("", "suggestions", "suggestions.js")
            scope_line = _html("", "scope", "scope.js")
            with gr.Row(elem_id="ask"):
                question = gr.Textbox(
                    label="Question",
                    show_label=False,
                    placeholder="Ask a question …   ( / )",
                    max_length=MAX_QUESTION,
                    lines=1,
                    max_lines=4,
                    scale=8,
                    autofocus=True,
                    container=False,
                    elem_id="question",
                )
                send = gr.Button("Ask", variant="primary", size="md", scale=1, min_width=80, elem_id="send")
                stop = gr.Button("Stop", variant="stop", size="md", scale=1, min_width=80, elem_id="stop")
            status = gr.HTML(value=warming.status(), elem_id="status")
        with gr.Column(elem_id="reading", min_width=320):
            page = _html(empty_reader(), "reader", "reader.js")
    timer = gr.Timer(1.0)

    shown = [question, turns, chat, kept, suggestions]
    asked = gr.on([question.submit, send.click], events.respond, [question, turns, kept, scope], shown, **_PRIVATE)
    clicked = gr.on(
        [chat.submit, suggestions.submit, kept.submit], events.respond_to_event, [turns, kept, scope], shown, **_PRIVATE
    )
    suggested = [event.then(events.suggest, [turns, scope], [suggestions], **_PRIVATE) for event in (asked, clicked)]
    stop.click(events.stop, [turns], [turns, chat, kept], cancels=[asked, clicked], **_PRIVATE)
    chat.select(events.open, [turns, kept], [page], **_PRIVATE)
    clear.click(
        events.clear, None, [question, turns, chat, kept, suggestions, page], cancels=[asked, clicked, *suggested],
        **_PRIVATE,
    )  # fmt: skip
    chat.feedback(events.give_feedback, [turns, kept], None, **_PRIVATE)
    kept.select(events.restore, None, [turns, chat, kept, suggestions, page], **_PRIVATE)
    scope.change(scope_bar, [scope], [scope_line], **_PRIVATE)
    scope_line.clear(dict, None, [scope], **_PRIVATE)
    timer.tick(warming.poll, None, [status, timer], **_PRIVATE)
    gr.on(None, events.start, None, [kept], **_PRIVATE)  # when the page is opened
    return turns


def _html(value: str, elem_id: str, *scripts: str, **options: Any) -> Any:
    """HTML with its scripts, each in a scope of its own."""
    code = "\n".join("{\n" + (_ASSETS / script).read_text(encoding="utf-8") + "}" for script in scripts)
    return gr.HTML(value=value, elem_id=elem_id, js_on_load=code, **options)


_CONVERSATIONS = """<details class="menu"><summary class="tool">Conversations</summary>
<div class="menu-items"><ul class="kept"></ul><p class="none">None yet. They stay in this browser.</p>
<div class="row"><button class="tool" data-do="export">Export all</button>
<label class="tool">Import<input type="file" accept="application/json,.json" hidden></label>
<button class="tool" data-do="save">Save this one as Markdown</button></div></div></details>"""
