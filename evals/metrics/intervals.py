"""95 % intervals by bootstrap over questions, of a plain proportion, and the paired comparison of two runs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

__all__ = ["interval", "paired_p_value", "proportion_interval"]

_RESAMPLES = 1000
_Z = 1.959964  # 97.5th percentile of the standard normal distribution


def interval(n: int, statistic: Callable[[NDArray[np.int64]], float | None], *, seed: int) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of a statistic over resampled questions.

    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13 (percentile interval).

    Args:
        n: Number of questions.
        statistic: Of the positions (0 to n - 1, with repetitions) of the questions drawn; None where it is undefined,
            as an area under the curve is for a sample of one sort: such draws are left out.
        seed: Of the generator.
    """

    def of(sample: NDArray[np.int64]) -> float:
        value = statistic(sample)
        return float("nan") if value is None else value

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns of a statistic that never varies, such as 1.0 throughout
        result = bootstrap((np.arange(n),), of, vectorized=False, n_resamples=_RESAMPLES, method="percentile", rng=seed)
    draws = result.bootstrap_distribution[~np.isnan(result.bootstrap_distribution)]
    if not len(draws):
        return float("nan"), float("nan")
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def paired_p_value(differences: Sequence[float], *, seed: int) -> float:
    """How likely a mean difference at least this far from 0 would be by chance, two-sided, by paired bootstrap.

    Source: Efron & Tibshirani 1993, chapter 16.4: the differences are shifted to mean 0 and resampled.

    Args:
        differences: New minus old value of every question, at least one.
        seed: Of the generator.
    """
    values = np.asarray(differences, dtype=np.float64)
    observed = abs(float(values.mean()))
    if not values.any():
        return 1.0
    centred = values - values.mean()
    drawn = np.random.default_rng(seed).choice(centred, size=(_RESAMPLES * 10, len(values))).mean(axis=1)
    return float((1 + (np.abs(drawn) >= observed - 1e-12).sum()) / (1 + len(drawn)))


def proportion_interval(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of `n` (at least 1) things; unlike a bootstrap it has a width for 5 right of 5.

    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)
