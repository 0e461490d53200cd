"""Fetches web pages that the user names: http and https, bounded in size, time and redirects."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

import httpx

from rag.errors import LoadingError
from rag.loading.files import doc_id_from, load_bytes
from rag.types import Document

__all__ = ["doc_id_from_url", "fetch", "is_url"]

_TIMEOUT_S = 30.0
_MAX_REDIRECTS = 5
_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


def is_url(source: str) -> bool:
    """Whether `source` is a web address rather than a path."""
    return source.lower().startswith(("http://", "https://"))


def fetch(url: str, *, max_bytes: int) -> Document:
    """The document at a web address.

    Raises:
        LoadingError: It cannot be fetched or read; the message says why and what to do.
    """
    data, content_type = _download(url, max_bytes)
    ending = _ENDINGS.get(content_type, PurePosixPath(urlsplit(url).path).suffix.lower())
    return load_bytes(data, name=doc_id_from_url(url) + ending, source=url)


def doc_id_from_url(url: str) -> str:
    """A web address as an id: host and last part of the path."""
    parts = urlsplit(url)
    return doc_id_from(f"{parts.netloc.removeprefix('www.')}-{PurePosixPath(parts.path).stem}")


def _download(url: str, max_bytes: int) -> tuple[bytes, str]:
    """The body and the content type without parameters."""
    headers = {"User-Agent": "airace (document loader)", "Accept": ", ".join(_ENDINGS)}
    client = httpx.Client(follow_redirects=True, max_redirects=_MAX_REDIRECTS, timeout=_TIMEOUT_S, headers=headers)
    try:
        with client, client.stream("GET", url) as response:
            response.raise_for_status()
            data = bytearray()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > max_bytes:
                    limit = f"{max_bytes / 1e6:.0f} MB"
                    raise LoadingError(f"it is larger than {limit}", "raise AIRACE_MAX_FILE_MB")
            return bytes(data), response.headers.get("content-type", "").split(";")[0].strip().lower()
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise LoadingError(f"the server answered {status}", "check the address in a browser") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LoadingError(f"it cannot be fetched ({type(error).__name__})", "check the address") from error
