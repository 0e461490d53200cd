"""How fast airace is, beside LangChain's stock pipeline in the same run on the same texts and questions.

Times depend on the machine and on what else it does; the ratios hardly do, as both sides take turns.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from evals.benchmarks.machine import machine, versions
from evals.benchmarks.stock import check_installed, stock_embeddings, stock_store
from rag import Assistant, Settings
from rag.embedding.onnx import OnnxEmbedder
from rag.embedding.packaged import open_packaged_embedder
from rag.errors import GenerationError
from rag.settings import PACKAGED_MODEL, env_name
from rag.sync import Progress, sync

if TYPE_CHECKING:
    from langchain_core.vectorstores import VectorStore

__all__ = ["cold_start", "questions_to_ask", "run_speed", "timed"]

T = TypeVar("T")

QUESTIONS = Path(__file__).resolve().parent.parent / "datasets" / "tune.jsonl"

_K = 8  # passages: airace's own default
_WARM_UP = "Which figures do these documents give?"
_INDEXINGS, _REPEAT_UP_TO_MS = 2, 60_000
_WARM_UPS = 5  # rounds of questions that do not count
_PAUSE_S = 0.02  # idle threads of torch and ONNX Runtime spin so long, and would slow down what comes next
_USERS = 32
_COLD_STARTS = 3
_MEASURE = """
import resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def run_speed(settings: Settings, *, seconds: float = 10.0, progress: Progress | None = None) -> dict[str, Any]:
    """Index the corpus folder from nothing and ask the questions, in both pipelines; then 32 users at once.

    Args:
        settings: Name the corpus. The index is built in a temporary folder, with the packaged model.
        seconds: How long the 32 users go on asking.
        progress: Told how far the work is.

    Returns:
        `ingest_ratio`: characters of source text per second, airace over stock, models loaded beforehand;
        `query_ratio`: median time of the stock `similarity_search` over that of airace's `search`, both for 8 passages;
        `cold_start_s` and `cold_start_rss_mb`: median time and memory (MiB) of new processes that answer one question;
        `warm_ask_p50_ms`, `warm_ask_p95_ms`, `retrieve_p50_ms`: a whole answer, a `search`;
        `embed_forward_p50_ms`: the embedding model alone on a question, and `retrieve_over_forward`, a multiple of it;
        `users`, `p95_at_users_ms`, `errors`: simultaneous users, their answers' time, questions that failed;
        `machine` and `versions`.

    Raises:
        ConfigurationError: The stock pipeline is not installed, or the corpus folder is missing or empty.
    """
    check_installed()
    questions = questions_to_ask()
    with tempfile.TemporaryDirectory(prefix="airace-speed-") as scratch:
        packaged = settings.model_copy(update={"embedding_model": PACKAGED_MODEL})
        indexed, store, ingest_ratio = _index_both(packaged, Path(scratch).resolve(), progress)
        with closing(Assistant.open(indexed)) as assistant:
            times = _ask_in_turns(assistant, store, questions, progress)
            at_users, errors = _ask_at_once(assistant, questions, seconds)
        starts = [cold_start(indexed, question) for question in questions[:_COLD_STARTS]]
    retrieve, forward = median(times["search"]), median(times["forward"])
    return {
        "ingest_ratio": ingest_ratio,
        "query_ratio": median(times["stock"]) / retrieve,
        "cold_start_s": median(elapsed for elapsed, _ in starts),
        "cold_start_rss_mb": median(memory for _, memory in starts),
        "warm_ask_p50_ms": median(times["ask"]),
        "warm_ask_p95_ms": _p95(times["ask"]),
        "retrieve_p50_ms": retrieve,
        "embed_forward_p50_ms": forward,
        "retrieve_over_forward": retrieve / forward,
        "users": _USERS,
        "p95_at_users_ms": _p95(at_users),
        "errors": errors,
        "machine": machine(),
        "versions": versions(),
    }


