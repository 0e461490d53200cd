"""Ranks the sentences of retrieved passages as evidence for a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.lexical import terms
from rag.question import expected_answer, offers
from rag.retrieval import Candidate, Search
from rag.sentence_matches import late_features
from rag.types import Evidence

__all__ = ["EVIDENCE_WEIGHTS", "rank_evidence"]

# A softmax regression on which sentence answers, over the XQuAD dev questions (cross-validated by article), rounded
# and scaled so that a good sentence scores about 2; see `evals/EXPERIMENTS.md`.
EVIDENCE_WEIGHTS = {
    "late": 0.35,
    "late_near": 1.0,
    "asked": 0.4,
    "coverage": 0.25,
    "coverage_near": 0.2,
    "type": 0.12,
    "passage": 0.7,
    "dense": 0.3,
}

_LONG_QUESTION = 15  # terms; the longer the question, the lower its mean match with the right sentence


def rank_evidence(search: Search, candidates: Sequence[Candidate]) -> list[Evidence]:
    """All sentences of the passages, best evidence first.

    Features of each, all between 0 and 1: `late` (token matches of the question in the sentence or its heading),
    `late_near` (the same, where the sentences beside it count a little less), `asked` (match of the question word,
    whose embedding holds what is asked for), `coverage` (question terms in the sentence, by rarity), `coverage_near`
    (in it and the sentences beside it), `type` (has a date, a number, a name where one is asked for) and
    `late_weighted` (token matches in the sentence alone, by rarity); of its passage `passage` (late interaction),
    `context` (coverage), `dense` (cosine) and `weakest` (match of the weighty question word that is matched worst);
    and of the question its `length`.
    """
    evidence = [item for candidate in candidates for item in _sentences(search, candidate)]
    evidence.sort(key=lambda item: (-item.score, item.passage.rank, item.start))
    return evidence


def _sentences(search: Search, candidate: Candidate) -> Iterator[Evidence]:
    """The sentences of one passage with their features and scores."""
    question = search.query.question
    expected = expected_answer(question)
    passage, chunk = candidate.passage, candidate.passage.chunk
    texts = [chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences]
    found = [set(terms(text)) for text in texts]
    late = late_features(search, candidate)
    of_passage = {
        "passage": passage.scores["late"],
        "context": search.coverage(set(terms(chunk.indexed_text))),
        "dense": passage.scores["dense"],
        "weakest": search.tokens.weakest(candidate.similarities),
        "length": min(len(search.idf), _LONG_QUESTION) / _LONG_QUESTION,
    }
    for i, ((start, end), text) in enumerate(zip(chunk.sentences, texts, strict=True)):
        features = {
            "coverage": search.coverage(found[i]),
            "coverage_near": search.coverage(set().union(*found[max(0, i - 1) : i + 2])),
            "type": offers(text, expected, question),
        }
        features |= late[i] | of_passage
        score = sum(weight * features[name] for name, weight in EVIDENCE_WEIGHTS.items())
        yield Evidence(passage=passage, start=start, end=end, text=text, score=score, features=features)
