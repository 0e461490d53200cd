"""Gives every request an id, and tells logs and metrics how it ended."""

from __future__ import annotations

import logging
import re
import sys
import uuid
from contextlib import nullcontext
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.logs import configure_logs
from rag.settings import Settings
from ui.metrics import OPEN_PAGES, REQUEST_SECONDS, REQUESTS

__all__ = ["Requests", "log_requests"]

_ID = "airace.request_id"
_HEADER = "X-Request-ID"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = ("GET", "HEAD", "POST", "OPTIONS", "DELETE")
_ROUTE = re.compile(
    r"/gradio_api/(?:file=|(?:queue/join|queue/data|upload|info|cancel)|call/(?:ask|search|sources)|[a-z_]+)"
    r"|/(?:health|ready|metrics|login|logout|mcp|config|assets|static|theme\.css)|/$"
)
_CURRENT: ContextVar[str | None] = ContextVar("airace_request_id", default=None)
_LOG = logging.getLogger(__name__)


def log_requests(settings: Settings, *, level: int) -> None:
    """Send the logs of this process to stderr, each line with the id of the request that it belongs to."""
    configure_logs(settings, level=level, request_id=_current_id)


class Requests:
    """ASGI middleware, the outermost: takes over a proxy's request id or makes one, and puts it into the response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; log and count it when it is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 0
        given = Headers(scope=scope).get(_HEADER, "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        scope[_ID] = request_id

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = request_id
            await send(message)

        token = _CURRENT.set(request_id)
        route = _route(scope["path"])
        try:
            with OPEN_PAGES.track_inprogress() if route == "/gradio_api/heartbeat" else nullcontext():
                await self._app(scope, receive, send_with_id)
        except Exception:
            _LOG.exception("request failed", extra={"route": route})
            await _end(scope, receive, send_with_id, is_started=status > 0)
        finally:
            _CURRENT.reset(token)
            _record(scope, route, status, perf_counter() - started)


async def _end(scope: Scope, receive: Receive, send: Send, *, is_started: bool) -> None:
    """End a response that an error has interrupted."""
    if is_started:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    else:
        detail = f"something went wrong here: the server's log says what, at request {scope[_ID]}"
        await JSONResponse({"detail": detail}, 500)(scope, receive, send)


def _record(scope: Scope, route: str, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    REQUESTS.labels(route, method, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    details: dict[str, Any] = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    _LOG.log(
        logging.WARNING if status >= 500 else logging.INFO,
        "request",
        extra={"request_id": scope[_ID], **details, "user": scope.get("airace.user")},
    )


def _route(path: str) -> str:
    """The beginning of the path that says what is asked for, without ids: metrics have few labels, logs no secrets."""
    found = _ROUTE.match(path)
    return found.group().rstrip("=") if found else "other"


def _current_id() -> str | None:
    """The request's id, also in Gradio's queue, which runs a handler long after the request that asked for it."""
    if request_id := _CURRENT.get():
        return request_id
    context = sys.modules.get("gradio.context")  # not imported for a line of the log: it takes seconds
    request = context.LocalContext.request.get(None) if context else None
    scope = getattr(getattr(request, "request", None), "scope", {})
    return scope.get(_ID)