def questions_to_ask() -> list[str]:
    """The questions that the tuning data set asks about the default corpus."""
    return [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def _index_both(settings: Settings, scratch: Path, progress: Progress | None) -> tuple[Settings, VectorStore, float]:
    """Index the corpus from nothing in both pipelines; how many times as fast as the stock pipeline is airace?

    The stock pipeline gets the texts already read. Both take turns, a second time if the first was short, and the
    quickest run of each counts: it is the one that other programs disturbed least.
    """
    embedder, embeddings = open_packaged_embedder(settings.cache_dir), stock_embeddings()
    own_ms: list[float] = []
    stock_ms: list[float] = []
    while not own_ms or (len(own_ms) < _INDEXINGS and sum(own_ms + stock_ms) < _REPEAT_UP_TO_MS):
        own = settings.model_copy(update={"data_dir": scratch / f"airace-{len(own_ms)}"})
        embedder.embed_query(_WARM_UP)
        elapsed, _ = timed(partial(sync, own, embedder, progress=progress))
        own_ms.append(elapsed)
        with closing(Assistant.open(own)) as assistant:
            texts = {document.doc_id: document.text for document in assistant.documents()}
        _tell(progress, "Stock pipeline", 0, 1)
        embeddings.embed_query(_WARM_UP)
        elapsed, store = timed(partial(stock_store, texts, embeddings, scratch / f"stock-{len(stock_ms)}"))
        stock_ms.append(elapsed)
        _tell(progress, "Stock pipeline", 1, 1)
    return own, store, min(stock_ms) / min(own_ms)


def _ask_in_turns(
    assistant: Assistant, store: VectorStore, questions: Sequence[str], progress: Progress | None
) -> dict[str, list[float]]:
    """Times in milliseconds of each way to ask, each asked all questions, taking turns.

    In one round no two ways get the same question: the second would find its passages in memory. Of questions that came
    before, nothing is kept.
    """
    embedder = assistant.embedder
    assert isinstance(embedder, OnnxEmbedder)
    ways: Mapping[str, Callable[[str], object]] = {
        "forward": lambda question: next(iter(embedder.raw_tokens([question]))),
        "search": lambda question: assistant.search(question, k=_K),
        "stock": lambda question: store.similarity_search(question, k=_K),
        "ask": assistant.ask,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    shift = len(questions) // len(ways)
    for done in range(-_WARM_UPS, len(questions)):
        _tell(progress, "Asking", max(done, 0), len(questions))
        for turn, (name, way) in enumerate(ways.items()):
            sleep(_PAUSE_S)
            _forget(assistant)
            elapsed, _ = timed(partial(way, questions[(done + turn * shift) % len(questions)]))
            if done >= 0:
                times[name].append(elapsed)
    _tell(progress, "Asking", len(questions), len(questions))
    return times


def _ask_at_once(assistant: Assistant, questions: Sequence[str], seconds: float) -> tuple[list[float], int]:
    """Times in milliseconds of all questions that the users ask until the time is up, and how many failed."""
    deadline = perf_counter() + seconds

    def user(number: int) -> tuple[list[float], int]:
        times, errors = [], 0
        for question in _endless(questions, number * len(questions) // _USERS):
            _forget(assistant)
            started = perf_counter()
            try:
                assistant.ask(question)
            except Exception:  # whatever goes wrong under load is what is counted here
                errors += 1
            times.append((perf_counter() - started) * 1000)
            if perf_counter() >= deadline:
                break
        return times, errors

    with ThreadPoolExecutor(_USERS) as pool:
        results = list(pool.map(user, range(_USERS)))
    return [time for times, _ in results for time in times], sum(errors for _, errors in results)


def _forget(assistant: Assistant) -> None:
    """Every question is measured as a new one: neither its embedding nor its answer is kept."""
    assert isinstance(assistant.embedder, OnnxEmbedder)
    assistant.embedder.embed_query.cache_clear()
    assistant.forget()


def cold_start(settings: Settings, question: str) -> tuple[float, float]:
    """Seconds and MiB of a new process that answers one question from the index.

    A small process in between starts and measures it: a process counts as its own the memory of whoever started it.
    """
    fields = ("corpus_dir", "data_dir", "cache_dir", "embedding_model")
    environment = os.environ | {env_name(field): str(getattr(settings, field)) for field in fields}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-c", _MEASURE, sys.executable, "-m", "rag", "ask", question]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # nosec B603 # no shell, our own command
    if done.returncode != 0:
        raise GenerationError(f"a new process did not answer {question!r}", done.stderr.strip())
    elapsed, memory = map(float, done.stdout.split())
    return elapsed, memory / (2**20 if sys.platform == "darwin" else 2**10)


def _endless(questions: Sequence[str], first: int) -> Iterator[str]:
    return islice(cycle(questions), first, None)


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds that a call took, and what it gave."""
    started = perf_counter()
    result = call()
    return (perf_counter() - started) * 1000, result


def _p95(times: Sequence[float]) -> float:
    return float(np.percentile(times, 95))


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress:
        progress(what, done, total)
