"""`airace eval` as a user types it: files written, exit codes, errors in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

QUESTIONS = """question,answer
How much market value did Nvidia lose in January 2025?,$589 billion
Who makes the dies of the Ascend 910C chip?,SMIC
Which potatoes make the crispiest chips?,
"""


@pytest.fixture
def airace(tmp_path: Path) -> Any:
    """Runs `airace …` on a small corpus in a process of its own."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "nvidia.txt").write_text("Nvidia lost $589 billion of market value on 27 January 2025.\n")
    (corpus / "huawei.txt").write_text("Huawei makes the Ascend 910C chip. SMIC makes the dies for it.\n")
    (tmp_path / "mine.csv").write_text(QUESTIONS)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        settings = {"AIRACE_CORPUS": str(corpus), "AIRACE_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "100"}
        return subprocess.run(
            [sys.executable, "-m", "rag", "eval", *arguments],
            capture_output=True,
            text=True,
            env=os.environ | settings | {"PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            check=False,
        )

    return run


def test_questions_alone_are_enough_for_a_report(airace: Any, tmp_path: Path) -> None:
    done = airace("mine.csv", "--out", "run")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "manifest.json", "results.jsonl", "report.html", "report.md"
    }  # fmt: skip
    assert "report.html" in done.stdout


def test_json_is_one_document_with_every_figure_its_count_and_interval(airace: Any) -> None:
    done = airace("mine.csv", "--json", "--out", "run")
    (run,) = json.loads(done.stdout)["runs"]
    assert run["manifest"]["n"] == 3
    assert run["figures"]["quote_verbatim"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 2}
    assert set(run["latency_ms"]["total"]) == {"p50", "p95"}
    assert sum(run["outcomes"].values()) == 3


def test_a_baseline_passes_against_itself_and_gates_when_answers_get_worse(airace: Any, tmp_path: Path) -> None:
    assert airace("mine.csv", "--save-baseline", "before.jsonl").returncode == 0
    again = airace("mine.csv", "--baseline", "before.jsonl")
    assert again.returncode == 0, again.stdout
    (tmp_path / "mine.csv").write_text(QUESTIONS.replace("$589 billion", "$600 million"))
    worse = airace("mine.csv", "--baseline", "before.jsonl", "--json")
    assert worse.returncode == 1
    assert json.loads(worse.stdout)["runs"][0]["comparison"]["changes"]["right"]["regressed"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none.csv",), "there is no dataset"),
        (("mine.csv", "--split", "test"), "no question of the split"),
        (("mine.csv", "--baseline", "none.jsonl"), "there is no file"),
        (("mine.csv", "--engine", "oracle"), "oracle"),
        (("mine.csv", "--judge", "nobody:nothing"), "nobody:nothing"),
    ],
)
def test_wrong_use_is_told_in_one_line(airace: Any, arguments: tuple[str, ...], says: str) -> None:
    done = airace(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2


def test_the_datasets_that_come_along_go_by_their_names(airace: Any) -> None:
    done = airace("check", "golden")
    assert done.returncode == 1
    assert "there is no document" in done.stdout
