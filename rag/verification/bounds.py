"""On which side of an amount the truth lies: over 90, just under 90, at the latest in June."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.quantities import Quantity
from rag.units import NUMBER_WORDS, SYMBOLS, Bound, any_of
from rag.verification.readings import base_of, quantities_of
from rag.verification.verdict import Finding

__all__ = ["bound_of", "check_bounds"]

_AMOUNT = re.compile(
    rf"\d|{any_of(SYMBOLS)}|\b(?:{any_of(NUMBER_WORDS)}|half|an?|(?:twi|thri)ce|doubl\w+|tripl\w+|quadrupl\w+)\b", re.I
)
_BEFORE = re.compile(
    r"""\b(?:
        (?P<most>(?:no|not|never|cannot|can['’]t|none|nor|without|hardly)\s(?:[a-z]+\s){0,2}?
            (?:more|higher|greater|larger|bigger|longer|exceed\w*|above|over|beyond|surpass\w*|pass(?:ed|ing)?)(?:\sthan)?
          |(?:less|fewer|lower|smaller|shorter|cheaper|worth\sless)\sthan|under|below|beneath|at\s(?:the\s)?most|up\sto
          |as\s(?:many|much|high)\sas|maximum\sof|capped\sat|limited\sto|nearly|almost|approaching|not\s(?:quite|yet)
          |(?:just|slightly|a\s(?:little|bit|touch))\s(?:under|below|less\sthan|fewer\sthan)|(?:just\s)?(?:shy|short)\sof)
      | (?P<least>(?:no|not|never)\s(?:[a-z]+\s)?(?:less|fewer|lower|smaller|shorter|below|under)(?:\sthan)?
          |(?:more|higher|greater|larger|bigger|longer)\sthan|over|above|beyond|exceed(?:s|ed|ing)?|topp?(?:s|ed|ing)
          |surpass(?:es|ed|ing)|pass(?:es|ed|ing)|at\s(?:the\s)?(?:very\s)?least|upwards\sof|in\sexcess\sof|north\sof
          |minimum\sof|well\s(?:over|above))
    )\s(?:(?:the|a|an|its|their|mark\sof|sum\sof)\s)?$""",
    re.I | re.X,
)
_AFTER = re.compile(
    r"^(?:\s[a-z-]+){0,2}?,?\s(?:(?P<least>or\s(?:more|above|higher|over|longer|larger)|and\s(?:more|above|up|over)|at\s(?:the\s)?least"
    r"|at\sa\sminimum)|(?P<most>or\s(?:less|fewer|below|under|lower)|at\s(?:the\s)?most|at\sa\smaximum))\b",
    re.I,
)
_LATEST = re.compile(r"\bat the latest\b|\b(?:no|not) later than\b", re.I)
_EARLIEST = re.compile(r"\bat the earliest\b|\b(?:no|not) (?:earlier|sooner) than\b|\bnot before\b", re.I)
_LOOK_BACK = 44
_ROUNDING = 0.005


def bound_of(quantity: Quantity, text: str) -> Bound:
    """Whether the text has the amount as a lower bound ("over"), an upper one ("under"), or neither."""
    amount = _AMOUNT.search(quantity.text)
    begin = quantity.start + (amount.start() if amount else 0)
    before = _BEFORE.search(text[max(0, begin - _LOOK_BACK) : begin])
    if before:
        return "under" if before["most"] else "over"
    after = _AFTER.match(text[quantity.end :])
    if after:
        return "over" if after["least"] else "under"
    return ""


def check_bounds(claim: str, stretch: str) -> Finding | None:
    """An amount that the claim has as a lower bound and the stretch as an upper one, or the reverse."""
    for wanted, others in _shared(claim, stretch):
        bound = bound_of(wanted, claim)
        given = {bound_of(other, stretch) for other in others}
        if bound and given and "" not in given and bound not in given:
            other = others[0].text.strip()
            return Finding(
                f"the passage says {other} {_in_words(bound_of(others[0], stretch))}, not {_in_words(bound)}"
            )
    for side, opposite in ((_LATEST, _EARLIEST), (_EARLIEST, _LATEST)):
        if (said := side.search(claim)) and (given_as := opposite.search(stretch)) and not side.search(stretch):
            return Finding(f"the passage says “{given_as[0]}”, not “{said[0]}”")
    return None


def _shared(claim: str, stretch: str) -> Iterator[tuple[Quantity, list[Quantity]]]:
    """The quantities that both texts write alike."""
    for wanted in quantities_of(claim):
        others = [
            other
            for other in quantities_of(stretch)
            if base_of(other) == base_of(wanted) and abs(other.value - wanted.value) <= _ROUNDING * wanted.value
        ]
        if others:
            yield wanted, others


def _in_words(bound: Bound) -> str:
    return "as a lower bound" if bound == "over" else "as an upper bound"
