"""Builds the app around an assistant, and starts its server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from gradio.events import api as gradio_api
from starlette.middleware import Middleware

from rag.assistant import Assistant
from ui.chat import build_chat
from ui.headers import SecurityHeaders
from ui.inspect_view import inspect_tab
from ui.library import library_tab
from ui.theme import app_theme
from ui.warming import Warming

__all__ = ["build_app", "launch"]


_ASSETS = Path(__file__).parent / "assets"
_TITLE = "airace"
_HEADER = f"<h1>{_TITLE}</h1><p>Answers that you can check, sentence by sentence.</p>"


def launch(
    assistant: Assistant,
    *,
    host: str,
    port: int,
    auth: tuple[str, str] | None = None,
    mcp: bool = False,
    block: bool = True,
) -> Any:
    """Start the server; with `block` this returns when it is stopped."""
    demo = build_app(assistant)
    demo.queue(default_concurrency_limit=8).launch(
        server_name=host,
        server_port=port or None,
        auth=auth,
        mcp_server=mcp,
        prevent_thread_lock=not block,
        show_error=True,
        share=False,
        ssr_mode=False,
        theme=app_theme(),
        css="".join(file.read_text(encoding="utf-8") for file in sorted(_ASSETS.glob("*.css"))),
        max_file_size=assistant.settings.max_file_mb * 1_000_000,
        footer_links=[],
        app_kwargs={"middleware": [Middleware(SecurityHeaders)]},
    )
    return demo


def build_app(assistant: Assistant) -> Any:
    """The app: one tab for each part, and the filters that they share."""
    warming = Warming(assistant)
    with gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True) as demo:
        scope = gr.State({})  # a `where` mapping: the documents that questions are asked of
        gr.HTML(_HEADER, elem_id="top")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Chat", id="chat-tab"):
                build_chat(assistant, scope, warming)
            with gr.Tab("Library", id="library-tab"):
                library_tab(assistant, scope)
            with gr.Tab("Inspect", id="inspect-tab"):
                inspect_tab(assistant, scope)
        _add_endpoints(assistant)
    warming.start()
    return demo


def _add_endpoints(assistant: Assistant) -> None:
    """What other programs may call, by name."""

    def ask(question: str) -> dict[str, Any]:
        """Answer a question about the corpus, with citations.

        Args:
            question: In natural language.

        Returns:
            The answer with its sentences, citations, confidence and timings.
        """
        return assistant.ask(question).to_dict()

    def search(question: str, k: int = 8) -> list[dict[str, Any]]:
        """Find the passages of the corpus that fit a question.

        Args:
            question: In natural language.
            k: How many passages, from 1 to 100.

        Returns:
            Passages with their text, document, publisher, date and scores, best first.
        """
        return [passage.to_dict() for passage in assistant.search(question, k=max(1, min(100, k)))]

    gradio_api(ask, api_name="ask")
    gradio_api(search, api_name="search")
