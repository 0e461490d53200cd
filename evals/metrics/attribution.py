"""Does the answer say who says it, where the source does?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evals.metrics.content import contains_form

__all__ = ["names_the_speaker", "speakers"]

_NAME = r"((?:[A-Z][\w.&’'-]*|(?<=\w )of(?= [A-Z]))(?: (?:[A-Z][\w.&’-]*|of(?= [A-Z])|and(?= [A-Z])))*)"
_VERB = (
    r"(?:said|says|told|argued|argues|claimed|claims|estimated|estimates|predicted|predicts|warned|warns|wrote|writes|"
    r"reported|reports|called|calls|put|puts|believes|thinks|expects|expected|found|finds|noted|notes|stated|states|"
    r"announced|counted|counts|concluded|reckons|reckoned|suggested|suggests|denied|denies|accused|accuses)"
)
_APPOSITION = r"(?:, [^,.]{3,80},| \([^)]{2,60}\))?"
_SPEAKERS = (
    re.compile(rf"\b[Aa]ccording to (?:the )?{_NAME}"),
    re.compile(rf"{_NAME}{_APPOSITION} (?:has |have |had |also )?{_VERB}\b"),
    re.compile(rf"\b(?:[Bb]y|[Ii]n) {_NAME}['’]s (?:count|reckoning|estimate|view|words|measure|test|evaluation)"),
)
_NOT_NAMES = frozenset("The A An In It He She They This That These Those But And By At On For".split())  # noqa: SIM905
_LEADING = re.compile(r"^(?:(?:The|A|An|In|By|At|On|For|But|And) )+")


def speakers(text: str) -> list[str]:
    """Who a text says something on the word of: names before a verb of saying, or after “according to”, in order."""
    found: dict[str, None] = {}
    for pattern in _SPEAKERS:
        for match in pattern.finditer(text):
            name = re.sub(r"['’]s$", "", _LEADING.sub("", match[1])).rstrip(".")
            if name and name not in _NOT_NAMES:
                found[name] = None
    return list(found)


def names_the_speaker(answer: str, quotes: Sequence[str]) -> tuple[float, list[str]] | None:
    """1 if the answer names a speaker whom one of the supporting quotes names, else 0; and these speakers.

    A person counts as named by the last word of the name. None if no quote names a speaker.
    """
    wanted = list(dict.fromkeys(name for quote in quotes for name in speakers(quote)))
    if not wanted:
        return None
    named = any(contains_form(answer, name) or contains_form(answer, name.split()[-1]) for name in wanted)
    return float(named), wanted
