"""The app killed in the middle of its work: it comes up again by itself, with all that it had said was done.

Conversations are not looked for on the server: they lie in the browser's storage (docs/security.md), which no kill of
the server reaches. The one that a browser would have kept is handed back to every new process, as a page does.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gradio_client import Client

from rag import Assistant
from rag.index import find_disagreements
from tests.abuse.budget import times
from tests.abuse.test_faults import N_DOCUMENTS, QUESTION, folder, opened
from tests.conftest import ROOT
from tests.integration.serving import events, free_port, handler, page_of
from ui.feedback import FeedbackStore
from ui.turns import Turn, turns_to_data

__all__ = ["folder", "opened"]

START_S = 120
CUT = ("ask", "give_feedback", "add")


@dataclass
class Record:
    """What the app has said is done, and what it was doing whenever it was killed."""

    feedback: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Page:
    """What a page and a program do with the app."""

    def __init__(self, url: str, conversation: list[dict[str, Any]]) -> None:
        self._url, self._kept = url, {"owner": "", "turns": conversation}
        self._program = Client(url, verbose=False)
        with self._http() as client:
            self._numbers = {name: handler(client, name) for name in ("give_feedback", "add_all")}

    def ask(self, _: str) -> str:
        answer: str = self._program.predict(QUESTION, api_name="/ask")["answer"]
        return answer

    def give_feedback(self, name: str) -> str:
        """On the first answer of a conversation that began before the app was ever killed."""
        self._call("give_feedback", [None, self._kept], {"turn": 0, "verdict": "up", "note": name})
        return name

    def add(self, name: str) -> str:
        """A document, uploaded."""
        text = f"Plant {name} makes wafers in Shanghai.\n"
        with self._http() as client:
            upload = client.post("/gradio_api/upload", files={"files": (f"{name}.txt", text)}).raise_for_status()
        file = {"path": upload.json()[0], "orig_name": f"{name}.txt", "meta": {"_type": "gradio.FileData"}}
        (report, *_) = self._call("add_all", [[file], "", 0])
        assert name in str(report)
        return name

    def _call(self, name: str, data: list[Any], event: dict[str, Any] | None = None) -> list[Any]:
        session = uuid4().hex
        body = {"fn_index": self._numbers[name], "data": data, "event_data": event, "session_hash": session}
        with self._http() as client:
            client.post("/gradio_api/queue/join", json=body).raise_for_status()
            (done,) = (event for event in events(client, session) if event["msg"] == "process_completed")
        assert done["success"], done
        output: list[Any] = done["output"]["data"]
        return output

    def _http(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, headers=page_of(self._url), timeout=60)


def started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """`airace serve` in a process of its own."""
    (folder / "temporary").mkdir(exist_ok=True)
    with (folder / "stderr.txt").open("wb") as stderr:
        return subprocess.Popen(
            [sys.executable, "-m", "rag", "serve", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(folder / "temporary")},
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The app, ready; whatever comes, it is dead at the end."""
    port = free_port()
    app = started(folder, port)
    try:
        until_ready(app, f"http://127.0.0.1:{port}")
        yield app, f"http://127.0.0.1:{port}"
    finally:
        app.kill()
        app.wait()
    assert "Traceback" not in (folder / "stderr.txt").read_text()


def until_ready(app: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert app.poll() is None, "it ended by itself"
        try:
            if httpx.get(f"{url}/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("it never became ready")


def work(act: Callable[[str], str], done: list[str], record: Record, app: subprocess.Popen[bytes]) -> Thread:
    """Do something over and over until the app is dead."""

    def run() -> None:
        for number in count():
            try:
                done.append(act(f"{act.__name__.replace('_', '-')}-{uuid4().hex[:8]}-{number}"))
            except Exception as error:
                try:
                    app.wait(5)
                    record.cut_off.append(act.__name__)
                except subprocess.TimeoutExpired:
                    record.wrong.append(repr(error))
                return

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread


def kill_at_work(app: subprocess.Popen[bytes], page: Page, record: Record, after: float) -> None:
    """Kill the app while it answers, takes feedback from two people and adds documents."""
    jobs = [(page.ask, record.asked), (page.add, record.documents), *[(page.give_feedback, record.feedback)] * 2]
    threads = [work(act, done, record, app) for act, done in jobs]
    time.sleep(after)
    app.kill()
    app.wait()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def kill_while_starting(folder: Path, after: float) -> None:
    """Kill the app before it serves, while it looks at the index or brings it up to date."""
    app = started(folder, free_port())
    time.sleep(after)
    app.kill()
    app.wait()


def check_feedback(path: Path, record: Record, kills: int) -> None:
    """What was acknowledged is there once, nothing is there twice, and a kill spoils at most the line it hit."""
    notes = [feedback.note for feedback in FeedbackStore(path).newest()]
    assert len(notes) == len(set(notes))
    assert set(record.feedback) <= set(notes)
    lines = path.read_bytes().splitlines() if path.exists() else []
    assert len(lines) - len(notes) <= kills
    assert len(notes) <= len(record.feedback) + 2 * kills  # written, but killed before it could say so


def check_index(assistant: Assistant, record: Record) -> None:
    """It is sound, and has the documents of the corpus and all that were added, each once."""
    assert find_disagreements(assistant.index) == []
    texts = [document.text for document in assistant.documents()]
    assert len(texts) == len(set(texts))
    ids = {document.doc_id for document in assistant.documents()}
    assert ids >= {f"d{number}" for number in range(N_DOCUMENTS)}
    assert ids >= set(record.documents)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_an_app_that_is_killed_at_work_comes_up_again_and_loses_nothing(
    folder: Path, opened: Callable[..., Assistant]
) -> None:
    generator = random.Random(None if times(0, 1) else 7)
    kills, record, assistant = times(3, 50), Record(), opened()
    assistant.sync()
    before = assistant.ask(QUESTION)
    conversation = turns_to_data([Turn(QUESTION, answer=before)])
    for kill in range(kills + 1):
        with running(folder) as (app, url):
            check_feedback(folder / "data" / "feedback.jsonl", record, kill)
            check_index(assistant, record)
            page = Page(url, conversation)
            assert page.ask("") == before.answer
            if kill < kills:
                kill_at_work(app, page, record, generator.uniform(0.05, 4))
        if kill % 3 == 1:
            kill_while_starting(folder, generator.uniform(0.5, 6))
    assert record.wrong == []
    assert set(record.asked) == {before.answer}
    assert set(record.cut_off) == set(CUT), "kills must have hit everything that the app does"
    print(  # noqa: T201 - the figures of `make torture -s`
        f"{kills} kills; done: {len(record.asked)} answers, {len(record.feedback)} verdicts, "
        f"{len(record.documents)} documents; cut off: " + ", ".join(f"{n} {record.cut_off.count(n)}" for n in CUT)
    )
