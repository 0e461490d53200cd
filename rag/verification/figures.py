"""Do the quantities and dates of a sentence stand in what supports it?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import isclose

from rag.quantities import Quantity, same_value
from rag.verification.arithmetic import follows
from rag.verification.bounds import bound_of, check_bounds
from rag.verification.dating import missing_dates
from rag.verification.readings import base_of, is_measure, is_physical, quantities_of
from rag.verification.verdict import Finding

__all__ = ["check_figures", "find_missing"]

_PAST = 0.1  # how far beyond “over 500” an amount may lie that it stands for, as a share
_UNIT_PRICE = re.compile(r"an?\s(?P<scale>hundred|thousand|million|billion)\b", re.I)
_LABELLED = re.compile(r"\b[A-Z][\w-]*\s$")  # the number after it is part of a name: Seed 2.0
_NUMBER, _OFTEN = re.compile(r"\d[\d.,]*\d|\d"), 3
_DESCRIBED = re.compile(r"^[a-z]+-(?!fold)[a-z]+$", re.I)  # four-legged, one-day


def check_figures(claim: str, stretch: str) -> Finding | None:
    """The first quantity or date of the claim that the stretch does not give, or gives otherwise."""
    if missing := find_missing(claim, stretch):
        return missing
    if repeated := _repeated(claim, stretch):
        return Finding(f"the passage does not give {repeated} so often")
    if turned := _turned(claim, stretch):
        return Finding(f"the passage goes from {turned[1]} to {turned[0]}, not the other way round")
    return check_bounds(claim, stretch)


def find_missing(claim: str, stretch: str) -> Finding | None:
    """The first quantity or date of the claim that the stretch does not give."""
    known = quantities_of(stretch)
    for wanted in quantities_of(claim):
        if any(_same(wanted, other, claim, stretch) for other in known) or follows(wanted, claim, stretch):
            continue
        text = wanted.text.strip()
        if not is_measure(wanted) and (wanted.value == 1 or _DESCRIBED.match(text)):
            continue
        if (scale := _UNIT_PRICE.match(text)) and re.search(rf"\bper\s{scale['scale']}\b", stretch, re.I):
            continue
        if not wanted.unit and re.search(rf"(?<![\w.]){re.escape(text)}(?![\d.]\d)", stretch):
            continue  # the number of a thing: "the 960"
        return Finding(f"the passage does not give {text}{_instead(wanted, known)}")
    for text in missing_dates(claim, stretch):
        return Finding(f"the passage does not give the date {text}")
    return None


def _same(one: Quantity, other: Quantity, claim: str, stretch: str) -> bool:
    """Whether the claim's quantity `one` may be `other`.

    Measures have the same unit; what is counted may be called by another name. One amount out of a range is not what
    the range says.
    """
    if {bound_of(one, claim), bound_of(other, stretch)} == {"over", "under"} and one.value == other.value:
        return False
    past = (other.value - one.value) * (1 if one.bound == "over" else -1)
    if one.bound and 0 <= past <= _PAST * one.value and one.rounded > other.rounded:
        return base_of(one) == base_of(other) or not (is_measure(one) or is_measure(other))
    if one.unit and is_measure(one) != is_measure(other):
        return False
    if other.high > other.value and one.high == one.value and one.value not in (other.value, other.high):
        return False
    if (
        one.high > one.value
        and other.high > other.value
        and not same_value(_end(one), replace(_end(other), unit=one.unit))
    ):
        return False
    if (is_measure(one) or is_physical(one) or is_physical(other)) and base_of(one) != base_of(other):
        return False
    if one.unit and not other.unit and _LABELLED.search(stretch[: other.start]):
        return False
    if one.shown < other.shown and not isclose(one.value, other.value):  # 17.1 is more than a source of 17 can tell
        return False
    return same_value(replace(one, bound=""), replace(other, unit=one.unit, bound=""))


def _end(quantity: Quantity) -> Quantity:
    """The upper end of a range."""
    return replace(quantity, value=quantity.high, bound="")


def _repeated(claim: str, stretch: str) -> str | None:
    """An amount of something that the claim gives twice and the stretch once, as in "5 chips were made by 5 chips".

    Or any number that the claim gives three times and more often than the stretch.
    """
    numbers, numbers_given = (Counter(_NUMBER.findall(text)) for text in (claim, stretch))
    often: str | None = next((text for text, n in numbers.items() if n >= _OFTEN and n > numbers_given[text]), None)
    if often:
        return often
    given = Counter((item.value, item.unit) for item in quantities_of(stretch))
    said = Counter((item.value, item.unit) for item in quantities_of(claim) if item.unit)
    texts = {(item.value, item.unit): item.text.strip() for item in quantities_of(claim)}
    return next((texts[amount] for amount, n in said.items() if n > 1 and given[amount] == 1), None)


def _turned(claim: str, stretch: str) -> tuple[str, str] | None:
    """Two amounts between which the claim goes one way and the stretch the other, as the claim has them."""
    given = [(first.value, last.value) for first, last in _changes(stretch)]
    for first, last in _changes(claim):
        if (last.value, first.value) in given and (first.value, last.value) not in given:
            return first.text.strip(), last.text.strip()
    return None


def _changes(text: str) -> Iterator[tuple[Quantity, Quantity]]:
    """The amounts of each "from … to …"."""
    known = quantities_of(text)
    for first, last in pairwise(known):
        if (
            re.search(r"\bfrom\s(?:[a-z]+\s){0,2}$", text[: first.start])
            and re.search(r"\bto\s(?:[a-z]+\s){0,2}$", text[first.end : last.start])
            and first.unit == last.unit
        ):
            yield first, last


def _instead(wanted: Quantity, known: Sequence[Quantity]) -> str:
    """What it gives in the same unit, if it is one thing."""
    others = {other.text.strip() for other in known if other.unit == wanted.unit}
    return f" but {others.pop()}" if len(others) == 1 else ""
