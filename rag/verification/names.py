"""The names in a sentence, and whether its support has them: acronyms, demonyms and short forms count as the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.attribution import speaker_spans
from rag.lexical import terms
from rag.verification.readings import figure_spans
from rag.verification.verdict import Finding

__all__ = [
    "OPENERS",
    "PRONOUN",
    "Name",
    "canonical",
    "check_countries",
    "check_names",
    "forms",
    "missing_names",
    "names_in",
]

_COUNTRIES = {
    "PLA": r"People['’]s Liberation Army|PLA|(?:Chinese|China['’]s) (?:army|military|armed forces)",
    "US": r"United States(?: of America)?|U\.S\.A?\.?|USA?|Americans?|America|Washington",
    "China": r"People['’]s Republic of China|PRC|China|Chinese|Beijing",
    "Britain": r"United Kingdom|U\.K\.|UK|Great Britain|Britain|British|Britons?",
    "Europe": r"European Union|EU|Europeans?|Europe",
    "Germany": r"Germany|Germans?",
    "France": r"France|French",
    "Japan": r"Japan|Japanese",
    "Korea": r"(?:South )?Koreans?|South Korea|Korea",
    "Taiwan": r"Taiwan|Taiwanese",
    "India": r"India|Indians?",
    "Russia": r"Russia|Russians?|Moscow",
    "Netherlands": r"Netherlands|Dutch",
    "Canada": r"Canada|Canadians?",
    "Italy": r"Italy|Italians?",
    "Australia": r"Australia|Australians?",
    "Singapore": r"Singapore|Singaporeans?",
}
_INSTITUTION = r"\b(?P<kept>(?:Bank|University|Academy|College|Institute|Association|Voice) of (?:China|America))"
_COUNTRY = re.compile(
    _INSTITUTION + "|" + "|".join(rf"\b(?P<{code}>{forms})(?!\w)" for code, forms in _COUNTRIES.items())
)
_COUNTRY_CODE = re.compile(rf"\b(?:{'|'.join(_COUNTRIES)})\b")
_PLURAL = re.compile(r"(?<=\d)s\b")  # H200s
_CHIEF = re.compile(r"\b[Cc]hief [Ee]xecutive(?: [Oo]fficer)?\b")
_WORD = r"(?:[A-Z][\w&’'-]*\w(?:\.\d+)?|[A-Z]\b|[a-z]+[A-Z][\w-]*|(?=\w*[A-Z])\d\w+)"
_LABEL = (
    r"(?:\s\d[\d.]*\b(?!\s(?:January|February|March|April|May|June|July|August|September|October|November|December)))?"
)
_NAME = re.compile(rf"(?<![\w-]){_WORD}(?:\s{_WORD})*{_LABEL}")
_JOINT = re.compile(rf"(?<![\w-]){_WORD}(?:\s(?:(?:for|of|and|the|on|in)\s){{0,2}}{_WORD}){{1,8}}")
PRONOUN = re.compile(
    r"\b(?:it|its|he|his|him|she|her|they|their|them|this|these|both|the (?:company|firm|group|lab|agency|model|chip|"
    r"rule|law|plan|bill|report|study|paper|survey|authors?|country|government|ministry|minister|president|chief|founder|former|"
    r"latter|two))\b",
    re.I,
)
_MIN_ROOT = 5
OPENERS = frozenset(
    """
    a an the this that these those it its he she they we his her their there here in on at by from to of for with
    without within under over after before since until during between among about around roughly nearly almost more
    less fewer most some many several few each every all both neither either no none not only just even still yet but
    and or nor so as if when while whereas although though because unlike like despite according however meanwhile
    then later earlier today what which who whose where how why such any another other others half nobody nothing
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundreds thousands rather instead overall once
    against across through up down out off per via approximately somewhere someone researchers analysts officials
    yesterday nowhere just going far top leading critics experts observers insiders sources detractors opponents
    supporters people companies firms users investors authors chips models lawmakers reports accounts exports draft
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
_DERIVED = re.compile(r"(?:ing|ed|er|est|ly)$")  # a participle, a comparative or an adverb rather than a name
_COMPOUND = re.compile(r"(?<=\w)-[a-z]+\b")  # Hangzhou-based, US-led
_VERB_NEXT = re.compile(
    r"\s(?:is|was|has|had|will|would|could|may|can|gave|put|said|told|made|set|took|led|sold|spent|won|lost|kept|"
    r"cut|rose|fell|went|got|held|built|bought|did|does|announced|says|uses|wants|makes|runs|owns|sells|builds|expects|holds|gets|takes|gives|\w{3,}ed)\b"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name at text[start:end]."""

    text: str
    start: int
    end: int


def canonical(text: str) -> str:
    """The text with countries, peoples and capitals under one name each, H200s as H200, a chief executive as CEO."""
    text = _CHIEF.sub("CEO", _PLURAL.sub("", text))
    return _COUNTRY.sub(lambda match: match["kept"] or str(match.lastgroup), text)


def names_in(text: str, *, known: Collection[str] = ()) -> list[Name]:
    """Runs of capitalised words, without an opening word that is only capitalised because it opens.

    Args:
        text: A sentence, or several.
        known: Names that are taken for names wherever they stand.

    >>> [name.text for name in names_in("In March Apollo Go left Wuhan.")]
    ['Apollo Go', 'Wuhan']
    """
    taken = figure_spans(text)
    found = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        if any(start < last and first < end for first, last in taken):
            words = [word for word in re.finditer(r"\S+", match[0]) if not _is_taken(start, word, taken)]
            if not words:
                continue
            start, end = start + words[0].start(), start + words[-1].end()
        if text[start:end] not in known and _opens(text, start):
            start = _after_opening(text, start, end)
        name = re.sub(r"['’]s$", "", text[start:end])
        if name and name not in _MONTH_NAMES:
            found.append(Name(name, start, start + len(name)))
    return found


def check_names(claim: str, stretch: str, heading: str, passage: str) -> Finding | None:
    """The first name of the claim that is not in the stretch, nor clearly meant by it.

    Args:
        claim: The sentence.
        stretch: What supports it.
        heading: Above the passage: names in it count as said.
        passage: Names that stand elsewhere in it are taken for meant where the stretch has a pronoun for them and
            names nobody else.
    """
    missing = missing_names(claim, f"{heading}\n{stretch}")
    for name in missing_names(claim, f"{heading}\n{passage}") if missing else []:
        return Finding(f"the passage does not name {name.text}")
    if not missing:
        return None
    sources = [stretch[start:end] for start, end in speaker_spans(stretch)]
    others = [name for name in missing_names(stretch, claim) if not any(name.text in source for source in sources)]
    if others:
        return Finding(f"the passage says this of {others[0].text}, not of {missing[0].text}")
    if not PRONOUN.search(stretch):
        return Finding(f"the passage does not say this of {missing[0].text}")
    return None


def check_countries(claim: str, sentence: str) -> Finding | None:
    """The claim is of one country, the sentence of the passage that is nearest to it names others only."""
    said, given = (set(_COUNTRY_CODE.findall(canonical(text))) for text in (claim, sentence))
    if said and given and not said & given and not PRONOUN.search(sentence):
        return Finding(f"the passage says this of {min(given)}, not of {min(said)}")
    return None


def missing_names(claim: str, text: str) -> list[Name]:
    """The names of the claim that the text does not have in any form."""
    said, known = canonical(claim), forms(text)
    meant = _spelled_out(said, known)
    return [
        name
        for name in names_in(said)
        if not any(start <= name.start and name.end <= end for start, end in meant) and not _is_known(name, known, text)
    ]


_MONTH_NAMES = frozenset(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def _is_taken(offset: int, word: re.Match[str], taken: Sequence[tuple[int, int]]) -> bool:
    return any(offset + word.start() < last and first < offset + word.end() for first, last in taken)


def _opens(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"“'(")
    return not before or before[-1] in ".!?:"


def _after_opening(text: str, start: int, end: int) -> int:
    """Where the name begins if the first word of the sentence is none, else `start`."""
    word = re.match(r"[\w-]+", text[start:end])
    if word is None:
        return start
    plain = word[0]
    inner = any(char.isupper() or char.isdigit() for char in plain[1:])
    rest = text[start + len(plain) :]
    if inner or (len(plain) == 1 and plain != "A"):
        return start
    if plain.casefold() not in OPENERS:
        goes_on = rest[:2] in ("'s", "’s") or (start + len(plain) < end and not _is_derived(plain, rest))
        if goes_on or (not plain.endswith(("s", "ly", "ing")) and _VERB_NEXT.match(rest)):
            return start
    gap = len(rest) - len(rest.lstrip())
    return min(start + len(plain) + gap, end)


def _is_derived(word: str, rest: str) -> bool:
    """Whether an opening word is no part of the name after it, as in "Keeping US chips" or "Faster AI"."""
    following = re.match(r"\s(\w+)", rest)
    return bool(_DERIVED.search(word) and following and any(c.isupper() or c.isdigit() for c in following[1][1:]))


def forms(text: str) -> set[str]:
    """The stems in a text, the acronyms of the names in it among them."""
    found = set(terms(canonical(text)))
    for match in _JOINT.finditer(text):
        initials = "".join(word[0] for word in re.findall(r"\w+", match[0]) if word[0].isupper()).casefold()
        found |= {initials[first : last + 1] for first, last in combinations(range(len(initials)), 2)}
    return found


def _is_known(name: Name, known: set[str], text: str) -> bool:
    own = set(terms(canonical(_COMPOUND.sub("", name.text))))
    missing = own - known
    return (
        not missing
        or all(_has_derived(word, known) for word in missing)
        or any(_is_short_for(word, text) for word in missing)
    )


def _has_derived(word: str, known: set[str]) -> bool:
    """Whether a text has a word made from a name, or the reverse: congressional, Parisian."""
    return len(word) >= _MIN_ROOT and any(
        len(other) >= _MIN_ROOT and (other.startswith(word) or word.startswith(other)) for other in known
    )


def _spelled_out(claim: str, known: set[str]) -> list[tuple[int, int]]:
    """Where the claim spells out an acronym of the text: Government Accountability Office for GAO."""
    spans = []
    for match in _JOINT.finditer(claim):
        words = [word for word in re.finditer(r"\w+", match[0]) if word[0][0].isupper()]
        for first, last in combinations(range(len(words)), 2):
            if "".join(word[0][0] for word in words[first : last + 1]).casefold() in known:
                spans.append((match.start() + words[first].start(), match.start() + words[last].end()))
    return spans


def _is_short_for(word: str, text: str) -> bool:
    """PwC for PricewaterhouseCoopers: the letters of the short form, in order, in one long name of the text."""
    if not 2 <= len(word) <= 5:
        return False
    for long in re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", text):
        rest = iter(long.casefold())
        if long[0].casefold() == word[0] and all(char in rest for char in word):
            return True
    return False
