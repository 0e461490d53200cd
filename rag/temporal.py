"""Time in questions ("in 2024", "since May 2026", "latest"), and evidence and answers as of a date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from rag.dates import DateMention, date_bounds, dates_in, without_title_years
from rag.types import Citation, Evidence

__all__ = ["TimeIntent", "as_of", "prefer_time", "time_intent"]

_BEGINNING, _END = "0001-01-01", "9999-12-31"
_BEFORE = re.compile(r"\b(before|until|till|prior to|up to|by|as of)\s(?:the\s)?(?:end of\s)?$", re.IGNORECASE)
_AFTER = re.compile(r"\b(after|since|from|following)\s(?:the\s)?(?:start of\s|end of\s)?$", re.IGNORECASE)
_INCLUSIVE = re.compile(r"\b(by|end of|up to|as of)\s", re.IGNORECASE)
_NEWEST = re.compile(
    r"\b(latest|newest|most recent(ly)?|current(ly)?|nowadays|today|right now|these days|so far|to date|up to date)\b"
    r"|\bnow\b(?=[^,]*\?)",
    re.IGNORECASE,
)
_EARLIEST = re.compile(
    r"\b(earliest|first ever|original(ly)?|initial(ly)?|(was|were) the (very )?first)\b", re.IGNORECASE
)
_LEAD = 24  # characters before a date in which "before the end of" stands

# Shares of its score that evidence gains or loses. Small: they decide between sentences that are about equally good.
_FITS, _MISFITS = 1.02, 0.9
_OF_ITS_TIME = 1.01  # no date of its own, but published in the time that is asked for
_REPORTED_WITHIN = timedelta(days=90)  # after a time: figures for it are still being published
_RECENCY = 0.08  # between the newest and the oldest of the sentences that are about equally good
_EQUAL = 0.85  # share of the best score from which a sentence is about equally good


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeIntent:
    """The time that a question is about: the days from `first` to `last`, or the newest or earliest there is."""

    kind: Literal["period", "newest", "earliest"]
    first: str = _BEGINNING
    last: str = _END


def time_intent(question: str) -> TimeIntent | None:
    """The time that a question names, or None; several dates count from the first to the last."""
    dates = without_title_years(question, dates_in(question))
    if dates:
        first, last = min(day.first for day in dates), max(day.last for day in dates)
        lead = question[max(0, dates[0].start - _LEAD) : dates[0].start]
        if _BEFORE.search(lead):
            day_before = (date.fromisoformat(first) - timedelta(days=1)).isoformat()
            return TimeIntent(kind="period", last=last if _INCLUSIVE.search(lead) else day_before)
        if _AFTER.search(lead) and len(dates) == 1:
            return TimeIntent(kind="period", first=first)
        return TimeIntent(kind="period", first=first, last=last)
    if _NEWEST.search(question):
        return TimeIntent(kind="newest")
    return TimeIntent(kind="earliest") if _EARLIEST.search(question) else None


def prefer_time(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Evidence ranked again, what fits the time of the question first among about equally good sentences.

    A sentence fits by its own dates, else by the date of the publication that it was drawn from.
    """
    intent = time_intent(question)
    if intent is None or not evidence:
        return list(evidence)
    if intent.kind == "period":
        factors = [_fit(item, intent) for item in evidence]
    else:
        factors = _by_age(evidence, newest_first=intent.kind == "newest")
    weighed = [replace(item, score=item.score * factor) for item, factor in zip(evidence, factors, strict=True)]
    return sorted(weighed, key=lambda item: (-item.score, item.passage.rank, item.start))


def as_of(citations: Iterable[Citation]) -> str | None:
    """The date of the newest source, as precise as it is known: of the quoted publication, else of the document.

    Where the publication is another than the document's and has no date, the newest date in the quoted words tells more
    than that of the document, which may be much younger than what it draws from.
    """
    known = [(bounds[1], day) for day in map(_date_of, citations) if day and (bounds := date_bounds(day))]
    return max(known, default=(None, None))[1]


def _date_of(citation: Citation) -> str | None:
    if citation.origin is None or citation.origin.date:
        return citation.origin.date if citation.origin else citation.date
    limit = (date_bounds(citation.date or "") or (_BEGINNING, _END))[1]
    said = [
        (day.last, day.date)
        for day in without_title_years(citation.quote, dates_in(citation.quote))
        if day.last <= limit
    ]
    return max(said)[1] if said else citation.date


def _fit(item: Evidence, intent: TimeIntent) -> float:
    own = without_title_years(item.text, dates_in(item.text))
    if any(intent.first <= day.last and day.first <= intent.last for day in own):
        return _FITS
    if own:
        return _misfit(own, intent)
    published = _published(item)
    return _OF_ITS_TIME if published and intent.first <= published[1] and published[0] <= intent.last else 1.0


def _misfit(own: Sequence[DateMention], intent: TimeIntent) -> float:
    """The factor of a sentence whose dates lie outside; one of soon after may report on the time that is asked for."""
    if intent.first == _BEGINNING or max(day.last for day in own) < intent.first:
        return _MISFITS
    if intent.last == _END:
        return 1.0
    soon = (date.fromisoformat(intent.last) + _REPORTED_WITHIN).isoformat()
    return _FITS if any(intent.last < day.first and day.last <= soon for day in own) else 1.0


def _by_age(evidence: Sequence[Evidence], *, newest_first: bool) -> list[float]:
    """A factor for each sentence that is about as good as the best, by its place in the order of dates."""
    floor = max(item.score for item in evidence) * _EQUAL
    ages = {id(item): _when(item, newest_first=newest_first) for item in evidence if item.score >= floor}
    days = sorted({day for day in ages.values() if day})
    steps = max(1, len(days) - 1)
    factors = []
    for item in evidence:
        day = ages.get(id(item))
        place = days.index(day) / steps if day else 0.0
        gain = (place if newest_first else 1 - place) if day else 0.0
        factors.append(1 + _RECENCY * gain)
    return factors


def _when(item: Evidence, *, newest_first: bool) -> str | None:
    """The day that a sentence speaks of: its newest (or earliest) date up to its publication, else that."""
    published = _published(item)
    limit = published[1] if published else _END
    days = [mention.first for mention in dates_in(item.text) if mention.first <= limit]
    if days:
        return max(days) if newest_first else min(days)
    return published[0] if published else None


def _published(item: Evidence) -> tuple[str, str] | None:
    document = item.passage.document
    origin = document.origin_at(item.start, item.end)
    return date_bounds((origin.date if origin else None) or document.date or "")
