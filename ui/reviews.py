"""People's verdicts on cited passages, and the citation precision that follows from them."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from evals.metrics.intervals import proportion_interval
from ui import journal

__all__ = [
    "VERDICTS",
    "Agreement",
    "CitedPassage",
    "Precision",
    "ReviewStore",
    "agreements",
    "cited_passages",
    "precision",
]

VERDICTS = ("right", "wrong passage", "wrong claim")
"""The passage supports the sentence; the sentence may be true, but not by this passage; the sentence is not true."""

Judgements = Mapping[tuple[str, str], str]
"""(item, reviewer) → verdict, the last one each reviewer gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPassage:
    """A sentence of an answer with one passage it cites; `citation` has the fields of `airace ask --json`."""

    id: str
    question: str
    sentence: str
    citation: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Share of cited passages that people found right, with its 95 % interval, over `n` passages."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often two reviewers gave the same verdict, over the `n` passages that both judged."""

    reviewers: tuple[str, str]
    share: float
    n: int


class ReviewStore:
    """Verdicts in a file of their own. Several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, passage: CitedPassage, verdict: str, reviewer: str) -> None:
        """Keep a verdict with what it is about; when this returns it is on the disk.

        Raises:
            ValueError: The verdict is not among the known ones, or the reviewer has no name.
            ConfigurationError: The file cannot be written.
        """
        if verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}, not {verdict!r}")
        if not reviewer:
            raise ValueError("a verdict needs the name of who gave it")
        citation = passage.citation
        about = {name: citation[name] for name in ("doc_id", "quote", "quote_start", "quote_end")}
        journal.append(
            self._path,
            {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "item": passage.id,
                "verdict": verdict,
                "reviewer": reviewer,
                "question": passage.question,
                "sentence": passage.sentence,
                **about,
            },
        )

    def judgements(self) -> dict[tuple[str, str], str]:
        """The last verdict of every reviewer on every passage."""
        return {(row["item"], row["reviewer"]): row["verdict"] for row in journal.read(self._path)}


def cited_passages(answer: Mapping[str, Any]) -> Iterator[CitedPassage]:
    """Every sentence of an answer with each passage it cites."""
    by_number = {citation["n"]: citation for citation in answer["citations"]}
    for sentence in answer["sentences"]:
        for n in sentence["citations"]:
            citation = by_number[n]
            place = [citation[name] for name in ("doc_id", "quote_start", "quote_end", "quote")]
            key = json.dumps([answer["standalone_question"], sentence["text"], *place])
            yield CitedPassage(
                id=hashlib.sha256(key.encode()).hexdigest()[:16],
                question=answer["standalone_question"],
                sentence=sentence["text"],
                citation=citation,
            )


def precision(judgements: Judgements) -> Precision | None:
    """Citation precision by people: the mean over passages of the share of reviewers who found them right."""
    found: dict[str, list[float]] = defaultdict(list)
    for (item, _), verdict in judgements.items():
        found[item].append(float(verdict == "right"))
    if not found:
        return None
    value = fmean(fmean(of_item) for of_item in found.values())
    low, high = proportion_interval(value, len(found))
    return Precision(value=value, low=low, high=high, n=len(found))


def agreements(judgements: Judgements) -> list[Agreement]:
    """Every two reviewers who judged some of the same passages, by name."""
    by_reviewer: dict[str, dict[str, str]] = defaultdict(dict)
    for (item, reviewer), verdict in judgements.items():
        by_reviewer[reviewer][item] = verdict
    return [
        found for pair in itertools.combinations(sorted(by_reviewer), 2) if (found := _agreement(pair, by_reviewer))
    ]


def _agreement(pair: tuple[str, str], by_reviewer: Mapping[str, Mapping[str, str]]) -> Agreement | None:
    first, second = (by_reviewer[name] for name in pair)
    common: Iterable[str] = first.keys() & second.keys()
    same = [float(first[item] == second[item]) for item in common]
    return Agreement(reviewers=pair, share=fmean(same), n=len(same)) if same else None
