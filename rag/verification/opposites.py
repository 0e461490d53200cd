"""Does a sentence say the opposite of its support, in a word of contrary meaning: rose for fell, more for less?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rag.lexical import terms
from rag.verification.names import canonical
from rag.verification.verdict import Finding

__all__ = ["check_opposites"]

_WORD = re.compile(r"[^\W_][\w’'-]*")
_NEGATIONS = frozenset(
    "not no never none neither nor without nobody nothing cannot hardly unlikely less least".split()  # noqa: SIM905
)
_REACH = 4  # words before a word among which its negation is looked for
_PREFIXES = ("un", "non", "dis", "ir")
_MIN_ROOT = 4
_FUNCTION = frozenset(
    """
    a an the of to in on at by for with from and or as is was are were be been has had have that this it its their
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
_NEAR = 4  # words around a word and its opposite among which one must be shared
_ANTONYMS = (
    ("agree", "reject disagree"),
    ("accept welcome embrace adopt", "reject refuse decline spurn dismiss"),
    ("profit gain surplus", "loss losses deficit"),
    ("keep kept retain maintain remain stay", "lose lost abandon relinquish"),
    ("win won gain gained", "lose lost"),
    ("restore reinstate", "suspend abolish strike struck overturn"),
    ("uphold upheld", "struck overturn annul"),
    (
        "rise rose risen rising increase increased grow grew growth growing expand expanded expansion double doubled "
        "surge surged climb climbed jump jumped soar soared swell broaden broadened widen widened extend extended "
        "enlarge raise raised higher longer lengthen lengthened",
        "fell fallen falling drop dropped decrease decreased shrink shrank shrinking decline declined halve halved "
        "plunge plunged slump slumped slide slid sink sank narrow narrowed reduce reduced lower lowered cut "
        "shorten shortened curtail slow slowed dip dipped slip slipped shed",
    ),
    ("allow allowed permit permitted enable", "ban banned forbid forbade forbidden bar barred block blocked prohibit"),
    ("approve approved grant granted", "reject rejected refuse refused deny denied block blocked withhold"),
    ("support supported back backed endorse favour", "oppose opposed opposition resist against fight"),
    ("succeed succeeded success", "fail failed failure"),
    ("meet met reach hit exceed achieve", "miss missed"),
    ("tighten tightened tight tighter stricter toughen", "relax relaxed ease eased loosen loosened lax looser"),
    ("confirm confirmed admit admitted verify verified concede", "deny denied dismiss dismissed speculation dispute"),
    (
        "start started begin began launch launched introduce open opened join joined enter entered",
        "stop stopped end ended cease ceased abandon quit leave left withdraw withdrew halt halted",
    ),
    ("sign signed enact enacted impose imposed", "revoke revoked repeal repealed rescind cancel lift lifted suspend"),
    (
        "strengthen strengthened reinforce boost speed accelerate",
        "weaken weakened undercut undermine erode slow hinder",
    ),
    ("guilty convict convicted", "acquit acquitted cleared innocent"),
    ("require required oblige obliged compulsory mandatory binding", "voluntary optional free exempt waive spare"),
    ("cover covered include included", "exclude excluded exempt omit omitted spare"),
    ("help promote encourage foster", "hinder hamper impede discourage deter harm prevent obstruct"),
    ("rival competitor opponent adversary enemy", "partner ally friend"),
    ("wealthy rich", "poor"),
    ("large larger big bigger", "small smaller little"),
    ("cheap cheaper", "expensive dear dearer costlier"),
    ("fast faster quick rapid swift", "slow slower gradual"),
    ("best better", "worst worse"),
    ("strong stronger strongest", "weak weaker weakest"),
    ("highest higher high", "lowest lower low"),
    ("more", "less fewer"),
    ("most", "least fewest"),
    ("early earlier opening initial", "late later final"),
    ("ahead lead leading led beat beats surpass exceed outperform outstrip", "behind trail trailing lag lagging"),
    ("public published open", "secret undisclosed closed proprietary confidential"),
    ("domestic home-built homegrown home-made", "imported foreign"),
    ("optimistic confident", "pessimistic doubtful sceptical"),
    ("majority", "minority"),
    ("permanent permanently indefinitely", "temporary temporarily provisional suspend suspended"),
    ("offensive", "defensive"),
    ("import", "export"),
    ("buy bought purchase", "sell sold"),
    ("same identical alike equal", "different differ unequal"),
    ("praise praised hail", "criticise criticised condemn condemned slam"),
    ("presumption presume grant", "refusal refuse denial"),
    ("advantage benefit", "drawback disadvantage"),
    ("true correct", "false wrong untrue"),
)


def check_opposites(claim: str, sentence: str) -> Finding | None:
    """A word of the claim whose opposite stands in its place in the sentence, neither of them having both.

    A negation before one of the two makes them alike; so does a change of places, as in "A is ahead of B" for "B is
    behind A".
    """
    said, given = _words(claim), _words(sentence)
    stems, stems_given = frozenset(said), frozenset(given)
    for one, other in _GROUPS:
        for mine, theirs in ((one, other), (other, one)):
            if (mine & stems) and not (mine & stems_given) and not (theirs & stems) and (theirs & stems_given):
                place = next(n for n, word in enumerate(said) if word in mine)
                places = [n for n, word in enumerate(given) if word in theirs]
                if any(_corresponds(said, place, given, n) for n in places):
                    return Finding("the passage says the opposite")
    if _prefixed(claim, sentence):
        return Finding("the passage says the opposite")
    return None


def _corresponds(said: Sequence[str], n: int, given: Sequence[str], m: int) -> bool:
    """Whether words around one place stand around the other too, on the same sides and with as many negations."""
    shared = (frozenset(said) & frozenset(given)) - _FUNCTION
    before, after = shared.intersection(said[max(0, n - _NEAR) : n]), shared.intersection(said[n : n + _NEAR + 1])
    before_given = shared.intersection(given[max(0, m - _NEAR) : m])
    after_given = shared.intersection(given[m : m + _NEAR + 1])
    straight = len(before & before_given) + len(after & after_given)
    turned = len(before & after_given) + len(after & before_given)
    return straight > turned and _denied(said, n) == _denied(given, m)


def _denied(words: Sequence[str], n: int) -> bool:
    return not _NEGATIONS.isdisjoint(words[max(0, n - _REACH) : n])


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """The stems of a text in order, words without meaning as they are."""
    return tuple(next(iter(terms(word)), word.casefold()) for word in _WORD.findall(canonical(text)))


def _prefixed(claim: str, sentence: str) -> bool:
    """Whether one has a word, and the other the same with a prefix that turns its meaning: used, unused."""
    for one, other in ((claim, sentence), (sentence, claim)):
        mine, theirs = _words(one), _words(other)
        for n, word in enumerate(_WORD.findall(canonical(one))):
            for root in (_words(root)[0] for root in _roots(word.casefold()) if mine[n] not in theirs):
                if root in theirs and root not in mine:
                    return _denied(mine, n) == _denied(theirs, theirs.index(root))
    return False


def _roots(word: str) -> Iterator[str]:
    """What is left of a word without such a prefix, or what it is with the contrary one."""
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_ROOT:
            yield word.removeprefix(prefix)
    for prefix, opposite in (("over", "under"), ("under", "over")):
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_ROOT:
            yield opposite + word.removeprefix(prefix)


_GROUPS = [(frozenset(_words(one)), frozenset(_words(other))) for one, other in _ANTONYMS]
