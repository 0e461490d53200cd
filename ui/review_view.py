"""The review queue: one cited passage at a time, and what people's verdicts say of the citations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import AiraceError
from ui.eval_runs import load_run, past_runs
from ui.feedback import FeedbackStore
from ui.render import safe
from ui.reviews import VERDICTS, CitedPassage, ReviewStore, agreements, cited_passages, precision
from ui.runs_render import message

__all__ = ["review_panel"]

_ASSETS = Path(__file__).parent / "assets"
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
# One after the other, so that what shows the queue as it was never arrives after the verdict that changed it.
_IN_ORDER: dict[str, Any] = _PRIVATE | {"concurrency_id": "review", "concurrency_limit": 1}
_RUNS = 10  # newest runs whose passages are reviewed
_DONE = "Nothing is left to review. Passages come from answers with feedback and from the runs of the evals."
_NAME = "Write your name first: verdicts are kept with it."


def review_panel(assistant: Assistant, feedback: FeedbackStore, opened: Any) -> None:
    """Lay out the panel and connect it.

    Args:
        assistant: Whose runs are reviewed.
        feedback: Where the chat puts answers with feedback.
        opened: Connects a handler to the panel coming into view, as `gr.Tab.select` does: the queue is read then.
    """
    panel = _Panel(assistant, feedback)
    current, skipped = gr.State(""), gr.State([])
    with gr.Row(elem_classes="evals-desk"):
        with gr.Column(scale=7, min_width=300):
            shown = gr.HTML(elem_id="review", js_on_load=(_ASSETS / "review.js").read_text(encoding="utf-8"))
            with gr.Row(elem_classes="buttons verdicts"):
                right = gr.Button("Right (1)", elem_id="review-right", min_width=110)
                passage = gr.Button("Wrong passage (2)", elem_id="review-passage", min_width=110)
                claim = gr.Button("Wrong claim (3)", elem_id="review-claim", min_width=110)
                skip = gr.Button("Skip (s)", elem_id="review-skip", min_width=90, variant="secondary")
        with gr.Column(scale=4, min_width=280, elem_classes="evals-form"):
            name = gr.Textbox(label="Your name", max_length=60, elem_id="review-name")
            figures = gr.HTML(elem_id="review-figures")

    outputs = [current, skipped, shown, figures]
    opened(panel.open, [name, skipped], [name, *outputs], **_IN_ORDER)
    name.blur(panel.next, [name, skipped], outputs, **_IN_ORDER)
    name.submit(panel.next, [name, skipped], outputs, **_IN_ORDER)
    for button, verdict in zip((right, passage, claim), VERDICTS, strict=True):
        button.click(panel.judge(verdict), [current, skipped, name], outputs, **_IN_ORDER)
    skip.click(panel.skip, [current, skipped, name], outputs, **_IN_ORDER)


class _Panel:
    """What the handlers share."""

    def __init__(self, assistant: Assistant, feedback: FeedbackStore) -> None:
        self._evals = assistant.settings.data_dir / "evals"
        self._feedback = feedback
        self._reviews = ReviewStore(assistant.settings.data_dir / "reviews.jsonl")

    def open(self, name: str, skipped: list[str], request: gr.Request) -> tuple[Any, ...]:
        """The queue as it stands; who is logged in need not give a name."""
        known = request.username is not None
        field = gr.Textbox(value=request.username if known else name, interactive=not known)
        return field, *self.next(name, skipped, request)

    def next(self, name: str, skipped: list[str], request: gr.Request, *, problem: str = "") -> tuple[Any, ...]:
        """The first passage that the reviewer has not judged; those that were skipped come last."""
        reviewer = _reviewer(name, request)
        judged = self._reviews.judgements()
        waiting = [item for item in self._queue(request.username).values() if (item.id, reviewer) not in judged]
        waiting.sort(key=lambda item: skipped.index(item.id) if item.id in skipped else -1)
        shown = _item(waiting[0], len(waiting)) if waiting else f'<div class="empty">{_DONE}</div>'
        return waiting[0].id if waiting else "", skipped, message(problem, is_problem=True) + shown, _figures(judged)

    def judge(self, verdict: str) -> Any:
        """The handler of a verdict's button."""

        def handler(current: str, skipped: list[str], name: str, request: gr.Request) -> tuple[Any, ...]:
            item, reviewer = self._queue(request.username).get(current), _reviewer(name, request)
            if item and not reviewer:
                return self.next(name, skipped, request, problem=_NAME)
            try:
                if item:
                    self._reviews.add(item, verdict, reviewer)
            except AiraceError as error:
                return self.next(name, skipped, request, problem=str(error))
            return self.next(name, skipped, request)

        return handler

    def skip(self, current: str, skipped: list[str], name: str, request: gr.Request) -> tuple[Any, ...]:
        """The next passage; this one comes again after all others."""
        others = [item for item in skipped if item != current]
        return self.next(name, [*others, current], request)

    def _queue(self, user: str | None) -> dict[str, CitedPassage]:
        """Every cited passage that the user may see, by id, those of answers with feedback first."""
        return {item.id: item for answer in self._answers(user) for item in cited_passages(answer)}

    def _answers(self, user: str | None) -> Iterator[dict[str, Any]]:
        yield from (feedback.answer for feedback in self._feedback.newest(user))
        for run in past_runs(self._evals, user)[:_RUNS]:
            yield from (result.answer for result in load_run(run.folder).results if result.answer)


def _reviewer(name: str, request: gr.Request) -> str:
    return request.username or " ".join((name or "").split())


def _item(item: CitedPassage, waiting: int) -> str:
    citation = item.citation
    origin = citation.get("origin") or citation
    facts = " · ".join(str(part) for part in (origin["publisher"], origin["date"], citation["title"]) if part)
    return (
        f'<article class="under-review"><div class="quiet" role="status">{waiting} to review</div>'
        f'<h2 class="asked">{safe(item.question)}</h2>'
        f'<div class="what">The answer says</div><blockquote class="claim">{safe(item.sentence)}</blockquote>'
        f'<div class="what">and cites</div><p class="passage-text">{_quoted(citation)}</p>'
        f'<div class="quiet">{safe(facts)}</div></article>'
    )


def _quoted(citation: dict[str, Any]) -> str:
    """The passage with the quoted words marked."""
    text, first = citation["text"], citation["start"]
    start = min(max(citation["quote_start"] - first, 0), len(text))
    end = min(max(citation["quote_end"] - first, start), len(text))
    return f"{safe(text[:start])}<mark>{safe(text[start:end])}</mark>{safe(text[end:])}"


def _figures(judged: dict[tuple[str, str], str]) -> str:
    """Citation precision by people, and how far they agree."""
    found = precision(judged)
    if found is None:
        return message("Citation precision appears here with the first verdict.")
    counts = "".join(
        f"<li>{verdict}: {sum(given == verdict for given in judged.values())}</li>" for verdict in VERDICTS
    )
    pairs = "".join(
        f"<li>{safe(' and '.join(pair.reviewers))}: {pair.share:.0%} the same (n = {pair.n})</li>"
        for pair in agreements(judged)
    )
    agreed = f'<div class="what">Agreement where two judged the same</div><ul>{pairs}</ul>' if pairs else ""
    return (
        f'<div class="tile"><span class="what">Citation precision, by people</span><span class="big">{found.value:.1%}'
        f'</span><span class="quiet">95% interval {found.low * 100:.1f}–{found.high:.1%}, n = {found.n}</span></div>'
        f'<div class="what">Verdicts</div><ul>{counts}</ul>{agreed}'
    )
