"""Chroma's chunking evaluation: which characters of the relevant passages do the retrieved chunks hold?

Source: Smith & Troynikov, Evaluating Chunking Strategies for Retrieval, Chroma technical report, July 2024. Over the
characters of a question's reference excerpts E and of its retrieved chunks C: recall = |E ∩ C| / |E|,
precision = |E ∩ C| / |C|, IoU = |E ∩ C| / |E ∪ C|, averaged over questions.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from evals.benchmarks.indexing import existing_file, indexed_folder
from rag import Settings
from rag.errors import ConfigurationError
from rag.loading import doc_id_from
from rag.sync import Progress

__all__ = ["overlap_scores", "run_chunking"]

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    doc_id: str
    references: tuple[Span, ...]


def overlap_scores(references: Sequence[tuple[str, Span]], retrieved: Sequence[tuple[str, Span]]) -> dict[str, float]:
    """Recall, precision and IoU over characters, each 0 to 1; spans are (document, (start, end))."""
    wanted, found = _characters(references), _characters(retrieved)
    common = len(wanted & found)
    return {
        "recall": common / len(wanted) if wanted else 0.0,
        "precision": common / len(found) if found else 0.0,
        "iou": common / len(wanted | found) if wanted or found else 0.0,
    }


def run_chunking(
    questions: Path, corpora: Path, settings: Settings, *, k: int = 5, progress: Progress | None = None
) -> dict[str, Any]:
    """Ask all questions over all corpora in one index.

    Returns:
        `recall, precision, iou, n, chunks, mean_chunk_chars`.

    Raises:
        ConfigurationError: A file is missing or has another form.
    """
    asked = _read(existing_file(questions))
    with indexed_folder(corpora, settings, progress=progress) as assistant:
        scores = []
        for question in asked:
            passages = assistant.search(question.text, k=k)
            retrieved = [(p.chunk.doc_id, (p.chunk.start, p.chunk.end)) for p in passages]
            scores.append(overlap_scores([(question.doc_id, span) for span in question.references], retrieved))
        sizes = [len(entry.chunk.text) for entry in assistant.index.catalog.entries().values()]
    means = {name: fmean(score[name] for score in scores) for name in ("recall", "precision", "iou")}
    return means | {"n": len(scores), "chunks": len(sizes), "mean_chunk_chars": fmean(sizes)}


def _characters(spans: Iterable[tuple[str, Span]]) -> set[tuple[str, int]]:
    return {(document, position) for document, (start, end) in spans for position in range(start, end)}


def _read(path: Path) -> list[_Question]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return [
            _Question(
                row["question"],
                doc_id_from(row["corpus_id"]),
                tuple((item["start_index"], item["end_index"]) for item in json.loads(row["references"])),
            )
            for row in rows
        ]
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path} is not a file of Chroma's chunking questions ({error!r})",
            "it has the columns question, references and corpus_id",
        ) from error
