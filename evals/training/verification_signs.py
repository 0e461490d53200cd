"""Fits `signs` in `rag/weights/verification.json`: how much each sign that speaks against a sentence counts.

    python -m evals.training.verification_signs

A logistic regression over the signs of `rag.verification.signs`, on the hard pairs of `verification_train.jsonl` and on
the `tune` split of `verification.jsonl`. How well the words are met is left out: whoever writes false sentences by hand
stays close to the source, so that a fit on them takes copied words for a proof of falsehood. For the same reason no
sign may speak for a sentence. What is printed comes from ten-fold cross-validation, no document in two folds. Run it
again whenever a sign has changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import GroupKFold

from evals.verification_eval import Pair, read_pairs, read_training_pairs
from rag.verification.figures import check_figures
from rag.verification.judging import claim_of, nearest_stretch
from rag.verification.meaning import content_words
from rag.verification.signs import SIGNS, findings
from rag.verification.stretches import stretches
from rag.weights import VERIFICATION_FILE

__all__ = ["main"]

_OTHERS = ("number", "unit", "date", "invented", "other_passage")  # breaks that figures or the meaning of words tell
_REGULARISATION = 10.0
_SHARES = {"hard": 0.6, "plain": 0.4}  # weight of each source, of its true and false sentences alike
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class _Example:
    signs: frozenset[str]
    supported: bool
    doc_id: str
    source: str


def main() -> None:
    """Print what cross-validation says, and write the weights."""
    plain = [pair for pair in read_pairs() if pair.split == "tune"]
    examples = [*_examples(read_training_pairs(), "hard"), *_examples(plain, "plain")]
    data = json.loads(VERIFICATION_FILE.read_text(encoding="utf-8")) | {"signs": _fit(examples)}
    VERIFICATION_FILE.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def _fit(examples: Sequence[_Example]) -> dict[str, object]:
    names = list(SIGNS)
    values = np.array([[float(key in example.signs) for key in names] for example in examples])
    labels = np.array([example.supported for example in examples])
    weights = _weights(examples)
    held_out = np.zeros(len(examples), dtype=bool)
    for fitted, left in GroupKFold(_FOLDS).split(values, groups=[example.doc_id for example in examples]):
        found = _regression(values[fitted], labels[fitted], weights[fitted])
        held_out[left] = found[0] + values[left] @ found[1:] >= 0
    for source in _SHARES:
        for wanted in (True, False):
            rows = [n for n, e in enumerate(examples) if (e.source, e.supported) == (source, wanted)]
            if rows:
                rate = float((held_out[rows] == wanted).mean())
                sys.stdout.write(f"{source}, {'true' if wanted else 'false'} {rate:.3f} of {len(rows)}\n")
    found = _regression(values, labels, weights)
    features = {key: round(float(weight), 2) for key, weight in zip(names, found[1:], strict=True)}
    return {"intercept": round(float(found[0]), 2), "features": features}


def _regression(
    values: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(1 + n_features,) the intercept and the weights, none of them above 0."""
    side = np.where(labels, 1.0, -1.0)
    bounds = [(None, None), *[(None, 0.0)] * values.shape[1]]

    def loss(found: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = side * (values @ found[1:] + found[0])
        slope = -weights * side / (1.0 + np.exp(margins))
        total = float((weights * np.logaddexp(0.0, -margins)).sum() + (found[1:] ** 2).sum() / (2 * _REGULARISATION))
        return total, np.r_[slope.sum(), values.T @ slope + found[1:] / _REGULARISATION]

    start = np.zeros(values.shape[1] + 1)
    return np.asarray(minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x)


def _weights(examples: Sequence[_Example]) -> NDArray[np.float64]:
    """(n,) of mean 1, so that the true and the false sentences of a source have the same weight together."""
    groups = [(example.source, example.supported) for example in examples]
    share = np.array([_SHARES[source] / groups.count((source, supported)) for source, supported in groups])
    return np.asarray(share * len(examples) / share.sum())


def _examples(pairs: Sequence[Pair], source: str) -> Iterator[_Example]:
    """What the regression has to judge: no pair that figures decide, nor one in which no sign can be expected."""
    for pair in pairs:
        if pair.kind in _OTHERS:
            continue
        claim, passage = claim_of(pair.sentence), pair.passages[0]
        pieces, texts = list(stretches([passage.text])), [passage.text]
        piece, _ = nearest_stretch(claim, content_words(claim), pieces, texts, None)
        if not check_figures(claim, piece.text):
            found = findings(claim, piece.text, heading=passage.heading, passage=passage.text)
            yield _Example(frozenset(found), pair.supported, passage.doc_id, source)


if __name__ == "__main__":
    main()
