"""Reads quantities out of text: money, shares, durations, power, computing, counts of things.

Amounts that are written differently compare by value and unit: `$589bn` is 589e9 USD, `two weeks` is 14 days. A number
in a name (GPT-4, H200, Section 232, 01.AI) is no quantity, and neither is a date: see `rag.dates`.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from rag import units
from rag.dates import dates_in
from rag.lexical import terms
from rag.units import Bound, any_of

__all__ = ["Quantity", "quantities", "same_value"]

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_WORD_NUMBER = rf"(?:(?:{any_of(units.TENS)})(?:[\s-](?:{any_of(units.ONES)}))?|{any_of(units.NUMBER_WORDS)})\b"
_ANY_NUMBER = (
    rf"(?:{_DIGITS}|{_WORD_NUMBER}(?:[\s-]and[\s-]a[\s-]half\b)?|an?(?=\s(?:{any_of(units.SCALES)})\b)"
    r"|half\san?(?=\s(?:dozen|million|billion|trillion|day|year|decade)\b))"
)
_NUMBER = re.compile(rf"(?<![\w.,:/^+])(?<![^\W\d_]-){_ANY_NUMBER}", re.IGNORECASE)
_SCALE = re.compile(
    rf"[\s-](?P<word>{any_of(units.SCALES)})\b|\s?(?P<short>bn|mn|trn|tn)\b|(?P<glued>[kmbt])\b(?!/)", re.IGNORECASE
)
_RANGE = re.compile(
    rf"(?P<percent>%)?(?:\s?[-–—]\s?|\s(?P<joint>to|or|and)\s)(?:{any_of(units.SYMBOLS)})?(?P<number>{_ANY_NUMBER})",
    re.IGNORECASE,
)
_SYMBOL = re.compile(rf"(?<![\w$])(?P<symbol>{any_of(units.SYMBOLS)})\s?$")
_UNIT = re.compile(rf"[\s-]?(?P<unit>{any_of(units.UNITS)})(?:(?<=%)|s?(?P<rate>/s)?(?!\w))|(?P<x>x)\b", re.IGNORECASE)
_PER = re.compile(
    rf"\s(?:an?|each|every)\s(?P<period>{any_of(units.DAYS)}|quarter)\b(?!\s(?:ago|earlier|later|before|after))"
    rf"|/(?P<short>{any_of(units.DAYS)})\b"
    r"|\sper\s(?P<base>(?:\d+(?:,\d{3})*\s|thousand\s|million\s|billion\s)?(?:input\s|output\s)?[^\W\d_]+)",
    re.IGNORECASE,
)
_HEDGE = re.compile(rf"(?<!\w)(?:(?P<hedge>{any_of(units.HEDGES)})\s?|(?P<lead>from|between)\s)$", re.IGNORECASE)
_LOOK_BACK = 24  # characters before a number that may hold its hedge, its currency, or the name that it belongs to
_NAME_BEFORE = re.compile(r"(?P<word>[^\W_][\w.’'-]*)\s$")
_NAME_AFTER = re.compile(rf"\w|[/.:]\w|-[A-Z](?![A-Z])|(?:[-–]\d+)?\s(?:{any_of(filter(None, month_name))})\b")
_WORD = re.compile(r"[^\W\d_][\w’']*")
_NOUNS = re.compile(r"(?:[\s-][^\W\d_][\w’']*){1,5}")
_FRACTION = re.compile(
    rf"(?<![\w-])(?:(?P<n>an?|{any_of(units.ONES)})[\s-](?P<part>{any_of(units.FRACTIONS)})"
    r"(?:(?<=third)s\b|s(?=\sof\b)|(?=\s(?:of|as)\b))(?!\sof\s\d)"
    r"|(?<!first )(?<!second )(?<!a )half(?=\s(?:of|the|its|their|as|all)\b)"
    rf"|(?P<some>{any_of(units.ONES)}|[1-9])\s(?:in|out\sof)\s(?P<all>{any_of(units.ONES)}|ten|10)\b(?![-%]|\.\d))",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(
    rf"\b(?:(?P<word>{any_of(units.MULTIPLES)})\b(?!-)|(?P<n>{any_of(units.NUMBER_WORDS)})-?fold\b)", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An amount at text[start:end], its hedge included ("nearly $600 billion").

    `value`, and `high`, the upper end of a range (else the same), are in `unit`: a currency code, "percent",
    "percentage point", "day" (all durations), "W", "Wh", "FLOPS", "B", "m", "kg", "times" (multiples), the stem of the
    noun that is counted, or "". A rate has its base after a slash: "USD/month". `shown` is the place value of the last
    digit that is written (0.1e9 in $589.0 billion), `rounded` that of the last one which is not zero.
    """

    value: float
    high: float
    unit: str
    start: int
    end: int
    text: str
    approximate: bool = False
    bound: Bound = ""
    shown: float = 1.0
    rounded: float = 1.0


