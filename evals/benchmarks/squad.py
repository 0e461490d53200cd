"""Any data in SQuAD's form (XQuAD too): is the right passage found, the right sentence, the right words?

Source of the form: Rajpurkar et al. 2016, SQuAD (arXiv 1606.05250); XQuAD: Artetxe et al. 2020 (arXiv 1910.11856).
Every paragraph is a document. A passage is right if it is of the right document and holds the answer; a sentence if it
holds the gold answer at its place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from evals.benchmarks.indexing import existing_file, indexed_texts
from rag import Assistant, Settings
from rag.errors import ConfigurationError
from rag.sync import Progress
from rag.types import Evidence

__all__ = ["SquadQuestion", "read_squad", "run_squad"]

_KEYS = (
    "passage_hit_at_1",
    "passage_hit_at_5",
    "sentence_hit_at_1",
    "sentence_hit_at_3",
    "answer_contains_gold",
    "mean_answer_chars",
    "abstained",
)


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question, the document that answers it, and the gold answers with their places in it."""

    text: str
    doc_id: str
    golds: tuple[tuple[int, str], ...]

    def is_held(self, start: int, end: int) -> bool:
        """Whether a gold answer stands in these characters of the document."""
        return any(start <= place and place + len(gold) <= end for place, gold in self.golds)

    def is_answer(self, item: Evidence) -> bool:
        """Whether a sentence is of the right document and holds a gold answer at its place."""
        return item.passage.chunk.doc_id == self.doc_id and self.is_held(item.start, item.end)


def run_squad(data: Path, settings: Settings, *, progress: Progress | None = None) -> dict[str, Any]:
    """Ask all answerable questions over all paragraphs in one index.

    Returns:
        `passage_hit_at_1, passage_hit_at_5, sentence_hit_at_1, sentence_hit_at_3, answer_contains_gold,
        mean_answer_chars, abstained, n`; rates from 0 to 1. An answer that abstains counts as one without the gold
        answer, and not towards the mean length.

    Raises:
        ConfigurationError: The file is missing or has another form.
    """
    texts, questions = read_squad(existing_file(data))
    with indexed_texts(texts, settings, progress=progress) as assistant:
        rows = [_scores(assistant, question) for question in questions]
    lengths = [row["mean_answer_chars"] for row in rows if not row["abstained"]]
    means: dict[str, Any] = {name: fmean(row[name] for row in rows) for name in _KEYS}
    return means | {"mean_answer_chars": fmean(lengths) if lengths else 0.0, "n": len(rows)}


def _scores(assistant: Assistant, question: SquadQuestion) -> dict[str, float]:
    passages = assistant.search(question.text, k=5)
    hits = [p.chunk.doc_id == question.doc_id and question.is_held(p.chunk.start, p.chunk.end) for p in passages]
    sentences = [question.is_answer(item) for item in assistant.evidence(question.text)[:3]]
    answer = assistant.ask(question.text)
    said = answer.answer.casefold()
    contains = not answer.abstained and any(" ".join(gold.split()).casefold() in said for _, gold in question.golds)
    values = (any(hits[:1]), any(hits), any(sentences[:1]), any(sentences), contains, len(said), answer.abstained)
    return {name: float(value) for name, value in zip(_KEYS, values, strict=True)}


def read_squad(path: Path) -> tuple[dict[str, str], list[SquadQuestion]]:
    """The paragraphs by document id, in order, and the answerable questions.

    Raises:
        ConfigurationError: The file has another form.
    """
    texts: dict[str, str] = {}
    questions: list[SquadQuestion] = []
    try:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        for paragraph in (paragraph for article in articles for paragraph in article["paragraphs"]):
            doc_id = f"p{len(texts):05}"
            texts[doc_id] = paragraph["context"]
            for item in paragraph["qas"]:
                golds = tuple((answer["answer_start"], answer["text"]) for answer in item["answers"])
                if golds:
                    questions.append(SquadQuestion(item["question"], doc_id, golds))
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{path} is not in SQuAD's form ({error!r})", "give a SQuAD 1.1 JSON file") from error
    if not questions:
        raise ConfigurationError(f"{path} has no answerable question", "give a SQuAD 1.1 JSON file")
    return texts, questions
