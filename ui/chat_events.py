"""What happens in the chat: a question is asked, stopped, asked again; a document opened; a conversation restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

import gradio as gr

from rag.assistant import Assistant, Where
from rag.balance import Publishers
from rag.errors import AiraceError, ConfigurationError
from rag.types import Retrieved, Sentence, Token, Verified
from ui import turns as conversation
from ui.reader import Place, cited_place, empty_reader, reader
from ui.suggestions import follow_ups, suggestions_view
from ui.transcript import transcript, welcome
from ui.turns import Turn
from ui.warming import Warming

__all__ = ["ChatEvents"]

Turns = list[Turn]
Shown = tuple[Any, Any, Any, Any, Any]
"""Values of the question box, the turns, the transcript, the conversation that the browser keeps, the suggestions."""

_SECONDS_BETWEEN_SIGNS = 0.3  # of life, while a model writes


class ChatEvents:
    """Handlers of the chat's events. What comes with an event is the browser's word, and checked."""

    def __init__(self, assistant: Assistant, warming: Warming, keep_feedback: Callable[..., object]) -> None:
        self._assistant = assistant
        self._warming = warming
        self._keep_feedback = keep_feedback

    def welcome(self) -> str:
        """The chat before the first question."""
        info = self._assistant.corpus_info
        return welcome(info.subject, info.questions)

    def start(self, request: gr.Request) -> dict[str, Any]:
        """Tell the browser whose conversations to show."""
        return {"owner": request.username or "", "turns": None}

    def respond(self, question: str, turns: Turns, kept: Any, where: Where, request: gr.Request) -> Iterator[Shown]:
        """Answer what was typed."""
        yield from self._respond(Turn(question, where=dict(where)), _current(turns, kept), request)

    def respond_to_event(
        self, turns: Turns, kept: Any, where: Where, request: gr.Request, event: gr.EventData
    ) -> Iterator[Shown]:
        """Answer a question that was clicked, or edited; of an earlier turn: in the place of it and what followed."""
        turns = _current(turns, kept)
        at = _number(event, "turn", len(turns))
        turn = Turn(str(_get(event, "question") or ""), alone=bool(_get(event, "alone")), where=dict(where))
        yield from self._respond(turn, turns[:at], request)

    def stop(self, turns: Turns, request: gr.Request) -> tuple[Turns, str, dict[str, Any]]:
        """Keep what was there when the user stopped the answer."""
        if turns and turns[-1].answer is None and not turns[-1].error:
            turns = [*turns[:-1], replace(turns[-1], stopped=True)]
        return turns, self._transcript(turns), _kept(turns, request)

    def suggest(self, turns: Turns, where: Where) -> str:
        """Questions to ask next."""
        answer = turns[-1].answer if turns else None
        if answer is None:
            return ""
        questions = follow_ups(self._assistant, answer, (turn.question for turn in turns), where)
        return suggestions_view(questions, abstained=answer.abstained)

    def clear(self, request: gr.Request) -> tuple[str, Turns, str, dict[str, Any], str, str]:
        """A new conversation."""
        return "", [], self.welcome(), _kept([], request), "", empty_reader()

    def restore(self, request: gr.Request, event: gr.EventData) -> tuple[Turns, str, dict[str, Any], str, str]:
        """Show a conversation that the browser kept.

        Raises:
            gr.Error: It cannot be read.
        """
        try:
            turns = conversation.turns_from_data(_get(event, "turns"))
        except ConfigurationError as error:
            raise gr.Error(str(error)) from error
        return turns, self._transcript(turns), _kept(turns, request), "", empty_reader()

    def open(self, turns: Turns, kept: Any, event: gr.EventData) -> str:
        """The document behind a marker, a source card or a nearest passage."""
        turns = _current(turns, kept)
        at = _number(event, "turn", len(turns))
        answer = turns[at].answer if at < len(turns) else None
        n, rank = _number(event, "n", 0), _number(event, "near", 0)
        citation = next((citation for citation in answer.citations if citation.n == n), None) if answer else None
        near = next((passage for passage in answer.nearest if passage.rank == rank), None) if answer else None
        doc_id = citation.doc_id if citation else near.chunk.doc_id if near else ""
        document = self._assistant.document(doc_id)
        if document is not None and answer is not None and citation is not None:
            return reader(document, cited_place(document, citation, turn=at, citations=answer.citations))
        if document is not None and near is not None:
            start, end = near.chunk.start, near.chunk.end
            return reader(document, Place(quote=(start, start), passage=(start, end), turn=at))
        return empty_reader("This document is no longer in the index.")

    def give_feedback(self, turns: Turns, kept: Any, request: gr.Request, event: gr.EventData) -> None:
        """Keep what somebody thinks of an answer.

        Raises:
            gr.Error: It could not be kept.
        """
        turns = _current(turns, kept)
        at = _number(event, "turn", len(turns))
        answer = turns[at].answer if at < len(turns) else None
        verdict = _get(event, "verdict")
        if answer is None or verdict not in ("up", "down"):
            return
        note, reason = str(_get(event, "note") or ""), str(_get(event, "reason") or "") or None
        try:
            self._keep_feedback(
                verdict=verdict, reason=reason, note=note, answer=answer.to_dict(), user=request.username or ""
            )
        except (AiraceError, ValueError) as error:
            raise gr.Error(str(error)) from error

    def _respond(self, turn: Turn, earlier: Turns, request: gr.Request) -> Iterator[Shown]:
        earlier = earlier[-conversation.MAX_TURNS :]
        if not turn.question.strip():
            yield (gr.skip(),) * 5
            return
        waiting = "" if self._warming.is_done else "Loading the model and the index; your question is next …"
        turn = replace(turn, progress=waiting or "Searching the documents …")
        yield self._shown([*earlier, turn])
        try:
            for grown in self._answering(turn, earlier):
                turn = grown
                if turn.answer is None:
                    yield self._shown([*earlier, turn])
        except AiraceError as error:
            turn = replace(turn, error=str(error), provisional="")
        turns = [*earlier, turn]
        yield gr.skip(), turns, self._transcript(turns), _kept(turns, request), gr.skip()

    def _answering(self, turn: Turn, earlier: Turns) -> Iterator[Turn]:
        """The turn as it grows, up to its answer."""
        history = [] if turn.alone else conversation.history(earlier)
        words, told = 0, monotonic()
        for event in self._assistant.stream(turn.question, history=history, where=turn.where):
            if isinstance(event, Retrieved):
                n = len({passage.chunk.doc_id for passage in event.passages})
                turn = replace(turn, progress=f"Reading {len(event.passages)} passages of {n} documents …")
            elif isinstance(event, Sentence):
                turn = replace(turn, provisional=f"{turn.provisional} {event.text}".strip())
            elif isinstance(event, Verified):
                turn = replace(turn, answer=event.answer, provisional="", progress="")
            elif isinstance(event, Token):  # what a model writes is not shown before it is checked
                words += len(event.text.split())
                if monotonic() - told < _SECONDS_BETWEEN_SIGNS:
                    continue
                told = monotonic()
                turn = replace(turn, progress=f"Writing, and checking each sentence … {words} words")
            yield turn

    def _shown(self, turns: Turns) -> Shown:
        return "", turns, self._transcript(turns), gr.skip(), ""

    def _transcript(self, turns: Turns) -> str:
        return transcript(turns, self._publishers()) if turns else self.welcome()

    def _publishers(self) -> Publishers:
        return self._assistant.index.catalog.publishers() if self._warming.is_done else {}


def _current(turns: Turns, kept: Any) -> Turns:
    """The conversation: as the session has it, or after a restart of the server, which has none, as the browser has."""
    data = kept.get("turns") if isinstance(kept, Mapping) else None
    if turns or not data:
        return turns
    try:
        return conversation.turns_from_data(data)
    except ConfigurationError:
        return []


def _kept(turns: Turns, request: gr.Request) -> dict[str, Any]:
    """What the browser keeps of a conversation."""
    return {"owner": request.username or "", "turns": conversation.turns_to_data(turns)}


def _get(event: gr.EventData, name: str) -> Any:
    return event._data.get(name) if isinstance(event._data, Mapping) else None


def _number(event: gr.EventData, name: str, default: int) -> int:
    value = _get(event, name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
