"""The speed benchmark: exactly the promised keys, figures that can be, and one clear line without its packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals.benchmarks import run_speed
from rag import Settings
from rag.errors import ConfigurationError
from tests.conftest import ROOT

KEYS = [
    "ingest_ratio",
    "query_ratio",
    "cold_start_s",
    "cold_start_rss_mb",
    "warm_ask_p50_ms",
    "warm_ask_p95_ms",
    "retrieve_p50_ms",
    "embed_forward_p50_ms",
    "retrieve_over_forward",
    "users",
    "p95_at_users_ms",
    "errors",
    "machine",
    "versions",
]
PACKAGES = ["python", "airace", "chromadb", "onnxruntime", "torch", "sentence-transformers", "langchain-core"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_small_corpus_gives_all_figures_in_one_json_document(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "nvidia.txt").write_text("Nvidia lost $589 billion on 27 January 2025. It was a record.\n")
    (corpus / "huawei.txt").write_text("Huawei makes the Ascend 910C chip. SMIC makes its dies.\n")
    command = [sys.executable, "-m", "rag", "bench", "speed", "--corpus", str(corpus), "--seconds", "1", "--json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    environment.setdefault("AIRACE_CACHE_DIR", str(Settings().cache_dir))  # the model is converted there already
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert list(result) == KEYS
    assert all(result[key] > 0 for key in KEYS[:11])
    assert result["warm_ask_p50_ms"] <= result["warm_ask_p95_ms"]
    assert (result["users"], result["errors"]) == (32, 0)
    assert list(result["machine"]) == ["cpu", "cores", "memory"]
    assert list(result["versions"]) == PACKAGES
    assert not list(tmp_path.rglob("chroma.sqlite3")), "no index stays behind"


def test_without_the_stock_pipeline_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_chroma", None)  # as if it were not installed
    with pytest.raises(ConfigurationError, match=r"pip install 'airace\[bench\]'"):
        run_speed(Settings())
