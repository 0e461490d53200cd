"""What happens in the library: documents are filtered, opened, added and removed, and the index is rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from rag.assistant import Assistant, Where
from rag.errors import AiraceError
from rag.loading import is_url
from ui.library_view import health_view, in_force, problem, report_view, table
from ui.reader import Place, empty_reader, reader
from ui.timeline import timeline

__all__ = ["FILTERED", "LibraryEvents"]

FILTERED = ("kind", "publisher_country", "publisher", "since", "until")
"""Filters that have a control of their own, in the order of the controls."""

_N_CHOICES = 3  # of FILTERED: lists to choose from; the others are dates


class LibraryEvents:
    """Handlers of the library's events. What comes with an event is the browser's word, and checked."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def view(self, where: Where) -> tuple[str, str, str]:
        """What is in force, the timeline and the table."""
        try:
            documents = self._assistant.documents(where)
            index = self._assistant.index
            line = in_force(where, len(documents), index.manifest.n_documents)
            return line, timeline(documents), table(documents, index.catalog.passage_counts())
        except AiraceError as error:
            return problem(error), "", ""

    def controls(self, where: Where) -> list[Any]:
        """The filter controls, showing what is in force."""
        try:
            documents = self._assistant.documents()
        except AiraceError:
            documents = []
        updates = []
        for key in FILTERED[:_N_CHOICES]:
            choices = sorted({value for document in documents if (value := getattr(document, key))})
            updates.append(gr.update(choices=choices, value=_values(where, key)))
        return [*updates, *(gr.update(value=next(iter(_values(where, key)), "")) for key in FILTERED[_N_CHOICES:])]

    def filter(self, where: Where, *given: Any) -> tuple[Any, str]:
        """The filters as the controls have them, and what is wrong with them."""
        chosen = {key: where[key] for key in where if key not in FILTERED}
        for key, value in zip(FILTERED, given, strict=True):
            value = value.strip() if isinstance(value, str) else list(value or ())
            if value:
                chosen[key] = value
        try:
            self._assistant.documents(chosen)
        except AiraceError as error:
            return gr.skip(), problem(error)
        return chosen, ""

    def only(self, where: Where, event: gr.EventData) -> dict[str, Any]:
        """The filters, and of those only the chosen documents."""
        return {**where, "doc_id": self._ids(event)}

    def open(self, event: gr.EventData) -> str:
        """A document that was clicked."""
        document = next(iter(self._ids(event)), None)
        found = self._assistant.document(document) if document else None
        return reader(found, Place(quote=(0, 0), passage=(0, 0))) if found else empty_reader()

    def add(self, files: Sequence[str] | None, addresses: str | None, progress: Any) -> tuple[str, bool]:
        """Add uploaded files and web pages; a report on each, and whether the index may have changed."""
        pages = (addresses or "").split()
        wrong = [page for page in pages if not is_url(page)]
        if wrong:
            return problem(f"{wrong[0]} is no web address: begin it with https://"), False
        sources = [*(files or ()), *pages]
        if not sources:
            return problem("nothing to add: choose files, or give the address of a web page"), False
        try:
            report = self._assistant.ingest(sources, keep_files=True, progress=_told(progress))
            documents = {document.doc_id: document for document in self._assistant.documents()}
        except AiraceError as error:
            return problem(error), True
        return report_view(report, documents, sources), True

    def remove(self, where: Where, event: gr.EventData, progress: Any) -> tuple[dict[str, Any], str]:
        """Take documents out of the index; the filters without them, and a report."""
        gone: list[str] = []
        left = dict(where)
        try:
            for doc_id in self._ids(event):
                self._assistant.remove(doc_id, progress=_told(progress))
                gone.append(doc_id)
        except AiraceError as error:
            message = problem(error)
        else:
            some = "1 document" if len(gone) == 1 else f"{len(gone)} documents"
            message = f'<div class="report" role="status">{some} removed from the index.</div>'
        if kept := [doc_id for doc_id in _values(where, "doc_id") if doc_id not in gone]:
            left["doc_id"] = kept
        else:
            left.pop("doc_id", None)
        return left, message

    def rebuild(self, progress: Any) -> str:
        """Build the index anew from what there is."""
        try:
            self._assistant.sync(rebuild=True, progress=_told(progress))
        except AiraceError as error:
            return problem(error)
        return self.health()

    def health(self) -> str:
        """The state of the index."""
        try:
            return health_view(self._assistant.health())
        except AiraceError as error:
            return problem(error)

    def _ids(self, event: gr.EventData) -> list[str]:
        """The documents that an event names, if they exist."""
        try:
            ids = event.ids
        except AttributeError:
            ids = ()
        if not isinstance(ids, list):
            return []
        return [doc_id for doc_id in ids if isinstance(doc_id, str) and self._assistant.document(doc_id) is not None]


def _values(where: Where, key: str) -> list[str]:
    value = where.get(key, ())
    return [value] if isinstance(value, str) else list(value)


def _told(progress: Any) -> Callable[[str, int, int], None]:
    """Passes progress on to the page."""

    def tell(what: str, done: int, total: int) -> None:
        progress((done, total), desc=what)

    return tell
