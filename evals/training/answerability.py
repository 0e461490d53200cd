"""Fits `rag/weights/answerability.json`: the confidence that the evidence answers, and the temperature of its scores.

    python -m evals.training.answerability --xquad xquad.en.json --mtrag tasks.jsonl --work /tmp/training

A logistic regression over the features of `rag.answerability`, on questions with an answer and without. Every figure
that is printed comes from ten-fold cross-validation in which no document, article or task is in two folds. Run it again
whenever retrieval, the ranking of evidence or a feature has changed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evals.metrics.abstention import auroc
from evals.training.examples import Example, corpus_examples, mtrag_examples, squad_examples
from rag import Settings
from rag.answerability import answerability_features
from rag.shares import DEPTH
from rag.weights import WEIGHTS_FILE, load_weights

__all__ = ["expected_calibration_error", "main", "softmax_temperature"]

Floats = NDArray[np.float64]
# Questions on the corpus are what airace is for; the others keep the fit from learning how their authors write.
_FAMILY_WEIGHTS = {
    "corpus": 3.0,
    "corpus, answer removed": 1.0,
    "mtrag": 1.0,
    "squad": 0.3,
    "squad, answer removed": 0.3,
}
_REGULARISATION = 0.3  # C of scikit-learn; 0.03 to 1 do equally well
_ANSWERABLE_SHARE = 0.8  # of the questions that the confidence is calibrated for
_FOLDS = 10
_BINS = 10
_TEMPERATURES = [float(temperature) for temperature in np.geomspace(0.005, 20.0, 400)]
_COMPARED = (
    ("corpus", "corpus", "corpus"),
    ("corpus, answer removed", "corpus", "corpus, answer removed"),
    ("squad, answer removed", "squad", "squad, answer removed"),
    ("mtrag", "mtrag", "mtrag"),
)
_THRESHOLDS = np.arange(0.30, 0.90, 0.05)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, print what cross-validation says, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--xquad", type=Path, required=True)
    parser.add_argument("--mtrag", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for indexes, kept for the next run")
    options = parser.parse_args(arguments)
    examples = list(corpus_examples(Settings(data_dir=options.work / "corpus" / "data")))
    examples += squad_examples(options.xquad, options.work / "xquad")
    examples += mtrag_examples(options.mtrag, options.work / "mtrag")
    examples = [example for example in examples if example.evidence]

    temperature = round(softmax_temperature(_races(examples)), 3)
    _write(temperature, 0.0, {})  # the features need it
    rows = [answerability_features(e.search, e.candidates, e.evidence) for e in examples]
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    held_out = _held_out_logits(values, examples)
    slope, shift = _calibration(held_out, examples)
    weights, intercept = _fit(values, examples)
    _write(temperature, slope * intercept + shift, dict(zip(names, slope * weights, strict=True)))
    _report(1 / (1 + np.exp(-(slope * held_out + shift))), examples)


def softmax_temperature(races: Sequence[tuple[Floats, NDArray[np.bool_]]]) -> float:
    """The temperature under which the right ones are most likely, given (scores, which are right) of each race."""

    def log_likelihood(temperature: float) -> float:
        powers = [(np.exp((scores - scores.max()) / temperature), right) for scores, right in races]
        return float(np.mean([np.log(power[right].sum() / power.sum()) for power, right in powers]))

    return max(_TEMPERATURES, key=log_likelihood)


def expected_calibration_error(confidence: Floats, right: NDArray[np.bool_], weights: Floats) -> float:
    """Mean distance between confidence and rate of being right over ten bins (Guo et al. 2017, arXiv 1706.04599)."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for n in range(_BINS):
        inside = bins == n
        if inside.any():
            gap = np.average(confidence[inside], weights=weights[inside]) - np.average(
                right[inside], weights=weights[inside]
            )
            error += abs(float(gap)) * float(weights[inside].sum())
    return error / float(weights.sum())


