"""Feedback in the app: what people said of answers, and the form that makes a case of the evals of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from evals.cases import UNANSWERABLE, Kind
from rag.assistant import Assistant
from rag.errors import AiraceError
from ui.case_drafts import CaseDraft, case_id, draft_from, from_chat_path, save_case, saved_ids
from ui.feedback import Feedback, FeedbackStore
from ui.render import safe
from ui.runs_render import message

__all__ = ["feedback_panel"]

_ASSETS = Path(__file__).parent / "assets"
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_SHOWN = 200  # newest feedback in the list
_PREVIEW = 320  # characters of an answer
_ANSWERED = [kind for kind in get_args(Kind) if kind not in UNANSWERABLE and kind != "follow-up"]
_DECLINED = [kind for kind in get_args(Kind) if kind in UNANSWERABLE]
_EMPTY = "No feedback yet. Thumbs under an answer in the chat put it here."
_CHOOSE = "Choose “Make it a case” beside an answer: what is right can be edited here before it is saved."


def feedback_panel(assistant: Assistant, store: FeedbackStore, opened: Any) -> None:
    """Lay out the panel and connect it.

    Args:
        assistant: Whose documents the cases are about.
        store: Where the chat puts feedback.
        opened: Connects a handler to the panel coming into view, as `gr.Tab.select` does: the list is read then.
    """
    panel = _Panel(assistant, store)
    edited = gr.State("")  # id of the feedback in the form
    with gr.Row(elem_classes="evals-desk"):
        with gr.Column(scale=6, min_width=300):
            listing = gr.HTML(elem_id="feedback-list", js_on_load=_script("feedback.js"))
        with gr.Column(scale=5, min_width=300, elem_id="case-form", elem_classes="evals-form"):
            with gr.Column(visible=False) as form:
                question = gr.Textbox(label="Question", lines=2, max_length=2000, elem_id="case-question")
                declines = gr.Checkbox(label="The documents do not answer it", elem_id="case-declines")
                kind = gr.Dropdown(_ANSWERED, label="Kind", elem_id="case-kind")
                with gr.Column() as gold:
                    facts = gr.Textbox(
                        label="Expected facts", lines=3, max_length=4000, elem_id="case-facts",
                        info="One a line, as the source writes it; other ways to write it after a | sign.",
                    )  # fmt: skip
                    answer = gr.Textbox(label="Expected answer", lines=2, max_length=4000, elem_id="case-answer")
                    sources = gr.Dropdown([], multiselect=True, label="Expected sources", elem_id="case-sources")
                save = gr.Button("Save the case", variant="primary", elem_id="case-save")
            said = gr.HTML(message(_CHOOSE), elem_id="case-status")

    fields = [question, declines, kind, facts, answer, sources]
    opened(panel.listing, None, [listing], **_PRIVATE)
    listing.select(panel.edit, None, [edited, form, said, gold, *fields], **_PRIVATE)
    declines.input(panel.switch, [declines], [kind, gold], **_PRIVATE)
    save.click(panel.save, [edited, *fields], [said, form, listing], **_PRIVATE)


class _Panel:
    """What the handlers share."""

    def __init__(self, assistant: Assistant, store: FeedbackStore) -> None:
        self._assistant = assistant
        self._store = store
        self._path = from_chat_path(assistant.settings)

    def listing(self, request: gr.Request) -> str:
        """One's own feedback, newest first; without a login everybody's."""
        saved = saved_ids(self._path)
        cards = [
            _card(feedback, is_saved=case_id(feedback) in saved)
            for feedback in self._store.newest(request.username)[:_SHOWN]
        ]
        return f'<ol class="feedback">{"".join(cards)}</ol>' if cards else f'<div class="empty">{_EMPTY}</div>'

    def edit(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Open the form with what the feedback says already."""
        feedback = self._own(str(event.id), request)
        if feedback is None:
            problem = message("This feedback is no longer there.", is_problem=True)
            return "", gr.Column(visible=False), problem, *[gr.skip()] * 7
        draft = draft_from(feedback)
        kind, gold = self.switch(not draft.is_answerable, chosen=draft.kind)
        documents = [(document.display_title, document.doc_id) for document in self._assistant.documents()]
        known = {doc_id for _, doc_id in documents}
        return (
            feedback.id,
            gr.Column(visible=True),
            "",
            gold,
            draft.question,
            not draft.is_answerable,
            kind,
            draft.facts,
            draft.answer,
            gr.Dropdown(documents, value=[doc_id for doc_id in draft.doc_ids if doc_id in known]),
        )

    def switch(self, declines: bool, chosen: str | None = None) -> tuple[Any, Any]:
        """The kinds and fields that go with a question that the documents answer, or do not."""
        kinds = _DECLINED if declines else _ANSWERED
        first = "unanswerable" if declines else "factoid"
        return gr.Dropdown(kinds, value=chosen or first), gr.Column(visible=not declines)

    def save(
        self,
        edited: str,
        question: str,
        _declines: bool,
        kind: str,
        facts: str,
        answer: str,
        sources: Sequence[str],
        request: gr.Request,
    ) -> tuple[str, Any, Any]:
        """Add the case to the dataset, or say what is wrong with it."""
        feedback = self._own(edited, request)
        if feedback is None:
            return message("This feedback is no longer there.", is_problem=True), gr.skip(), gr.skip()
        draft = CaseDraft(question=question, kind=kind, answer=answer, facts=facts, doc_ids=tuple(sources or ()))
        try:
            case = save_case(draft, case_id(feedback), self._path, self._assistant.settings.corpus_dir)
        except AiraceError as error:
            return message(str(error), is_problem=True), gr.skip(), gr.skip()
        told = f"Saved as {case.id} in {self._path}. It passes the check, and “Run” offers it as from_chat."
        return message(told), gr.Column(visible=False), self.listing(request)

    def _own(self, feedback_id: str, request: gr.Request) -> Feedback | None:
        return next((f for f in self._store.newest(request.username) if f.id == feedback_id), None)


def _card(feedback: Feedback, *, is_saved: bool) -> str:
    verdict = "Good" if feedback.verdict == "up" else "Not good"
    reason = f'<span class="reason">{safe(feedback.reason)}</span>' if feedback.reason else ""
    note = f'<p class="note">“{safe(feedback.note)}”</p>' if feedback.note else ""
    when = feedback.at[:16].replace("T", " ")
    action = "Saved as a case · edit" if is_saved else "Make it a case"
    return (
        f'<li class="{feedback.verdict}"><div class="quiet"><b class="verdict">{verdict}</b> {reason} '
        f"<time>{safe(when)}</time></div>"
        f'<div class="asked">{safe(str(feedback.answer["question"]))}</div>'
        f'<p class="said">{safe(_shortened(str(feedback.answer["answer"])))}</p>{note}'
        f'<button class="link" data-feedback="{safe(feedback.id)}">{action}</button></li>'
    )


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _PREVIEW else plain[:_PREVIEW].rsplit(" ", 1)[0] + " …"


def _script(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
