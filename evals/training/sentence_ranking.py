"""Fits how sentences are ranked: `python -m evals.training.sentence_ranking DATA`, data in SQuAD's form.

For every question, a softmax over all sentences of the retrieved passages; its weights make the answering sentences
as likely as they can be (listwise maximum likelihood, Cao et al. 2007, Learning to Rank: From Pairwise Approach to
Listwise Approach, section 4). The features are those of `rag.evidence.rank_evidence`. Writes how often the answering
sentence comes first and among three, in cross-validation by article, and the weights over all articles; those in
`rag/evidence.py` are these, rounded.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evals.benchmarks.indexing import existing_file, indexed_texts
from rag import Assistant
from rag.evidence import EVIDENCE_WEIGHTS
from rag.settings import load_settings

__all__ = ["Ranking", "fit", "hits"]

_FOLDS = 6
_NAMES = tuple(EVIDENCE_WEIGHTS)
_RIDGE = 1.0  # penalty on squared weights of standardised features


@dataclass(frozen=True, slots=True)
class Ranking:
    """One question's sentences: (n, n_features) features, (n,) whether each answers, and the question's article."""

    features: NDArray[np.float64]
    answers: NDArray[np.bool_]
    article: int


def fit(rankings: Sequence[Ranking]) -> NDArray[np.float64]:
    """(n_features,) weights of the softmax; questions without an answering sentence are left out."""
    usable = [ranking for ranking in rankings if ranking.answers.any()]
    scale = np.concatenate([ranking.features for ranking in usable]).std(axis=0) + 1e-9
    lists = [(ranking.features / scale, ranking.answers) for ranking in usable]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = _RIDGE * float(weights @ weights) / 2, _RIDGE * weights
        for features, answers in lists:
            scores = features @ weights
            likely = np.exp(scores - scores.max())
            right = likely * answers
            total -= float(np.log(right.sum() / likely.sum()))
            gradient = gradient + features.T @ (likely / likely.sum() - right / right.sum())
        return total, gradient

    weights: NDArray[np.float64] = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B").x / scale
    return weights


def hits(rankings: Sequence[Ranking], weights: NDArray[np.float64], k: int) -> list[bool]:
    """Whether an answering sentence is among the first `k`, for every question."""
    return [
        bool(ranking.answers[np.argsort(-(ranking.features @ weights), kind="stable")[:k]].any())
        for ranking in rankings
    ]


def _collect(data: Path) -> list[Ranking]:
    articles = json.loads(existing_file(data).read_text(encoding="utf-8"))["data"]
    paragraphs = [(number, p) for number, article in enumerate(articles) for p in article["paragraphs"]]
    texts = {f"p{i:05}": paragraph["context"] for i, (_, paragraph) in enumerate(paragraphs)}
    with indexed_texts(texts, load_settings()) as assistant:
        return [
            _ranking(assistant, item, doc_id, number)
            for doc_id, (number, paragraph) in zip(texts, paragraphs, strict=True)
            for item in paragraph["qas"]
        ]


def _ranking(assistant: Assistant, item: dict[str, object], doc_id: str, article: int) -> Ranking:
    golds = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in item["answers"]]  # type: ignore[attr-defined]
    evidence = assistant.evidence(str(item["question"]))
    return Ranking(
        np.array([[sentence.features[name] for name in _NAMES] for sentence in evidence]),
        np.array(
            [
                sentence.passage.chunk.doc_id == doc_id
                and any(sentence.start <= start and end <= sentence.end for start, end in golds)
                for sentence in evidence
            ]
        ),
        article,
    )


def main(data: Path) -> None:
    """Write the cross-validated figures, those of the weights in use, and the weights over all questions."""
    rankings = _collect(data)
    found: dict[int, list[bool]] = {1: [], 3: []}
    for fold in range(_FOLDS):
        held_out = [ranking for ranking in rankings if ranking.article % _FOLDS == fold]
        weights = fit([ranking for ranking in rankings if ranking.article % _FOLDS != fold])
        for k, values in found.items():
            values += hits(held_out, weights, k)
    in_use = np.array(list(EVIDENCE_WEIGHTS.values()))
    for k, values in found.items():
        now = fmean(hits(rankings, in_use, k))
        sys.stdout.write(f"sentence@{k}: {fmean(values):.3f} cross-validated, {now:.3f} in use\n")
    fitted = fit(rankings)
    fitted *= in_use.sum() / fitted.sum()
    for name, weight in zip(_NAMES, fitted, strict=True):
        sys.stdout.write(f"{name:14} {weight:6.2f} fitted, {EVIDENCE_WEIGHTS[name]:5.2f} in use\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
