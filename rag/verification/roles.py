"""Who did what to whom: names that have changed places, or stand beside another's figure or words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.attribution import leans_for_its_speaker
from rag.lexical import terms
from rag.verification.names import OPENERS, Name, canonical, forms, names_in
from rag.verification.order import PASSIVE, common_length
from rag.verification.readings import dates_of, is_measure, quantities_of
from rag.verification.stretches import main_sentence
from rag.verification.verdict import Finding

__all__ = ["check_owners", "check_roles", "check_speaker", "check_speaker_apart"]

_MORE = (
    r"ahead of|leads?|led|above|exceed\w*|overt(?:ake|ook|aken|aking)|surpass\w*|outpac\w+|outscor\w+|beats?|"
    r"outstrip\w*|(?:more|better|longer|[a-z]{3,}er)(?:\s[a-z-]+){0,8}?\sthan|in front of"
)
_LESS = r"behind|below|trail\w*|lag\w*|(?:less|fewer|lower|smaller|cheaper|worse|shorter)(?:\s[a-z-]+){0,8}?\sthan"
_COMPARISON = re.compile(rf"\b(?:(?P<less>{_LESS})|(?P<more>{_MORE}))\b", re.I)
_APPOSED = re.compile(r"(?:['’]s\s|,\s)(?:[a-z-]+\s){0,4}|\s(?:[a-z-]+\s){0,3}(?:at|of)\s", re.I)
_GAIN = 2  # words that come into line if two names change places, from which they have
_CLOSE = 0.75  # share of the claim's words in the order of the stretch, from which one word is enough
_BREAK = re.compile(r"[;:]\s|,?\s(?:but|while|although|though|whereas|because)\s|,\sand\s")
_SAYING = (
    r"(?:said|says|told(?!\s\S+(?:\s\S+){0,4}?\sto\s)|wrote|writes|estimat(?:es?|ed)|calculat(?:es?|ed)|reported|argu(?:es?|ed)|claim(?:s|ed)|"
    r"warn(?:s|ed)|predict(?:s|ed)|project(?:s|ed)|forecasts?|expect(?:s|ed)|conclud(?:es?|ed)|stat(?:es?|ed)|call(?:s|ed)|"
    r"suggest(?:s|ed)|found|complained|doubt(?:s|ed)|puts?|not(?:es?|ed))\b"
)
_SAID_BY = re.compile(
    r"\b(?:[Aa]ccording to|(?:estimated|reported|cited|counted|said|told) by|in the (?:view|opinion) of)\s"
    r"(?P<source>[^,;.]{2,70})"
    rf"|(?:^|\.\s)(?P<subject>[A-Z][^,;.]{{1,60}}?)(?:,[^,;.]{{2,60}},)?\s{_SAYING}"
    rf"|,\s(?P<after>[^,;.]{{2,60}}?)\s{_SAYING}"
)
_GOVERNED = re.compile(r"\b(?:on|in|at|for|with|under|via|through|during)\s(?:(?:the|a|an|its|their)\s)?$", re.I)
_NOBODY = frozenset(("The", "A", "An", "It", "He", "She", "They", "In", "This", "That", "Its"))
_SWAPPED = {"xonex": "xtwox", "xtwox": "xonex"}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A figure or a date: what kind it is of, its value, and where it stands."""

    kind: str
    value: float | str
    span: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two names of a claim, and where the stretch has them."""

    one: Name
    other: Name
    one_given: Name
    other_given: Name

    @property
    def turned(self) -> bool:
        """Whether they stand in the other order."""
        return self.other_given.start < self.one_given.start


def check_roles(claim: str, stretch: str) -> Finding | None:
    """Two names of the claim that have each other's place in the stretch."""
    said, given = canonical(claim), canonical(stretch)
    for pair in _shared_pairs(said, given):
        between = said[pair.one.end : pair.other.start]
        first, last = sorted((pair.one_given, pair.other_given), key=lambda name: name.start)
        between_given = given[first.end : last.start]
        compared, compared_given = _COMPARISON.search(between), _COMPARISON.search(between_given)
        figures_turned = _figures_turned(said, given, pair)
        if figures_turned is not None:
            swapped = figures_turned != pair.turned
        elif compared and compared_given and (_BREAK.search(between) or _BREAK.search(between_given)):
            continue
        elif compared and compared_given:
            swapped = (bool(compared["less"]) == bool(compared_given["less"])) == pair.turned
        elif (not compared and (_APPOSED.fullmatch(between) or _APPOSED.fullmatch(between_given))) or _is_governed(
            said, given, pair
        ):
            continue
        else:
            same_voice = bool(PASSIVE.search(between)) == bool(PASSIVE.search(between_given))
            swapped = same_voice and _fits_swapped(said, given, pair)
        if swapped:
            return Finding(f"in the passage {pair.one.text} and {pair.other.text} are the other way round")
    return None


