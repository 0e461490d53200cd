"""Fits `rag/weights/verification.json`: from which match of its words a sentence counts as said by a passage.

    python -m evals.training.verification

A logistic regression over the features of `rag.verification.meaning`, on the `tune` half of the pairs alone: true
sentences with their passages against invented details, facts of other passages, and true sentences with the other
passages of their document. What is printed comes from ten-fold cross-validation, no document in two folds. Run it again
whenever a feature has changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from evals.verification_eval import Pair, read_pairs
from rag.embedding import open_embedder
from rag.protocols import Embedder
from rag.settings import load_settings
from rag.verification.judging import nearest_stretch
from rag.verification.meaning import content_words, match_features
from rag.verification.stretches import stretches
from rag.weights import VERIFICATION_FILE

__all__ = ["main"]

_UNSAID = ("invented", "other_passage")  # kinds of breaks that only the meaning of words can tell
_REGULARISATION = 1.0  # C of scikit-learn; 0.3 to 3 do equally well
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class _Example:
    features: dict[str, float]
    supported: bool
    doc_id: str


def main() -> None:
    """Fit with and without an embedding model, print what cross-validation says, and write the weights."""
    pairs = [pair for pair in read_pairs() if pair.split == "tune"]
    embedders = {"model": open_embedder(load_settings()), "stems": None}
    data = {name: _fit(name, list(_examples(pairs, embedder))) for name, embedder in embedders.items()}
    VERIFICATION_FILE.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def _fit(name: str, examples: Sequence[_Example]) -> dict[str, object]:
    names = list(examples[0].features)
    values = np.array([[example.features[key] for key in names] for example in examples])
    labels = np.array([example.supported for example in examples])
    regression = LogisticRegression(C=_REGULARISATION, class_weight="balanced")
    folds = GroupKFold(_FOLDS)
    groups = [example.doc_id for example in examples]
    held_out = cross_val_predict(regression, values, labels, groups=groups, cv=folds)
    sys.stdout.write(f"{name}: held out, supported {_rate(held_out, labels)}, not {_rate(~held_out, ~labels)}\n")
    regression.fit(values, labels)
    weights = {key: round(float(weight), 2) for key, weight in zip(names, regression.coef_[0], strict=True)}
    return {"intercept": round(float(regression.intercept_[0]), 2), "features": weights}


def _rate(said: NDArray[np.bool_], labels: NDArray[np.bool_]) -> str:
    return f"{said[labels].mean():.3f} of {labels.sum()}"


def _examples(pairs: Sequence[Pair], embedder: Embedder | None) -> Iterator[_Example]:
    for pair in pairs:
        doc_id = pair.passages[0].doc_id
        texts = [passage.text for passage in pair.passages]
        if pair.supported or pair.kind in _UNSAID:
            yield _Example(_features(pair.sentence, texts, embedder), pair.supported, doc_id)
        if pair.supported:
            for other in sorted({p.text for q in pairs for p in q.passages if p.doc_id == doc_id} - set(texts)):
                yield _Example(_features(pair.sentence, [other], embedder), False, doc_id)


def _features(sentence: str, texts: Sequence[str], embedder: Embedder | None) -> dict[str, float]:
    _, met = nearest_stretch(sentence, content_words(sentence), list(stretches(texts)), texts, embedder)
    return match_features(met)


if __name__ == "__main__":
    main()
