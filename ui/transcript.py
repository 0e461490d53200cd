"""HTML of the conversation: questions, answers on the way, errors, and what can be done with each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.balance import Publishers
from ui.answer import abstention_view, answer_view, understood
from ui.copying import as_bibtex, as_markdown, as_text
from ui.render import safe
from ui.scope import scope_text
from ui.turns import Turn

__all__ = ["transcript", "welcome"]

_N_STARTERS = 6
_MARKER = re.compile(r"\s*\[(\d+)\]")
_REASONS = ("wrong passage", "wrong claim", "incomplete", "should have abstained", "out of date")
_THUMB = (
    '<svg viewBox="0 0 24 24" width="15" height="15" aria-hidden="true"><path fill="none" stroke="currentColor" '
    'stroke-width="2" stroke-linejoin="round" '
    'd="M3 11h4v9H3zM7 11l4-8c2 0 3 1 3 3l-1 4h6c1 0 2 1 2 2l-2 7c0 1-1 1-2 1H7"/></svg>'
)


def welcome(subject: str, questions: Sequence[str]) -> str:
    """What stands in the chat before the first question."""
    buttons = "".join(
        f'<button class="example" data-question="{safe(question)}">{safe(question)}</button>'
        for question in questions[:_N_STARTERS]
    )
    return (
        f'<div class="welcome"><h2>Ask about {safe(subject)}</h2>'
        "<p>Every sentence of an answer comes from a document. Click a number to read it there, at the exact words.</p>"
        f'<div class="examples">{buttons}</div></div>'
    )


def transcript(turns: Sequence[Turn], publishers: Publishers) -> str:
    """The conversation so far.

    Args:
        turns: Oldest first.
        publishers: Country and kind of publishers, see `rag.balance`.
    """
    return (
        '<div class="transcript" role="log" aria-live="polite" aria-label="Conversation">'
        + "".join(_turn(number, turn, publishers) for number, turn in enumerate(turns))
        + "</div>"
    )


def _turn(number: int, turn: Turn, publishers: Publishers) -> str:
    if turn.error:
        body = f'<div class="error" role="alert">{safe(turn.error)}</div>{_toolbar(number, turn)}'
    elif turn.answer is None:
        body = _stopped(number, turn) if turn.stopped else _provisional(turn)
    else:
        view = abstention_view if turn.answer.abstained else answer_view
        body = f"{understood(number, turn.answer)}{view(number, turn.answer, publishers)}{_toolbar(number, turn)}"
    return f'<section class="turn" data-turn="{number}">{_question(number, turn)}{body}</section>'


def _question(number: int, turn: Turn) -> str:
    asked = f'{_again(number, turn)} data-edit="1"'
    scope = f'<div class="asked-of">asked of {safe(scope_text(turn.where))}</div>' if turn.where else ""
    edit = (
        f'<button class="plain edit" {asked} aria-label="Edit this question" title="Edit this question">edit</button>'
    )
    return f'<div class="asked"><h2 class="question">{safe(turn.question)}</h2>{edit}</div>{scope}'


def _again(number: int, turn: Turn) -> str:
    """The attributes of a button that asks this question again."""
    return f'data-turn="{number}" data-question="{safe(turn.question)}"{" data-alone" if turn.alone else ""}'


def _provisional(turn: Turn) -> str:
    """What is there so far: checked sentences whose citations are not final yet, and what is being done."""
    text = _MARKER.sub(r'<span class="cite pending">\1</span>', safe(turn.provisional))
    return (
        f'<div class="answer provisional" aria-busy="true">{f"<p>{text}</p>" if text else ""}'
        f'<div class="progress">{safe(turn.progress)}</div></div>'
    )


def _stopped(number: int, turn: Turn) -> str:
    text = safe(_MARKER.sub("", turn.provisional))
    return (
        f'<div class="answer stopped">{f"<p>{text}</p>" if text else ""}'
        f'<div class="meta">Stopped before the answer was complete.</div></div>{_toolbar(number, turn)}'
    )


def _toolbar(number: int, turn: Turn) -> str:
    """What can be done with an answer."""
    again = f'<button class="tool" {_again(number, turn)} title="Ask this question again">Ask again</button>'
    share = (
        f'<button class="tool" data-link="{safe(turn.question)}" '
        'title="Copy a link that asks this question">Link</button>'
    )
    if turn.answer is None:
        return f'<div class="toolbar">{again}</div>'
    texts = (("Markdown", as_markdown), ("Plain text with links", as_text), ("BibTeX of the sources", as_bibtex))
    copies = "".join(
        f'<button class="tool" data-copy="{safe(make(turn.answer))}">{name}</button>' for name, make in texts
    )
    return (
        f'<div class="toolbar" role="group" aria-label="About this answer">{_feedback(number)}'
        f'<details class="menu"><summary class="tool">Copy</summary><div class="menu-items">{copies}</div></details>'
        f'<button class="tool" data-save="{safe(as_markdown(turn.answer))}" title="Save as Markdown">Save</button>'
        f'<button class="tool" data-print="1" title="Print, or save as PDF">Print</button>{share}{again}</div>'
        f"{_reasons(number)}"
    )


def _feedback(number: int) -> str:
    names = (("up", "Good answer"), ("down", "Something is wrong"))
    return "".join(
        f'<button class="tool thumb {verdict}" data-thumb="{verdict}" data-turn="{number}" aria-label="{name}" '
        f'title="{name}" aria-pressed="false">{_THUMB}</button>'
        for verdict, name in names
    )


def _reasons(number: int) -> str:
    """What opens after a thumb down."""
    choices = "".join(
        f'<label><input type="radio" name="reason-{number}" value="{reason}"> {reason}</label>' for reason in _REASONS
    )
    return (
        f'<form class="reasons" data-turn="{number}" hidden><fieldset><legend>What is wrong?</legend>{choices}'
        "</fieldset>"
        '<textarea name="note" rows="2" maxlength="2000" aria-label="Note" placeholder="A note (optional)"></textarea>'
        '<button type="submit" class="tool">Send</button></form><div class="thanks" role="status"></div>'
    )
