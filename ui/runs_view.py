"""Runs of the evals in the app: choose questions, run them, read the report, compare with an earlier run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from evals.cases import Case, Kind, read_cases
from evals.compare import compare
from rag.assistant import Assistant
from rag.errors import AiraceError, ConfigurationError
from ui import runs_render as render
from ui.case_drafts import from_chat_path
from ui.eval_runs import EvalJob, PastRun, choose, datasets, load_run, past_runs, report_page

__all__ = ["runs_panel"]

_REPORT = Path(__file__).parent / "assets" / "report.js"
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_POLL_S = 0.4
_MAX_LISTED = 100  # runs to choose from
_MAX_DRAWN = 30  # runs in the history
_ALL = "all"
_NONE = ("nothing", "")


def runs_panel(assistant: Assistant, opened: Any) -> None:
    """Lay out the panel and connect it.

    Args:
        assistant: Whose answers are evaluated.
        opened: Connects a handler to the panel coming into view, as `gr.Tab.select` does: lists are read then.
    """
    runs = _Runs(assistant)
    uploaded = gr.State({})  # name → path
    with gr.Row(elem_classes="evals-desk"):
        with gr.Column(scale=4, min_width=300, elem_classes="evals-form"):
            dataset = gr.Dropdown(list(runs.datasets()), value=runs.first(), label="Questions", elem_id="eval-dataset")
            upload = gr.UploadButton(
                "Use your own (JSONL or CSV)", file_types=[".jsonl", ".csv"], size="sm", elem_id="eval-upload"
            )
            with gr.Accordion("Only some of them", open=False, elem_id="eval-some"):
                number = gr.Number(0, label="At most (0: all)", minimum=0, precision=0, elem_id="eval-number")
                text = gr.Textbox(label="Questions with these words", max_length=200, elem_id="eval-text")
                kinds = gr.Dropdown(list(get_args(Kind)), multiselect=True, label="Kinds (none: all)")
                split = gr.Radio([_ALL, "tune", "test"], value=_ALL, label="Split")
            count = gr.HTML(elem_id="eval-count")
            with gr.Row(elem_classes="buttons"):
                start = gr.Button("Run", variant="primary", elem_id="eval-run", min_width=90)
                stop = gr.Button("Stop", variant="stop", interactive=False, elem_id="eval-stop", min_width=90)
            status = gr.HTML(elem_id="eval-status")
        with gr.Column(scale=7, min_width=300):
            with gr.Row():
                shown = gr.Dropdown([], label="Run", elem_id="eval-shown", scale=1, min_width=260)
                baseline = gr.Dropdown(
                    [_NONE], value="", label="Compared with", elem_id="eval-baseline", scale=1, min_width=260
                )
            history = gr.HTML(elem_id="eval-history")
    comparison = gr.HTML(elem_id="eval-comparison")
    report = gr.HTML(elem_id="eval-report", js_on_load=_REPORT.read_text(encoding="utf-8"))

    chosen: list[Any] = [dataset, split, kinds, text, number, uploaded]
    following = [status, start, stop, shown, baseline]
    upload.upload(runs.upload, [upload, uploaded], [uploaded, dataset, count], **_PRIVATE)
    gr.on([part.change for part in chosen[:5]], runs.count, chosen, [count], **_PRIVATE)
    opened(runs.offer, [dataset, uploaded], [dataset], **_PRIVATE)
    opened(runs.count, chosen, [count], **_PRIVATE)
    opened(runs.follow, [shown, baseline], following, **_PRIVATE)
    start.click(runs.run, [*chosen, shown, baseline], following, **_PRIVATE)
    stop.click(runs.stop, None, None, **_PRIVATE)
    shown.change(runs.show, [shown], [history, report], **_PRIVATE)
    gr.on([shown.change, baseline.change], runs.compare, [shown, baseline], [comparison], **_PRIVATE)


class _Runs:
    """What the handlers share. Names that the page sends are looked up among those it may know, never used as paths."""

    def __init__(self, assistant: Assistant) -> None:
        settings = assistant.settings
        self._folder = settings.data_dir / "evals"
        self._from_chat = from_chat_path(settings)
        self._job = EvalJob(assistant, self._folder)

    def datasets(self) -> dict[str, Path]:
        """The datasets to choose from."""
        return datasets(self._from_chat)

    def first(self) -> str | None:
        """The dataset that is chosen at first."""
        return next(iter(self.datasets()), None)

    def offer(self, dataset: str | None, uploaded: dict[str, str]) -> Any:
        """The datasets that there are by now; the first case from the chat makes a new one."""
        names = [*self.datasets(), *uploaded]
        return gr.Dropdown(names, value=dataset if dataset in names else self.first())

    def upload(self, path: str, uploaded: dict[str, str]) -> tuple[dict[str, str], Any, str]:
        """Take a file of questions, if it is one."""
        name = Path(path).name
        try:
            read_cases(Path(path))
        except AiraceError as error:
            return uploaded, gr.skip(), render.message(str(error).replace(path, name), is_problem=True)
        known = {**uploaded, name: path}
        return known, gr.Dropdown([*self.datasets(), *known], value=name), ""

    def count(self, *chosen: Any) -> str:
        """How many questions a run would ask."""
        try:
            cases = self._chosen(*chosen)
        except AiraceError as error:
            return render.message(str(error), is_problem=True)
        return render.message(f"{len(cases)} question{'' if len(cases) == 1 else 's'}")

    def run(self, request: gr.Request, *values: Any) -> Iterator[Any]:
        """Run the chosen questions, showing how far it is; then the report opens."""
        *chosen, shown, baseline = values
        dataset, uploaded = chosen[0], chosen[-1]
        try:
            cases = self._chosen(*chosen)
            if not cases:
                raise ConfigurationError("no question is left", "choose other kinds or words")
            self._job.start(cases, dataset, owner=request.username, private=dataset in uploaded)
        except AiraceError as error:
            yield render.message(str(error), is_problem=True), gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        yield from self.follow(shown, baseline, request)

    def stop(self, request: gr.Request) -> None:
        """Stop the run, if it is one's own."""
        if self._job.state.owner in (None, request.username):
            self._job.stop()

    def follow(self, shown: str | None, baseline: str | None, request: gr.Request) -> Iterator[Any]:
        """Show the run that is going on until it ends, then the runs to choose from, the new one first."""
        was_running = self._job.state.is_running
        while (state := self._job.state).is_running:
            stop = gr.Button(interactive=state.owner in (None, request.username))
            yield render.progress(state), gr.Button(interactive=False), stop, gr.skip(), gr.skip()
            time.sleep(_POLL_S)
        runs = past_runs(self._folder, request.username)[:_MAX_LISTED]
        choices = [(run.label, run.folder.name) for run in runs]
        names = [name for _, name in choices]
        keeps = shown in names and not (was_running and state.folder)
        first = shown if keeps else next(iter(names), None)
        yield (
            render.progress(state) if was_running else "",
            gr.Button(interactive=True),
            gr.Button(interactive=False),
            gr.Dropdown(choices, value=first),
            gr.Dropdown([_NONE, *choices], value=baseline if baseline in names else ""),
        )

    def show(self, shown: str | None, request: gr.Request) -> tuple[str, str]:
        """The history of the run's questions, and its report."""
        runs = past_runs(self._folder, request.username)
        run = _named(runs, shown)
        if run is None:
            return render.history([]), ""
        same = [past for past in runs if past.manifest["dataset_sha256"] == run.manifest["dataset_sha256"]]
        try:
            history = render.history([(past, load_run(past.folder)) for past in same[:_MAX_DRAWN]])
            return history, render.framed(report_page(run.folder))
        except AiraceError as error:
            return render.message(str(error), is_problem=True), ""

    def compare(self, shown: str | None, baseline: str | None, request: gr.Request) -> str:
        """The two runs question by question."""
        runs = past_runs(self._folder, request.username)
        after, before = _named(runs, shown), _named(runs, baseline)
        if after is None or before is None:
            return ""
        if after == before:
            return render.message("Both are the same run: choose another one to compare with.")
        try:
            old, new = load_run(before.folder), load_run(after.folder)
            return render.comparison_page(old, new, compare(old.results, new.results))
        except AiraceError as error:
            return render.message(str(error), is_problem=True)

    def _chosen(
        self,
        dataset: str | None,
        split: str,
        kinds: Sequence[str],
        text: str | None,
        number: float | None,
        uploaded: dict[str, str],
    ) -> list[Case]:
        paths = self.datasets() | {name: Path(path) for name, path in uploaded.items()}
        if dataset not in paths:
            raise ConfigurationError("no questions are chosen", "choose a dataset, or use your own")
        cases = read_cases(paths[dataset])
        wanted = None if split == _ALL else split
        return choose(cases, split=wanted, kinds=kinds or (), text=text or "", number=int(number or 0))


def _named(runs: Sequence[PastRun], name: str | None) -> PastRun | None:
    return next((run for run in runs if run.folder.name == name), None)
