"""How the chance of being the answer is shared among ranked sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rag.types import Evidence
from rag.weights import load_weights

__all__ = ["DEPTH", "answer_shares"]

DEPTH = 20
"""Sentences among which the chance is shared; what ranks below has no part in it."""


def answer_shares(evidence: Sequence[Evidence]) -> list[float]:
    """For each of the first 20 sentences, best first, the chance that it is the one that answers; they sum to 1.

    A softmax of the scores. Its temperature is the one under which the sentences that do answer the tuning questions
    are most likely (maximum likelihood), so that a share of 0.2 means what it says.
    """
    temperature = load_weights().temperature
    best = evidence[0].score if evidence else 0.0
    powers = [math.exp((item.score - best) / temperature) for item in evidence[:DEPTH]]
    return [power / sum(powers) for power in powers]
