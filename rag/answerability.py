"""Says how likely it is that the ranked evidence answers the question, and whether it is about the subject at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.constraints import Constraints
from rag.lexical import terms
from rag.question import asks_why, gives_reason, named_versions
from rag.retrieval import Candidate, Search, sentence_columns
from rag.shares import answer_shares
from rag.types import Evidence
from rag.weights import load_weights

__all__ = ["Judgement", "answerability_features", "judge", "names_unknown_version"]

_FIRST = 3  # sentences that are looked at beside the best one
_LONG_QUESTION = 15  # terms; the longer the question, the lower its mean match with the right sentence
# Best passage below both: another subject altogether. No answerable tuning question on the corpus, 0.2 % of XQuAD's.
_NAMES_UNKNOWN = 0.3  # times the confidence
_OFF_TOPIC_COSINE = 0.3
_OFF_TOPIC_COVERAGE = 0.35


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely it is that the evidence answers the question, and whether it is about the subject at all."""

    confidence: float
    on_topic: bool


def judge(
    search: Search, candidates: Sequence[Candidate], evidence: Sequence[Evidence], *, names_unknown: bool = False
) -> Judgement:
    """Whether the evidence answers the question.

    The confidence is calibrated for questions of which four in five have an answer, on questions that were not used
    for fitting: see `evals/training/answerability.py`.

    Args:
        search: The query.
        candidates: The passages.
        evidence: Their sentences, best first.
        names_unknown: The question names something that no document mentions, which makes an answer unlikely whatever
            else matches.
    """
    if not evidence:
        return Judgement(0.0, on_topic=False)
    weights = load_weights()
    features = answerability_features(search, candidates, evidence)
    logit = weights.intercept + sum(weight * features[name] for name, weight in weights.features.items())
    confidence = (_NAMES_UNKNOWN if names_unknown else 1.0) / (1.0 + math.exp(-logit))
    return Judgement(confidence, on_topic=_is_on_topic(search, candidates))


def names_unknown_version(question: str, mentions: Callable[[Sequence[str]], bool]) -> bool:
    """Whether the question names a numbered product ("Llama 5") that no document mentions.

    Args:
        question: As asked.
        mentions: Whether any of some phrases stands in the documents.
    """
    versions = named_versions(question)
    return any(not mentions([f"{name}{mark}{number}" for mark in (" ", "-", "")]) for name, number in versions)


def answerability_features(
    search: Search, candidates: Sequence[Candidate], evidence: Sequence[Evidence]
) -> Mapping[str, float]:
    """What the confidence rests on, each between 0 and 1 (`sentence_cosine` can be a little below 0).

    Of the passages: `match`, the best token-level match of the question, words weighted by rarity. Of the question: its
    `length`. Of the best sentence: `sentence_cosine`, and `constraints`, how far it alone meets all that the question
    demands. Of the first three: `years`, how far they are of the years asked about,
    `reason`, whether any gives one (1 where none is asked for), and `share`, their part in the chance of answering.
    """
    by_chunk = {candidate.passage.chunk.chunk_id: candidate for candidate in candidates}
    first = evidence[:_FIRST]
    constraints = Constraints.of(search)
    met = [constraints.met_by(item, by_chunk[item.passage.chunk.chunk_id]) for item in first]
    wants_reason = asks_why(search.query.question)
    return {
        "match": max(search.tokens.weighted_score(candidate.similarities) for candidate in candidates),
        "length": min(len(search.idf), _LONG_QUESTION) / _LONG_QUESTION,
        "sentence_cosine": _sentence_cosine(search, first[0], by_chunk[first[0].passage.chunk.chunk_id]),
        "constraints": met[0].fit,
        "years": sum(item.years for item in met) / len(met),
        "reason": float(not wants_reason or any(gives_reason(item.text) for item in first)),
        "share": sum(answer_shares(evidence)[:_FIRST]),
    }


def _is_on_topic(search: Search, candidates: Sequence[Candidate]) -> bool:
    cosine = max(candidate.passage.scores["dense"] for candidate in candidates)
    covered = max(search.coverage(set(terms(candidate.passage.chunk.indexed_text))) for candidate in candidates)
    return cosine >= _OFF_TOPIC_COSINE or covered >= _OFF_TOPIC_COVERAGE


def _sentence_cosine(search: Search, item: Evidence, candidate: Candidate) -> float:
    """Cosine of the mean token of the question and that of the sentence, as the model sees it in its passage."""
    chunk = item.passage.chunk
    columns = sentence_columns(
        candidate.embedding, prefix=len(chunk.prefix), start=item.start - chunk.start, end=item.end - chunk.start
    )
    if not columns.any() or not len(search.embedding.tokens):
        return 0.0
    sentence = candidate.embedding.tokens[columns].astype(np.float32).mean(axis=0)
    question = search.embedding.tokens.mean(axis=0)
    norms = float(np.linalg.norm(sentence) * np.linalg.norm(question))
    return float(sentence @ question) / norms if norms else 0.0
