"""Finds where sources give different values for the very thing that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.claims import DIFFERENCES, Claim, claims_in, like_terms, name_terms, same_thing, topic_terms
from rag.dates import DateMention
from rag.quantities import same_value
from rag.question import asks_for_several, expected_answer
from rag.temporal import time_intent
from rag.types import Evidence

__all__ = ["Dispute", "find_disputes", "find_later"]

_POOL = 24  # best sentences among which other values are looked for
_RELEVANT = 0.5  # share of the question's terms that the sentence of a claim must have
_MAX_VALUES = 4
_CURRENCY = re.compile(r"[A-Z]{3}\b")
_WORD = re.compile(r"[^\W_](?:[\w&’'.-]*[\w])?")
_POSSESSIVE = re.compile(r"['’]s\b")
_BETWEEN = frozenset(("", "of", "the", "of the", "in", "on", "for", "in the", "on the", "for the", "'s", "’s"))


@dataclass(frozen=True, slots=True)
class Dispute:
    """What sources differ on, in the words of one of them, and the claims with their different values."""

    about: str
    claims: tuple[Claim, ...]

    @property
    def values(self) -> list[tuple[str, Evidence]]:
        """Each value as it is written, with the sentence that gives it."""
        return [(" ".join(claim.quantity.text.split()), claim.evidence) for claim in self.claims]


def find_disputes(question: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> list[Dispute]:
    """Where a cited sentence and another among the best evidence give different values for what is asked.

    A sentence that gives the same value as a cited one, and was left out of the answer as a repetition, speaks for it.

    Args:
        question: The whole question.
        cited: The sentences of the answer.
        evidence: All ranked evidence, best first.
    """
    own, pool = _claims(question, cited, evidence)
    others = [claim for claim in pool if claim not in own]
    agreeing = [claim for claim in others if any(same_value(claim.quantity, mine.quantity) for mine in own)]
    disputes: list[Dispute] = []
    for claim in (*own, *agreeing):
        chosen = _distinct([claim, *(other for other in pool if _contradicts(claim, other))])
        if len(chosen) > 1 and not any(_is_settled(chosen, dispute) for dispute in disputes):
            disputes.append(Dispute(_about(chosen), tuple(chosen)))
    return disputes


def find_later(question: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentence, at most one, with a later value for what a cited sentence says; none if the question has a date."""
    intent = time_intent(question)
    if intent is not None and intent.kind != "newest":
        return []
    own, pool = _claims(question, cited, evidence)
    newest: Claim | None = None
    for claim in own:
        later = [other for other in pool if _overtakes(other, claim)]
        newest = max([*later, *([newest] if newest else [])], key=lambda found: _days(found)[0], default=None)
    return [newest.evidence] if newest and newest.evidence not in cited else []


