"""How a sentence names things: the edition that it means, names said twice, and names that only a heading has."""

from __future__ import annotations

import re
from calendar import month_name

from rag.verification.names import PRONOUN, missing_names, names_in
from rag.verification.verdict import Finding

__all__ = ["check_editions", "check_heading_names", "check_repeats"]

_NO_TITLE = "|".join(["In", "By", "Since", "Until", "For", "From", "Of", "During", "The", *filter(None, month_name)])
_EDITION = re.compile(
    rf"\b(?P<name>(?!(?:{_NO_TITLE})\b)[A-Z]\w*(?:\s(?!(?:{_NO_TITLE})\b)[A-Z]\w*)*)\s(?P<year>(?:19|20)\d\d)\b"
)


def check_editions(claim: str, stretch: str, heading: str) -> Finding | None:
    """The claim names one year's edition of something, the passage another's: AI Index 2025 for AI Index 2026."""
    text = f"{heading}\n{stretch}"
    for match in _EDITION.finditer(claim):
        years = set(re.findall(rf"\b{re.escape(match['name'])}\s((?:19|20)\d\d)\b", text))
        if years and match["year"] not in years:
            return Finding(f"the passage speaks of {match['name']} {min(years)}")
    return None


def check_repeats(claim: str, stretch: str) -> Finding | None:
    """The claim has a name twice that the stretch has once: it then stands for somebody else, or says nothing."""
    names = [name.text for name in names_in(claim)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        if len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", stretch)) == 1 and not PRONOUN.search(stretch):
            return Finding(f"the passage names {name} once")
    return None


def check_heading_names(claim: str, stretch: str, heading: str) -> Finding | None:
    """A name of the claim stands in the heading alone, while the stretch is about somebody else."""
    missing = missing_names(claim, stretch)
    if not missing or missing_names(claim, f"{heading}\n{stretch}") or PRONOUN.search(stretch):
        return None
    others = missing_names(stretch, claim)
    return Finding(f"the passage says this of {others[0].text}, not of {missing[0].text}") if others else None
