"""`airace serve`: checks who may reach the app, brings the index up to date if it may, then starts the app."""

from __future__ import annotations

import logging
import signal

from rich.console import Console

from rag.assistant import Assistant
from rag.errors import SearchIndexError
from rag.loading.text import one_line
from rag.settings import Settings
from rag.terminal import progress_bar, show_report

__all__ = ["serve"]


def serve(settings: Settings, *, host: str, port: int, mcp: bool = False, verbose: bool = False) -> None:
    """Bring the index up to date, then serve the app until it is stopped.

    An index that cannot be brought up to date, for the disk is full or read-only, is served as it is.

    Raises:
        ConfigurationError: It would be reachable from other machines without a password, or the address is not free.
        SearchIndexError: There is no sound index, and none can be made.
    """
    from ui.access import check_reach, is_loopback
    from ui.requests import log_requests
    from ui.users import users_from

    log_requests(settings, level=logging.INFO if verbose or settings.log == "json" else logging.WARNING)
    users = users_from(settings.auth.get_secret_value()) if settings.auth else None
    check_reach(host, users)
    console = Console(stderr=True, highlight=False)
    assistant = Assistant.open(settings)
    _bring_up_to_date(assistant, console)
    from ui.app import launch  # Gradio takes seconds to import: not before the arguments are known to be right

    server = launch(assistant, host=host, port=port, users=users, mcp=mcp)
    console.print(f"Serving on {server.local_url}", markup=False)
    if not is_loopback(host):
        console.print("Passwords and answers travel unencrypted unless a proxy with TLS stands in front.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a supervisor's stop is as gentle as Ctrl-C
    server.wait()


def _bring_up_to_date(assistant: Assistant, console: Console) -> None:
    console.print("Bringing the index up to date …")
    try:
        with progress_bar(console) as progress:
            report = assistant.sync(progress=progress)
    except SearchIndexError as error:
        if not assistant.is_indexed:
            raise
        console.print(f"Serving the index as it is: {one_line(str(error))}", markup=False, soft_wrap=True)
    else:
        show_report(console, report)