def check_owners(claim: str, stretch: str) -> Finding | None:
    """A figure or date of the claim that the stretch gives for somebody or something else in the same list."""
    said, given = canonical(claim), canonical(stretch)
    names = names_in(given)
    own = [place for name in _actors(said) for place in names if _is_same(name, place)]
    if not own:
        return None
    for wanted, (start, end), others in _figures_given(said, given):
        gaps = [_gap(place, start, end) for place in own]
        if all(_belongs_elsewhere(gap, names, own, others) for gap in gaps):
            return Finding(f"in the passage {wanted} belongs to something else")
    return None


def check_speaker(claim: str, stretch: str, heading: str) -> Finding | None:
    """The claim is attributed to somebody else than in the stretch.

    A speaker whom only the heading names, or for whom the stretch has a pronoun, is taken for meant.
    """
    named, sentence = _speakers(claim), main_sentence(claim, stretch)
    if not named:
        return None
    giving = _speakers(sentence)
    given = forms(" ".join(name.text for name in giving))
    if giving and not _stems(giving) & forms(claim) and not _stems(named) & given:
        return Finding(f"the passage has this from {giving[0].text}, not from {named[0].text}")
    known = forms(f"{heading}\n{stretch}")
    if not leans_for_its_speaker(sentence) and not _stems(named) & known:
        return Finding(f"the passage does not have this from {named[0].text}")
    return None


def check_speaker_apart(claim: str, sentence: str, heading: str) -> Finding | None:
    """Nobody to whom the claim is attributed is named in the sentence that is nearest to it."""
    named = _speakers(claim)
    if named and not _stems(named) & forms(f"{heading}\n{sentence}"):
        return Finding.partly(f"the sentence nearest to it does not name {named[0].text}")
    return None


def _speakers(text: str) -> list[Name]:
    """The names in who is said to say something."""
    sources = [match[match.lastgroup or 0] for match in _SAID_BY.finditer(text)]
    found = [name for source in sources for name in names_in(source, known=source.split())]
    return [name for name in found if name.text not in _NOBODY and name.text.casefold() not in OPENERS]


def _stems(names: Sequence[Name]) -> set[str]:
    return {stem for name in names for stem in terms(canonical(name.text))}


def _actors(text: str) -> list[Name]:
    """The names in a text, but for those of its sources."""
    sources = _stems(_speakers(text))
    return [name for name in names_in(text) if not set(terms(name.text)) <= sources]


def _shared_pairs(said: str, given: str) -> Iterator[_Pair]:
    """Pairs of names that both texts have in one clause."""
    known = [name.text for name in names_in(given)]
    sources = _stems([*_speakers(said), *_speakers(given)])
    actors = [name for name in names_in(said, known=known) if not set(terms(name.text)) <= sources]
    shared = [(name, place) for name in actors if (place := _find(name, given))]
    for (one, one_given), (other, other_given) in combinations(shared, 2):
        if one.text != other.text and one_given.text != other_given.text:
            yield _Pair(one, other, one_given, other_given)


def _find(name: Name, text: str) -> Name | None:
    """The first place of a name in another text: whole, or by its last word."""
    for form in (name.text, name.text.split()[-1]):
        if match := re.search(rf"(?<![\w-]){re.escape(form)}(?!\w)", text):
            return Name(match[0], match.start(), match.end())
    return None


