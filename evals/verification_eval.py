"""Measures the verifier on sentences that are true, or false in one way each, of a passage."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from evals.metrics.intervals import interval
from rag.errors import ConfigurationError
from rag.protocols import Verifier
from rag.verification import Verdict

__all__ = [
    "Judged",
    "Pair",
    "Rate",
    "SourcePassage",
    "SplitReport",
    "judge_pairs",
    "read_pairs",
    "read_training_pairs",
    "report_split",
    "report_to_dict",
]

_PAIRS_FILE = Path(__file__).with_name("datasets") / "verification.jsonl"
_TRAINING_FILE = _PAIRS_FILE.with_name("verification_train.jsonl")

Kind = Literal[
    "paraphrase",
    "number",
    "unit",
    "date",
    "name",
    "speaker",
    "negation",
    "swap",
    "modality",
    "other_passage",
    "invented",
    "blend",
]
_SEED = 0


class SourcePassage(BaseModel):
    """Text that stands word for word in a document, and the heading above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    doc_id: str
    heading: str
    text: str


class Pair(BaseModel):
    """A sentence, the passages it is held against, and whether they support it.

    kind: `paraphrase` of what they say, or the one way in which the sentence departs from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    sentence: str
    passages: tuple[SourcePassage, ...]
    supported: bool
    kind: Kind
    split: Literal["tune", "test"]


def read_pairs(path: Path = _PAIRS_FILE) -> list[Pair]:
    """The pairs of a file.

    Raises:
        ConfigurationError: A line is no pair.
    """
    pairs = []
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            pairs.append(Pair.model_validate_json(line))
        except ValidationError as error:
            raise ConfigurationError(f"{path}:{n} is no pair", str(error).splitlines()[-2].strip()) from error
    return pairs


def read_training_pairs(path: Path = _TRAINING_FILE) -> list[Pair]:
    """The hard pairs that the verifier is fitted on, of which a line holds all that belong to one passage."""
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        passage = SourcePassage.model_validate(data["passage"])
        pairs += [Pair(**pair, passages=(passage,), split=data["split"]) for pair in data["pairs"]]
    return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A pair, and what the verifier says of it."""

    pair: Pair
    verdict: Verdict
    milliseconds: float

    @property
    def right(self) -> bool:
        """A true sentence must come out as supported; `partly` is right for a broken one."""
        return self.verdict.supported == self.pair.supported


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitReport:
    """How often the verifier is right: of each kind, and of true and of broken sentences in equal parts."""

    split: str
    balanced: Rate
    kinds: tuple[Rate, ...]
    ms_per_sentence: float
    wrong: tuple[Judged, ...]


def judge_pairs(pairs: Sequence[Pair], verifier: Verifier) -> list[Judged]:
    """The verdict on every pair."""
    judged = []
    for pair in pairs:
        begun = time.perf_counter()
        texts, headings = [p.text for p in pair.passages], [p.heading for p in pair.passages]
        verdict = verifier.verify(pair.sentence, texts, headings=headings)
        judged.append(Judged(pair=pair, verdict=verdict, milliseconds=(time.perf_counter() - begun) * 1000))
    return judged


def report_split(split: str, judged: Sequence[Judged]) -> SplitReport:
    """The figures of one split.

    Raises:
        ConfigurationError: It has not both true and broken sentences.
    """
    own = [item for item in judged if item.pair.split == split]
    if len({item.pair.supported for item in own}) < 2:
        raise ConfigurationError(f"the split {split!r} needs true and broken sentences", "add the missing sort")
    right = np.array([item.right for item in own])
    true = np.array([item.pair.supported for item in own])
    kinds = [kind for kind in get_args(Kind) if any(item.pair.kind == kind for item in own)]
    of_kind = {kind: right[np.array([item.pair.kind == kind for item in own])] for kind in kinds}
    return SplitReport(
        split=split,
        balanced=_rate("balanced accuracy", len(own), lambda sample: _balanced(right[sample], true[sample])),
        kinds=tuple(_rate(kind, len(part), partial(_share, part)) for kind, part in of_kind.items()),
        ms_per_sentence=float(np.median([item.milliseconds for item in own])),
        wrong=tuple(item for item in own if not item.right),
    )


def report_to_dict(report: SplitReport) -> dict[str, Any]:
    """As `airace eval verification --json` prints it."""
    return {
        "split": report.split,
        "balanced_accuracy": _rate_to_dict(report.balanced),
        "kinds": {rate.name: _rate_to_dict(rate) for rate in report.kinds},
        "ms_per_sentence": round(report.ms_per_sentence, 2),
        "wrong": [
            {
                "id": item.pair.id,
                "sentence": item.pair.sentence,
                "verdict": item.verdict.verdict,
                "support": round(item.verdict.support, 3),
                "reason": item.verdict.reason,
            }
            for item in report.wrong
        ],
    }


def _rate_to_dict(rate: Rate) -> dict[str, float | int]:
    return {"value": round(rate.value, 4), "low": round(rate.low, 4), "high": round(rate.high, 4), "n": rate.n}


def _rate(name: str, n: int, statistic: Callable[[NDArray[np.int64]], float | None]) -> Rate:
    low, high = interval(n, statistic, seed=_SEED)
    return Rate(name=name, value=statistic(np.arange(n)) or 0.0, low=low, high=high, n=n)


def _share(right: NDArray[np.bool_], sample: NDArray[np.int64]) -> float:
    return float(right[sample].mean())


def _balanced(right: NDArray[np.bool_], true: NDArray[np.bool_]) -> float | None:
    """The mean of the accuracies on true and on broken sentences, or None where a sample has no such sentence."""
    if true.all() or not true.any():
        return None
    return float((right[true].mean() + right[~true].mean()) / 2)
