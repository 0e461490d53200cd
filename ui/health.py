"""`/health`, `/ready` and `/metrics`: what a supervisor, a load balancer and Prometheus ask."""

from __future__ import annotations

import logging
from threading import Lock

import anyio
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rag.assistant import Assistant
from rag.errors import AiraceError
from ui.access import Doorkeeper
from ui.metrics import LOGINS, measure_index

__all__ = ["health_routes"]

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 2.0


def health_routes(assistant: Assistant, doorkeeper: Doorkeeper | None) -> list[Route]:
    """The three routes."""
    probe = _Probe(assistant)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "up"})

    async def ready(_: Request) -> Response:
        problem = "the model and the index are being loaded"
        with anyio.move_on_after(_PATIENCE_S):
            problem = await anyio.to_thread.run_sync(probe.problem, abandon_on_cancel=True)
        if problem:
            return JSONResponse({"status": "not ready", "reason": problem}, 503)
        return JSONResponse({"status": "ready"})

    async def metrics(_: Request) -> Response:
        await anyio.to_thread.run_sync(measure_index, assistant)
        LOGINS.set(len(doorkeeper.sessions) if doorkeeper else 0)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)]


class _Probe:
    """Searches the index, which needs all that an answer needs but the answer engine."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = Lock()

    def problem(self) -> str:
        """Why no question can be answered now, in one line; empty if one can."""
        if not self._lock.acquire(blocking=False):
            return "the model and the index are being loaded"
        try:
            self._assistant.search("ready", k=1)
        except AiraceError as error:
            return " ".join(str(error).split())
        except Exception as error:
            _LOG.exception("the index cannot be searched")
            return f"the index cannot be searched ({type(error).__name__})"
        finally:
            self._lock.release()
        return ""
