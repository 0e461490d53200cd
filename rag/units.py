"""The words and signs of quantities: numbers, scales, currencies, units, hedges."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

__all__ = [
    "COLLECTIVES",
    "CURRENCIES",
    "DAYS",
    "FRACTIONS",
    "HEDGES",
    "LABELS",
    "MULTIPLES",
    "NO_NOUNS",
    "NUMBER_WORDS",
    "ONES",
    "SCALES",
    "SUFFIXES",
    "SYMBOLS",
    "TEENS",
    "TENS",
    "UNITS",
    "Bound",
    "any_of",
]

Bound = Literal["", "over", "under"]
"""What a hedge says of an amount: nothing, at least so much ("more than"), at most so much ("up to")."""

ONES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
TEENS = {
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
NUMBER_WORDS = ONES | TENS | TEENS
FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
MULTIPLES = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "triple": 3.0, "tripled": 3.0, "quadrupled": 4.0}

SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
SUFFIXES = {"k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12, "tn": 1e12, "trn": 1e12}

SYMBOLS = {
    "$": "USD",
    "US$": "USD",
    "USD": "USD",
    "HK$": "HKD",
    "HKD": "HKD",
    "A$": "AUD",
    "C$": "CAD",
    "S$": "SGD",
    "NT$": "TWD",
    "€": "EUR",
    "EUR": "EUR",
    "£": "GBP",
    "GBP": "GBP",
    "¥": "CNY",
    "CN¥": "CNY",
    "RMB": "CNY",
    "CNY": "CNY",
    "JP¥": "JPY",
    "₩": "KRW",
    "₹": "INR",
}
CURRENCIES = {
    "us dollar": "USD",
    "dollar": "USD",
    "usd": "USD",
    "hong kong dollar": "HKD",
    "hkd": "HKD",
    "yuan": "CNY",
    "renminbi": "CNY",
    "rmb": "CNY",
    "cny": "CNY",
    "euro": "EUR",
    "eur": "EUR",
    "pound": "GBP",
    "gbp": "GBP",
    "yen": "JPY",
    "rupee": "INR",  # "won" is too often a verb
}
DAYS = {"second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12}
DAYS |= {"year": 365.25, "decade": 3652.5}

_SI = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15, "e": 1e18, "z": 1e21}
_SI_WORDS = {"kilo": 1e3, "mega": 1e6, "giga": 1e9, "tera": 1e12, "peta": 1e15, "exa": 1e18, "zetta": 1e21}
UNITS: dict[str, tuple[str, float]] = {
    "%": ("percent", 1.0),
    "percent": ("percent", 1.0),
    "per cent": ("percent", 1.0),
    "percentage point": ("percentage point", 1.0),
    "times": ("times", 1.0),
    "-fold": ("times", 1.0),
    **{name: (currency, 1.0) for name, currency in CURRENCIES.items()},
    **{name: ("day", days) for name, days in DAYS.items()},
    **{prefix + "w": ("W", factor) for prefix, factor in _SI.items()},
    **{prefix + "watt": ("W", factor) for prefix, factor in _SI_WORDS.items()},
    **{prefix + "wh": ("Wh", factor) for prefix, factor in _SI.items()},
    **{prefix + "watt-hour": ("Wh", factor) for prefix, factor in _SI_WORDS.items()},
    **{prefix + "flop": ("FLOPS", factor) for prefix, factor in (_SI | _SI_WORDS).items()},
    **{prefix + "b": ("B", factor) for prefix, factor in _SI.items()},
    **{prefix + "byte": ("B", factor) for prefix, factor in _SI_WORDS.items()},
    "nm": ("m", 1e-9),
    "nanometre": ("m", 1e-9),
    "nanometer": ("m", 1e-9),
    "mm": ("m", 1e-3),
    "km": ("m", 1e3),
    "kilometre": ("m", 1e3),
    "kilometer": ("m", 1e3),
    "metre": ("m", 1.0),
    "meter": ("m", 1.0),
    "mile": ("m", 1609.344),
    "kg": ("kg", 1.0),
    "kilogram": ("kg", 1.0),
    "tonne": ("kg", 1e3),
    "ton": ("kg", 1e3),
}

HEDGES: dict[str, Bound] = {
    **dict.fromkeys(("about", "around", "roughly", "approximately", "some", "circa", "an estimated", "~", "≈"), ""),
    **dict.fromkeys(("nearly", "almost", "close to", "just under", "just over", "just shy of"), ""),
    **dict.fromkeys(("more than", "over", "at least", "above", "upwards of", "in excess of", ">"), "over"),
    **dict.fromkeys(("less than", "fewer than", "under", "at most", "below", "up to", "as many as", "<"), "under"),
}

LABELS = frozenset(
    """section article tier level phase version chapter figure table page title no number rule part class type series
    generation room line step priority memo act top""".split()  # noqa: SIM905 - as in `rag.lexical`
)
"""Words after which a number is a name ("Section 232")."""

COLLECTIVES = frozenset(("people", "staff", "men", "women", "data", "personnel"))
"""Plurals without an s."""

NO_NOUNS = frozenset(
    """of in on at by to for from with and or as than that which who was were is are has have had will would a an the
    its their his her this these those it they he she more less per after before since until when while but not also
    each between against over under into about during through said says does goes gets makes
    """.split()  # noqa: SIM905 - as in `rag.lexical`
)
"""Words at which the noun phrase behind a number has ended."""


def any_of(words: Iterable[str]) -> str:
    r"""A pattern that matches any of the words, the longest first, spaces as `\s`."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s") for word in sorted(words, key=len, reverse=True))
