"""The endpoints as tools of the Model Context Protocol, over streamable HTTP at `/mcp`."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from rag.assistant import Assistant
from rag.errors import ConfigurationError
from ui.api import Endpoint, endpoints, told

if TYPE_CHECKING:
    from mcp.server.fastmcp import FastMCP

__all__ = ["mcp_server"]


def mcp_server(assistant: Assistant) -> FastMCP:
    """A server with the three tools, without state between requests.

    Raises:
        ConfigurationError: The package for the protocol is not installed.
    """
    try:
        from mcp.server.fastmcp import FastMCP
        from mcp.server.fastmcp.exceptions import ToolError
        from mcp.server.transport_security import TransportSecuritySettings
    except ImportError as error:
        raise ConfigurationError("the package mcp is not installed", "pip install 'airace[mcp]'") from error
    server = FastMCP(
        "airace",
        instructions="Answers from a fixed corpus of documents, every sentence with the exact passage behind it.",
        log_level="WARNING",
        stateless_http=True,
        # `ui.access` has checked who calls, under which name and for whom.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    for function in endpoints(assistant):
        server.add_tool(_in_thread(told(function, ToolError)), structured_output=True)
    return server


def _in_thread(function: Endpoint) -> Endpoint:
    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await to_thread.run_sync(partial(function, *args, **kwargs))

    return call
