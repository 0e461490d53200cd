"""Composes the answer: the engine's sentences, later values and differing sources beside them, citations, and dates."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from rag.abstention import Abstention
from rag.attribution import said_by
from rag.balance import Publishers, balance
from rag.citing import CitationList, marked, without_markers
from rag.conflicts import Dispute, find_disputes, find_later
from rag.protocols import Account, AnswerEngine, Claim, Restart
from rag.temporal import as_of
from rag.types import (
    Answer,
    AnswerSentence,
    Balance,
    Citation,
    Conflict,
    ConflictValue,
    Evidence,
    Sentence,
    Token,
    Usage,
    WithheldSentence,
)

__all__ = ["NOT_SUPPORTED", "Composed", "about_writing", "compose", "compose_abstention"]

NOT_SUPPORTED = "(not supported by the sources)"
"""Stands behind a sentence that is shown although nothing supports it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The fields of an answer that its sentences make."""

    engine: str
    answer: str
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    as_of: str | None = None
    balance: Balance | None = None
    withheld: tuple[WithheldSentence, ...] = ()
    note: str | None = None
    usage: Usage | None = None
    prompt: str | None = None
    verify_ms: float = 0.0

    def complete(self, answer: Answer) -> Answer:
        """The answer with these fields."""
        names = (name for name in Composed.__dataclass_fields__ if name != "verify_ms")
        return replace(answer, **{name: getattr(self, name) for name in names})


@dataclass
class _Draft:
    """An answer as it grows."""

    engine: str
    citations: CitationList = field(default_factory=CitationList)
    sentences: list[AnswerSentence] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    withheld: list[WithheldSentence] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage | None = None
    prompt: str | None = None
    verify_ms: float = 0.0

    def add(self, sentence: AnswerSentence, piece: str) -> tuple[Token, Sentence]:
        self.sentences.append(sentence)
        self.pieces.append(piece)
        return (
            Token(text=(" " if len(self.pieces) > 1 else "") + piece),
            Sentence(sentence=sentence, text=piece),
        )

    def add_claim(self, claim: Claim) -> tuple[Token, Sentence]:
        sentence = self.citations.sentence(claim.text, claim.evidence, support=claim.support)
        sentence = replace(sentence, verdict=claim.verdict, reason=claim.reason)
        if not sentence.supported:
            return self.add(sentence, f"{sentence.text} {NOT_SUPPORTED}")
        if len(claim.evidence) == 1:
            sentence = replace(sentence, said_by=said_by(claim.evidence[0]))
        return self.add(sentence, marked(sentence))

    def take_account(self, account: Account) -> None:
        self.usage, self.prompt, self.verify_ms = account.usage, account.prompt, account.verify_ms
        self.notes += [account.note] if account.note else []

    def begin_again(self, restart: Restart) -> None:
        """Void what was written; what was withheld stays on record."""
        self.engine = restart.engine
        self.citations, self.sentences, self.pieces = CitationList(), [], []
        self.notes.append(restart.note)

    def done(self, publishers: Publishers, conflicts: Sequence[Conflict] = ()) -> Composed:
        cited = self.citations.citations
        return Composed(
            engine=self.engine,
            answer=" ".join(self.pieces),
            sentences=tuple(self.sentences),
            citations=cited,
            conflicts=tuple(conflicts),
            as_of=as_of(cited),
            balance=balance(cited, publishers),
            withheld=tuple(self.withheld),
            note=" ".join(self.notes) or None,
            usage=self.usage,
            prompt=self.prompt,
            verify_ms=self.verify_ms,
        )


def compose(
    engine: AnswerEngine, question: str, evidence: Sequence[Evidence], publishers: Publishers
) -> Generator[Token | Sentence, None, Composed]:
    """Stream the engine's sentences, a later value that overtakes one of them, and a line for each dispute.

    Args:
        engine: What writes the answer.
        question: The standalone question.
        evidence: Ranked evidence, best first.
        publishers: Country and kind of publishers, see `rag.balance`.
    """
    draft = _Draft(engine=engine.name)
    cited = yield from _write(engine, question, evidence, draft)
    for item in find_later(question, cited, evidence):
        cited.append(item)
        sentence = draft.citations.sentence(" ".join(item.text.split()), (item,), support=1.0)
        yield from draft.add(sentence, marked(sentence))
    conflicts = []
    for dispute in find_disputes(question, cited, evidence):
        conflict = _conflict(dispute, draft.citations)
        conflicts.append(conflict)
        yield from draft.add(*_closing_line(conflict))
    return draft.done(publishers, conflicts)


def _write(
    engine: AnswerEngine, question: str, evidence: Sequence[Evidence], draft: _Draft
) -> Generator[Token | Sentence, None, list[Evidence]]:
    """Take the engine's sentences into the draft; returns the evidence that they cite."""
    cited: list[Evidence] = []
    streams_text = False  # engines that stream their own text have told it before the claim is made
    with closing(engine.write(question, evidence)) as written:  # type: ignore[type-var]
        for item in written:
            if isinstance(item, Claim):
                cited += item.evidence
                token, sentence = draft.add_claim(item)
                yield from (sentence,) if streams_text else (token, sentence)
            elif isinstance(item, Token):
                streams_text = True
                yield item
            elif isinstance(item, WithheldSentence):
                draft.withheld.append(item)
            elif isinstance(item, Account):
                draft.take_account(item)
            else:
                draft.begin_again(item)
                cited, streams_text = [], False
    return cited


def compose_abstention(engine: str, abstention: Abstention, publishers: Publishers) -> Composed:
    """The text that says why there is no answer, and the nearest sentence, quoted and cited."""
    draft = _Draft(engine=engine)
    draft.pieces.append(without_markers(abstention.text))
    if abstention.nearest is not None:
        quote = f"“{' '.join(abstention.nearest.text.split())}”"
        sentence = draft.citations.sentence(quote, (abstention.nearest,), support=1.0)
        draft.add(sentence, marked(sentence))
    return draft.done(publishers)


def about_writing(answer: Answer) -> list[str]:
    """What a reader should know about how the answer came about: the note, and how much was withheld."""
    lines = [answer.note] if answer.note else []
    if n := len(answer.withheld):
        lines.append(f"{n} sentence{' was' if n == 1 else 's were'} withheld: not supported by the sources")
    return lines


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
