"""The data that travels along the path of a question, as frozen dataclasses.

All offsets are Python string offsets (code points) into `Document.text`, half open: `text[start:end]`.
A *score* is higher for better. Dates are ISO 8601 strings as precise as known: 2025, 2025-01 or 2025-01-27.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = [
    "Answer",
    "AnswerSentence",
    "Balance",
    "Chunk",
    "Citation",
    "Conflict",
    "ConflictValue",
    "Document",
    "Evidence",
    "Origin",
    "OriginSpan",
    "Passage",
    "Retrieved",
    "Sentence",
    "SyncReport",
    "Timings",
    "Token",
    "Turn",
    "Usage",
    "VerdictName",
    "Verified",
    "WithheldSentence",
]


VerdictName = Literal["supported", "partly", "not found"]
"""What sources do for a sentence; `partly`: they have the fact, but less firmly, or not from whom the sentence says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The publication that a sentence was drawn from."""

    publisher: str
    title: str | None = None
    date: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginSpan:
    """The stretch of document text whose origins the author named, first the main one."""

    start: int
    end: int
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A source document as stored: text without footnote markers, and what is known about it."""

    doc_id: str
    text: str
    title: str | None = None
    source_title: str | None = None
    publisher: str | None = None
    publisher_country: str | None = None
    date: str | None = None
    url: str | None = None
    kind: str | None = None
    themes: tuple[str, ...] = ()
    language: str | None = None
    added: str | None = None
    source: str = ""
    origins: tuple[OriginSpan, ...] = ()
    page_starts: tuple[int, ...] = ()
    duplicate_of: str | None = None

    @property
    def display_title(self) -> str:
        """The title, or the id where the document has none."""
        return self.title or self.doc_id

    def origin_at(self, start: int, end: int) -> Origin | None:
        """The first origin of the span that overlaps [start, end) most, or None."""
        best, most = None, 0
        for span in self.origins:
            overlap = min(end, span.end) - max(start, span.start)
            if overlap > most:
                best, most = span.origins[0], overlap
        return best

    def page_at(self, offset: int) -> int | None:
        """The page number (from 1) that holds `offset`, or None for documents without pages."""
        page = sum(1 for start in self.page_starts if start <= offset)
        return page or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The unit of retrieval: whole sentences of one section, small enough for the embedding model."""

    chunk_id: str
    doc_id: str
    start: int
    end: int
    text: str
    heading: str | None
    sentences: tuple[tuple[int, int], ...]
    prefix: str = ""

    @property
    def indexed_text(self) -> str:
        """What is embedded and searched: title and heading path, then the text."""
        return self.prefix + self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A retrieved chunk with its rank (from 1), its score and the scores of the stages."""

    rank: int
    chunk: Chunk
    document: Document
    score: float
    scores: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The passage as `airace search --json` prints it."""
        chunk, document = self.chunk, self.document
        return {
            "rank": self.rank,
            "chunk_id": chunk.chunk_id,
            "doc_id": chunk.doc_id,
            "title": document.display_title,
            "publisher": document.publisher or "",
            "date": document.date,
            "url": document.url,
            "heading": chunk.heading,
            "start": chunk.start,
            "end": chunk.end,
            "text": chunk.text,
            "score": self.score,
            "scores": dict(self.scores),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence of a passage, scored by how well it answers the question."""

    passage: Passage
    start: int
    end: int
    text: str
    score: float
    features: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentence:
    """A sentence of the answer, the citations behind it, and how well they support it (0 to 1).

    `verdict` says it in words, and `reason` what the sources do not bear out. `said_by` is the publisher of an opinion
    or an estimate that names nobody; mostly None.
    """

    text: str
    citations: tuple[int, ...]
    supported: bool
    support: float
    verdict: VerdictName = "supported"
    reason: str = ""
    said_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A numbered passage of the answer and the exact words in it that support the sentence."""

    n: int
    chunk_id: str
    doc_id: str
    title: str
    publisher: str
    date: str | None
    url: str | None
    heading: str | None
    text: str
    start: int
    end: int
    quote: str
    quote_start: int
    quote_end: int
    score: float
    origin: Origin | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictValue:
    """One of the values that sources give, and the citation that gives it."""

    value: str
    citation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Something on which the cited sources differ."""

    about: str
    values: tuple[ConflictValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where the distinct cited publishers come from: how many of each country and kind, "unknown" included."""

    sources: int
    countries: dict[str, int]
    kinds: dict[str, int]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds spent in each stage."""

    retrieve: float = 0.0
    evidence: float = 0.0
    generate: float = 0.0
    verify: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldSentence:
    """A sentence that a language model wrote and that is not shown, because the sources do not support it."""

    text: str
    reason: str
    verdict: VerdictName = "not found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a language model used for one answer, and what had to be put right in its citation markers.

    Tokens are the provider's count, or an estimate where it gives none. The cost, in US dollars at list prices, is None
    where no price is known.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    markers_repaired: int = 0
    markers_removed: int = 0
    citations_moved: int = 0
    cost_usd: float | None = None

    def __add__(self, other: Usage) -> Usage:
        counts = [name for name in Usage.__dataclass_fields__ if name != "cost_usd"]
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            **{name: getattr(self, name) + getattr(other, name) for name in counts},
            cost_usd=sum(costs) if costs else None,
        )

    @property
    def summary(self) -> str:
        """`812 tokens in, 120 out`, with the cost where it is known."""
        tokens = f"{self.tokens_in} tokens in, {self.tokens_out} out"
        return tokens if self.cost_usd is None else f"{tokens}, ${self.cost_usd:.4f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question, as `airace ask --json` prints it; `as_of` is the date of its newest cited source.

    `withheld`, `usage` and `note` belong to language models: what was not shown, what it cost, and what the reader
    should know about how the answer came about.
    """

    question: str
    standalone_question: str
    engine: str
    answer: str
    abstained: bool
    abstain_reason: str | None
    confidence: float
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    as_of: str | None = None
    balance: Balance | None = None
    timings_ms: Timings = field(default_factory=Timings)
    index_version: str = ""
    withheld: tuple[WithheldSentence, ...] = ()
    note: str | None = None
    usage: Usage | None = None
    nearest: tuple[Passage, ...] = ()
    prompt: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The contract's JSON: plain lists and dicts; `nearest` and `prompt` stay out.

        A citation has a `page` only where its document has pages.
        """
        data = asdict(self)
        del data["nearest"], data["prompt"]
        for citation in data["citations"]:
            if citation["page"] is None:
                del citation["page"]
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """Stream event: what is searched for, and the passages found."""

    standalone_question: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Stream event: the next piece of provisional answer text, unchecked where a language model writes."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Stream event: a sentence that has been checked; `text` has its markers.

    Its numbers are final unless a note in the answer says that the answer was quoted instead.
    """

    sentence: AnswerSentence
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Stream event, always the last: the whole answer, checked."""

    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did, by document; `skipped` holds (source, reason and what to do)."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    duplicates: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    n_chunks: int = 0
    index_version: str = ""

    def summary(self) -> str:
        """One line: `added 3, updated 1, unchanged 75, skipped 2`; zeros other than added are left out."""
        counts = [("added", len(self.added)), ("updated", len(self.updated)), ("removed", len(self.removed))]
        counts += [("unchanged", len(self.unchanged)), ("skipped", len(self.skipped))]
        return ", ".join(f"{name} {n}" for name, n in counts if n or name in ("added", "unchanged"))
