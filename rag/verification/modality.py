"""Does a sentence deny what its support affirms, or state as fact what is only planned, possible or alleged?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.lexical import terms
from rag.verification.names import canonical
from rag.verification.readings import quantities_of
from rag.verification.verdict import Finding

__all__ = ["check_denial", "check_denied_clause", "check_denied_word", "check_modality"]

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
    r"\b(?:may|might|could|would|should|plan(?:ned|ning)?\s(?:to|for)|plans|planned|intend(?:s|ed)?|wants?|wanted|"
    r"aims?|aimed|meant|hop(?:es?|ed)|"
    r"seeks?|sought|expect(?:s|ed)?|forecasts?|predict(?:s|ed|ion)?|projected|projects\s(?:that|to|a|the)|estimat\w+|"
    r"propos\w+|consider(?:s|ed|ing)|mull\w*|alleg\w+|accus\w+|"
    r"indict\w*|suspect\w*|reportedly|claim(?:s|ed)?|believed?|"
    r"likely|probably|possibly|perhaps|potential(?:ly)?|target(?:s|ed)?|goal|milestone|guidance|roadmap|schedul\w+|"
    r"due to|supposed|possible|rumou?r\w*|draft\w*|envisag\w+|hop\w+|want\w*|fores(?:ees?|een)|if|den(?:y|ies|ied)|"
    r"in talks|ready to|prepared to|are to|is to|said to|thinks?|thought|inferred|"
    r"suggest(?:s|ed)?|guess\w*|warn(?:s|ed)|cautioned|preliminary|provisional(?:ly)?|urg(?:es?|ed)|call(?:s|ed) for|"
    r"must|ha(?:s|ve) to|need(?:s|ed)? to|require[sd]?|demand(?:s|ed)?|promis\w+|prospect\w*|foresaw|"
    r"look(?:s|ing|ed) to|weigh\w*|"
    r"count(?:s|ed|ing) on|ambition\w*|anticipat\w+|presum\w+|risk(?:s|ed)?|push\w* (?:to|for)|prepar\w+|"
    r"discuss\w*|debat\w*|mooted|envision\w*|await\w*|not yet|yet to|bill|blueprint|was to|were to|can|"
    r"hold that|argu\w+|"
    r"future|upcoming|recommend\w*|advis\w+|tell(?:s)?|told|order(?:s|ed)?|charg(?:es?|ed)|prosecutors?|chances?|odds|"
    r"will|going to|set for|to be|appears?|seems?|danger|in\s[^,.]{2,30}\s(?:view|opinion|judge?ment)|asked)\b",
)
_BEFORE = re.compile(r"\bbefore\b", re.I)
_NOT_YET = re.compile(r"(?:\bnot|n['’]t)\s(?:[\w-]+\s){0,2}?yet\b", re.I)
_UNREAL = re.compile(  # the source speaks of what has not happened or is not established
    r"\b(?:may(?!\s(?:not|decide|only)\b)|might|could|would(?!\shave to)|plan(?:s|ned|ning)?\s(?:to|for)|planned|"
    r"intends?|wants? to|wanted to|aims? to|hopes?|"
    r"sought to|seeks to|expect(?:s|ed)?|forecasts?|predict(?:s|ed)|projects (?:that|to)|propos(?:es|ed|al)|"
    r"den(?:y|ies|ied) (?:that|having)|consider(?:s|ed|ing)|alleg\w+|"
    r"accus\w+|suspect\w*|are to|is to|target|guidance|moved\s[^.;]{0,40}\sto|ready to|"
    r"pressed|futures?|preliminary|maximum|possible|rumou?r\w*|in talks|draft(?:s|ing|ed)?|"
    r"meant to|hoping|promised? (?:to|of|that)|seeking|preparing|roadmap|charg(?:es|ed)\b(?! \$)|"
    r"in danger|tells?\s[^.;]{0,30}\sto|"
    r"w(?:as|ere) to|wants|provisional(?:ly)?|moving\s(?:\w+\s)?towards?|signalled|was under test|"
    r"under discussion|being weighed|"
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
_NO_DENIAL = frozenset(  # "not just" and the like deny nothing
    "just only all even more less other later earlier until least than alone fewer".split()  # noqa: SIM905
)
_REACH = 8  # words before a word among which its negation is looked for
_MIN_SHARED = 0.3  # share of a clause's words from which the claim is about it


def check_denial(claim: str, stretch: str) -> Finding | None:
    """The claim denies a word that the stretch affirms."""
    given = set(_words(stretch))
    denied = [stem for stem in _denied(claim) if stem not in _NO_DENIAL and stem in given]
    if not _is_first(claim, stretch) and any(not _is_denied(stem, stretch) for stem in denied):
        return Finding("the passage affirms what the sentence denies")
    if _DENYING.search(claim) and not any(negative.search(stretch) for negative in (_NOT, _UNLIKE, _ENDED)):
        return Finding("the passage affirms what the sentence denies")
    return None


def check_denied_word(claim: str, stretch: str) -> Finding | None:
    """The stretch denies a word that the claim affirms."""
    said = set(_words(claim))
    if _was_before(claim, stretch) or all(stem not in said or _is_denied(stem, claim) for stem in _denied(stretch)):
        return None
    return Finding("the passage denies what the sentence affirms")


def check_denied_clause(claim: str, stretch: str) -> Finding | None:
    """A clause of the stretch that the claim is about has a negation, and the claim has nothing negative."""
    if any(negative.search(claim) for negative in (_NOT, _UNLIKE, _FIRST)) or _was_before(claim, stretch):
        return None
    if any(_NOT_SO.search(clause) for clause in _clauses_about(claim, stretch)):
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


def _is_first(claim: str, stretch: str) -> bool:
    """“No other has” for “the first to have”, “none is bigger” for “the biggest”."""
    return bool(_FIRST.search(stretch) and _NO_OTHER.search(claim))


def _was_before(claim: str, stretch: str) -> bool:
    """“Before it was in force” for “it was not yet in force”."""
    return bool(_BEFORE.search(claim) and _NOT_YET.search(stretch))


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


def _clauses_about(claim: str, stretch: str) -> Iterator[str]:
    """The clauses of the stretch that the claim is about: they share enough words, or a figure."""
    said = _stems(claim)
    figures = {(item.value, item.unit) for item in quantities_of(claim)}
    for clause in _CLAUSE.split(stretch):
        own = _stems(clause)
        shares = len(own & said) / len(own) if own else 0.0
        if shares >= _MIN_SHARED or any((item.value, item.unit) in figures for item in quantities_of(clause)):
            yield clause
