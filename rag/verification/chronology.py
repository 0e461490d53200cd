"""Does a sentence have two events in the order in which its support has them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.sentences import sentence_spans
from rag.verification.clauses import clauses_in, stems_of
from rag.verification.readings import dates_of
from rag.verification.verdict import Finding

__all__ = ["check_chronology"]

_BEFORE = r"before|earlier\sthan|prior\sto|ahead\sof(?=\s(?:the|its|his|her|their|an?)\b)|preced\w+|until(?=\safter)"
_AFTER = r"since|later\sthan|(?:only\s|shortly\s|soon\s)?after|following|in\sthe\swake\sof|follow(?:ed|s)(?!\sby)|once"
_WHEN = r"by\sthe\stime(?:\sthat)?|when"
_LINK = re.compile(rf"\b(?:(?P<before>{_BEFORE}|followed\sby)|(?P<after>{_AFTER})|(?P<when>{_WHEN}))\b", re.I)
_ALREADY = re.compile(
    r"\b(?:had|has|have)\s(?:[a-z]+\s)?already\b|\balready\s(?:had|been)\b|\b(?:was|were)\salready\b", re.I
)
_END = re.compile(r",\s|;\s|\.\s|\.$")
_LEAST = 2  # words by which the two events fit better in the other order


@dataclass(frozen=True, slots=True)
class _Order:
    """The words of an earlier event and of a later one."""

    earlier: frozenset[str]
    later: frozenset[str]


def check_chronology(claim: str, stretch: str) -> Finding | None:
    """Two events that the claim has in the other order than the stretch."""
    for said in _orders(claim):
        told = [_turns(said, given) for given in _orders(stretch)]
        told = told if any(told) else [_turns(said, given) for given in _dated_orders(stretch)]
        if any(turn >= _LEAST for turn in told) and min(told) > -_LEAST:
            return Finding("the passage has the two events in the other order")
    return None


def _turns(said: _Order, given: _Order) -> int:
    """By how many words more each event of the claim is told by those of the other in the stretch, or less."""
    both = (given.earlier & given.later) | (said.earlier & said.later)
    kept = len((said.earlier & given.earlier) - both) + len((said.later & given.later) - both)
    crossed = len((said.earlier & given.later) - both), len((said.later & given.earlier) - both)
    return sum(crossed) - kept if min(crossed) > 0 else min(0, sum(crossed) - kept)


@lru_cache(maxsize=4096)
def _orders(text: str) -> tuple[_Order, ...]:
    """The events of each "before", "after" and their like."""
    return tuple(order for span in sentence_spans(text, 0, len(text)) for order in _orders_of(text[slice(*span)]))


def _orders_of(sentence: str) -> Iterator[_Order]:
    for link in _LINK.finditer(sentence):
        end = _END.search(sentence, link.end())
        stop = end.start() if end else len(sentence)
        linked = stems_of(sentence, link.end(), stop)
        main = stems_of(sentence, 0, link.start())
        if len(main) < _LEAST:  # "Two days before it closed, ..."
            main = stems_of(sentence, stop, len(sentence))
        if not linked or not main:
            continue
        if link["when"]:
            if not _ALREADY.search(sentence):
                continue
            already = _ALREADY.search(sentence, link.end(), stop)
            yield _Order(linked, main) if already else _Order(main, linked)
        elif link["after"]:
            yield _Order(linked, main)
        else:
            yield _Order(main, linked)


@lru_cache(maxsize=4096)
def _dated_orders(text: str) -> tuple[_Order, ...]:
    """Clauses with dates of which one lies wholly before the other."""
    dated = [
        (dates, clause.stems)
        for clause in clauses_in(text)
        if (dates := [date for date in dates_of(text) if clause.start <= date.start < clause.end])
    ]
    return tuple(
        _Order(stems, other)
        for dates, stems in dated
        for others, other in dated
        if max(date.last for date in dates) < min(date.first for date in others)
    )
