"""The commands `airace eval …`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from rag.errors import ConfigurationError
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from evals.cases import Case
    from evals.report import Report
    from evals.results import Result, Run

__all__ = ["evals"]

_DATASETS = Path(__file__).resolve().parent / "datasets"
_out, _err = Console(highlight=False), Console(stderr=True, highlight=False)


class _RunByDefault(TyperGroup):
    """`airace eval` and `airace eval DATASET` run a dataset; `airace eval check` is a command beside it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `run` before whatever is no command of its own."""
        known = args and args[0] in {*self.commands, "--help"}
        return super().parse_args(ctx, args if known else ["run", *args])


evals = typer.Typer(cls=_RunByDefault, help="Run answer-quality evals: `airace eval [DATASET]`; or check a dataset.")

Dataset = Annotated[Path, typer.Argument(help="Questions, JSONL or CSV; or the name of a set that comes along.")]
Corpus = Annotated[Path | None, typer.Option("--corpus", help="Folder of documents.", show_default=False)]


@evals.command(epilog="Examples: `airace eval` · `airace eval my-questions.csv --corpus ~/papers`")
def run(
    dataset: Dataset = Path("golden"),
    engine: Annotated[list[str] | None, typer.Option(help="What writes the answer; once for each to try.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results and report.", show_default=False)] = None,
    baseline: Annotated[Path | None, typer.Option(help="Earlier run to compare with; exit 1 if worse.")] = None,
    save_baseline: Annotated[Path | None, typer.Option(help="Write what --baseline needs to this file.")] = None,
    split: Annotated[str | None, typer.Option(help="Only questions of this split: tune or test.")] = None,
    judge: Annotated[str | None, typer.Option(metavar="PROVIDER:MODEL", help="A language model's opinion too.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Questions at a time; more than 1 blurs the times.")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask everything again, replacing the run in --out.")] = False,
    corpus: Corpus = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Where the index lives.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Ask all questions of a dataset, score the answers, and write results.jsonl, report.html and report.md."""
    from evals.compare import read_baseline, slim
    from evals.report import report_to_dict
    from evals.report.terminal import show_reports
    from evals.results import write_json

    path = _dataset_path(dataset)
    cases = _of_split(path, split)
    before = read_baseline(baseline) if baseline else None
    reports = []
    for name in dict.fromkeys(engine or [load_settings().engine]):
        settings = load_settings(corpus_dir=corpus, data_dir=data_dir, engine=name)
        place = out / _slug(name) if out and len(engine or ()) > 1 else out
        finished, folder = _run(cases, settings, place, path.stem, workers=workers, fresh=fresh)
        reports.append(_report(finished, folder, before, judge))
    if save_baseline:
        write_json(save_baseline, [slim(result) for result in reports[0].run.results])
    if as_json:
        sys.stdout.write(json.dumps({"runs": [report_to_dict(report) for report in reports]}) + "\n")
    else:
        show_reports(_out, reports)
    if any(report.has_regressed for report in reports):
        raise typer.Exit(1)


@evals.command()
def check(dataset: Dataset = Path("golden"), corpus: Corpus = None) -> None:
    """Validate a dataset against the corpus: schema, ids, quotes; prints one line a finding."""
    from evals.cases import check_dataset

    path = _dataset_path(dataset)
    findings = check_dataset(path, load_settings(corpus_dir=corpus).corpus_dir)
    for finding in findings:
        _out.print(finding, markup=False, soft_wrap=True)
    _err.print(f"{len(findings)} findings in {path}", markup=False, soft_wrap=True)
    if findings:
        raise typer.Exit(1)


@evals.command()
def verification(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure the verifier: sentences that passages support, and sentences that differ from them in one thing."""
    from evals.report.verification import show_verification
    from evals.verification_eval import judge_pairs, read_pairs, report_split, report_to_dict
    from rag.embedding import open_embedder
    from rag.verification.verifiers import open_verifier

    settings = load_settings()
    judged = judge_pairs(read_pairs(), open_verifier(settings, open_embedder(settings)))
    reports = [report_split(split, judged) for split in ("tune", "test")]
    if as_json:
        document = {"verifier": settings.verifier, "splits": [report_to_dict(report) for report in reports]}
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        show_verification(_out, reports)


def _dataset_path(dataset: Path) -> Path:
    """The file, or the dataset of that name that comes along."""
    own = _DATASETS / f"{dataset}.jsonl"
    return own if not dataset.exists() and own.is_file() else dataset


def _of_split(path: Path, split: str | None) -> list[Case]:
    from evals.cases import read_cases

    cases = read_cases(path)
    chosen = [case for case in cases if split in (None, case.split)]
    if not chosen:
        raise ConfigurationError(f"{path} has no question of the split {split!r}", "leave --split out")
    return chosen


def _run(
    cases: Sequence[Case], settings: Settings, out: Path | None, dataset: str, *, workers: int, fresh: bool
) -> tuple[Run, Path]:
    """The run, and its folder: beside the index, with a name of its own, where none is given."""
    from evals.runner import describe_run, run_eval
    from rag import Assistant
    from rag.terminal import progress_bar

    with progress_bar(_err) as progress, closing(Assistant.open(settings)) as assistant:
        assistant.sync(progress=progress)
        described = describe_run(assistant, cases, dataset)
        name = f"{dataset}-{_slug(settings.engine)}-{described['fingerprint'][:8]}"
        folder = out or settings.data_dir / "evals" / name
        finished = run_eval(
            cases, assistant, folder, described=described, workers=workers, fresh=fresh, progress=progress
        )
    return finished, folder


def _slug(engine: str) -> str:
    return re.sub(r"[^\w.-]+", "-", engine)


def _report(run: Run, folder: Path, before: Sequence[Result] | None, judge: str | None) -> Report:
    from evals.compare import compare
    from evals.figures import figures
    from evals.report import Report, write_report

    report = Report(
        run=run,
        folder=folder,
        figures=tuple(figures(run.results)),
        comparison=compare(before, run.results) if before else None,
        judge=_judged(run, folder, judge) if judge else None,
    )
    write_report(report)
    return report


def _judged(run: Run, folder: Path, name: str) -> dict[str, Any]:
    from evals.judge import agreement, judge_results, open_judge
    from rag.terminal import progress_bar

    with progress_bar(_err) as progress:
        opinions = judge_results(run.results, open_judge(name), folder, name=name, progress=progress)
    return {"model": name, **agreement(run.results, opinions)}
