"""Runs of the evals for the app: which questions to ask, one run at a time in the background, and those of the past."""

from __future__ import annotations

import json
import logging
import random
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import evals
from evals.cases import Case
from evals.figures import SEED, figures
from evals.report import Report, write_report
from evals.results import MANIFEST, RESULTS, Run, read_run
from evals.runner import describe_run, run_eval
from rag.assistant import Assistant
from rag.errors import AiraceError, ConfigurationError

__all__ = ["EvalJob", "JobState", "PastRun", "choose", "datasets", "load_run", "past_runs", "report_page"]

_OFFERED = ("golden", "starter", "tune", "from_chat")
_CACHED_RUNS = 32
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A finished run: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def label(self) -> str:
        """`2026-11-25 08:30 · golden (40) · quote`: time in UTC, dataset, number of questions, engine."""
        about = self.manifest
        when = about["started"][:16].replace("T", " ")
        return f"{when} · {about['dataset']} ({about['n']}) · {about['engine']}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How far a run is; `folder` is set once it is finished, `problem` if it failed, `owner` is who started it."""

    is_running: bool = False
    done: int = 0
    total: int = 0
    owner: str | None = None
    folder: Path | None = None
    was_stopped: bool = False
    problem: str = ""


class _StoppedError(Exception):
    """Somebody stopped the run."""


class EvalJob:
    """Runs in the background, one at a time; closing the page does not end it."""

    def __init__(self, assistant: Assistant, folder: Path) -> None:
        self._assistant = assistant
        self._folder = folder
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.state = JobState()

    def start(self, cases: Sequence[Case], dataset: str, *, owner: str | None, private: bool) -> None:
        """Begin a run; returns at once.

        Args:
            cases: The questions.
            dataset: Its name, for the report.
            owner: Who may stop the run; None without a login: everybody.
            private: Nobody else shall see the run.

        Raises:
            ConfigurationError: One is going on already.
        """
        with self._lock:
            if self.state.is_running:
                raise ConfigurationError("another run is going on", "wait until it is finished, or stop it")
            self._stop.clear()
            self.state = JobState(is_running=True, total=len(cases), owner=owner)
        arguments = (cases, dataset, owner if private else None)
        threading.Thread(target=self._work, args=arguments, daemon=True).start()

    def stop(self) -> None:
        """Let the run end after the question that is being asked; nothing of it is kept."""
        self._stop.set()

    def _work(self, cases: Sequence[Case], dataset: str, owner: str | None) -> None:
        folder = self._new_folder()
        try:
            described = describe_run(self._assistant, cases, dataset) | {"owner": owner}
            run = run_eval(cases, self._assistant, folder, described=described, progress=self._progress)
            write_report(Report(run=run, folder=folder, figures=tuple(figures(run.results))))
            self._finish(folder=folder)
        except _StoppedError:
            self._discard(folder, was_stopped=True)
        except AiraceError as error:
            self._discard(folder, problem=str(error))
        except Exception:
            _LOG.exception("the evals failed")
            self._discard(folder, problem="the run failed: the log says why")

    def _new_folder(self) -> Path:
        """A folder named by the time; a second one of the same second waits its turn in the name."""
        name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        taken = {path.name for path in self._folder.glob(f"{name}*")}
        free = next(n for n in (name, *(f"{name}-{i}" for i in range(2, 100))) if n not in taken)
        return self._folder / free

    def _progress(self, _stage: str, done: int, _total: int) -> None:
        self.state = replace(self.state, done=done)
        if self._stop.is_set():
            raise _StoppedError

    def _discard(self, folder: Path, **outcome: Any) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._finish(**outcome)

    def _finish(self, **outcome: Any) -> None:
        self.state = replace(self.state, is_running=False, **outcome)


def datasets(from_chat: Path) -> dict[str, Path]:
    """The datasets that there are, by name."""
    folder = Path(evals.__file__).parent / "datasets"
    paths = {name: folder / f"{name}.jsonl" for name in _OFFERED} | {"from_chat": from_chat}
    return {name: path for name, path in paths.items() if path.is_file()}


def choose(
    cases: Sequence[Case], *, split: str | None = None, kinds: Sequence[str] = (), text: str = "", number: int = 0
) -> list[Case]:
    """Some of the cases, in their order.

    Args:
        cases: All of them.
        split: `tune` or `test`; None for both.
        kinds: Kinds of questions; none for all.
        text: What the question or its id has, in any case.
        number: At most so many, drawn at random but always the same; 0 for all.
    """
    wanted = [
        case
        for case in cases
        if split in (None, case.split)
        and (not kinds or case.kind in kinds)
        and text.strip().casefold() in f"{case.id} {case.question}".casefold()
    ]
    if not 0 < number < len(wanted):
        return wanted
    drawn = sorted(random.Random(SEED).sample(range(len(wanted)), number))  # nosec B311 # no secret
    return [wanted[position] for position in drawn]


def past_runs(folder: Path, user: str | None) -> list[PastRun]:
    """The finished runs that `user` may see, newest first; without a login all."""
    found = sorted(_manifests(folder), key=lambda run: run.manifest["started"], reverse=True)
    return [run for run in found if user is None or run.manifest.get("owner") in (None, user)]


def _manifests(folder: Path) -> Iterator[PastRun]:
    for path in folder.glob(f"*/{MANIFEST}"):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # being written, or not ours
            continue
        if isinstance(manifest, dict) and manifest.keys() >= {"started", "dataset", "engine", "n", "dataset_sha256"}:
            yield PastRun(folder=path.parent, manifest=manifest)


def load_run(folder: Path) -> Run:
    """The run in a folder; the last few stay in memory.

    Raises:
        ConfigurationError: It is gone, or is no run.
    """
    try:
        changed = (folder / RESULTS).stat().st_mtime_ns
    except OSError as error:
        raise ConfigurationError(f"the run {folder.name} is gone", "choose another") from error
    return _loaded(folder, changed)


@lru_cache(maxsize=_CACHED_RUNS)
def _loaded(folder: Path, _changed: int) -> Run:
    run = read_run(folder)
    return replace(run, results=tuple(replace(result, passages=()) for result in run.results))  # most of the memory


def report_page(folder: Path) -> str:
    """The report of a run as an HTML page.

    Raises:
        ConfigurationError: The run is gone, or is no run.
    """
    page = folder / "report.html"
    if not page.is_file():
        run = read_run(folder)
        write_report(Report(run=run, folder=folder, figures=tuple(figures(run.results))))
    return page.read_text(encoding="utf-8")
