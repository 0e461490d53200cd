"""Asks every question of a dataset, scores the answers, and keeps it all: resumable, and replayable line by line."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evals.cases import Case
from evals.diagnosis import explain
from evals.figures import SEED
from evals.metrics.retrieval import relevant_chunks
from evals.results import MANIFEST, RESULTS, Result, Run, read_results, read_run, write_json
from evals.scoring import Gold, judge_outcome, score_answer, trace_passages
from rag import Assistant, Passage
from rag.errors import AiraceError, ConfigurationError
from rag.sync import Progress
from rag.types import Chunk

__all__ = ["describe_run", "run_eval"]

_DEPTH = 50  # passages that are looked at to say where a supporting one was lost
_CODE = ("rag", "evals")  # packages whose sources decide what comes out
_PACKAGES = ("airace", "chromadb", "onnxruntime", "langchain-core", "ir-measures")
_OF_MODELS = ("context_tokens", "answer_tokens", "unsupported", "verifier")
_DESCRIBED = (
    "engine", "embedding_model", "reranker", "chunk_tokens", "top_k", "candidates", "max_sentences", "abstain_below",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Job:
    """One question, ready to be asked."""

    case: Case
    gold: Gold


def run_eval(
    cases: Sequence[Case],
    assistant: Assistant,
    out: Path,
    *,
    described: Mapping[str, Any],
    workers: int = 1,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Run a dataset and write `results.jsonl` and `manifest.json` to `out`.

    A run that was interrupted goes on where it stopped; one that is complete is read again. Both only if code,
    settings, index and dataset are the same.

    Args:
        cases: The questions.
        assistant: Synced.
        out: Folder of the run.
        described: The run, from `describe_run`.
        workers: Questions asked at the same time; more than one blurs the latencies.
        fresh: Ask everything again.
        progress: Told how far it is.

    Raises:
        ConfigurationError: `out` holds a run of something else.
    """
    done = {} if fresh else _done(out, described["fingerprint"])
    out.mkdir(parents=True, exist_ok=True)
    jobs = [_Job(case, gold) for case, gold in zip(cases, _golds(cases, assistant), strict=True)]
    waiting = [job for job in jobs if job.case.id not in done]
    if not waiting and (out / MANIFEST).is_file():
        return read_run(out)
    started = _now()
    assistant.forget()  # every question is answered anew, and timed
    for result in _ask_all(waiting, assistant, out, described["fingerprint"], workers, progress, done):
        done[result.id] = result
    results = tuple(done[case.id] for case in cases)
    failed = sum(result.error is not None for result in results)
    manifest = {**described, "started": started, "finished": _now(), "n": len(results), "failed": failed}
    write_json(out / RESULTS, results)
    (out / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Run(manifest=manifest, results=results)


def describe_run(assistant: Assistant, cases: Sequence[Case], dataset: str) -> dict[str, Any]:
    """What decides the results of a run, with a `fingerprint` of it, and on what machine they are made.

    Args:
        assistant: Synced.
        cases: The questions.
        dataset: Its name, for the report.
    """
    settings, index = assistant.settings, assistant.index
    decisive = {
        "dataset_sha256": _sha256("\n".join(case.model_dump_json() for case in cases)),
        "code_sha256": _code_hash(),
        "index_version": index.manifest.index_version,
        "embedder": assistant.embedder.fingerprint,
        "settings": {name: getattr(settings, name) for name in _decisive_settings(settings.engine)},
    }
    return {
        "dataset": dataset,
        "corpus": settings.corpus_dir.name,
        "documents": index.manifest.n_documents,
        "engine": assistant.engine.name,
        **decisive,
        "fingerprint": _sha256(json.dumps(decisive, sort_keys=True))[:16],
        "seed": SEED,
        "revision": _revision(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _ask_all(
    jobs: Sequence[_Job],
    assistant: Assistant,
    out: Path,
    fingerprint: str,
    workers: int,
    progress: Progress | None,
    done: Mapping[str, Result],
) -> Iterator[Result]:
    """Results in order, each appended to the file before it is handed on."""
    earlier = len(done)  # it grows while the results are handed on
    write_json(out / RESULTS, done.values())
    (out / MANIFEST).unlink(missing_ok=True)
    with ThreadPoolExecutor(workers) as pool, (out / RESULTS).open("a", encoding="utf-8") as file:
        for position, result in enumerate(pool.map(lambda job: _ask(job, assistant, fingerprint), jobs), start=1):
            file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
            file.flush()
            if progress:
                progress("questions", earlier + position, earlier + len(jobs))
            yield result


def _ask(job: _Job, assistant: Assistant, fingerprint: str) -> Result:
    """One question through everything that is measured; an error of ours is a failed question, not a zero."""
    case = job.case
    history = [message.model_dump() for message in case.history]
    data = case.model_dump(mode="json")
    try:
        answer = assistant.ask(case.question, history=history)
        passages = assistant.search(case.question, history=history, k=_DEPTH)
        evidence = assistant.evidence(case.question, history=history)
    except AiraceError as error:
        reason = f"failed: {error}"
        return Result(id=case.id, case=data, outcome="failed", reason=reason, error=str(error), fingerprint=fingerprint)
    scores = score_answer(case, job.gold, answer, passages, lambda doc_id: _text(assistant, doc_id))
    outcome, reason = judge_outcome(case, answer)
    trace = trace_passages(job.gold, case, passages, evidence)
    if outcome in ("wrong", "abstained") and job.gold.chunk_ids:
        settings = assistant.settings
        lost = explain(outcome, trace, top_k=settings.top_k, max_sentences=settings.max_sentences)
        reason = f"{reason}; {lost}"
    return Result(
        id=case.id,
        case=data,
        outcome=outcome,
        reason=reason,
        answer=answer.to_dict(),
        passages=tuple(_identified(passage) for passage in passages),
        trace=trace,
        scores=scores,
        fingerprint=fingerprint,
    )


def _golds(cases: Sequence[Case], assistant: Assistant) -> Iterator[Gold]:
    """Where each case's quotes stand in the documents and in the passages of the index."""
    chunks: dict[str, list[Chunk]] = defaultdict(list)
    for entry in assistant.index.catalog.entries().values():
        chunks[entry.chunk.doc_id].append(entry.chunk)
    for case in cases:
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for quote in case.quotes:
            start = _text(assistant, quote.doc_id).find(quote.text)
            if start >= 0:
                spans[quote.doc_id].append((start, start + len(quote.text)))
        ids = [relevant_chunks(chunks[doc_id], of_document) for doc_id, of_document in spans.items()]
        yield Gold(
            chunk_ids=frozenset().union(*ids),
            spans={doc_id: tuple(of_document) for doc_id, of_document in spans.items()},
        )


def _done(out: Path, fingerprint: str) -> dict[str, Result]:
    """The results in `out` by id, if they are of this very run."""
    if not (out / RESULTS).is_file():
        return {}
    results = read_results(out / RESULTS)
    if any(result.fingerprint != fingerprint for result in results):
        raise ConfigurationError(
            f"{out} holds a run of other code, settings, documents or questions",
            "give another folder with --out, or replace it with --fresh",
        )
    return {result.id: result for result in results if result.error is None}


def _code_hash() -> str:
    root = Path(__file__).resolve().parent.parent
    files = sorted(path for package in _CODE for path in (root / package).rglob("*.py"))
    return _sha256("\0".join(path.read_text(encoding="utf-8") for path in files))


def _revision() -> str | None:
    """The git revision of the checkout, with a plus where files were changed since; None elsewhere."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=12"]
    try:
        found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)  # nosec # B603: no shell, a fixed command
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def _identified(passage: Passage) -> dict[str, Any]:
    """A passage by its place, with the hash of its text, so that a replay can tell whether it is still the same."""
    data = passage.to_dict()
    kept = {name: data[name] for name in ("rank", "chunk_id", "doc_id", "start", "end", "score", "scores")}
    return kept | {"text_sha256": _sha256(data["text"])}


def _text(assistant: Assistant, doc_id: str) -> str:
    document = assistant.document(doc_id)
    return document.text if document else ""


def _decisive_settings(engine: str) -> tuple[str, ...]:
    return _DESCRIBED if engine == "quote" else _DESCRIBED + _OF_MODELS


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
