"""Third-party test data run through airace's own chunking, embedding, retrieval and answering; and its speed."""

from __future__ import annotations

from evals.benchmarks.chunking import run_chunking
from evals.benchmarks.growth import run_growth
from evals.benchmarks.mtrag import run_mtrag
from evals.benchmarks.speed import run_speed
from evals.benchmarks.squad import run_squad

__all__ = ["run_chunking", "run_growth", "run_mtrag", "run_speed", "run_squad"]