@dataclass(frozen=True, slots=True)
class _Number:
    low: float
    high: float
    end: int
    scale: float = 1.0
    glued: bool = False  # scale as a letter: 671B


def quantities(text: str) -> list[Quantity]:
    """The quantities in a text, in order, never overlapping.

    >>> [(found.value, found.unit) for found in quantities("GPT-4 cost over $63 million in 2023, and 3 weeks.")]
    [(63000000.0, 'USD'), (21.0, 'day')]
    """
    found = [*_fractions(text), *_multiples(text)]
    spans = [(item.start, item.end) for item in found] + [(item.start, item.end) for item in dates_in(text)]
    taken = {at for span in spans for at in range(*span)}
    position = 0
    while match := _NUMBER.search(text, position):
        quantity = None if match.start() in taken else _read(text, match, taken)
        position = max(match.end(), quantity.end if quantity else 0)
        if quantity and quantity.start not in taken:
            found.append(quantity)
    return sorted(found, key=lambda quantity: quantity.start)


def same_value(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities may be the same amount, up to the rounding that their digits and hedges show.

    "$593.7 billion" is "nearly $600 billion" but not "$589 billion"; "two to three months" is "three months".
    """
    if one.unit != other.unit:
        return False
    low, high = sorted((one, other), key=lambda quantity: quantity.value)
    gap = high.value - low.high
    if gap <= max(low.shown, high.shown) * 0.501:  # half of the last digit, and the noise of floating point
        return True
    if (low.bound == "over" or high.bound == "under") and high.value <= 2 * low.high:
        return True
    tolerance = 0.1 if one.approximate or other.approximate else 0.025
    return gap <= max(low.rounded, high.rounded) * 0.501 and gap <= tolerance * abs(high.value)


def _read(text: str, match: re.Match[str], taken: Container[int]) -> Quantity | None:
    """The quantity around a number, or None where the number belongs to a name or counts nothing."""
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    symbol = _SYMBOL.search(before)
    before = before[: symbol.start()] if symbol else before
    hedge = _HEDGE.search(before)
    number = _number(text, match, taken, lead=(hedge["lead"] or "").casefold() if hedge else "")
    if number is None:
        return None
    unit, factor, end = _measured(text, number.end, units.SYMBOLS[symbol["symbol"]] if symbol else "")
    if not unit:
        if _is_name(text, match, before, number):
            return None
        unit, end = _noun(text, end)
        if not unit and number.scale == 1 and not match[0][0].isdigit():
            return None
    if per := _PER.match(text, end):
        unit, end = f"{unit}/{_base(per)}", per.end()
    word = " ".join((hedge["hedge"] or "").casefold().split()) if hedge else ""
    bound = units.HEDGES.get(word, "")
    start = match.start() - (len(symbol[0]) if symbol else 0)
    if hedge and word and not (word == "over" and unit == "day"):  # "over three years" is "during"
        start -= len(hedge[0])
    else:
        word, bound = "", ""
    factor *= number.scale
    shown, rounded = (place * factor for place in _places(match[0]))
    return Quantity(
        value=number.low * factor,
        high=number.high * factor,
        unit=unit,
        start=start,
        end=end,
        text=text[start:end],
        approximate=bool(word),
        bound=bound,
        shown=shown,
        rounded=rounded,
    )


def _number(text: str, match: re.Match[str], taken: Container[int], *, lead: str) -> _Number | None:
    """The number or range that begins with the match; `lead` is the word before it, if that is from or between.

    None where the range ends in a date ("between 7 and 24 April 2026").
    """
    low = _value(match[0])
    number = _scaled(text, low, low, match.end())
    other = _RANGE.match(text, number.end)
    if other is None:
        return number
    if other.start("number") in taken:
        return None
    joint = (other["joint"] or "").casefold()
    if (joint == "to" and lead == "from") or (joint == "and" and lead != "between"):
        return number  # "from 10 to 20" is a change, "10 and 20" are two amounts
    if other["percent"] and text[other.end() : other.end() + 1] != "%":
        return number
    high = _scaled(text, 0.0, _value(other["number"]), other.end())
    if number.scale == 1 and high.scale > 1:
        number = replace(number, scale=high.scale)
    if high.high * high.scale <= low * number.scale or _NAME_AFTER.match(text, high.end):
        return _scaled(text, low, low, match.end())
    return _Number(low, high.high * high.scale / number.scale, high.end, number.scale, number.glued)


def _scaled(text: str, low: float, high: float, end: int) -> _Number:
    scale, glued = 1.0, False
    for _ in range(2):  # "two hundred thousand"
        if glued or not (match := _SCALE.match(text, end)):
            break
        scale *= (
            units.SCALES[match["word"].casefold()] if match["word"] else units.SUFFIXES[match[0].strip().casefold()]
        )
        end, glued = match.end(), bool(match["glued"])
    return _Number(low, high, end, scale, glued)


def _measured(text: str, end: int, currency: str) -> tuple[str, float, int]:
    """Unit, factor to the base unit, and end of a quantity; the unit is "" where it is not a measure."""
    match = _UNIT.match(text, end)
    if match is None:
        return currency, 1.0, end
    unit, factor = units.UNITS["times" if match["x"] else " ".join(match["unit"].casefold().split())]
    if currency:
        return currency, 1.0, match.end() if unit == currency else end
    return unit + ("/s" if match["rate"] else ""), factor, match.end()


def _is_name(text: str, match: re.Match[str], before: str, number: _Number) -> bool:
    """Whether a number without a unit is part of a name: Section 232, Gemini 2.5 models, Ascend 910B, 01.AI, 4o."""
    if _NAME_AFTER.match(text, number.end):
        return True
    if "," in match[0] or (number.scale > 1 and not number.glued):
        return False
    named = _NAME_BEFORE.search(before)
    if named is None or not match[0][0].isdigit() or named["word"].endswith(("'s", "’s")):
        return False
    word = named["word"].rstrip(".")
    if _noun(text, number.end)[0] in ("token", "paramet"):
        return False
    return word.casefold() in units.LABELS or ((word[0].isupper() or word[-1].isdigit()) and bool(terms(word)))


def _noun(text: str, end: int) -> tuple[str, int]:
    """The stem of what is counted and where it ends: the first plural, or the first name with a digit (`H100s`)."""
    run = _NOUNS.match(text, end)
    for word in _WORD.finditer(run[0]) if run else ():
        plain = word[0].casefold()
        if plain in units.NO_NOUNS or plain.endswith(("'s", "’s")):
            break
        is_plural = plain.endswith("s") and len(plain) > 3 and not plain.endswith(("ss", "us", "is"))
        is_joined = word.start() == 1 and text[end] == "-"  # 100,000-GPU cluster
        if is_plural or is_joined or plain in units.COLLECTIVES or any(char.isdigit() for char in plain):
            return _stem(plain), end + word.end()
    return "", end


def _stem(word: str) -> str:
    plain = word.removesuffix("s") if any(char.isdigit() for char in word) else word
    return next(iter(terms(plain)), plain)


def _base(per: re.Match[str]) -> str:
    words = (per["period"] or per["short"] or per["base"]).casefold().split()
    return " ".join([*words[:-1], _stem(words[-1])])


def _value(written: str) -> float:
    plain = re.sub(r"[\s-]", " ", written.casefold())
    if plain[0].isdigit():
        return float(plain.replace(",", ""))
    if plain.startswith("half"):
        return 0.5
    half = 0.5 if plain.endswith("and a half") else 0.0
    words = plain.removesuffix(" and a half").split()
    return sum(units.NUMBER_WORDS.get(word, 1) for word in words) + half


def _places(written: str) -> tuple[float, float]:
    """Place value of the last digit written, and of the last one that is not zero: (1, 100) for "600"."""
    value = _value(written)
    decimals = len(written.partition(".")[2]) if written[0].isdigit() else len(f"{value:g}".partition(".")[2])
    digits = f"{value:.{decimals}f}".replace(".", "")
    zeros = len(digits) - len(digits.rstrip("0")) if digits.strip("0") else 0
    return 10.0**-decimals, 10.0 ** (zeros - decimals)


def _fractions(text: str) -> Iterator[Quantity]:
    """Half of, two thirds of, nine in ten: as percentages."""
    for match in _FRACTION.finditer(text):
        if match["all"]:
            share = _value(match["some"]) / _value(match["all"])
        else:
            share = _value(match["n"] or "one") * units.FRACTIONS[(match["part"] or "half").casefold()]
        if share <= 1:
            yield _exact(match, share * 100, "percent")


def _multiples(text: str) -> Iterator[Quantity]:
    """Twice, doubled, fourfold."""
    for match in _MULTIPLE.finditer(text):
        value = (
            units.MULTIPLES[match["word"].casefold()]
            if match["word"]
            else float(units.NUMBER_WORDS[match["n"].casefold()])
        )
        yield _exact(match, value, "times")


def _exact(match: re.Match[str], value: float, unit: str) -> Quantity:
    return Quantity(value=value, high=value, unit=unit, start=match.start(), end=match.end(), text=match[0])
