"""Composes the answer: the engine's sentences, later values and differing sources beside them, citations, and dates."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from rag.abstention import Abstention
from rag.attribution import said_by
from rag.balance import Publishers, balance
from rag.citing import CitationList, marked, without_markers
from rag.conflicts import Dispute, find_disputes, find_later
from rag.protocols import AnswerEngine
from rag.temporal import as_of
from rag.types import AnswerSentence, Balance, Citation, Conflict, ConflictValue, Evidence, Token

__all__ = ["Composed", "compose", "compose_abstention"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The fields of an answer that its sentences make."""

    answer: str
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    as_of: str | None = None
    balance: Balance | None = None


@dataclass
class _Draft:
    """An answer as it grows."""

    citations: CitationList = field(default_factory=CitationList)
    sentences: list[AnswerSentence] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def add(self, sentence: AnswerSentence, piece: str) -> Token:
        self.sentences.append(sentence)
        self.pieces.append(piece)
        return Token(text=(" " if len(self.pieces) > 1 else "") + piece)

    def done(self, publishers: Publishers, conflicts: Sequence[Conflict] = ()) -> Composed:
        cited = self.citations.citations
        return Composed(
            answer=" ".join(self.pieces),
            sentences=tuple(self.sentences),
            citations=cited,
            conflicts=tuple(conflicts),
            as_of=as_of(cited),
            balance=balance(cited, publishers),
        )


def compose(
    engine: AnswerEngine, question: str, evidence: Sequence[Evidence], publishers: Publishers
) -> Generator[Token, None, Composed]:
    """Stream the engine's sentences, a later value that overtakes one of them, and a line for each dispute.

    Args:
        engine: What writes the answer.
        question: The standalone question.
        evidence: Ranked evidence, best first.
        publishers: Country and kind of publishers, see `rag.balance`.
    """
    draft = _Draft()
    cited: list[Evidence] = []
    for text, support in engine.write(question, evidence):
        cited += support
        sentence = draft.citations.sentence(text, support, support=1.0)
        sentence = replace(sentence, said_by=said_by(support[0]) if len(support) == 1 else None)
        yield draft.add(sentence, marked(sentence))
    for item in find_later(question, cited, evidence):
        cited.append(item)
        sentence = draft.citations.sentence(" ".join(item.text.split()), (item,), support=1.0)
        yield draft.add(sentence, marked(sentence))
    conflicts = []
    for dispute in find_disputes(question, cited, evidence):
        conflict = _conflict(dispute, draft.citations)
        conflicts.append(conflict)
        yield draft.add(*_closing_line(conflict))
    return draft.done(publishers, conflicts)


def compose_abstention(abstention: Abstention, publishers: Publishers) -> Composed:
    """The text that says why there is no answer, and the nearest sentence, quoted and cited."""
    draft = _Draft()
    draft.pieces.append(without_markers(abstention.text))
    if abstention.nearest is not None:
        quote = f"“{' '.join(abstention.nearest.text.split())}”"
        sentence = draft.citations.sentence(quote, (abstention.nearest,), support=1.0)
        draft.add(sentence, marked(sentence))
    return draft.done(publishers)


def _conflict(dispute: Dispute, citations: CitationList) -> Conflict:
    values = (
        ConflictValue(value=without_markers(value), citation=citations.cite(item)) for value, item in dispute.values
    )
    return Conflict(about=without_markers(dispute.about), values=tuple(values))


def _closing_line(conflict: Conflict) -> tuple[AnswerSentence, str]:
    """`Sources differ on …: $589 billion [1], $593.7 billion [2].`, as a sentence and with its markers."""
    opening = f"Sources differ on {conflict.about}:"
    plain = ", ".join(value.value for value in conflict.values)
    with_markers = ", ".join(f"{value.value} [{value.citation}]" for value in conflict.values)
    numbers = tuple(value.citation for value in conflict.values)
    sentence = AnswerSentence(text=f"{opening} {plain}.", citations=numbers, supported=True, support=1.0)
    return sentence, f"{opening} {with_markers}."
