"""`airace serve`: checks who may reach the app, brings the index up to date, then starts the app."""

from __future__ import annotations

import ipaddress

from rich.console import Console

from rag.assistant import Assistant
from rag.errors import ConfigurationError
from rag.settings import Settings
from rag.terminal import progress_bar, show_report

__all__ = ["serve"]


def serve(settings: Settings, *, host: str, port: int, mcp: bool = False) -> None:
    """Bring the index up to date, then serve the app until it is stopped.

    Raises:
        ConfigurationError: It would be reachable from other machines without a password.
    """
    auth = _auth(settings)
    if auth is None and not _is_loopback(host):
        raise ConfigurationError(
            f"{host} can be reached from other machines", "give --auth user:password, or serve on 127.0.0.1"
        )
    console = Console(stderr=True, highlight=False)
    assistant = Assistant.open(settings)
    console.print("Bringing the index up to date …")
    with progress_bar(console) as progress:
        report = assistant.sync(progress=progress)
    show_report(console, report)
    from ui.app import launch  # Gradio takes seconds to import: not before the arguments are known to be right

    launch(assistant, host=host, port=port, auth=auth, mcp=mcp)


def _auth(settings: Settings) -> tuple[str, str] | None:
    """User and password.

    Raises:
        ConfigurationError: They are not written as `user:password`.
    """
    if settings.auth is None:
        return None
    user, colon, password = settings.auth.get_secret_value().partition(":")
    if not (user and colon and password):
        raise ConfigurationError("--auth is not user:password", "write for example --auth reader:a-long-password")
    return user, password


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
