"""MTRAG-UN (IBM): conversations whose last turn is a follow-up, answerable from given passages or not at all.

Source: Katsis et al. 2025, MTRAG (arXiv 2501.03468), and its MTRAG-UN extension. The corpus is all passages of all
tasks (and of pool files). Recall@5 is the share of a task's own passages among the first five documents found,
averaged over the answerable tasks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from evals.benchmarks.indexing import existing_file, indexed_texts
from evals.metrics.abstention import auroc
from rag import Assistant, Settings
from rag.errors import ConfigurationError
from rag.loading import doc_id_from
from rag.sync import Progress
from rag.types import Turn

__all__ = ["MtragTask", "read_mtrag", "run_mtrag"]

_DEPTH = 5
_FETCH = 20  # passages, of which the first five documents are taken


@dataclass(frozen=True, slots=True)
class MtragTask:
    """The last turn of a conversation, the turns before it, its passages, and whether they answer it."""

    question: str
    history: tuple[Turn, ...]
    relevant: frozenset[str]
    answerability: str


def run_mtrag(
    data: Path, settings: Settings, *, pools: Sequence[Path] = (), progress: Progress | None = None
) -> dict[str, Any]:
    """Ask the last turn of every task, with and without its history.

    Returns:
        `recall_at_5` after follow-up resolution, `recall_at_5_last_turn` without it, `abstention_auroc` of the
        confidence and `abstention_f1` of abstaining (answerable against unanswerable tasks), and `n`, all tasks.

    Raises:
        ConfigurationError: A file is missing or has another form.
    """
    texts: dict[str, str] = {}
    tasks = read_mtrag(existing_file(data), texts)
    for pool in pools:
        read_mtrag(existing_file(pool), texts)
    with indexed_texts(texts, settings, progress=progress) as assistant:
        answerable = [task for task in tasks if task.answerability == "ANSWERABLE"]
        unanswerable = [task for task in tasks if task.answerability == "UNANSWERABLE"]
        resolved = [_recall(assistant, task, task.history) for task in answerable]
        alone = [_recall(assistant, task, ()) for task in answerable]
        kept = [assistant.ask(task.question, history=task.history) for task in answerable]
        declined = [assistant.ask(task.question, history=task.history) for task in unanswerable]
    answers = [*kept, *declined]
    has_answer = [True] * len(kept) + [False] * len(declined)
    right = sum(answer.abstained for answer in declined)
    wrong = sum(answer.abstained for answer in kept)
    return {
        "recall_at_5": fmean(resolved),
        "recall_at_5_last_turn": fmean(alone),
        "abstention_auroc": auroc([answer.confidence for answer in answers], has_answer),
        "abstention_f1": 2 * right / (right + wrong + len(declined)) if declined else 0.0,
        "n": len(tasks),
    }


def _recall(assistant: Assistant, task: MtragTask, history: Sequence[Turn]) -> float:
    found = dict.fromkeys(p.chunk.doc_id for p in assistant.search(task.question, k=_FETCH, history=history))
    return len(task.relevant & set(list(found)[:_DEPTH])) / min(len(task.relevant), _DEPTH)


def read_mtrag(path: Path, texts: dict[str, str]) -> list[MtragTask]:
    """The tasks of a file; their passages go into `texts`, each text once.

    Raises:
        ConfigurationError: The file has another form.
    """
    tasks = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            relevant = set()
            for context in row.get("contexts", [row]):
                doc_id = doc_id_from(str(context["document_id"]))
                texts[doc_id] = context["text"]
                relevant.add(doc_id)
            if "input" in row:
                tasks.append(_task(row, frozenset(relevant)))
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a file of MTRAG tasks ({error!r})", "give JSON lines") from error
    return tasks


def _task(row: dict[str, Any], relevant: frozenset[str]) -> MtragTask:
    roles = {"user": "user", "agent": "assistant"}
    *earlier, last = row["input"]
    history = tuple(Turn(role=roles[turn["speaker"]], content=turn["text"]) for turn in earlier)  # type: ignore[arg-type]
    return MtragTask(last["text"], history, relevant, row["answerability"][0])
