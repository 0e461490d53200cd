"""Fits `rag/weights/verification.json`: from which match of its words a sentence counts as said.

    python -m evals.training.verification

A logistic regression over the features of `rag.verification.meaning`, on the `tune` split alone: true
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

from evals.verification_eval import Pair, SourcePassage, read_pairs
from rag.embedding import open_embedder
from rag.protocols import Embedder
from rag.settings import load_settings
from rag.verification.judging import claim_of, nearest_stretch
from rag.verification.meaning import content_words, match_features
from rag.verification.stretches import stretches
from rag.weights import VERIFICATION_FILE

__all__ = ["main"]

_UNSAID = ("invented", "other_passage")  # kinds of breaks that the meaning of words tells
_TRUE_WEIGHT = 3.0  # of a true sentence: nine in ten of the others are caught by figures, names and the like already
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
    data = json.loads(VERIFICATION_FILE.read_text(encoding="utf-8"))
    data |= {name: _fit(name, list(_examples(pairs, embedder))) for name, embedder in embedders.items()}
    VERIFICATION_FILE.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def _fit(name: str, examples: Sequence[_Example]) -> dict[str, object]:
    names = list(examples[0].features)
    values = np.array([[example.features[key] for key in names] for example in examples])
    labels = np.array([example.supported for example in examples])
    regression = LogisticRegression(C=_REGULARISATION, class_weight={True: _TRUE_WEIGHT, False: 1.0})
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
        own = pair.passages[0]
        if pair.supported or pair.kind in _UNSAID:
            yield _example(pair.sentence, own, pair.supported, embedder)
        for other in _others(pairs, own) if pair.supported else ():
            yield _example(pair.sentence, other, False, embedder)


def _others(pairs: Sequence[Pair], own: SourcePassage) -> list[SourcePassage]:
    """The other passages of the same document."""
    passages = {passage.text: passage for pair in pairs for passage in pair.passages if passage.doc_id == own.doc_id}
    return [passage for text, passage in sorted(passages.items()) if text != own.text]


def _example(sentence: str, passage: SourcePassage, supported: bool, embedder: Embedder | None) -> _Example:
    claim = claim_of(sentence)
    pieces, texts = list(stretches([passage.text])), [passage.text]
    _, met = nearest_stretch(claim, content_words(claim), pieces, texts, embedder)
    return _Example(match_features(met), supported, passage.doc_id)


if __name__ == "__main__":
    main()
