"""Runs that the app starts: which questions they ask, what they leave, and who may see them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.cases import Case
from rag import Assistant
from rag.errors import ConfigurationError
from ui.eval_runs import EvalJob, JobState, choose, load_run, past_runs, report_page

KINDS = ("factoid", "list")
CASES = [
    Case(id=f"q{n}", question=f"Question {n} about {'chips' if n % 3 else 'robots'}?", kind=KINDS[n % 2])
    for n in range(30)
]


def finished(job: EvalJob) -> JobState:
    deadline = time.monotonic() + 60
    while job.state.is_running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return job.state


@pytest.fixture
def job(make_assistant: Callable[..., Assistant]) -> EvalJob:
    assistant = make_assistant({"moon.md": "The Zorblax probe reached the Moon on 3 May 2024.\n"})
    assistant.sync()
    return EvalJob(assistant, assistant.settings.data_dir / "evals")


@given(
    st.integers(0, 40), st.sampled_from(["", "CHIPS", "robots", "q7 "]), st.lists(st.sampled_from(["list", "factoid"]))
)
def test_a_choice_is_part_of_the_questions_in_their_order(number: int, text: str, kinds: list[str]) -> None:
    chosen = choose(CASES, kinds=kinds, text=text, number=number)
    assert chosen == [case for case in CASES if case in chosen]
    assert all(not kinds or case.kind in kinds for case in chosen)
    assert all(text.strip().casefold() in f"{case.id} {case.question}".casefold() for case in chosen)
    assert not number or len(chosen) <= number
    assert chosen == choose(CASES, kinds=kinds, text=text, number=number)


def test_a_run_leaves_its_results_and_a_report(job: EvalJob) -> None:
    job.start(CASES[:3], "mine", owner=None, private=False)
    folder = finished(job).folder
    assert folder is not None
    (run,) = past_runs(folder.parent, None)
    assert run.label.endswith("mine (3) · quote")
    assert [result.id for result in load_run(folder).results] == ["q0", "q1", "q2"]
    assert "<h1>mine" in report_page(folder)


def test_progress_counts_to_the_number_of_questions(job: EvalJob) -> None:
    job.start(CASES[:5], "mine", owner=None, private=False)
    assert finished(job).done == 5


def test_only_one_run_goes_on_at_a_time_and_a_stopped_one_leaves_nothing(job: EvalJob, tmp_path: Path) -> None:
    job.start(CASES * 20, "mine", owner=None, private=False)
    with pytest.raises(ConfigurationError, match="another run"):
        job.start(CASES, "mine", owner=None, private=False)
    job.stop()
    assert finished(job).was_stopped
    assert list((tmp_path / "data" / "evals").iterdir()) == []


def test_a_run_of_someones_own_questions_is_theirs_alone(job: EvalJob, tmp_path: Path) -> None:
    job.start(CASES[:1], "secret.jsonl", owner="ada", private=True)
    finished(job)
    job.start(CASES[:1], "golden", owner="ada", private=False)
    finished(job)
    folder = tmp_path / "data" / "evals"
    assert {run.manifest["dataset"] for run in past_runs(folder, "bob")} == {"golden"}
    assert {run.manifest["dataset"] for run in past_runs(folder, "ada")} == {"golden", "secret.jsonl"}


def test_a_folder_that_holds_something_else_is_no_run(tmp_path: Path) -> None:
    for name, text in (("a", "not JSON"), ("b", "[]"), ("c", json.dumps({"started": "2026"}))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(text)
    assert past_runs(tmp_path, None) == []
    with pytest.raises(ConfigurationError, match="gone"):
        load_run(tmp_path / "a")
