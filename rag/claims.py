"""Reads the amount that a sentence gives, and tells whether two sentences speak of the very same thing.

Wrongly saying that sources differ is worse than missing that they do, so every doubt counts as "not the same".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from rag.attribution import speaker_spans
from rag.dates import DateMention, dates_in, without_title_years
from rag.lexical import terms
from rag.quantities import Quantity, quantities, same_value
from rag.types import Evidence

__all__ = ["DIFFERENCES", "Claim", "claims_in", "like_terms", "name_terms", "same_thing", "topic_terms"]

_SHARED = 0.5  # share of the shorter claim's attribute terms that the other must have
_FACTOR = 5.0  # values further apart than this measure different things
_MAX_AMOUNTS = 12  # a "sentence" with more is a table, in which amounts belong to rows and columns
_BREAK = re.compile(r"[,;:]\s|\s(?:and|but|while|whereas|against|compared with|versus|or|with|than)\s")
_NAME = re.compile(r"(?<![\w-])(?:[A-Z][\w&+.-]*\w|[A-Z]|[a-z]+[A-Z]\w*|\w*\d[\w.-]*[A-Za-z]\w*)")
_POSSESSIVE = re.compile(r"['’]s\b")
_TARGET = re.compile(
    r"\b(plan(s|ned)?|target(s|ed|ing)?|goals?|aim(s|ed)?|will|hop(es|ed)|intend(s|ed)?|set to|seek(s|ing)?|"
    r"want(s|ed)?|guidance|milestones?)\b",
    re.IGNORECASE,
)
_FORECAST = re.compile(
    r"\b(expect(s|ed)?|forecasts?|project(s|ed|ions?)|predict(s|ed)?|would|could|may(?!\s\d)|might|should|by 20[3-9]\d|"
    r"consensus|outlook)\b"
)
_CHANGE = re.compile(
    r"\b(up|down|rose|risen|rise|grew|grown|growth|increase[sd]?|fell|fallen|drop(s|ped)?|declined?|gain(s|ed)?|faster|"
    r"cheaper|more than double|higher than|lower than|ahead of|additional|another|added|fewer)\b",
    re.IGNORECASE,
)
_QUALIFIERS = frozenset(
    terms(
        """median average record peak total cumulative combined alone annual monthly weekly daily quarter maximum
        minimum cap ceiling lowest highest input revenue profit price valuation approved shipped ordered installed
        active registered paid net gross remaining inference"""
    )
)
_VAGUE = frozenset(
    terms(
        """make made figure number count year time somewhat slightly much larger higher lower smaller bigger later still
        also only just come amount equivalent put puts give gives gave has calls
        share percentage rate another other"""
    )
)
_LIKE = {
    **dict.fromkeys(("lost", "lose", "shed", "wipe"), "loss"),
    **dict.fromkeys(("behind", "gap", "trail"), "lag"),
    **dict.fromkeys(("sold", "sell"), "sale"),
    **dict.fromkeys(("spent", "expenditur"), "spend"),
    **dict.fromkeys(("suppli", "produc", "product"), "output"),
    **dict.fromkeys(("world", "worldwid"), "global"),
    **dict.fromkeys(("american", "america"), "us"),
    "chines": "china",
}  # stems of words that mean the same around an amount
DIFFERENCES = re.compile(r"\b(differ\w*|conflict\w*|disagree\w*|dispute\w*|rival|vary|varies|accounts)\b", re.I)
_ALWAYS = "9999-12-31"

Mode = Literal["fact", "forecast", "target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An amount, and what the words around it say of it.

    `names` are terms of names of things and people, without those of the `speakers` who only report; `attributes` are
    all content terms near the amount, `clause` those of its whole clause with speakers and dates; `period` holds the
    dates that the amount is for.
    """

    evidence: Evidence
    quantity: Quantity
    names: frozenset[str]
    speakers: frozenset[str]
    attributes: frozenset[str]
    clause: frozenset[str]
    period: tuple[DateMention, ...]
    mode: Mode
    is_change: bool

    @property
    def terms(self) -> frozenset[str]:
        """Everything that the claim speaks of."""
        return self.names | self.attributes

    @property
    def is_on_differences(self) -> bool:
        """Whether the document itself says in the heading that accounts differ."""
        return bool(DIFFERENCES.search(self.evidence.passage.chunk.heading or ""))

    @property
    def publisher(self) -> str:
        """The publication that the sentence was drawn from."""
        document = self.evidence.passage.document
        origin = document.origin_at(self.evidence.start, self.evidence.end)
        return (origin.publisher if origin else document.publisher) or document.doc_id


