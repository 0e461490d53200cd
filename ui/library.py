"""The library: the documents in a table, filters that the chat shares, adding, removing, and the state of the index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.loading import SUFFIXES
from ui.library_events import LibraryEvents

__all__ = ["library_tab"]

_SCRIPTS = Path(__file__).parent / "assets"
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_SLOW: dict[str, Any] = {"api_visibility": "private", "concurrency_id": "indexing", "concurrency_limit": 1}


def library_tab(assistant: Assistant, scope: Any) -> None:
    """Lay out the library and connect it.

    Args:
        assistant: Holds the documents.
        scope: The `gr.State` with the filters (a `where` mapping) that the chat asks under.
    """
    events = LibraryEvents(assistant)
    changes = gr.State(0)  # of the index, seen from this page
    with gr.Column(elem_id="library"):
        in_force = gr.HTML(elem_id="in-force", js_on_load=_script("scope.js"))
        with gr.Row(elem_id="filters"):
            controls: list[Any] = [
                gr.Dropdown(label=label, choices=[], multiselect=True, min_width=150, elem_id=f"filter-{name}")
                for label, name in (("Kind", "kind"), ("Country", "country"), ("Publisher", "publisher"))
            ]
            controls += [
                gr.Textbox(label=label, placeholder=example, max_length=10, min_width=110, elem_id=f"filter-{name}")
                for label, example, name in (("Since", "2025 or 2025-01", "since"), ("Until", "2026-06-30", "until"))
            ]
        wrong = gr.HTML(elem_id="filter-problem")
        plot = gr.HTML(elem_id="timeline")
        with gr.Row():
            _adding(assistant, events, changes)
            _health(events, changes)
        removal = gr.HTML(elem_id="removal")
        shelf = gr.HTML(elem_id="shelf", js_on_load=_script("library.js"))
    page = gr.HTML(elem_id="library-reader", js_on_load=_script("library_reader.js"))

    gr.on([control.input for control in controls[:3]], events.filter, [scope, *controls], [scope, wrong], **_QUIET)
    dates = [event for control in controls[3:] for event in (control.submit, control.blur)]
    gr.on(dates, events.filter, [scope, *controls], [scope, wrong], **_QUIET)
    gr.on([scope.change, changes.change], events.view, [scope], [in_force, plot, shelf], **_QUIET)
    gr.on([scope.change, changes.change], events.controls, [scope], controls, **_QUIET)
    gr.on(None, events.view, [scope], [in_force, plot, shelf], **_QUIET)  # when the page is opened
    gr.on(None, events.controls, [scope], controls, **_QUIET)
    in_force.clear(dict, None, [scope], **_QUIET)
    shelf.submit(events.only, [scope], [scope], **_QUIET)
    shelf.select(events.open, None, [page], **_QUIET)

    def remove(where: Any, change: int, event: gr.EventData, progress: Any = gr.Progress()) -> Any:  # noqa: B008
        return *events.remove(where, event, progress), change + 1

    shelf.delete(remove, [scope, changes], [scope, removal, changes], **_SLOW)


def _adding(assistant: Assistant, events: LibraryEvents, changes: Any) -> None:
    with gr.Column(min_width=300), gr.Accordion("Add documents", open=False, elem_id="adding"):
        with gr.Row():
            files = gr.File(
                label=f"Files, up to {assistant.settings.max_file_mb} MB each",
                file_count="multiple",
                file_types=sorted(SUFFIXES),
                height=170,
                min_width=240,
                elem_id="files",
            )
            addresses = gr.Textbox(
                label="Web pages, one address a line",
                placeholder="https://…",
                lines=4,
                max_length=20_000,
                min_width=240,
                elem_id="addresses",
            )
        add = gr.Button("Add", variant="primary", elem_id="add")
        report = gr.HTML(elem_id="report")

    def add_all(paths: Any, pages: str, change: int, progress: Any = gr.Progress()) -> Any:  # noqa: B008
        told, is_done = events.add(paths, pages, progress)
        return (told, change + 1, None, "") if is_done else (told, gr.skip(), gr.skip(), gr.skip())

    outputs = [report, changes, files, addresses]
    add.click(add_all, [files, addresses, changes], outputs, show_progress_on=[report], **_SLOW)


def _health(events: LibraryEvents, changes: Any) -> None:
    with gr.Column(min_width=300), gr.Accordion("State of the index", open=False, elem_id="health") as panel:
        state = gr.HTML('<p class="facts">Looking …</p>', elem_id="health-state")
        again = gr.Button("Rebuild the index", elem_id="rebuild")

    def rebuild(change: int, progress: Any = gr.Progress()) -> Any:  # noqa: B008
        return events.rebuild(progress), change + 1

    gr.on([panel.expand, changes.change], events.health, None, [state], **_QUIET)
    again.click(rebuild, [changes], [state, changes], **_SLOW)


def _script(name: str) -> str:
    return (_SCRIPTS / name).read_text(encoding="utf-8")
