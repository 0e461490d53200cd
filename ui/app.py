"""Builds the app around an assistant, and starts its server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from rag.assistant import Assistant
from ui.api import add_api
from ui.chat import build_chat
from ui.evals_view import evals_tab
from ui.feedback import FeedbackStore
from ui.inspect_view import inspect_tab
from ui.library import library_tab
from ui.server import Server, start
from ui.theme import app_theme
from ui.users import Users
from ui.warming import Warming

__all__ = ["build_app", "launch"]


_ASSETS = Path(__file__).parent / "assets"
_STYLES = ("app.css", "library.css", "evals.css")
_TITLE = "airace"
_HEADER = f"<h1>{_TITLE}</h1><p>Answers that you can check, sentence by sentence.</p>"
_LOGOUT = '<a href="/logout" class="logout">Log out</a>'


def launch(assistant: Assistant, *, host: str, port: int, users: Users | None = None, mcp: bool = False) -> Server:
    """Start the server in the background; see `ui.server.start`."""
    return start(
        build_app(assistant, with_logout=users is not None).queue(default_concurrency_limit=8),
        assistant,
        host=host,
        port=port,
        users=users,
        mcp=mcp,
        theme=app_theme(),
        css="".join((_ASSETS / name).read_text(encoding="utf-8") for name in _STYLES),
    )


def build_app(assistant: Assistant, *, with_logout: bool = False) -> Any:
    """The app: one tab for each part, and the filters that they share."""
    warming = Warming(assistant)
    feedback = FeedbackStore(assistant.settings.data_dir / "feedback.jsonl")
    with gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True) as demo:
        scope = gr.State({})  # a `where` mapping: the documents that questions are asked of
        gr.HTML(_HEADER + _LOGOUT if with_logout else _HEADER, elem_id="top")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Chat", id="chat-tab"):
                turns = build_chat(assistant, scope, warming, keep_feedback=feedback.add)
            with gr.Tab("Library", id="library-tab"):
                library_tab(assistant, scope)
            with gr.Tab("Inspect", id="inspect-tab") as inspect:
                inspect_tab(assistant, scope, turns, inspect)
            with gr.Tab("Evals", id="evals-tab") as evals:
                evals_tab(assistant, feedback, evals)
        add_api(assistant)
    warming.start()
    return demo