def claims_in(evidence: Evidence) -> list[Claim]:
    """The amounts of a sentence with what is said of each; amounts without a unit are left out."""
    text = evidence.text
    found, dates, speakers = _parts(text)
    if len(found) > _MAX_AMOUNTS:
        return []
    claims = []
    for quantity in found:
        if not quantity.unit or quantity.unit == "times":
            continue
        rivals = [other for other in found if other.unit == quantity.unit and not same_value(other, quantity)]
        start, end = _clause(text, quantity, rivals)
        comma = text.find(", ", quantity.end, end)
        near = (start, comma if comma >= 0 else end)
        gone = [(item.start, item.end) for item in found] + [(item.start, item.end) for item in dates]
        unattributed = _without(text, (start, end), [*gone, *speakers])
        claims.append(
            Claim(
                evidence=evidence,
                quantity=quantity,
                names=name_terms(unattributed) - _VAGUE,
                speakers=like_terms(_without(text, (start, end), gone)) - like_terms(unattributed),
                attributes=topic_terms(_without(text, near, [*gone, *speakers])),
                clause=like_terms(_without(text, (start, end), [])),
                period=_period(text, (start, end), dates, speakers),
                mode=_mode(text, start, end),
                is_change=bool(_CHANGE.search(text, *near)),
            )
        )
    return claims


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[tuple[Quantity, ...], tuple[DateMention, ...], tuple[tuple[int, int], ...]]:
    """Quantities, dates, and where speakers are named."""
    return tuple(quantities(text)), tuple(dates_in(text)), tuple(speaker_spans(text))


def like_terms(text: str) -> frozenset[str]:
    """Content terms, those that mean the same around an amount as one."""
    return frozenset(_LIKE.get(term, term) for term in terms(text))


def topic_terms(text: str) -> frozenset[str]:
    """Content terms without those that say nothing of a subject ("share", "figure", "gave")."""
    return like_terms(text) - _VAGUE


def name_terms(text: str) -> frozenset[str]:
    """Terms of the names in a text: words with a capital, be it the first one, or with a digit among letters."""
    return frozenset(term for match in _NAME.finditer(_POSSESSIVE.sub("", text)) for term in like_terms(match[0]))


def same_thing(one: Claim, other: Claim) -> bool:
    """Whether two claims give an amount of the very same thing; when is another matter."""
    if one.quantity.unit != other.quantity.unit or one.mode != other.mode or one.is_change != other.is_change:
        return False
    low, high = sorted((one.quantity.value, other.quantity.value))
    if low <= 0 or high > low * _FACTOR:
        return False
    if not _covers(one, other) or not _covers(other, one):
        return False
    if (one.terms ^ other.terms) & _QUALIFIERS:
        return False
    names = one.names | other.names
    mine, theirs = one.attributes - names, other.attributes - names
    if not mine or not theirs:  # "Etzioni gives the UAE 64%", where accounts are said to differ
        return bool(one.names & other.names) and (one.is_on_differences or other.is_on_differences)
    shared = mine & theirs
    return bool(shared) and len(one.terms & other.terms) >= 2 and len(shared) >= _SHARED * min(len(mine), len(theirs))


def _covers(one: Claim, other: Claim) -> bool:
    """Whether every name of the other is also in this claim."""
    return other.names <= one.names | one.attributes | one.speakers


def _mode(text: str, start: int, end: int) -> Mode:
    """Whether an amount is one that is, that somebody expects, or that somebody wants."""
    if _TARGET.search(text, start, end):
        return "target"
    return "forecast" if _FORECAST.search(text, start, end) else "fact"


def _clause(text: str, quantity: Quantity, rivals: Sequence[Quantity]) -> tuple[int, int]:
    """The stretch of the sentence that belongs to an amount, where others of the same unit stand beside it."""
    before = [rival.end for rival in rivals if rival.end <= quantity.start]
    after = [rival.start for rival in rivals if rival.start >= quantity.end]
    start = max((_break_between(text, end, quantity.start) for end in before), default=0)
    end = min((_break_between(text, quantity.end, rival) for rival in after), default=len(text))
    return start, end


def _break_between(text: str, start: int, end: int) -> int:
    """Where the last clause between two amounts begins."""
    breaks = [match.start() for match in _BREAK.finditer(text, start, end)]
    return breaks[0] if breaks else end


def _without(text: str, where: tuple[int, int], gone: Iterable[tuple[int, int]]) -> str:
    """A stretch without some spans and possessives, "United States" as "US"."""
    kept = list(text)
    for first, last in gone:
        kept[first:last] = " " * (last - first)
    return _POSSESSIVE.sub("", "".join(kept[slice(*where)])).replace("United States", "US")


def _period(
    text: str, where: tuple[int, int], dates: Sequence[DateMention], speakers: Sequence[tuple[int, int]]
) -> tuple[DateMention, ...]:
    """The dates that an amount is for: in its clause, else in its sentence, else when it was reported.

    The year of a title ("AI Index 2026") is none; "since 2023" has no end.
    """
    open_ended = [
        replace(date, last=_ALWAYS) if text[: date.start].casefold().endswith("since ") else date
        for date in without_title_years(text, dates)
    ]
    own = [date for date in open_ended if not any(first <= date.start < last for first, last in speakers)]
    near = [date for date in own if where[0] <= date.start < where[1]]
    return tuple(near or own or open_ended)
