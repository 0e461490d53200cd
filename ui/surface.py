"""Cuts Gradio down: to the routes in use, the handlers meant for the caller, and everyone's own sessions and files."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from os.path import normpath
from typing import Any

import gradio as gr
from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access import USER, is_from_page
from ui.api import PUBLIC

__all__ = ["Surface"]

_API = "/gradio_api"
_FILE = f"{_API}/file="
_ROUTES = re.compile(
    r"/|/(health|ready|metrics|login|logout|mcp|config|theme\.css|favicon\.ico|manifest\.json|robots\.txt)"
    r"|/(assets|static|svelte)/.+"
    rf"|{_API}/(info|openapi\.json|startup-events|queue/join|queue/data|cancel|reset|app_id|user|login_check)"
    rf"|{_API}/(heartbeat|call|run)/.+"
    rf"|{_API}/(upload|upload_progress|file=/.+)"
)
_CALL = re.compile(rf"{_API}/(?:call/(?:v2/)?|run/)(?P<name>[^/]+)/?")
_SESSION = re.compile(rf"{_API}/heartbeat/(?P<session>[^/]+)")
_UPLOADS = (gr.File, gr.UploadButton, gr.MultimodalTextbox)
_MAX_BODY = 10_000_000  # bytes: a long conversation that the browser hands over fits many times
_MAX_OWNERS = 100_000


class Surface:
    """ASGI middleware between access control and Gradio.

    Gradio's own page calls every handler by its number, so the numbers of internal handlers must go on answering the
    page. A browser says of itself, in headers that no script can forge, which page makes a request; other programs are
    told apart by not claiming to be one, and get the public endpoints alone.
    """

    def __init__(self, app: ASGIApp, *, demo: gr.Blocks) -> None:
        self._app = app
        self._public = {number for number, fn in demo.fns.items() if fn.api_name in PUBLIC}
        self._takes_files = any(isinstance(block, _UPLOADS) for block in demo.blocks.values())
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a refusal."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        data: bytes | None = b""
        if scope["method"] == "POST" and scope["path"] != f"{_API}/upload":
            data = await _read(receive)
            receive = _replay(data or b"", receive)
        refusal = self._refused(scope, data)
        if refusal:
            await JSONResponse({"detail": refusal[1]}, refusal[0])(scope, receive, send)
        elif scope["path"] == f"{_API}/upload":
            plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
            await self._app({**scope, "headers": plain}, receive, self._claiming(scope[USER], send))
        else:
            await self._app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        if path.startswith(f"{_API}/upload") and not self._takes_files:
            return False
        return bool(_ROUTES.fullmatch(path))

    def _refused(self, scope: Scope, data: bytes | None) -> tuple[int, str] | None:
        """Status and reason, if the route, the handler or the session is not for this caller."""
        path = scope["path"]
        if not self._is_open(path):
            return 404, "there is nothing here"
        if data is None:
            return 413, f"a request may have {_MAX_BODY} bytes at the most"
        body = _parsed(data) if data and path.startswith(_API) else {}
        if body is None:
            return 400, "the request is not a JSON object"
        if scope["method"] == "POST" and self._is_internal(path, body) and not is_from_page(Headers(scope=scope)):
            return 404, f"there is no such endpoint: use {', '.join(PUBLIC)}"
        session = _session(scope, body)
        if session is not None and not self._owns(scope[USER], session):
            return 404, "there is no such session"
        files = [path.removeprefix(_FILE)] if path.startswith(_FILE) else _paths_in(body)
        if any(self._owners.get(normpath(file), scope[USER]) != scope[USER] for file in files):
            return 404, "there is no such file"
        return None

    def _is_internal(self, path: str, body: dict[str, Any]) -> bool:
        """Whether a request is for the page alone: an upload, or a handler that is no public endpoint.

        Gradio takes a handler's number before its name.
        """
        called, number = _CALL.fullmatch(path), body.get("fn_index")
        if number is None:
            of_page = path in (f"{_API}/queue/join", f"{_API}/upload")
            return of_page or (called is not None and called["name"] not in PUBLIC)
        is_public = isinstance(number, int) and number in self._public
        return not is_public or (called is not None and called["name"] not in PUBLIC)

    def _claiming(self, user: str | None, send: Send) -> Send:
        """A `send` that notes whose the uploaded files are that the response names."""
        body = bytearray()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.body" and user is not None:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    for path in _uploaded(bytes(body)):
                        self._owns(user, normpath(path))
            await send(message)

        return noting

    def _owns(self, user: str | None, session: str) -> bool:
        """Whether the session or the file is this user's; it belongs to who is there first."""
        if user is None:
            return True
        owner = self._owners.setdefault(session, user)
        self._owners.move_to_end(session)
        if len(self._owners) > _MAX_OWNERS:
            self._owners.popitem(last=False)
        return owner == user


def _uploaded(data: bytes) -> list[str]:
    try:
        paths = json.loads(data)
    except ValueError:
        return []
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def _paths_in(body: dict[str, Any]) -> list[str]:
    """The paths of files that a call hands over, however deep they stand."""
    found, waiting = [], [body]
    while waiting:
        value: Any = waiting.pop()
        if isinstance(value, dict):
            found += [path for path in (value.get("path"),) if isinstance(path, str)]
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return found


def _session(scope: Scope, body: dict[str, Any]) -> str | None:
    """The session that a request names, in its path, query or body."""
    in_path = _SESSION.fullmatch(scope["path"])
    if in_path:
        return in_path["session"]
    named = body.get("session_hash") or QueryParams(scope["query_string"]).get("session_hash")
    return None if named is None else str(named)


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None if it is too large."""
    data = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(data)
        data += message.get("body", b"")
        if len(data) > _MAX_BODY:
            return None
        if not message.get("more_body"):
            return bytes(data)


def _replay(data: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, then what comes after it."""
    pending: list[Message] = [{"type": "http.request", "body": data, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again


def _parsed(data: bytes) -> dict[str, Any] | None:
    """The JSON object that a body is, or None."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
