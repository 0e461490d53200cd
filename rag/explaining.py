"""Explains an answer: what was searched, what was weighed, and where an expected passage was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.answerability import answerability_features, names_unknown_version
from rag.decomposition import sub_questions
from rag.evidence import rank_evidence
from rag.expectation import ExpectedTrace, Run, find_expected, trace_expected
from rag.pipeline import Pipeline
from rag.retrieval import Query
from rag.types import Answer, Evidence, Passage
from rag.weights import load_weights

__all__ = ["Explanation", "Factor", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One thing that the confidence rests on: its value, its weight, and so what it adds to the log-odds."""

    name: str
    value: float
    weight: float

    @property
    def contribution(self) -> float:
        """What it adds to the log-odds."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How an answer came about.

    answer: The answer itself.
    searched: The question as it was searched for, misspelt words corrected.
    parts: What a question for several things was taken apart into.
    where: The filters.
    n_documents: How many documents pass the filters.
    passages: The passages that evidence was taken from, best first, with the scores of every stage.
    n_candidates: How many passages were reranked.
    evidence: All their sentences as the answer is composed from them, best first.
    factors: What the confidence rests on, none where no passage was found; the intercept is among them.
    names_unknown: Whether the question names a numbered product that no document mentions, which cuts the confidence.
    threshold: Confidence below which there is no answer.
    expected: Where the expected passage went; None if none was asked about.
    """

    answer: Answer
    searched: str
    parts: tuple[str, ...]
    where: Mapping[str, str | Sequence[str]]
    n_documents: int
    passages: tuple[Passage, ...]
    n_candidates: int
    evidence: tuple[Evidence, ...]
    factors: tuple[Factor, ...]
    names_unknown: bool
    threshold: float
    expected: ExpectedTrace | None


def explain(
    pipeline: Pipeline,
    query: Query,
    answer: Answer,
    expected: str | None,
    where: Mapping[str, str | Sequence[str]],
) -> Explanation:
    """Go the way of a question again and note what happened.

    Args:
        pipeline: What searched and judged.
        query: The question, misspelt words corrected.
        answer: What came out.
        expected: The id of a passage, or words of the documents, that should have been found.
        where: The filters.
    """
    index, retriever = pipeline.index, pipeline.retriever()
    k, threshold = pipeline.settings.top_k, pipeline.settings.abstain_below
    search = retriever.prepare(query)
    trace = retriever.trace(search, k=k, where=where)
    candidates = retriever.as_candidates(trace.shown)
    ranked = rank_evidence(search, candidates)
    factors: tuple[Factor, ...] = ()
    if ranked:
        weights, features = load_weights(), answerability_features(search, candidates, ranked)
        factors = (
            *(Factor(name=name, value=features[name], weight=weight) for name, weight in weights.features.items()),
            Factor(name="intercept", value=1.0, weight=weights.intercept),
        )
    evidence = pipeline.composable(query, ranked, where=where)
    doc_ids = index.catalog.matching(where)
    found: ExpectedTrace | None = None
    if expected and expected.strip():
        run = Run(
            search=search, trace=trace, evidence=evidence, answer=answer, doc_ids=doc_ids, k=k, threshold=threshold
        )
        found = trace_expected(index, retriever, run, find_expected(index, expected, trace))
    return Explanation(
        answer=answer,
        searched=query.text,
        parts=tuple(sub_questions(query.question)),
        where=where,
        n_documents=index.manifest.n_documents if doc_ids is None else len(doc_ids),
        passages=tuple(candidate.passage for candidate in candidates),
        n_candidates=len(trace.reranked),
        evidence=tuple(evidence),
        factors=factors,
        names_unknown=names_unknown_version(query.question, index.catalog.mentions),
        threshold=threshold,
        expected=found,
    )
