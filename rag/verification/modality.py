"""Does a sentence deny what its support affirms, or state as fact what is only planned, possible or alleged?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.lexical import terms
from rag.verification.figures import quantities_of
from rag.verification.names import canonical
from rag.verification.stretches import main_sentence
from rag.verification.verdict import Finding

__all__ = ["check_modality", "check_negation"]

_NOT = re.compile(r"\b(?:not|no|never|none|neither|nor|without|nobody|nothing|cannot|unable to)\b|n['’]t\b", re.I)
_UNLIKE = re.compile(  # negative in meaning: may stand for a negation, never has to
    r"\b(?:unable|unknown|impossible|lack\w*|fail\w*|miss\w*|fell short|short of|refus\w+|den(?:y|ied|ies)|reject\w*|"
    r"declin\w+|ceas\w+|stop\w*|halt\w*|suspend\w*|ban(?:s|ned|ning)?|bar(?:s|red)|forb\w+|block\w*|prohibit\w*|"
    r"prevent\w*|keep\w*|kept|avoid\w*|free|merely|instead|rather|unlike|except|exempt\w*|lost|"
    r"omit\w*|ignor\w+|disput\w+|contest\w*|"
    r"oppos\w+|left out|exclud\w+|yet|still|undecided|unclear|zero|nil|0%|few|little|absent|"
    r"although|whereas|but|unless|contrary|turned down|un[a-z]+ed|non-?[a-z]+)\b",
    re.I,
)
_FIRST = re.compile(r"\b(?:first|only|alone|just|record|most|more than any|[a-z]{3,}est)\b", re.I)
_NO_OTHER = re.compile(
    r"\b(?:other|else|before|ever|never|previously|otherwise)\b|\bno(?:ne|body)?\s[^.;]*\s(?:than|more|better)\b", re.I
)
_NOT_SO = re.compile(r"\b(?:not|never|none|nobody|cannot|unable to)\b|n['’]t\b", re.I)
_OPEN = re.compile(
    r"\b(?:may|might|could|would|should|plan(?:ned|ning)?\s(?:to|for)|plans|planned|intend(?:s|ed)?|wants?|wanted|aims?|aimed|meant|hop(?:es?|"
    r"ed)|"
    r"seeks?|sought|expect(?:s|ed)?|forecasts?|predict(?:s|ed|ion)?|projected|projects\s(?:that|to|a|the)|estimat\w+|"
    r"propos\w+|consider(?:s|ed|ing)|mull\w*|alleg\w+|accus\w+|"
    r"indict\w*|suspect\w*|reportedly|claim(?:s|ed)?|believed?|"
    r"likely|probably|possibly|perhaps|potential(?:ly)?|target(?:s|ed)?|goal|milestone|guidance|roadmap|schedul\w+|"
    r"due to|supposed|possible|rumou?r\w*|draft\w*|envisag\w+|hop\w+|want\w*|fores(?:ees?|een)|if|den(?:y|ies|ied)|"
    r"in talks|ready to|prepared to|are to|is to|said to|thinks?|thought|inferred|"
    r"suggest(?:s|ed)?|guess\w*|warn(?:s|ed)|cautioned|preliminary|provisional(?:ly)?|urg(?:es?|ed)|call(?:s|ed) for|"
    r"will|going to|set for|to be|appears?|seems?|danger|in\s[^,.]{2,30}\s(?:view|opinion|judge?ment)|asked)\b",
)
_BEFORE = re.compile(r"\bbefore\b", re.I)
_NOT_YET = re.compile(r"(?:\bnot|n['’]t)\s(?:[\w-]+\s){0,2}?yet\b", re.I)
_UNREAL = re.compile(  # the source speaks of what has not happened or is not established
    r"\b(?:may(?!\snot\b)|might|could|would|plan(?:s|ned|ning)?\s(?:to|for)|planned|intends?|"
    r"wants? to|wanted to|aims? to|hopes?|"
    r"sought to|seeks to|expect(?:s|ed)|forecasts?|predict(?:s|ed)|projects (?:that|to)|propos(?:es|ed|al)|"
    r"den(?:y|ies|ied) (?:that|having)|consider(?:s|ed|ing)|alleg\w+|"
    r"accus\w+|suspect\w*|are to|is to|target|guidance|moved\s[^.;]{0,40}\sto|ready to|"
    r"pressed|futures?|preliminary|maximum|possible|rumou?r\w*|in talks|draft(?:s|ing|ed)?|"
    r"believes?|thinks?|appears? to|seems?|(?:is|was|are|were) due to)\b",
)
_PLANNED = re.compile(
    r"\b(?:plan(?:s|ned|ning)? to|expected to|propos(?:es|ed|ing) (?:to|that)?|intend(?:s|ed) to|aim(?:s|ed) to|"
    r"considering|"
    r"is proposing|are proposing|hopes? to)\b"
)
_DENYING = re.compile(r"\b(?:stop(?:s|ped)|ceas(?:es|ed)|den(?:y|ies|ied)|refus(?:es|ed)|fail(?:s|ed) to|no longer)\b")
_ENDED = re.compile(r"\b(?:end(?:s|ed)|quit|withdr\w+|drop(?:s|ped)|scrap\w*|abandon\w*|cancel\w*|cut|clos\w+)\b")
_CLAUSE = re.compile(r"[,;:–—]\s|\s(?=(?:and|but|while|whereas|because|although|though|since|unless|as|who|which)\s)")
_WORD = re.compile(r"[^\W_][\w’'-]*")
_SMALL = frozenset("the a an be been being to of in its any yet have had has that it is was were".split())  # noqa: SIM905
_REACH = 8  # words before a word among which its negation is looked for
_MIN_SHARED = 0.3  # share of a clause's words from which the claim is about it
_ANTONYMS = (  # no comparatives: who is smaller than one is bigger than the other
    ("agree", "reject disagree"),
    ("accept", "reject refuse"),
    ("profit", "loss losses"),
    ("keep kept retain", "lose lost"),
    ("gain gained", "lose lost"),
    ("win won", "lose lost"),
    (
        "rise rose rising increase increased grow grew expand double doubled surge surged climb climbed jump jumped",
        "fall fell falling drop dropped decrease decreased shrink shrank decline declined halve halved plunge plunged",
    ),
    ("widen widening", "narrow narrowing"),
    ("allow allowed permit", "ban banned forbid forbade bar barred block blocked prohibit"),
    ("approve approved", "reject rejected refuse refused"),
    ("support supported back backed", "oppose opposed"),
    ("succeed succeeded", "fail failed"),
    ("tighten tightened", "relax relaxed ease eased loosen"),
    ("confirm confirmed admit admitted", "deny denied dismiss dismissed speculation"),
    ("start started begin began launch launched introduce introduced", "stop stopped end ended cease ceased abandon"),
    ("sign signed enact enacted impose imposed", "revoke revoked repeal repealed rescind cancel lift lifted"),
    ("strengthen strengthened reinforce boost", "weaken weakened undercut undermine undermined erode eroded"),
    ("rival competitor opponent adversary", "partner ally"),
    ("wealthy rich", "poor"),
    ("large big", "small"),
    ("cheap", "expensive dear"),
    ("fast quick", "slow"),
    ("best", "worst"),
    ("strongest", "weakest"),
    ("highest", "lowest"),
    ("most", "least"),
    ("public published open", "secret undisclosed closed"),
    ("domestic home-built", "imported foreign"),
    ("optimistic", "pessimistic"),
    ("majority", "minority"),
)
_OPPOSITES = [(frozenset(terms(one)), frozenset(terms(other))) for one, other in _ANTONYMS]


def check_negation(claim: str, stretch: str) -> Finding | None:
    """The claim denies what the stretch affirms, or the other way round."""
    said, given = set(_words(claim)), set(_words(stretch))
    is_first = bool(_FIRST.search(stretch) and _NO_OTHER.search(claim))  # "no other has", "none is bigger": the biggest
    was_before = bool(_BEFORE.search(claim) and _NOT_YET.search(stretch))  # "before it was in force": it was not yet
    for stem in _denied(claim):
        if stem in given and not is_first and not _is_denied(stem, stretch):
            return Finding("the passage affirms what the sentence denies")
    for stem in _denied(stretch):
        if stem in said and not was_before and not _is_denied(stem, claim):
            return Finding("the passage denies what the sentence affirms")
    if _DENYING.search(claim) and not any(negative.search(stretch) for negative in (_NOT, _UNLIKE, _ENDED)):
        return Finding("the passage affirms what the sentence denies")
    denies, denied = bool(_NOT.search(claim)), bool(_NOT.search(stretch))
    if denies and not denied and not _UNLIKE.search(stretch) and not is_first:
        return Finding("the passage affirms what the sentence denies")
    if denies == denied and _is_opposite(claim, main_sentence(claim, stretch)):
        return Finding("the passage says the opposite")
    if not denies and not _UNLIKE.search(claim) and not _FIRST.search(claim):
        clauses = [clause for clause in _clauses_about(claim, stretch) if _NOT_SO.search(clause)]
        if clauses and not was_before:
            return Finding("the passage denies what the sentence affirms")
    return None


def check_modality(claim: str, stretch: str) -> Finding | None:
    """The claim is a plain fact where the stretch has a plan, a possibility or an allegation, or the reverse."""
    if not _OPEN.search(claim):
        for clause in _clauses_about(claim, stretch):
            if unreal := _UNREAL.search(clause):
                return Finding(f"the sentence states as fact what the passage only gives as “{unreal[0]}”", 0.4)
    elif (planned := _PLANNED.search(claim)) and not _OPEN.search(stretch):
        return Finding(f"the passage states as fact what the sentence only gives as “{planned[0]}”", 0.4)
    return None


def _stems(text: str) -> frozenset[str]:
    return frozenset(terms(canonical(text)))


def _denied(text: str) -> Iterator[str]:
    """The first word of meaning after each negation."""
    for match in _NOT.finditer(text):
        yield from [word for word in _words(text[match.end() :]) if word not in _SMALL][:1]


def _is_denied(stem: str, text: str) -> bool:
    """Whether a negation, or a word like one, stands just before a word."""
    for match in _WORD.finditer(text):
        if stem == _stem(match[0]):
            before = " ".join(text[: match.start()].split()[-_REACH:])
            if _NOT.search(before) or _UNLIKE.search(before):
                return True
    return False


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text)]


def _stem(word: str) -> str:
    """The stem of a word, or a word without meaning as it is."""
    return next(iter(terms(word)), word.casefold())


def _is_opposite(claim: str, stretch: str) -> bool:
    """Whether the claim has a word, and the clause that is nearest to it the antonym, neither of them both."""
    said = _stems(claim)
    for one, other in _OPPOSITES:
        if bool(one & said) == bool(other & said):
            continue
        clauses = [clause for clause in map(_stems, _CLAUSE.split(stretch)) if clause & (one | other)]
        nearest = max(clauses, key=lambda clause: len(clause & said), default=frozenset())
        opposite = other if one & said else one
        if nearest & opposite and not nearest & (one if opposite is other else other):
            return len(nearest & said) >= _MIN_SHARED * len(nearest)
    return False


def _clauses_about(claim: str, stretch: str) -> Iterator[str]:
    """The clauses of the stretch that the claim is about: they share enough words, or a figure."""
    said = _stems(claim)
    figures = {(item.value, item.unit) for item in quantities_of(claim)}
    for clause in _CLAUSE.split(stretch):
        own = _stems(clause)
        shares = len(own & said) / len(own) if own else 0.0
        if shares >= _MIN_SHARED or any((item.value, item.unit) in figures for item in quantities_of(clause)):
            yield clause
