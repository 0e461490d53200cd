"""How search, memory, disk and sync grow with the corpus: copies of its documents with other names and figures.

Embedding a hundred thousand passages takes an hour, and is not what is measured. The first 500 are embedded;
the others get one of their embeddings each, its vector moved a little at random, so that vector search has as
many distinct points to tell apart. All else is real: documents, chunks, words, and every byte on disk.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from evals.benchmarks.machine import machine, versions
from evals.benchmarks.speed import cold_start, questions_to_ask, timed
from rag import Assistant, Settings
from rag.embedding import open_embedder
from rag.errors import ConfigurationError
from rag.loading import iter_files
from rag.protocols import Embedder, QueryEmbedding, TextEmbedding
from rag.settings import PACKAGED_MODEL
from rag.sync import Progress, sync

__all__ = ["run_growth", "with_other_names_and_figures"]

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")
_FIGURE = re.compile(r"\d+")
_ID = re.compile(r"^id: (.+)$", re.MULTILINE)
_NOISE = 0.03  # standard deviation in each of 384 dimensions: cosine of about 0.86 with the original vector
_CHANGED = 10  # documents that change before the last sync
_WARM_UPS, _MIB = 5, 2**20


def run_growth(settings: Settings, *, sizes: Sequence[int], progress: Progress | None = None) -> dict[str, Any]:
    """Grow the corpus to each number of passages in turn; then change ten documents.

    Args:
        settings: Name the corpus of Markdown files. The index is built in a temporary folder, with the packaged model.
        sizes: Numbers of passages, rising.
        progress: Told how far the work is.

    Returns:
        `steps`: for each size the `passages` there were, `retrieve_p50_ms` (a warm `search`), `cold_rss_mb` and
        `cold_start_s` of a new process that answers, and `disk_mb`: of the index and of the cache of embeddings;
        `retrieve_growth`: the last `retrieve_p50_ms` over the first; `memory_per_passage_kb` and
        `disk_per_passage_kb`, from first to last; `sync_ten_changed_s`; `machine` and `versions`.

    Raises:
        ConfigurationError: The sizes do not rise, or the corpus folder has no Markdown file.
    """
    originals = [path for path in iter_files(settings.corpus_dir) if path.suffix == ".md"]
    if not originals or list(sizes) != sorted(set(sizes)):
        raise ConfigurationError("growth needs Markdown documents and rising sizes", "see `airace bench growth --help`")
    with tempfile.TemporaryDirectory(prefix="airace-growth-") as name:
        scratch = Path(name).resolve()
        options = {"corpus_dir": scratch / "corpus", "data_dir": scratch / "data", "embedding_model": PACKAGED_MODEL}
        grown = settings.model_copy(update=options)
        embedder = _Moved(open_embedder(grown))
        grown.corpus_dir.mkdir()
        copies = _copies(originals, grown.corpus_dir)
        steps = [_step(grown, embedder, copies, len(originals), size, progress) for size in sizes]
        _change(grown.corpus_dir)
        elapsed, report = timed(partial(sync, grown, embedder, progress=progress))
        assert len(report.updated) == _CHANGED
    first, last = steps[0], steps[-1]
    added = max(last["passages"] - first["passages"], 1)
    return {
        "steps": steps,
        "retrieve_growth": last["retrieve_p50_ms"] / first["retrieve_p50_ms"],
        "memory_per_passage_kb": (last["cold_rss_mb"] - first["cold_rss_mb"]) * 1024 / added,
        "disk_per_passage_kb": (last["disk_mb"] - first["disk_mb"]) * 1024 / added,
        "sync_ten_changed_s": elapsed / 1000,
        "machine": machine(),
        "versions": versions(),
    }


def _step(
    settings: Settings, embedder: _Moved, copies: Iterator[None], batch: int, size: int, progress: Progress | None
) -> dict[str, float]:
    """Add documents until there are as many passages; ask."""
    n_documents, n_chunks = 0, 0
    while n_chunks < size:
        wanted = size * n_documents // n_chunks if n_chunks else batch  # documents, as far as can be foreseen
        n_documents += sum(1 for _ in islice(copies, max(1, wanted - n_documents)))
        n_chunks = sync(settings, embedder, progress=progress).n_chunks
        n_documents = sum(1 for _ in settings.corpus_dir.iterdir())
    questions = questions_to_ask()
    with closing(Assistant.open(settings)) as assistant:
        for question in questions[:_WARM_UPS]:
            assistant.search(question)
        times = [timed(partial(assistant.search, question))[0] for question in questions]
    seconds, memory = cold_start(settings, questions[0])
    files = (path for path in settings.data_dir.rglob("*") if path.is_file())
    return {
        "passages": n_chunks,
        "retrieve_p50_ms": median(times),
        "cold_start_s": seconds,
        "cold_rss_mb": memory,
        "disk_mb": sum(path.stat().st_size for path in files) / _MIB,
    }


def _copies(originals: Sequence[Path], folder: Path) -> Iterator[None]:
    """Write one document after the other without end: first the originals, then copies that differ."""
    names = sorted({name for path in originals for name in _NAME.findall(path.read_text(encoding="utf-8"))})
    for path in originals:
        shutil.copy(path, folder)
        yield
    number = 0
    while True:
        number += 1
        for path in originals:
            copy = with_other_names_and_figures(path.read_text(encoding="utf-8"), names, seed=number)
            copy = _ID.sub(rf"id: \1-{number}", copy, count=1)
            (folder / f"{path.stem}-{number}.md").write_text(copy, encoding="utf-8")
            yield


def with_other_names_and_figures(text: str, names: Sequence[str], *, seed: int) -> str:
    """The text with names exchanged for others of `names`, the same for the same, and other digits in its figures."""
    generator = random.Random(seed)  # nosec B311 # the same each time, no secret
    others = dict(zip(names, generator.sample(names, len(names)), strict=True))
    head, separator, body = text.rpartition("\n---\n")
    body = _NAME.sub(lambda match: others.get(match[0], match[0]), body)
    body = _FIGURE.sub(lambda match: "".join(generator.choice("123456789") for _ in match[0]), body)
    return head + separator + body


def _change(folder: Path) -> None:
    """Add a sentence to ten documents all over the folder."""
    paths = sorted(folder.iterdir())
    for path in paths[:: max(1, len(paths) // _CHANGED)][:_CHANGED]:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\nThe figures were changed in process {os.getpid()}.\n")


class _Moved:
    """An embedding model that embeds only so many passages; further ones get moved embeddings of earlier ones."""

    _REAL = 500

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._pool: list[TextEmbedding] = []
        self._generator = np.random.default_rng(0)
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As the model counts."""
        return self._embedder.count_tokens(texts)

    def embed_query(self, text: str) -> QueryEmbedding:
        """As the model embeds it."""
        return self._embedder.embed_query(text)

    def embed_documents(self, texts: Sequence[str]) -> Iterator[tuple[int, TextEmbedding]]:
        """Real embeddings as long as there are few, then moved ones."""
        n_real = max(0, self._REAL - len(self._pool))
        for position, embedding in self._embedder.embed_documents(texts[:n_real]):
            self._pool.append(embedding)
            yield position, embedding
        for position in range(n_real, len(texts)):
            known = self._pool[int(self._generator.integers(len(self._pool)))]
            moved = known.vector + self._generator.normal(0, _NOISE, len(known.vector)).astype(np.float32)
            vector = (moved / np.linalg.norm(moved)).astype(np.float32)
            yield position, TextEmbedding(vector=vector, tokens=known.tokens, offsets=known.offsets)
