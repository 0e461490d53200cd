"""Questions with what was found for them, with and without an answer, from the data that airace is tuned on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evals.benchmarks.mtrag import read_mtrag
from evals.benchmarks.squad import read_squad
from rag import Assistant, Settings
from rag.conversation import resolve, turns_from
from rag.evidence import rank_evidence
from rag.retrieval import Candidate, Query, Retriever, Search
from rag.types import Evidence

__all__ = ["Example", "corpus_examples", "mtrag_examples", "squad_examples"]

Family = Literal["corpus", "corpus, answer removed", "squad", "squad, answer removed", "mtrag"]
DATASETS = Path(__file__).resolve().parent.parent / "datasets"
_PARAGRAPHS = 5  # of one article stand together in XQuAD; questions on one article are kept in one fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question as the retriever and the ranking see it.

    `group` names what must not be split between folds; `right` says which sentences of `evidence` answer.
    """

    family: Family
    answerable: bool
    group: str
    search: Search
    candidates: Sequence[Candidate]
    evidence: Sequence[Evidence]
    right: Sequence[bool] = ()


class _Finder:
    """Asks one index, with all documents or without some."""

    def __init__(self, assistant: Assistant) -> None:
        self._retriever = Retriever(
            assistant.index, assistant.embedder, assistant.reranker, n_candidates=assistant.settings.candidates
        )
        self._k = assistant.settings.top_k
        self._doc_ids = [document.doc_id for document in assistant.documents()]

    def find(self, query: Query, without: Iterable[str] = ()) -> dict[str, Any]:
        """`search, candidates, evidence` for a query."""
        hidden = set(without)
        where = {"doc_id": [doc_id for doc_id in self._doc_ids if doc_id not in hidden]} if hidden else None
        search = self._retriever.prepare(query)
        candidates = self._retriever.retrieve(search, k=self._k, where=where)
        return {"search": search, "candidates": candidates, "evidence": rank_evidence(search, candidates)}


def corpus_examples(settings: Settings) -> Iterator[Example]:
    """The tuning questions on the corpus, and the answerable ones again without the documents that answer them."""
    finder = _finder(settings)
    for case in _tuning_cases():
        query = resolve(case["question"], turns_from(case.get("history")))
        found = finder.find(query)
        if not found["evidence"]:
            continue
        top = found["evidence"][0].passage.chunk.doc_id
        forms = [[form.casefold() for form in alternatives] for alternatives in case["must_contain"]]
        right = [any(_has(item.text, alternatives) for alternatives in forms) for item in found["evidence"]]
        group = (case["doc_ids"] or [top])[0]
        yield Example(family="corpus", answerable=case["answerable"], group=group, right=right, **found)
        if case["answerable"]:
            found = finder.find(query, without=case["doc_ids"])
            text = " ".join(candidate.passage.chunk.text for candidate in found["candidates"])
            if not all(_has(text, alternatives) for alternatives in forms):
                yield Example(family="corpus, answer removed", answerable=False, group=group, **found)


def squad_examples(data: Path, work: Path) -> Iterator[Example]:
    """The questions of a file in SQuAD's form, each with and without the paragraph that answers it."""
    texts, questions = read_squad(data)
    finder = _finder(_text_settings(work, texts))
    articles = {doc_id: str(place // _PARAGRAPHS) for place, doc_id in enumerate(texts)}
    for question in questions:
        query, group = Query(question.text), articles[question.doc_id]
        found = finder.find(query)
        right = [question.is_answer(item) for item in found["evidence"]]
        yield Example(family="squad", answerable=True, group=group, right=right, **found)
        found = finder.find(query, without=[question.doc_id])
        yield Example(family="squad, answer removed", answerable=False, group=group, **found)


def mtrag_examples(data: Path, work: Path) -> Iterator[Example]:
    """The last turns of MTRAG's tasks that can be answered from the passages, or not at all."""
    texts: dict[str, str] = {}
    tasks = read_mtrag(data, texts)
    finder = _finder(_text_settings(work, texts))
    for number, task in enumerate(tasks):
        if task.answerability in ("ANSWERABLE", "UNANSWERABLE"):
            found = finder.find(resolve(task.question, task.history))
            answerable = task.answerability == "ANSWERABLE"
            yield Example(family="mtrag", answerable=answerable, group=f"task {number}", **found)


def _tuning_cases() -> list[dict[str, Any]]:
    """All of `tune.jsonl`, and the part of `golden.jsonl` that is meant for tuning."""
    rows = []
    for name in ("tune.jsonl", "golden.jsonl"):
        rows += [json.loads(line) for line in (DATASETS / name).read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row.get("split", "tune") == "tune"]


def _finder(settings: Settings) -> _Finder:
    assistant = Assistant.open(settings)
    assistant.sync()
    return _Finder(assistant)


def _text_settings(work: Path, texts: Mapping[str, str]) -> Settings:
    """Settings for an index over texts, kept in `work` so that a second run need not embed again."""
    folder = work / "texts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    return Settings(corpus_dir=folder, data_dir=work / "data")


def _has(text: str, alternatives: Sequence[str]) -> bool:
    return any(form in text.casefold() for form in alternatives)
