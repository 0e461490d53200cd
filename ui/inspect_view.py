"""The inspector: how the answer to a question came about, and where a passage that was expected was lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from rag.assistant import MAX_QUESTION, Assistant, Where
from rag.errors import AiraceError
from ui.inspect_html import explanation_view
from ui.library_view import problem
from ui.render import shortened
from ui.turns import Turn

__all__ = ["inspect_tab"]

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_PREVIEW = 90  # characters of a passage in the list to choose from


def inspect_tab(assistant: Assistant, scope: Any, turns: Any, tab: Any) -> None:
    """Lay out the inspector and connect it.

    Args:
        assistant: What answers.
        scope: The `gr.State` with the filters (a `where` mapping) that the chat asks under.
        turns: The `gr.State` with the turns of the chat, whose last question the inspector offers.
        tab: The `gr.Tab` that this is called in.
    """
    with gr.Column(elem_id="inspect"):
        with gr.Row(elem_id="inspect-ask"):
            question = gr.Textbox(
                label="Question",
                placeholder="How was this answered?",
                max_length=MAX_QUESTION,
                scale=5,
                elem_id="inspected-question",
            )
            go = gr.Button("Inspect", variant="primary", scale=0, min_width=120, elem_id="inspect-go")
        with gr.Accordion("Why was this not found?", open=False, elem_id="why-not"):
            words = gr.Textbox(
                label="Words that you expected, as they stand in the document",
                placeholder="Paste a sentence …",
                lines=2,
                max_length=2000,
                elem_id="expected-words",
            )
            gr.HTML('<p class="facts">or choose the passage:</p>')
            with gr.Row():
                document = gr.Dropdown(
                    label="Document", choices=[], value=None, min_width=240, elem_id="expected-document"
                )
                passage = gr.Dropdown(
                    label="Passage", choices=[], value=None, min_width=240, elem_id="expected-passage"
                )
            find = gr.Button("Find where it was lost", elem_id="find-lost")
        shown = gr.HTML(elem_id="inspection")

    def inspect(asked: str | None, expected: str | None, chunk_id: str | None, where: Where) -> str:
        try:
            return explanation_view(
                assistant.explain(asked or "", expected=(expected or "").strip() or chunk_id, where=where)
            )
        except AiraceError as error:
            return problem(error)

    def documents() -> Any:
        try:
            found = assistant.documents()
        except AiraceError:
            found = []
        return gr.update(choices=[(item.display_title, item.doc_id) for item in found])

    def passages(doc_id: str | None) -> Any:
        entries = assistant.index.catalog.entries().items() if doc_id else ()
        own = [
            (shortened(entry.chunk.text, _PREVIEW), chunk_id)
            for chunk_id, entry in entries
            if entry.chunk.doc_id == doc_id
        ]
        return gr.update(choices=own, value=None)

    inputs = [question, words, passage, scope]
    gr.on([go.click, question.submit, find.click], inspect, inputs, [shown], api_visibility="private")
    gr.on([document.focus], documents, None, [document], **_QUIET)
    document.input(passages, [document], [passage], **_QUIET)
    gr.on(None, documents, None, [document], **_QUIET)  # when the page is opened
    tab.select(_last_question, [turns], [question], **_QUIET)


def _last_question(turns: Sequence[Turn]) -> Any:
    """The last question that was answered, standing alone; nothing changes if there is none."""
    answers = [turn.answer for turn in turns if turn.answer is not None]
    return answers[-1].standalone_question if answers else gr.skip()
