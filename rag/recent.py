"""Answers many questions in the order they are asked, and keeps the last answers while what they rest on stays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from threading import Lock
from time import perf_counter
from typing import TypeAlias

from rag.types import Retrieved, Sentence, Timings, Token, Verified

__all__ = ["Event", "RecentAnswers"]

Event: TypeAlias = Retrieved | Token | Sentence | Verified

_AT_ONCE = 2  # more gain nothing: most of the work holds the interpreter
_KEPT = 256  # some 100 kB each, mostly texts that the catalog has as well


class RecentAnswers:
    """Answers by all that decides them; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        # First come, first served: threads that compete for the interpreter let some questions wait twice as long as
        # others when many are asked at once.
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="answer")
        self._events: OrderedDict[Hashable, tuple[Event, ...]] = OrderedDict()

    def remembering(self, key: Hashable, events: Iterator[Event], *, started: float) -> Iterator[Event]:
        """The events, once all are there, or those of the last time, whose answer says how long it took now.

        Args:
            key: Everything that the events depend on.
            events: What answers; not begun if it is known how that ends.
            started: When the question came, by `perf_counter`.
        """
        known = self._known(key)
        if known is None:
            new = self._workers.submit(copy_context().run, tuple, events).result()
            self._keep(key, new)
            yield from new
            return
        for event in known:
            if isinstance(event, Verified):
                total = round((perf_counter() - started) * 1000, 3)
                yield Verified(answer=replace(event.answer, timings_ms=Timings(total=total)))
            else:
                yield event

    def forget(self) -> None:
        """Drop them all."""
        with self._lock:
            self._events.clear()

    def _known(self, key: Hashable) -> tuple[Event, ...] | None:
        with self._lock:
            if key in self._events:
                self._events.move_to_end(key)
            return self._events.get(key)

    def _keep(self, key: Hashable, events: tuple[Event, ...]) -> None:
        with self._lock:
            self._events[key] = events
            if len(self._events) > _KEPT:
                self._events.popitem(last=False)
