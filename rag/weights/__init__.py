"""Fitted numbers, kept as data: the scripts in `evals/training` write them, a person reviews them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = [
    "VERIFICATION_FILE",
    "WEIGHTS_FILE",
    "LinearWeights",
    "Weights",
    "load_verification_weights",
    "load_weights",
]

WEIGHTS_FILE = Path(__file__).with_name("answerability.json")
VERIFICATION_FILE = Path(__file__).with_name("verification.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A logistic regression over named features, and the temperature of the scores of evidence."""

    intercept: float
    features: Mapping[str, float]
    temperature: float


@cache
def load_weights() -> Weights:
    """The weights that come with the package."""
    data = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return Weights(intercept=data["intercept"], features=data["features"], temperature=data["temperature"])


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearWeights:
    """A logistic regression over named features."""

    intercept: float
    features: Mapping[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """Of the positive class, features that are not given being 0."""
        logit = self.intercept + sum(weight * features.get(name, 0.0) for name, weight in self.features.items())
        return 1.0 / (1.0 + math.exp(-logit))


@cache
def load_verification_weights() -> Mapping[str, LinearWeights]:
    """The weights of the verifier.

    `model` is for the words of a sentence where an embedding model compares them, `stems` where none does; `signs` is
    for what speaks against it.
    """
    data = json.loads(VERIFICATION_FILE.read_text(encoding="utf-8"))
    return {name: LinearWeights(**weights) for name, weights in data.items()}