def _is_same(one: Name, other: Name) -> bool:
    mine, theirs = set(terms(one.text)), set(terms(other.text))
    return bool(mine) and (mine <= theirs or theirs <= mine)


def _is_governed(said: str, given: str, pair: _Pair) -> bool:
    """Whether one of the names follows a preposition in both texts, which tells its part wherever it stands."""
    return any(
        _GOVERNED.search(said[: name.start]) and _GOVERNED.search(given[: place.start])
        for name, place in ((pair.one, pair.one_given), (pair.other, pair.other_given))
    )


def _fits_swapped(said: str, given: str, pair: _Pair) -> bool:
    """Whether more words stand in the order of the stretch once the two names have changed places."""
    own, wanted = _tokens(said, pair), _tokens(given, pair)
    turned = [_SWAPPED.get(word, word) for word in own]
    common = common_length(own, wanted)
    gain = common_length(turned, wanted) - common
    return gain >= _GAIN or (gain == 1 and common >= _CLOSE * len(own))


def _figures_turned(said: str, given: str, pair: _Pair) -> bool | None:
    """Whether two figures of one kind, one for each name, stand in the other order; None where there are no such."""
    known = list(_marks(given))
    shared = [
        (mark, other)
        for mark in _marks(said)
        for other in known
        if (mark.kind, mark.value) == (other.kind, other.value)
    ]
    for (one, one_given), (other, other_given) in combinations(shared, 2):
        if one.kind != other.kind or one.value == other.value or one.kind == "date":
            continue
        if _alternate(pair.one, pair.other, one, other) and _alternate(
            pair.one_given, pair.other_given, one_given, other_given
        ):
            return other_given.span < one_given.span
    return None


def _alternate(name: Name, other: Name, mark: _Mark, other_mark: _Mark) -> bool:
    """Whether names and figures take turns in a text."""
    order = sorted([(name.start, "name"), (other.start, "name"), (*mark.span[:1], ""), (*other_mark.span[:1], "")])
    kinds = [kind for _, kind in order]
    return kinds[0] != kinds[1] and kinds[2] != kinds[3]


def _tokens(text: str, pair: _Pair) -> list[str]:
    """The stems and numbers of a text in order, each of the two names as one."""
    for mark, names in zip(_SWAPPED, ((pair.one, pair.one_given), (pair.other, pair.other_given)), strict=True):
        for form in sorted({name.text for name in names}, key=len, reverse=True):
            text = re.sub(rf"(?<![\w-]){re.escape(form)}(?!\w)", mark, text)
    return terms(text)


def _figures_given(said: str, given: str) -> Iterator[tuple[str, tuple[int, int], list[tuple[int, int]]]]:
    """Each figure or date that is the only one of its kind in both texts, where it stands, and where others do."""
    wanted, known = list(_marks(said)), list(_marks(given))
    for mark in wanted:
        alike = [other for other in known if other.kind == mark.kind]
        values = {other.value for other in wanted if other.kind == mark.kind} & {other.value for other in alike}
        here = [other.span for other in alike if other.value == mark.value]
        if len(values) == 1 and len(here) == 1:
            yield mark.text, here[0], [other.span for other in alike if other.value != mark.value]


def _marks(text: str) -> Iterator[_Mark]:
    for item in quantities_of(text):
        if text[: item.start].endswith("-"):  # a version: R1-0528
            continue
        yield _Mark(
            item.unit if is_measure(item) or item.unit == "times" else "count",
            item.value,
            (item.start, item.end),
            item.text.strip(),
        )
    for date in dates_of(text):
        yield _Mark("date", date.date, (date.start, date.end), date.text)


def _gap(place: Name, start: int, end: int) -> tuple[int, int]:
    return (place.end, start) if place.end <= start else (end, place.start)


def _belongs_elsewhere(
    gap: tuple[int, int], names: Sequence[Name], own: Sequence[Name], others: Sequence[tuple[int, int]]
) -> bool:
    """Whether between a name and the figure there is another name with another figure of the kind."""
    inside = [name for name in names if gap[0] <= name.start < gap[1] and name not in own]
    return bool(inside) and any(gap[0] <= start < gap[1] for start, _ in others)
