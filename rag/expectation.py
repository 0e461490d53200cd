"""Follows a passage that was expected through a search: its rank at every stage, and where it was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.fuzz import partial_ratio_alignment

from rag.catalog import CatalogEntry
from rag.index import Index
from rag.lexical import content_terms
from rag.retrieval import Retriever, Scored, Search, Trace
from rag.types import Answer, Document, Evidence

__all__ = ["Expected", "ExpectedTrace", "Run", "Stage", "find_expected", "trace_expected"]

_ALIKE = 90.0  # per cent of characters from which pasted words count as those of a passage
_N_LIKELY = 50  # passages that pasted words are compared with


@dataclass(frozen=True, slots=True)
class Expected:
    """A passage that should have been found, and the stretch of its document that was meant."""

    entry: CatalogEntry
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the way: the passage's rank (from 1; None: none) among how many, and whether it got on from there."""

    name: str
    rank: int | None
    total: int
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedTrace:
    """Where the expected passage went.

    verdict: One sentence that says where it was lost, or that it was not.
    in_answer: Whether the answer quotes it.
    document: Its document; None if no passage has the expected words.
    text: The passage's text.
    scores: What it scored at every stage; empty where it was not reranked.
    stages: All steps in order.
    """

    verdict: str
    in_answer: bool = False
    document: Document | None = None
    text: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What happened to a question: the search and its trace, the evidence composed from, the answer, the limits."""

    search: Search
    trace: Trace
    evidence: Sequence[Evidence]
    answer: Answer
    doc_ids: Sequence[str] | None
    k: int
    threshold: float


def find_expected(index: Index, expected: str, trace: Trace) -> Expected | None:
    """The passage with this id or, best, these words; of several that have them the one that was ranked best."""
    entry = index.catalog.entries([expected.strip()]).get(expected.strip())
    if entry is not None:
        return Expected(entry, entry.chunk.start, entry.chunk.end)
    words = " ".join(expected.split())
    rows = index.lexical.top(index.lexical.scores(content_terms(words)), k=_N_LIKELY)
    order = {item.entry.row: rank for rank, item in enumerate(trace.reranked)}
    found: list[tuple[float, int, Expected]] = []
    for row, likely in index.catalog.entries_at(rows).items():
        text = likely.chunk.text.replace("\n", " ")
        match = partial_ratio_alignment(words.casefold(), text.casefold(), score_cutoff=_ALIKE)
        if match is not None:
            start = likely.chunk.start
            span = Expected(likely, start + match.dest_start, start + match.dest_end)
            found.append((-match.score, order.get(row, len(order)), span))
    return min(found, key=lambda item: item[:2])[2] if found else None


def trace_expected(index: Index, retriever: Retriever, run: Run, expected: Expected | None) -> ExpectedTrace:
    """Follow the expected passage."""
    if expected is None:
        return ExpectedTrace(
            verdict="No passage of the indexed documents has these words: its document is not in the library, or says "
            "it in other words.",
        )
    chunk = expected.entry.chunk
    in_answer = _citation(run.answer, expected)
    return ExpectedTrace(
        verdict=_verdict(index, retriever, run, expected, in_answer),
        in_answer=in_answer is not None,
        document=index.catalog.document(chunk.doc_id),
        text=chunk.text,
        scores=next((item.scores for item in run.trace.reranked if item.entry.chunk == chunk), {}),
        stages=_stages(index, retriever, run, expected, in_answer),
    )


def _stages(
    index: Index, retriever: Retriever, run: Run, expected: Expected, in_answer: int | None
) -> tuple[Stage, ...]:
    chunk, trace = expected.entry.chunk, run.trace
    dense, lexical, total = retriever.ranks(run.search, expected.entry, run.doc_ids)
    n_documents = index.manifest.n_documents if run.doc_ids is None else len(run.doc_ids)
    reranked, distinct, shown = (_rank(items, expected) for items in (trace.reranked, trace.distinct, trace.shown))
    evidence = _evidence_rank(run, expected)
    return (
        Stage(name="Filters", rank=None, total=n_documents, passed=_is_in_scope(run, expected)),
        Stage(name="Dense search", rank=dense, total=total, passed=chunk.chunk_id in trace.dense),
        Stage(name="Lexical search", rank=lexical, total=total, passed=expected.entry.row in trace.lexical),
        Stage(name="Reranking", rank=reranked, total=len(trace.reranked), passed=distinct is not None),
        Stage(name="Without repeats", rank=distinct, total=len(trace.distinct), passed=distinct is not None),
        Stage(name="Worth showing", rank=shown, total=len(trace.shown), passed=shown is not None),
        Stage(name="Evidence", rank=evidence, total=len(run.evidence), passed=evidence is not None),
        Stage(name="Answer", rank=in_answer, total=len(run.answer.citations), passed=in_answer is not None),
    )


def _verdict(index: Index, retriever: Retriever, run: Run, expected: Expected, in_answer: int | None) -> str:
    """One sentence on what became of the passage."""
    if in_answer is not None and not run.answer.abstained:
        return f"Not lost: the answer quotes it as [{in_answer}]."
    if not _is_in_scope(run, expected):
        return "Lost before the search: the filters leave its document out."
    rank = _evidence_rank(run, expected)
    if rank is not None:
        return _not_quoted(run, rank)
    reranked = _rank(run.trace.reranked, expected)
    if reranked is None:
        return (
            f"Lost in the search: neither the meaning nor the words of the question bring it among the "
            f"{retriever.n_candidates} best of either search."
        )
    return _not_shown(index, run, expected, reranked)


def _not_shown(index: Index, run: Run, expected: Expected, reranked: int) -> str:
    chunk = expected.entry.chunk
    if twin := run.trace.repeats.get(chunk.chunk_id):
        if twin == chunk.doc_id:
            return "Left out as a repeat: another passage of the same document says the same and stands for it."
        document = index.catalog.document(twin)
        title = document.display_title if document else twin
        return f"Left out as a repeat: “{title}” says the same and stands for it."
    if _rank(run.trace.distinct, expected) is not None:
        return (
            f"Left out after reranking: it came {_ordinal(reranked)}, but scores far below the best passage, and its "
            "document already has a better one."
        )
    return (
        f"Lost in reranking: it came {_ordinal(reranked)} of {len(run.trace.reranked)} candidates, and evidence is "
        f"taken from the {run.k} best without repeats."
    )


def _not_quoted(run: Run, rank: int) -> str:
    place = f"it was found, and its best sentence is {_ordinal(rank)} of {len(run.evidence)} as evidence"
    if run.answer.abstained:
        return (
            f"Not lost, but there is no answer: {place}, but the confidence is {run.answer.confidence:.0%} and "
            f"{run.threshold:.0%} is needed."
        )
    return f"Lost in composing the answer: {place}, but the sentences before it were enough, or say the same."


def _rank(items: Sequence[Scored], expected: Expected) -> int | None:
    wanted = expected.entry.chunk.chunk_id
    return next((rank for rank, item in enumerate(items, start=1) if item.entry.chunk.chunk_id == wanted), None)


def _evidence_rank(run: Run, expected: Expected) -> int | None:
    """Rank of the best sentence that overlaps with the expected words."""
    doc_id = expected.entry.chunk.doc_id
    for rank, item in enumerate(run.evidence, start=1):
        if item.passage.chunk.doc_id == doc_id and item.start < expected.end and expected.start < item.end:
            return rank
    return None


def _citation(answer: Answer, expected: Expected) -> int | None:
    """Number of the citation whose quote overlaps with the expected words."""
    doc_id = expected.entry.chunk.doc_id
    for citation in answer.citations:
        if citation.doc_id == doc_id and citation.quote_start < expected.end and expected.start < citation.quote_end:
            return citation.n
    return None


def _is_in_scope(run: Run, expected: Expected) -> bool:
    return run.doc_ids is None or expected.entry.chunk.doc_id in run.doc_ids


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
