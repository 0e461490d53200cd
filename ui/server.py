"""Puts the app on an address: Gradio's routes behind identity, headers, request ids, health and metrics."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

import gradio as gr
import uvicorn
from gradio.routes import App
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Mount

from rag.assistant import Assistant
from rag.errors import AiraceError, ConfigurationError
from ui.access import USER, Access, Doorkeeper, check_reach
from ui.headers import SecurityHeaders
from ui.health import health_routes
from ui.login import login_routes
from ui.mcp import mcp_server
from ui.metrics import count_questions
from ui.requests import Requests
from ui.surface import Surface
from ui.users import Users

__all__ = ["Server", "start"]

# Gradio's own statistics, made anew over thousands of calls after each of them, are not used: /metrics has ours.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")

_START_S = 60
_HOUR_S = 3600
_STOP_S = 5


def start(
    demo: gr.Blocks,
    assistant: Assistant,
    *,
    host: str,
    port: int,
    users: Users | None = None,
    mcp: bool = False,
    **page: Any,
) -> Server:
    """Serve the app in the background.

    Args:
        demo: The app.
        assistant: What it asks.
        host: Address to listen on.
        port: Port to listen on; 0 takes any that is free.
        users: Who may log in; None serves this machine alone, to everyone on it.
        mcp: Whether the endpoints are MCP tools as well.
        **page: How the page looks, as `gradio.mount_gradio_app` takes it: `theme`, `css`, `js`, `head` …

    Raises:
        ConfigurationError: Others could reach it without a password, or the address is not free.
    """
    check_reach(host, users)
    count_questions()
    return Server(_application(demo, assistant, users=users, mcp=mcp, page=page), _listen(host, port))


class Server:
    """A running server."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        self.local_url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=_STOP_S, ws="none")
        self._server = _Uvicorn(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise AiraceError("the server did not start", "its log says why")
            time.sleep(0.01)

    def wait(self) -> None:
        """Return when the server is stopped, by Ctrl-C or a termination signal."""
        try:
            while self._thread.is_alive():
                self._thread.join(0.5)
        finally:
            self.close()

    def close(self) -> None:
        """Stop it: questions that are being answered get a few seconds."""
        self._server.should_exit = True
        self._thread.join(_STOP_S + 1)


class _Uvicorn(uvicorn.Server):
    """Tells Gradio first that it is time to let go of open pages."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, and wait for the requests that are being answered."""
        for route in self.config.app.routes:  # type: ignore[union-attr]
            if isinstance(route, Mount) and isinstance(route.app, App):
                route.app.stop_event.set()
        await super().shutdown(sockets)


def _application(
    demo: gr.Blocks, assistant: Assistant, *, users: Users | None, mcp: bool, page: dict[str, Any]
) -> Starlette:
    doorkeeper = Doorkeeper(users) if users else None
    tools = mcp_server(assistant) if mcp else None
    app = Starlette(
        routes=[
            *health_routes(assistant, doorkeeper),
            *login_routes(doorkeeper),
            *(tools.streamable_http_app().routes if tools else ()),
        ],
        lifespan=(lambda _: tools.session_manager.run()) if tools else None,
        middleware=[
            Middleware(Requests),
            Middleware(SecurityHeaders),
            Middleware(Access, doorkeeper=doorkeeper),
            Middleware(Surface, demo=demo),
        ],
    )
    demo.delete_cache = (_HOUR_S, 24 * _HOUR_S)  # uploads that lie about
    gr.mount_gradio_app(
        app,
        demo,
        path="/",
        auth_dependency=_user if users else None,
        mcp_server=False,
        max_file_size=f"{assistant.settings.max_file_mb}mb",
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        footer_links=[],
        **page,
    )
    return app


def _user(request: Request) -> str | None:
    """Who makes the request, for Gradio's own checks and `gr.Request.username`."""
    name: str | None = request.scope.get(USER)
    return name


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on {host}, port {port} ({error.strerror or error})", "choose another with --host and --port"
        ) from error
    return listener
