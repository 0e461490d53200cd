"""Fetches web pages that the user names: http and https, public addresses, bounded in size, time and redirects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from time import monotonic
from urllib.parse import urlsplit

import httpx

from rag.errors import LoadingError
from rag.loading.addresses import PublicTransport
from rag.loading.files import SUFFIXES, doc_id_from_url, load_bytes
from rag.loading.limits import Limits
from rag.types import Document

__all__ = ["fetch"]

_TIMEOUT_S = 30.0  # without a byte
_DEADLINE_S = 120.0  # for the whole page
_MAX_REDIRECTS = 5
_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_VAGUE_TYPES = frozenset(["", "text/plain", "application/octet-stream", "binary/octet-stream"])
_HEADERS = {
    "User-Agent": "airace (document loader)",
    "Accept": ", ".join(_ENDINGS),
    "Accept-Encoding": "gzip",  # the other codings can put gigabytes into one piece
}


def fetch(url: str, *, limits: Limits, deadline_s: float = _DEADLINE_S) -> Document:
    """The document at a web address.

    Args:
        url: With `http` or `https`.
        limits: Larger pages are refused, and by default those of private addresses.
        deadline_s: Pages whose content takes longer to arrive are refused.

    Raises:
        LoadingError: It cannot be fetched or read; the message says why and what to do.
    """
    data, content_type, address = _download(url, limits, deadline_s)
    name = doc_id_from_url(url) + _ending(content_type, address)
    document = load_bytes(data, name=name, source=address, max_pages=limits.max_pages)
    return replace(document, source=url, url=document.url or address)


def _ending(content_type: str, address: str) -> str:
    """What a file of this content would be called: by its type, or by its address where the type says little."""
    ending = PurePosixPath(urlsplit(address).path).suffix.lower()
    if content_type in _VAGUE_TYPES and ending in SUFFIXES:
        return ending
    if content_type not in _ENDINGS and content_type not in _VAGUE_TYPES:
        raise LoadingError(f"content of type {content_type[:60]} cannot be read", "give the address of a text page")
    return _ENDINGS.get(content_type, ending)


def _download(url: str, limits: Limits, deadline_s: float) -> tuple[bytes, str, str]:
    """The body, the content type without parameters, and the address at the end of the redirects."""
    try:
        client = httpx.Client(
            transport=None if limits.allow_private_urls else PublicTransport(),
            follow_redirects=True,
            max_redirects=_MAX_REDIRECTS,
            timeout=_TIMEOUT_S,
            headers=_HEADERS,
        )
        with client, client.stream("GET", url) as response:
            response.raise_for_status()
            content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
            _ending(content_type, str(response.url))  # before anything of another type is downloaded
            data = _body(response, limits.max_bytes, deadline_s)
            return data, content_type, str(response.url)
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise LoadingError(f"the server answered {status}", "check the address in a browser") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a host that is no host name
        raise LoadingError(f"it cannot be fetched ({type(error).__name__})", "check the address") from error


def _body(response: httpx.Response, max_bytes: int, deadline_s: float) -> bytes:
    """The content, as long as it is within the limits of size and time."""
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", "gzip"):
        raise LoadingError("the server compressed it in a way not asked for", "download it and add the file")
    started = monotonic()
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > max_bytes:
            raise LoadingError(f"it is larger than {max_bytes / 1e6:.0f} MB", "raise AIRACE_MAX_FILE_MB")
        if monotonic() - started > deadline_s:
            raise LoadingError(f"it takes longer than {deadline_s:g} seconds", "download it and add the file")
    return bytes(data)
