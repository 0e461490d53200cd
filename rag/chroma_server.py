"""A Chroma server that holds the vectors instead of this process: own machine, distributed engine or cloud."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import chromadb
import httpx
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError

from rag.errors import ConfigurationError, IndexMissingError, SearchIndexError
from rag.settings import Settings

__all__ = ["ChromaServer"]

_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_PATH_PARTS = 2  # tenant and database


@dataclass(frozen=True, slots=True, kw_only=True)
class ChromaServer:
    """Where a server is and how to get in."""

    host: str
    port: int
    tls: bool
    tenant: str
    database: str
    token: str | None

    @classmethod
    def of(cls, settings: Settings) -> ChromaServer | None:
        """The server that the settings name: `http[s]://host[:port][/tenant/database]`; None if they name none.

        Raises:
            ConfigurationError: The address is not of this form.
        """
        if settings.chroma_url is None:
            return None
        hint = "AIRACE_CHROMA_URL is http[s]://host[:port][/tenant/database]"
        try:
            parts = urlsplit(settings.chroma_url)
            port = parts.port
        except ValueError as error:
            raise ConfigurationError("the address of the Chroma server cannot be read", hint) from error
        path = [part for part in parts.path.split("/") if part]
        if parts.scheme not in ("http", "https") or not parts.hostname or len(path) not in (0, _PATH_PARTS):
            raise ConfigurationError("the address of the Chroma server cannot be read", hint)
        tls = parts.scheme == "https"
        tenant, database = path or (DEFAULT_TENANT, DEFAULT_DATABASE)
        token = settings.chroma_token.get_secret_value() if settings.chroma_token else None
        return cls(
            host=parts.hostname,
            port=port or (443 if tls else 8000),
            tls=tls,
            tenant=tenant,
            database=database,
            token=token,
        )

    @property
    def address(self) -> str:
        """As shown to people."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def connect(self) -> Any:
        """A client.

        Raises:
            SearchIndexError: The server cannot be reached or lets nobody in.
        """
        # Chroma's cloud reads the one header, proxies in front of an own server the other.
        headers = {"X-Chroma-Token": self.token, "Authorization": f"Bearer {self.token}"} if self.token else None
        with self.translated():
            client: Any = chromadb.HttpClient(
                host=self.host,
                port=self.port,
                ssl=self.tls,
                headers=headers,
                tenant=self.tenant,
                database=self.database,
                settings=ChromaSettings(anonymized_telemetry=False),
            )
        client._server._session.timeout = _TIMEOUT  # the client itself would wait for ever, and cannot be told
        return client

    def offers_hybrid_search(self) -> bool:
        """Whether the server has Chroma's own search plans, which join dense and sparse vectors (`Search`, `Rrf`).

        They give fused ranks alone. Retrieval here needs the words' scores of each passage and its neighbours
        besides, so the local lexical index is used either way.
        """
        with self.translated():
            client, name = self.connect(), f"airace-probe-{uuid4().hex}"
            collection = client.create_collection(name, embedding_function=None)
            collection.add(ids=["probe"], embeddings=[[1.0, 0.0]])
            try:
                collection.search(chromadb.Search(rank=chromadb.Knn(query=[1.0, 0.0]), limit=1))
            except (ChromaError, NotImplementedError):
                return False
            finally:
                client.delete_collection(name)
                client.close()
        return True

    @contextmanager
    def translated(self) -> Iterator[None]:
        """The client's errors as ours, one line each."""
        try:
            yield
        except SearchIndexError:
            raise
        except NotFoundError as error:
            raise IndexMissingError(
                f"the Chroma server at {self.address} does not have these vectors ({error})",
                "build the index again: airace ingest --rebuild",
            ) from error
        except Exception as error:  # the client raises bare ones for whatever answer it does not know
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise SearchIndexError(
                f"the Chroma server at {self.address} cannot be used ({reason})",
                "start it, and check AIRACE_CHROMA_URL and AIRACE_CHROMA_TOKEN; the next question tries again",
            ) from error
