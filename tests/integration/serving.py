"""What the tests of the running app share: a small corpus, a server, and how to speak to it."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag import Assistant
from rag.protocols import Embedder
from tests.assistants import indexed
from ui.server import Server
from ui.users import UserFile, Users, add_user

PASSWORDS = {"anna": "a-long-password", "ben": "another-password"}
QUESTION = "How much did Nvidia lose after DeepSeek?"
DOCUMENTS = {
    "nvidia.md": (
        "---\nid: nvidia\ntitle: Nvidia's fall\npublisher: Example News\nkind: news\ndate: 2025-01-28\n---\n"
        "# Nvidia and DeepSeek\n\nNvidia lost $589 billion of market value on 27 January 2025 after DeepSeek's R1. "
        "Its shares fell 17 percent that day.\n"
    ),
    "rules.md": (
        "---\nid: rules\ntitle: Export rules\npublisher: Example Office\nkind: official\ndate: 2025-04-15\n---\n"
        "# Export controls\n\nThe office told Nvidia on 9 April 2025 that H20 chips need a licence for China.\n"
    ),
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """An assistant that can answer `QUESTION`."""
    folder = tmp_path_factory.mktemp("serving")
    write_documents(folder / "corpus")
    with indexed(folder / "corpus", folder / "data", embedder) as assistant:
        yield assistant


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Users:
    """Everyone of `PASSWORDS`, from a file."""
    return users_in(tmp_path_factory.mktemp("users"))


def write_documents(folder: Path) -> None:
    """Make the corpus of `assistant`."""
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")


def users_in(folder: Path) -> Users:
    """A file with everyone of `PASSWORDS`."""
    for name, password in PASSWORDS.items():
        add_user(folder / "users.txt", name, password)
    return UserFile(folder / "users.txt")


@contextmanager
def serving(assistant: Assistant, **options: Any) -> Iterator[str]:
    """The address of a running app, without the slash at its end."""
    from ui.app import launch

    server: Server = launch(assistant, host="127.0.0.1", port=0, **options)
    yield server.local_url.rstrip("/")
    server.close()


def basic(name: str, password: str | None = None) -> dict[str, str]:
    """Headers of HTTP Basic authentication, by default with the right password."""
    credentials = f"{name}:{password or PASSWORDS[name]}".encode()
    return {"Authorization": f"Basic {b64encode(credentials).decode()}"}


def page_of(url: str) -> dict[str, str]:
    """The header by which a browser says that our page makes the request."""
    return {"Origin": url}


def config(client: httpx.Client) -> dict[str, Any]:
    """What the page knows about the app."""
    data: dict[str, Any] = client.get("/config").json()
    return data


def handler(client: httpx.Client, name: str) -> int:
    """The number of a handler of the app."""
    return next(fn["id"] for fn in config(client)["dependencies"] if fn["api_name"] == name)


def events(client: httpx.Client, session: str) -> list[dict[str, Any]]:
    """What the queue has for a session, to the end of its stream."""
    found = []
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as response:
        for line in response.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))
                if found[-1]["msg"] in ("close_stream", "unexpected_error"):
                    break
    return found


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
