"""Connects to public addresses alone, so that no web page leads to what only this machine or its network can see.

The host name is resolved once and the connection made to the very addresses that were checked: a name server that
answers otherwise the next time gains nothing. Every redirect comes through here again.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

import httpx

from rag.errors import LoadingError

__all__ = ["PublicTransport", "is_public", "resolve"]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


class PublicTransport(httpx.BaseTransport):
    """Sends requests to public addresses and refuses others."""

    def __init__(self, *, resolver: Callable[[str], list[str]] | None = None) -> None:
        self._inner = httpx.HTTPTransport(trust_env=False)
        self._resolve = resolver or resolve

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the certificate is checked against the host's name.

        Raises:
            LoadingError: The host has an address that is not public.
            httpx.HTTPError: It cannot be reached.
        """
        host = request.url.host
        if request.url.scheme not in ("http", "https") or not host:
            raise httpx.UnsupportedProtocol("only http and https", request=request)
        addresses = self._resolve(host)
        if not addresses:
            raise httpx.ConnectError("the host has no address", request=request)
        if not all(map(is_public, addresses)):
            raise LoadingError(
                f"{host} is in a private network or on this machine",
                "set AIRACE_ALLOW_PRIVATE_URLS=true if that is what you want",
            )
        for address in addresses[:-1]:
            try:
                return self._send(request, host, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # for instance IPv6 where there is none
        return self._send(request, host, addresses[-1])

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _send(self, request: httpx.Request, host: str, address: str) -> httpx.Response:
        extensions = request.extensions | {"sni_hostname": host}
        url = request.url.copy_with(host=address)
        return self._inner.handle_request(
            httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)
        )


def resolve(host: str) -> list[str]:
    """The addresses of a host, none if it has none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet.

    Not private, loopback, link-local, multicast, reserved or unspecified, nor such an IPv4 address inside an IPv6 one.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped
        if inner is not None:
            return is_public(str(inner))
        if ip.sixtofour or ip.teredo:  # tunnels of old, which lead wherever the address inside says
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_link_local or ip.is_unspecified)
