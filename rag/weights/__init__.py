"""Fitted numbers, kept as data: `evals/training/answerability.py` writes them, a person reviews them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["WEIGHTS_FILE", "Weights", "load_weights"]

WEIGHTS_FILE = Path(__file__).with_name("answerability.json")


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
