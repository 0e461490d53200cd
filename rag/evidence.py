"""Ranks the sentences of retrieved passages as evidence for a question, and says whether they answer it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.lexical import terms
from rag.question import expected_answer, offers
from rag.retrieval import Candidate, Search, sentence_columns
from rag.types import Evidence

__all__ = ["Judgement", "judge", "rank_evidence"]

# Rank of the answering sentence on the XQuAD dev questions: first 0.79, among three 0.94; a logistic regression
# over the same features does no better, so the weights are round numbers.
_WEIGHTS = {"in_context": 2.0, "coverage": 0.2, "passage": 1.0, "type": 0.1}

# Logistic regression on questions with and without an answer: the XQuAD and chunking dev questions, each asked with
# and without the passage that answers it, and `evals/datasets/tune.jsonl` (weights 1 : 1 : 2). Area under the curve
# there 0.90, 0.64 and 0.83; on `evals/datasets/starter.jsonl`, which was not fitted, 0.92.
_CONFIDENCE = {"late_weighted": 3.6, "weakest": 3.29, "dense": 1.48, "length": 4.08}
_INTERCEPT = -6.38
_LONG_QUESTION = 15  # terms; the longer the question, the lower its mean match with the right sentence
_OFF_TOPIC_COSINE = 0.25  # best passage below it: another subject altogether
_OFF_TOPIC_COVERAGE = 0.35


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely it is that the evidence answers the question, and whether it is about the subject at all."""

    confidence: float
    on_topic: bool


def rank_evidence(search: Search, candidates: Sequence[Candidate]) -> list[Evidence]:
    """All sentences of the passages, best evidence first.

    Features of each, all between 0 and 1: `late_weighted` (token matches of the question in the sentence),
    `in_context` (the same where the heading above counts as well, plain and weighted), `coverage` (question terms in
    the sentence, by rarity), `type` (has a date, a number, a name where one is asked for); of its passage `passage`
    (score), `context` (coverage), `dense` (cosine) and `weakest` (match of the weighty question word that is matched
    worst); and of the question its `length`.
    """
    question = search.query.question
    expected = expected_answer(question)
    evidence = []
    for candidate in candidates:
        passage, chunk = candidate.passage, candidate.passage.chunk
        heading = candidate.similarities[:, candidate.embedding.offsets[:, 1] <= len(chunk.prefix)]
        of_passage = {
            "passage": passage.score,
            "context": search.coverage(set(terms(chunk.indexed_text))),
            "dense": passage.scores["dense"],
            "weakest": search.tokens.weakest(candidate.similarities),
            "length": min(len(search.idf), _LONG_QUESTION) / _LONG_QUESTION,
        }
        for start, end in chunk.sentences:
            text = chunk.text[start - chunk.start : end - chunk.start]
            columns = sentence_columns(
                candidate.embedding,
                prefix=len(chunk.prefix),
                start=start - chunk.start,
                end=end - chunk.start,
            )
            matches = candidate.similarities[:, columns]
            features = {
                "late_weighted": search.tokens.score(matches)[1],
                "in_context": sum(search.tokens.score(matches, heading)) / 2,
                "coverage": search.coverage(set(terms(text))),
                "type": offers(text, expected, question),
            } | of_passage
            score = sum(weight * features[name] for name, weight in _WEIGHTS.items())
            evidence.append(Evidence(passage=passage, start=start, end=end, text=text, score=score, features=features))
    evidence.sort(key=lambda item: (-item.score, item.passage.rank, item.start))
    return evidence


def judge(evidence: Sequence[Evidence]) -> Judgement:
    """Whether the best evidence answers the question."""
    if not evidence:
        return Judgement(0.0, on_topic=False)
    best = evidence[0].features
    logit = _INTERCEPT + sum(weight * best[name] for name, weight in _CONFIDENCE.items())
    cosine = max(item.features["dense"] for item in evidence)
    covered = max(item.features["context"] for item in evidence)
    on_topic = cosine >= _OFF_TOPIC_COSINE or covered >= _OFF_TOPIC_COVERAGE
    return Judgement(1.0 / (1.0 + math.exp(-logit)), on_topic=on_topic)
