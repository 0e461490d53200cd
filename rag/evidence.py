"""Ranks the sentences of retrieved passages as evidence for a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rag.constraints import Constraints
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

# Chosen on the tuning questions on the corpus, where they leave fewer sentences in doubt: as many right answers in 5 %
# fewer characters; more than this puts right sentences last.
_DEMAND_WEIGHTS = {"slot": 0.1, "years": 0.05}
_DEPTH = 20  # sentences whose demands are looked at


def rank_evidence(search: Search, candidates: Sequence[Candidate]) -> list[Evidence]:
    """All sentences of the passages, best evidence first.

    Features of each, all between 0 and 1: `late` (token matches of the question in the sentence or its heading),
    `late_near` (the same, where the sentences beside it count a little less), `asked` (match of the question word,
    whose embedding holds what is asked for), `coverage` (question terms in the sentence, by rarity), `coverage_near`
    (in it and the sentences beside it) and `type` (has a date, a number, a name where one is asked for); of its passage
    `passage` (late interaction) and `dense` (cosine). The first 20 have two more, which are costly: `slot` (has the
    very thing that is asked for) and `years` (is of the years asked about).
    """
    evidence = _ordered(item for candidate in candidates for item in _sentences(search, candidate))
    constraints = Constraints.of(search)
    by_chunk = {candidate.passage.chunk.chunk_id: candidate for candidate in candidates}
    first = [_with_demands(item, constraints, by_chunk[item.passage.chunk.chunk_id]) for item in evidence[:_DEPTH]]
    return _ordered([*first, *evidence[_DEPTH:]])


def _ordered(evidence: Iterable[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda item: (-item.score, item.passage.rank, item.start))


def _with_demands(item: Evidence, constraints: Constraints, candidate: Candidate) -> Evidence:
    demands = {"slot": constraints.slot_of(item, candidate), "years": constraints.years_of(item)}
    score = item.score + sum(weight * demands[name] for name, weight in _DEMAND_WEIGHTS.items())
    return replace(item, score=score, features=item.features | demands)


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
        "dense": passage.scores["dense"],
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
