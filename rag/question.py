"""What a question asks for, and whether a sentence offers that kind of thing."""

from __future__ import annotations

import re
from typing import Literal

from rag.lexical import terms

__all__ = [
    "Expected",
    "asked_words",
    "asks_for_several",
    "asks_why",
    "expected_answer",
    "gives_reason",
    "named_versions",
    "number_spans",
    "offers",
]

Expected = Literal["money", "amount", "date", "person", "any"]

_AMOUNT = re.compile(
    r"\bhow (many|much|long|old|far|large|big|tall|often|high|fast|expensive)\b"
    r"|\b(what|which) (percent|percentage|number|share|amount|proportion|price|valuation|score|rate)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"\bhow (much|expensive)\b.*\b(lose|lost|cost|costs|pay|paid|spend|spent|raise|raised|worth|invest|invested|"
    r"earn|earned|charge|charged|fund|funding|revenue|money|owe|valued?)\b"
    r"|\b(what|which) (price|valuation|revenue|salary|budget)\b|\b(what|how high) (is|was|were) the (price|cost|"
    r"valuation|revenue|salary|budget)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\bwhen\b|\b(what|which) (year|date|month|day|century|decade|quarter)\b|\bsince what\b", re.IGNORECASE
)
_PERSON = re.compile(r"\bwho(m|se)?\b|\bwhich (person|analyst|executive|official|ceo)\b", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(list|compare|comparison|versus|vs|differ|difference|which (companies|models|labs|countries|firms|agencies|"
    r"states|chips|laws|bills|measures)|what (are|were)|who (are|were)|why|how (do|does|did|has|have|is|are)|"
    r"summari[sz]e|overview|explain|describe|both|each|reasons?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|"
    r"billions?|trillions?|half|thirds?|quarters?|double|triple|twice)\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(
    r"[$€£¥]\s?\d|\d[\d.,]*\s?(thousand|million|billion|trillion|bn|m)?\s?(dollars?|euros?|pounds?|yuan|yen|RMB|won)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(1[0-9]|20)\d\d\b|\b(January|February|March|April|May|June|July|August|September|October|November|"
    r"December)\b|\bcentur(y|ies)\b"
)
_QUESTION_WORD = re.compile(
    r"\b(how (many|much|long|old|far|large|big|high|often|tall|fast|soon|close)|which|what|whose|whom?|when|where|why|"
    r"how)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\bwhy\b|\bwhat made\b|\bfor what reason\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(because|since|due|owing|reasons?|caus\w+|so that|in order|explain\w*|therefore|blam\w+|for lack|over|after|"
    r"to (avoid|protect|prevent|limit|hold|keep))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[.,’'-][^\W_]+)*")
_SMALL_WORD = re.compile(
    r"did|does|do|is|are|was|were|has|have|had|will|would|can|could|should|may|might|of|in|on|at|for|to|by|from|with|"
    r"that|than|as|after|before|since|under|it",
    re.IGNORECASE,
)
_SAYS_NOTHING = frozenset(terms("number amount figure reported reportedly according exactly roughly say says said"))
_MAX_ASKED = 3  # words
_COUNTED = re.compile(
    r"[$€£¥]?\d[\d.,]*\d%?|[$€£¥]?\d%?|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|"
    r"hundreds?|thousands?|millions?|billions?|trillions?|half|thirds?|quarters?|double|triple|twice)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(19|20)\d\d")
_VERSION = re.compile(
    r"\b(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|In|Since|By|Until|"
    r"After|Before|Of|Over|About|Only|Nearly|Q)\b)(?P<name>[A-Z][A-Za-z]+)[- ](?P<number>\d{1,3}(?:\.\d+)?)"
    r"(?![\w,%]|\.\d| (?:per|[a-z]+s\b|percent|[mbt]r?illion|GW|TWh))"
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]+")


def expected_answer(question: str) -> Expected:
    """The kind of thing that a right answer must contain."""
    if _MONEY.search(question):
        return "money"
    if _AMOUNT.search(question):
        return "amount"
    if _DATE.search(question):
        return "date"
    return "person" if _PERSON.search(question) else "any"


def asks_for_several(question: str) -> bool:
    """Whether the question asks for a list, a comparison, reasons or a description rather than one fact."""
    return expected_answer(question) == "any" and bool(_SEVERAL.search(question))


def asks_why(question: str) -> bool:
    """Whether the question asks for a reason."""
    return bool(_WHY.search(question))


def named_versions(question: str) -> list[tuple[str, str]]:
    """The numbered products that a question names, as (name, number): Llama 5, GPT-5.5, CloudMatrix 384; no dates."""
    return [(match["name"], match["number"]) for match in _VERSION.finditer(question)]


def gives_reason(sentence: str) -> bool:
    """Whether the sentence has a word that introduces a reason."""
    return bool(_REASON.search(sentence))


def asked_words(question: str) -> list[tuple[int, int]]:
    """Where the words stand that say what is asked for: of "How many weekly rides did Waymo make?", "weekly rides".

    They follow the question word, up to a name or, once there is one, a small word; none where there is no
    question word.
    """
    opening = _QUESTION_WORD.search(question)
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(question, opening.end()) if opening else ():
        word = match[0]
        is_name = any(letter.isupper() or letter.isdigit() for letter in word)
        if is_name or _SMALL_WORD.fullmatch(word):
            if spans:
                break
        elif set(terms(word)) - _SAYS_NOTHING:
            spans.append(match.span())
            if len(spans) == _MAX_ASKED:
                break
    return spans


def number_spans(text: str) -> list[tuple[int, int]]:
    """Where numbers stand, in digits or words; years are none."""
    return [match.span() for match in _COUNTED.finditer(text) if not _YEAR.fullmatch(match[0])]


def offers(sentence: str, expected: Expected, question: str) -> float:
    """1 if the sentence has the expected kind of thing, 0 if not, 0.5 if anything may do."""
    if expected == "money":
        return float(bool(_CURRENCY.search(sentence)))
    if expected == "amount":
        return float(bool(_NUMBER.search(sentence)))
    if expected == "date":
        return float(bool(_TIME.search(sentence)))
    if expected == "person":
        asked = question.casefold()
        return float(any(name.casefold() not in asked for name in _NAME.findall(sentence)))
    return 0.5