def _races(examples: Sequence[Example]) -> list[tuple[Floats, NDArray[np.bool_]]]:
    """The scores of the first sentences of each question of which one is right."""
    races = []
    for example in examples:
        right = np.array(example.right[:DEPTH], dtype=bool)
        if right.any():
            races.append((np.array([item.score for item in example.evidence[:DEPTH]]), right))
    return races


def _labels(examples: Sequence[Example]) -> NDArray[np.bool_]:
    return np.array([example.answerable for example in examples])


def _fit(values: Floats, examples: Sequence[Example]) -> tuple[Floats, float]:
    """Weights of the features as they are, and the intercept."""
    scaler = StandardScaler()
    regression = LogisticRegression(C=_REGULARISATION, max_iter=1000)
    sample_weights = [_FAMILY_WEIGHTS[example.family] for example in examples]
    model = make_pipeline(scaler, regression)
    model.fit(values, _labels(examples), logisticregression__sample_weight=sample_weights)
    weights = regression.coef_[0] / scaler.scale_
    return weights, float(regression.intercept_[0] - weights @ scaler.mean_)


def _held_out_logits(values: Floats, examples: Sequence[Example]) -> Floats:
    """For every example, the logit of a model that has not seen its group."""
    logits = np.zeros(len(examples))
    groups = [example.group for example in examples]
    for train, test in GroupKFold(_FOLDS).split(values, groups=groups):
        weights, intercept = _fit(values[train], [examples[n] for n in train])
        logits[test] = values[test] @ weights + intercept
    return logits


def _prior_weights(examples: Sequence[Example]) -> Floats:
    """Weights under which the share of answerable corpus questions is the expected one; other families count 0."""
    labels = _labels(examples)
    own = np.array([example.family == "corpus" for example in examples])
    weights = np.zeros(len(examples))
    weights[own & labels] = _ANSWERABLE_SHARE / (own & labels).sum()
    weights[own & ~labels] = (1 - _ANSWERABLE_SHARE) / (own & ~labels).sum()
    return weights


def _calibration(logits: Floats, examples: Sequence[Example]) -> tuple[float, float]:
    """Slope and shift of the held-out logits of corpus questions (Platt scaling)."""
    model = LogisticRegression(C=1e6)
    weights = _prior_weights(examples) * len(examples)
    model.fit(logits[weights > 0, None], _labels(examples)[weights > 0], sample_weight=weights[weights > 0])
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _write(temperature: float, intercept: float, weights: dict[str, float]) -> None:
    rounded = {name: round(float(weight), 3) for name, weight in weights.items()}
    data = {"temperature": temperature, "intercept": round(intercept, 3), "features": rounded}
    WEIGHTS_FILE.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    load_weights.cache_clear()


def _report(confidence: Floats, examples: Sequence[Example]) -> None:
    """Area under the curve of each family, calibration, and what each threshold would decline."""
    labels = _labels(examples)
    families = np.array([example.family for example in examples])
    for name, answered, unanswered in _COMPARED:
        chosen = ((families == answered) & labels) | ((families == unanswered) & ~labels)
        area = auroc(confidence[chosen].tolist(), labels[chosen].tolist())
        sys.stdout.write(f"AUROC {name:24} {area:.3f}\n")
    weights = _prior_weights(examples)
    counted = weights > 0
    error = expected_calibration_error(confidence[counted], labels[counted], weights[counted])
    sys.stdout.write(f"expected calibration error     {error:.3f}\n")
    sys.stdout.write("threshold: declined of answerable corpus, unanswerable corpus, squad\n")
    for threshold in _THRESHOLDS:
        declined = confidence < threshold
        rates = [
            declined[(families == "corpus") & labels].mean(),
            declined[(families == "corpus") & ~labels].mean(),
            declined[families == "squad"].mean(),
        ]
        sys.stdout.write(f"{threshold:.2f}: " + ", ".join(f"{rate:.3f}" for rate in rates) + "\n")


if __name__ == "__main__":
    main()
