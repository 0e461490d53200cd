"""Who says it: the speakers that a sentence names, and the sentence that names them where a claim leans on it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Evidence

__all__ = ["leans_for_its_speaker", "said_by", "speaker_context", "speaker_spans"]

_VERB = (
    r"(?:said|says|told|tells|wrote|writes|puts?|gives?|gave|counts?|counted|estimat(?:es?|ed)|calculat(?:es?|ed)|"
    r"comput(?:es?|ed)|finds?|found|report(?:s|ed)|argu(?:es?|ed)|claim(?:s|ed)|warn(?:s|ed)|predict(?:s|ed)|"
    r"project(?:s|ed)|forecasts?|expect(?:s|ed)|conclud(?:es?|ed)|not(?:es?|ed)|stat(?:es?|ed)|credit(?:s|ed)|added|"
    r"round(?:s|ed)|print(?:s|ed)|show(?:s|ed)?|dat(?:es|ed)|reckon(?:s|ed)?|believ(?:es?|ed)|disclosed|call(?:s|ed)|suggest(?:s|ed)|thinks?)\b"
)
_ACCORDING = (
    r"\b(?:according to|as (?:cited|reported|quoted|told|relayed) by|cited by|citing|reported by|"
    r"in the (?:view|words|opinion|estimate) of|by the (?:figures|count|estimate) of)\s[^,;.()]{2,90}"
    r"|\b(?:in|by|on)\s[A-Z][^,;.()]{1,40}['’]s\s(?:own\s)?(?:evaluation|estimate|view|count|figures|survey|list|data)\b"
    r"|\btold\s[A-Z][\w&’' ]{1,40}?(?=\s(?:in|on|at|that)\b)"
)
_OPENING = (
    r"(?:^|(?<=[,;:]\s)|(?<=\band\s)|(?<=\bthat\s))[^\W\d_][^,;:.()]{0,70}?(?:,\s[^,;:.()]{2,60},)?"
    rf"(?=\s(?:also\s|later\s|then\s)?{_VERB}|(?<=index|.data|.poll|count|study)\shas\b)"
)
_CLOSING = rf",[”\"]?\s[^,;.()]{{2,70}}?\s{_VERB}(?:\s(?:on|in)\s[^,;.()]{{3,40}})?(?=[.,;”\"]?\s*$)"
_SPEAKERS = re.compile(rf"{_ACCORDING}|{_OPENING}|{_CLOSING}", re.IGNORECASE)

_NOBODY = (  # who is named elsewhere, if at all
    r"(?:s?he|they|the (?:authors?|reports?|stud(?:y|ies)|paper|analysts?|estimate|figures?|forecast|survey|"
    r"company|firm|lab|agency|researchers?|officials?|newspaper|think tank|group|team|minister|executive|ceo|founder|"
    r"spokes\w+))"
)
_LEANING = re.compile(
    rf"^(?:(?:but|and|however,?|still,?|later,?)\s)?{_NOBODY}\s(?:also\s|later\s|then\s|themselves\s)?{_VERB}"
    rf"|[,”\"]\s(?:as\s)?{_NOBODY}\s(?:also\s)?{_VERB}(?=[^,;]{{0,40}}$)|[,”\"]\s{_VERB}\s{_NOBODY}\b"
    rf"|\baccording to {_NOBODY}\b(?!\s(?:of|by|from|at))|\bin (?:his|her|their) (?:view|opinion|words)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(estimated|forecasts?|predict(?:s|ed|ions?)|projected|expected|likely|probably|perhaps|reportedly|allegedly|alleged|"
    r"believed|thought to|seems?|appears? to)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w.&’'-]*|\b[a-z]+[A-Z]\w*")
_FUNCTION_WORDS = frozenset(
    ("The", "A", "An", "It", "He", "She", "They", "We", "This", "That", "These", "Those", "In", "On", "At", "By", "But")
)
_REACH = 3  # sentences before a claim among which its speaker is looked for


def speaker_spans(text: str) -> list[tuple[int, int]]:
    """Where a sentence names the source of what it says ("according to Omdia", "CNBC put …", "…, Reuters reported")."""
    return [match.span() for match in _SPEAKERS.finditer(text)]


def leans_for_its_speaker(text: str) -> bool:
    """Whether a sentence is a claim of somebody whom it does not name ("He said …", "…, the report found.")."""
    return bool(_LEANING.search(text))


def speaker_context(item: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentence of the same passage, at most three back, that names the speaker of this one; often none is needed.

    Where the sentences before name nobody either, the claim stands alone, and its citation tells whose it is.
    """
    if not leans_for_its_speaker(item.text):
        return []
    before = sorted(
        (other for other in evidence if other.passage is item.passage and other.end <= item.start),
        key=lambda other: -other.end,
    )
    near = [other for other in before[:_REACH] if not leans_for_its_speaker(other.text)]
    inside = [other for other in near if _names_somebody(other.text.partition(" ")[2])]  # surer than a first word
    return (inside or [other for other in near if _names_somebody(other.text)])[:1]


def said_by(item: Evidence) -> str | None:
    """The publisher to keep in view beside an opinion or an estimate that names nobody, or None."""
    if not _OPINION.search(item.text) or any(_names_somebody(item.text[a:b]) for a, b in speaker_spans(item.text)):
        return None
    document = item.passage.document
    origin = document.origin_at(item.start, item.end)
    return origin.publisher if origin else document.publisher


def _names_somebody(text: str) -> bool:
    """Whether there is a capitalised word other than an article, a pronoun or the like at the beginning."""
    return any(name not in _FUNCTION_WORDS for name in _NAME.findall(text))
