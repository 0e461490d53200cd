"""What a run leaves behind: one result a question, as JSON lines, and a manifest that says how they came about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from rag.errors import ConfigurationError

__all__ = [
    "MANIFEST",
    "RESULTS",
    "Outcome",
    "Result",
    "Run",
    "Score",
    "Trace",
    "read_results",
    "read_run",
    "write_json",
]

RESULTS, MANIFEST = "results.jsonl", "manifest.json"

Outcome = Literal["right", "wrong", "abstained", "rightly abstained", "wrongly answered", "unjudged", "failed"]
"""Of an answerable question: right, wrong, abstained. Of an unanswerable one: rightly abstained, wrongly answered.
Unjudged where the dataset does not say what is right; failed where there is no answer because of an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The value of a metric for one question, or None where it does not apply, and why it is so."""

    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where the best supporting passage stood (rank from 1, None = not found) at every stage."""

    dense: int | None = None
    lexical: int | None = None
    fused: int | None = None
    document: int | None = None
    evidence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything about one question of a run: what was asked and wanted, what came back, how it scored, and why.

    `case` has the fields of the dataset, `answer` those of `airace ask --json` (None if it failed), `passages` the
    places and scores of those of `airace search --json`, with `text_sha256` for the text, deeper than the answer used.
    """

    id: str
    case: dict[str, Any]
    outcome: Outcome
    reason: str
    answer: dict[str, Any] | None = None
    passages: tuple[dict[str, Any], ...] = ()
    trace: Trace = field(default_factory=Trace)
    scores: dict[str, Score] = field(default_factory=dict)
    error: str | None = None
    fingerprint: str = ""

    def value(self, metric: str) -> float | None:
        """The value of a metric, or None where it does not apply."""
        score = self.scores.get(metric)
        return score.value if score else None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """The inverse of `dataclasses.asdict` after a trip through JSON."""
        fields = {
            "passages": tuple(data["passages"]),
            "trace": Trace(**data["trace"]),
            "scores": {name: Score(**score) for name, score in data["scores"].items()},
        }
        return cls(**{**data, **fields})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run: its manifest and its results in the order of the dataset."""

    manifest: dict[str, Any]
    results: tuple[Result, ...]


def read_results(path: Path) -> list[Result]:
    """The results of a `results.jsonl`; a last line that a killed run left unfinished is dropped.

    Raises:
        ConfigurationError: The file is missing or holds something else.
    """
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}", "give the results.jsonl of a run")
    lines = path.read_text(encoding="utf-8").splitlines()
    results = []
    for number, line in enumerate(lines, start=1):
        try:
            results.append(Result.from_dict(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                break
            raise ConfigurationError(f"{path} line {number} is not a result ({error!r})", "run it again") from error
    return results


def read_run(folder: Path) -> Run:
    """The finished run in a folder.

    Raises:
        ConfigurationError: There is none.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"there is no run in {folder}", "give the folder of a finished run") from error
    return Run(manifest=manifest, results=tuple(read_results(folder / RESULTS)))


def write_json(path: Path, rows: Iterable[Any]) -> None:
    """Dataclasses or dicts as JSON lines, the whole file at once."""
    lines = (json.dumps(row if isinstance(row, dict) else asdict(row), ensure_ascii=False) for row in rows)
    partial = path.with_suffix(".partial")
    partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    partial.replace(path)