def _claims(question: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> tuple[list[Claim], list[Claim]]:
    """The claims of the answer on what is asked, and these with those of the best other sentences."""
    if not _asks_for_a_value(question):
        return [], []
    own = [claim for item in cited for claim in _asked_claims(item, question)]
    others = [item for item in evidence[:_POOL] if own and item not in cited]
    return own, own + [claim for item in others for claim in _asked_claims(item, question)]


def _asked_claims(item: Evidence, question: str) -> list[Claim]:
    """The amounts of a sentence that is about what is asked, of the kind that is asked for."""
    wanted, found = topic_terms(question), topic_terms(item.text)
    if not name_terms(question) <= found or len(wanted & found) < _RELEVANT * len(wanted):
        return []
    is_money = expected_answer(question) == "money"
    return [
        claim
        for claim in claims_in(item)
        if wanted & found <= claim.clause and (not is_money or _CURRENCY.match(claim.quantity.unit))
    ]


def _asks_for_a_value(question: str) -> bool:
    if DIFFERENCES.search(question):
        return True
    return expected_answer(question) in ("money", "amount", "any") and not asks_for_several(question)


def _contradicts(one: Claim, other: Claim) -> bool:
    """Whether another source gives another value for the same thing at the same time."""
    by_others = one.publisher != other.publisher or bool(
        one.speakers and other.speakers and not one.speakers & other.speakers
    )
    if not by_others or not _differs(one, other):
        return False
    same_time = _same_time(one.period, other.period)
    return same_time or (same_time is None and (one.is_on_differences or other.is_on_differences))


def _overtakes(later: Claim, claim: Claim) -> bool:
    """Whether a claim has another value for the same thing at a later time; an aim or a forecast never has."""
    return claim.mode == "fact" and _days(later)[0] > _days(claim)[1] and _differs(claim, later)


def _days(claim: Claim) -> tuple[str, str]:
    """The first and last day of the latest date that an amount is for; without one it is never later or overtaken."""
    latest = max(claim.period, key=lambda date: date.first, default=None)
    return (latest.first, latest.last) if latest else ("", "9999-12-31")


def _differs(one: Claim, other: Claim) -> bool:
    """Whether two sentences give different values for the very same thing."""
    apart = one.evidence != other.evidence and not same_value(one.quantity, other.quantity)
    return apart and same_thing(one, other)


def _same_time(one: Sequence[DateMention], other: Sequence[DateMention]) -> bool | None:
    """Whether both amounts are for the same time, so that every date meets one of the other's; None if one has none."""
    if not one or not other:
        return None
    pairs = [(a, b) for a in one for b in other if a.first <= b.last and b.first <= a.last]
    return all(any(date in pair for pair in pairs) for date in (*one, *other))


def _distinct(claims: Sequence[Claim]) -> list[Claim]:
    """The first claim of every value, at most four."""
    kept: list[Claim] = []
    for claim in claims:
        if not any(same_value(claim.quantity, other.quantity) for other in kept):
            kept.append(claim)
    return kept[:_MAX_VALUES]


def _is_settled(claims: Sequence[Claim], dispute: Dispute) -> bool:
    """Whether a dispute has these values already."""
    return all(any(same_value(claim.quantity, other.quantity) for other in dispute.claims) for claim in claims)


def _about(claims: Sequence[Claim]) -> str:
    """The longest stretch of one of the sentences that all of them speak of, and in brackets names that it lacks."""
    telling = [claim for claim in claims if claim.attributes - claim.names] or claims
    shared = frozenset.intersection(*(claim.terms for claim in telling))
    topics = shared - frozenset.union(*(claim.names for claim in telling))
    stretches = [stretch for claim in telling for stretch in _stretches(claim, shared)]
    best = max(stretches, key=lambda stretch: (len(like_terms(stretch)), -len(stretch)), default="")
    words = dict.fromkeys(match[0] for match in _WORD.finditer(telling[0].evidence.text))
    if not topics & like_terms(best):
        return " ".join(word for word in words if like_terms(word) & shared)
    others = " ".join(claim.evidence.text for claim in claims)
    first = best.split()[0]  # "Private" at the beginning of a sentence is "private" elsewhere
    if re.search(rf"\b{re.escape(first.lower())}\b", others):
        best = best[0].lower() + best[1:]
    names = shared - topics - like_terms(best)
    named = " ".join(word for word in words if like_terms(word) & names)
    return f"{best} ({_POSSESSIVE.sub('', named)})" if named else best


def _stretches(claim: Claim, shared: frozenset[str]) -> Iterator[str]:
    """Stretches of a sentence in which every content word is shared, or part of a date."""
    text = claim.evidence.text
    first: int | None = None
    last = 0
    for match in _WORD.finditer(text):
        content = like_terms(match[0])
        in_date = any(date.start <= match.start() < date.end for date in claim.period)
        in_amount = claim.quantity.start <= match.start() < claim.quantity.end
        follows = first is not None and " ".join(text[last : match.start()].split()) in _BETWEEN
        if not in_amount and content and (in_date or content <= shared):
            if not follows:
                if first is not None:
                    yield text[first:last]
                first = match.start()
            last = match.end()
    if first is not None:
        yield text[first:last]
