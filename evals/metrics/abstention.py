"""Does airace decline what the documents do not answer, and does its confidence mean something?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

__all__ = ["auroc", "expected_calibration_error", "risk_coverage"]


def auroc(confidence: Sequence[float], answerable: Sequence[bool]) -> float | None:
    """Area under the ROC curve: the chance that an answerable question has the higher confidence, ties counting half.

    None if all questions are of one sort. Source: Mann & Whitney 1947, by the sum of ranks.
    """
    positive = np.asarray(answerable, dtype=bool)
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return None
    ranks = float(rankdata(np.asarray(confidence))[positive].sum())
    return (ranks - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def expected_calibration_error(confidence: Sequence[float], happened: Sequence[bool], *, n_bins: int = 10) -> float:
    """Mean distance between confidence and how often it was right, 0 to 1, over bins of equal numbers of questions.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks (arXiv 1706.04599), section 3, equation 3; bins
    of equal numbers (Nixon et al. 2019, arXiv 1904.01685) do not leave bins almost empty.
    """
    order = np.argsort(np.asarray(confidence), kind="stable")
    scores, events = np.asarray(confidence)[order], np.asarray(happened, dtype=float)[order]
    bins = np.array_split(np.arange(len(scores)), min(n_bins, len(scores)))
    return float(sum(len(b) * abs(scores[b].mean() - events[b].mean()) for b in bins) / len(scores))


def risk_coverage(confidence: Sequence[float], wrong: Sequence[bool], answered: Sequence[bool]) -> list[list[float]]:
    """[coverage, risk] after each answered question, most confident first.

    Coverage is the share of all questions answered so far, risk the share of these answers that are wrong (an answer to
    an unanswerable question is). The curve ends where airace abstains.

    Source: El-Yaniv & Wiener 2010, On the Foundations of Noise-free Selective Classification, JMLR 11, section 2.
    """
    order = sorted((i for i, given in enumerate(answered) if given), key=lambda i: -confidence[i])
    curve, errors = [], 0
    for n, i in enumerate(order, start=1):
        errors += wrong[i]
        curve.append([n / len(answered), errors / n])
    return curve
