"""Of what a figure is: a day or a month, each or all together, the first or the second, the whole year or a part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.lexical import terms
from rag.quantities import Quantity
from rag.sentences import sentence_spans
from rag.verification.readings import base_of, is_measure, quantities_of
from rag.verification.verdict import Finding

__all__ = ["check_rates"]

_PERIODS = {
    "second": r"(?:per|a|each|every)\ssecond|(?<=[A-Za-z])/s",
    "minute": r"(?:per|a|each|every)\sminute",
    "hour": r"hourly|(?:per|an|each|every)\shour",
    "day": r"daily|(?:per|a|each|every)\sday",
    "week": r"weekly|(?:per|a|each|every)\sweek",
    "month": r"monthly|(?:per|a|each|every)\smonth",
    "quarter": r"quarterly|(?:per|each|every)\squarter",
    "year": r"yearly|annual\w*|(?:per|a|each|every)\syear",
    "once": r"one-time|one-off|single\spayment",
}
_NOT_AFTER = "".join(
    rf"(?<!{word}\s)" for word in ("within", "in", "over", "for", "under", "than", "least", "half", "of", "about")
)
_PERIOD = re.compile(
    "|".join(
        rf"(?:\b|(?=/)){_NOT_AFTER}(?P<{name}>(?:{pattern}))\b(?!\s(?:ago|earlier|later|before|after|ahead|older|long))"
        for name, pattern in _PERIODS.items()
    ),
    re.I,
)
_PER = re.compile(
    r"\b(?:per|each|every)\s(?P<base>(?:thousand|million|billion|hundred|megawatt|gigawatt|kilowatt|terawatt)\w*)\b",
    re.I,
)
_FOR = re.compile(r"\bfor\san?\s(?P<base>thousand|million|billion)\b", re.I)
_EACH = re.compile(
    r"\b(?:each|apiece|individually|respectively|every one|per\s(?:company|customer|firm|campaign|person|head|unit))\b",
    re.I,
)
_TOGETHER = re.compile(
    r"\b(?:between\s(?:them|the\s(?:two|three|four|five))|combined|together|altogether|in\stotal|in\sall|jointly|"
    r"joint|collectively|overall|as\sa\swhole|a\stotal\sof)\b",
    re.I,
)
_ORDINAL = re.compile(
    r"\b(?P<rank>first|second|third|fourth|fifth|sixth|last|final)[\s-](?:of\s(?:the\s)?)?"
    r"(?P<noun>(?:[A-Za-z\"“'-]+\s){0,2}?[a-z]{4,})\b"
)
_WHOLE = re.compile(r"\b(?:whole|entire|full|all)\s(?:of\s)?(?:the\s)?(?:year|\d{4})\b", re.I)
_PART = re.compile(
    r"\bfirst\s(?:(?:two|three|four|five|six|seven|eight|nine|ten|eleven)\smonths|half|quarter|three\squarters)\b", re.I
)
_VAGUE = re.compile(
    r"(?<![\w-])(?:second|minute|hour|day|week|month|year|decade)s\b"
    r"(?=\s(?:before|after|ago|earlier|later|ahead|behind)|[.,;”\"]|$)",
    re.I,
)
_SPREAD = re.compile(r"\bon average|averag\w+|works? out", re.I)  # worked out from a total
_NEAR = 70  # characters of a sentence around an amount in which its period stands
_ROUNDING = 0.005
_SMALL = 12  # a count of who or what shares an amount


def check_rates(claim: str, stretch: str) -> Finding | None:
    """An amount that the claim gives for another period or number of things than the stretch."""
    for wanted, other, sentence in _shared(claim, stretch):
        period = _other_period(_period(wanted, claim), _period(other, sentence) or _periods(stretch), claim)
        if period:
            return Finding(f"the passage does not give {wanted.text.strip()} {period}")
        text = other.text.strip()
        if _turns(_WHOLE, _PART, claim, sentence):
            return Finding(f"the passage gives {text} only for a part of the year")
        if _bases(claim) and _bases(sentence) and not _bases(claim) & _bases(sentence):
            return Finding(f"the passage gives {text} per {min(_bases(sentence))}")
        if not is_measure(wanted) and wanted.value <= _SMALL:
            continue
        if _turns(_EACH, _TOGETHER, claim, sentence):
            return Finding(f"the passage gives {text} together")
        if _turns(_TOGETHER, _EACH, claim, sentence):
            return Finding(f"the passage gives {text} for each")
    return _other_unit(claim, stretch) or _misplaced(claim, stretch)


def _turns(one: re.Pattern[str], other: re.Pattern[str], claim: str, sentence: str) -> bool:
    """Whether the claim says the one and the sentence the other, neither of them both."""
    said, given = (bool(one.search(text)) - bool(other.search(text)) for text in (claim, sentence))
    return said == 1 and given == -1


def _other_period(said: set[str], given: set[str], claim: str) -> str:
    """A period that the claim has and the stretch has not, in words."""
    if not said or said & given or (not given and _SPREAD.search(claim)):
        return ""
    period = min(said)
    return period if period == "once" else f"a {period}"


def _other_unit(claim: str, stretch: str) -> Finding | None:
    """Hours that the stretch has as days, where neither says how many."""
    said, given = _vague(claim), _vague(stretch)
    if said and given and not said & given:
        return Finding(f"the passage speaks of {min(given)}, not of {min(said)}")
    return None


def _vague(text: str) -> set[str]:
    counted = [(item.start, item.end) for item in quantities_of(text)]
    return {
        match[0].casefold()
        for match in _VAGUE.finditer(text)
        if not any(start < match.end() and match.start() < end for start, end in counted)
    }


def _shared(claim: str, stretch: str) -> Iterator[tuple[Quantity, Quantity, str]]:
    """Amounts that both texts give, and the sentence of the stretch."""
    for start, end in sentence_spans(stretch, 0, len(stretch)):
        sentence = stretch[start:end]
        for wanted in quantities_of(claim):
            for other in quantities_of(sentence):
                if base_of(wanted) != "day" and abs(wanted.value - other.value) <= _ROUNDING * wanted.value:
                    yield wanted, other, sentence


def _period(quantity: Quantity, text: str) -> set[str]:
    """The periods that are named around an amount."""
    return _periods(text[max(0, quantity.start - _NEAR) : quantity.end + _NEAR])


def _periods(text: str) -> set[str]:
    return {str(match.lastgroup) for match in _PERIOD.finditer(text)}


def _bases(text: str) -> set[str]:
    return {m["base"].casefold().rstrip("s") for pattern in (_PER, _FOR) for m in pattern.finditer(text)}


def _misplaced(claim: str, stretch: str) -> Finding | None:
    """Something that the claim has first and the stretch second."""
    given = list(_ranks(stretch))
    for rank, noun in _ranks(claim):
        others = {other for other, same in given if same == noun}
        if others and rank not in others:
            return Finding(f"the passage calls it the {min(others)}, not the {rank}")
    return None


def _ranks(text: str) -> Iterator[tuple[str, str]]:
    for match in _ORDINAL.finditer(text):
        for stem in terms(match["noun"]):
            yield match["rank"].replace("final", "last"), stem
