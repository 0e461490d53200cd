"""The Evals tab: runs and their reports, feedback that becomes cases, and the review of cited passages."""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from ui.feedback import FeedbackStore
from ui.feedback_view import feedback_panel
from ui.review_view import review_panel
from ui.runs_view import runs_panel

__all__ = ["evals_tab"]


def evals_tab(assistant: Assistant, feedback: FeedbackStore, tab: Any) -> None:
    """Lay out the tab and connect it; called inside it.

    Args:
        assistant: What is evaluated.
        feedback: Where the chat puts feedback.
        tab: The `gr.Tab` that this is called in. Nothing is read from the disk before it is opened.
    """
    with gr.Tabs(elem_id="evals"):
        with gr.Tab("Runs", id="evals-runs") as runs_tab:
            runs_panel(assistant, partial(gr.on, [tab.select, runs_tab.select]))
        with gr.Tab("Feedback", id="evals-feedback") as feedback_tab:
            feedback_panel(assistant, feedback, feedback_tab.select)
        with gr.Tab("Review", id="evals-review") as review_tab:
            review_panel(assistant, feedback, review_tab.select)
