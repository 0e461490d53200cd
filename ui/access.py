"""Who may come in: only this machine, or people with a password; and no other site on their behalf."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import logging
from urllib.parse import quote, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import ConfigurationError
from ui.sessions import Sessions, Throttle
from ui.users import Users, verify

__all__ = [
    "COOKIE",
    "USER",
    "Access",
    "Doorkeeper",
    "LoginRefusedError",
    "address_of",
    "check_reach",
    "is_from_page",
    "is_loopback",
    "refused",
]

COOKIE = "airace_session"
USER = "airace.user"
"""Key of the ASGI scope under which the user's name stands."""

_OPEN = frozenset({"/health", "/ready", "/login"})  # without identity
_LOG = logging.getLogger(__name__)
_MAX_NAME = 64


class LoginRefusedError(Exception):
    """Nobody comes in with this; `wait` is in seconds, 0 if it was just the wrong password."""

    def __init__(self, *, wait: int = 0) -> None:
        minutes = -(-wait // 60)
        again = f"Too many wrong passwords: try again in {minutes} minute{'s' if minutes > 1 else ''}."
        super().__init__(again if wait else "The user name or the password is wrong.")
        self.wait = wait
        self.status = 429 if wait else 401


class Doorkeeper:
    """Tells who somebody is, by password or by session."""

    def __init__(self, users: Users) -> None:
        self.sessions = Sessions(users)
        self._users = users
        self._throttle = Throttle()
        self._limiter = CapacityLimiter(2)  # hashing is slow on purpose: it shall not take every core

    async def admit(self, name: str, password: str, address: str, *, token: str | None = None) -> str:
        """Begin a session for who gives the right password; returns its token.

        Raises:
            LoginRefusedError: The password is wrong, or too many wrong ones came before it.
        """
        name = name.strip()[:_MAX_NAME]
        if wait := self._throttle.wait(name, address):
            _LOG.warning("login throttled", extra={"user": name, "address": address})
            raise LoginRefusedError(wait=wait)
        password_hash = await to_thread.run_sync(verify, self._users, name, password, limiter=self._limiter)
        if password_hash is None:
            _LOG.warning("login failed", extra={"user": name, "address": address})
            raise LoginRefusedError
        self._throttle.succeeded(name, address)
        return self.sessions.start(name, password_hash, token=token)

    async def identify(self, connection: HTTPConnection) -> str | None:
        """The user by the session's cookie or by HTTP Basic authentication, or None.

        Raises:
            LoginRefusedError: The credentials are wrong, or too many wrong ones came before them.
        """
        if user := self.sessions.user(connection.cookies.get(COOKIE, "")):
            return user
        credentials = connection.headers.get("authorization", "")
        name, password = _basic(credentials)
        if not name:
            return None
        if (user := self.sessions.user(credentials)) is None:  # the credentials are their own session's token
            await self.admit(name, password, address_of(connection.scope), token=credentials)
            user = self.sessions.user(credentials)
        return user


class Access:
    """ASGI middleware: lets in whom it may, and puts the user's name into the scope."""

    def __init__(self, app: ASGIApp, *, doorkeeper: Doorkeeper | None) -> None:
        self._app = app
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a refusal."""
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            refusal = await self._refusal(HTTPConnection(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refusal(self, connection: HTTPConnection) -> Response | None:
        scope, headers = connection.scope, connection.headers
        scope[USER] = None
        if _is_foreign(scope, headers):
            return JSONResponse({"detail": "another site may not call this one"}, 403)
        if self._doorkeeper is None:
            if not is_loopback(_hostname(headers.get("host", ""))):
                # Else a page elsewhere could reach this machine under a name of its own (DNS rebinding).
                return JSONResponse({"detail": "without a password only this machine is served"}, 403)
            return None
        if scope["path"] in _OPEN:
            return None
        try:
            scope[USER] = await self._doorkeeper.identify(connection)
        except LoginRefusedError as error:
            return refused(error)
        return None if scope[USER] else _challenge(scope, headers)


def refused(error: LoginRefusedError) -> Response:
    """The answer to a program."""
    headers = {"Retry-After": str(error.wait)} if error.wait else {}
    return JSONResponse({"detail": str(error)}, error.status, headers)


def check_reach(host: str, users: Users | None) -> None:
    """Hold that nobody beyond this machine gets in without a password.

    Raises:
        ConfigurationError: They would.
    """
    if users is None and not is_loopback(host):
        raise ConfigurationError(
            f"{host or 'every address'} can be reached from other machines",
            "give --auth user:password or a file of users, or serve on 127.0.0.1",
        )


def is_loopback(host: str) -> bool:
    """Whether this host is certainly this machine; names other than localhost may be anything."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def address_of(scope: Scope) -> str:
    """Where a request comes from: for IPv6 the network, in which one machine has addresses without number."""
    host = (scope.get("client") or ("unknown", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    return str(ipaddress.ip_network((address, 64), strict=False) if address.version == 6 else address)


def is_from_page(headers: Headers) -> bool:
    """Whether a browser says that our own page makes this request."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether a browser says that another site makes this request; following a link to a page is not that."""
    if headers.get("sec-fetch-site") == "none":  # typed by a person
        return False
    if "sec-fetch-site" not in headers and "origin" not in headers:  # no browser
        return False
    is_link = scope["method"] in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
    return not is_from_page(headers) and not (is_link and scope["path"] != "/logout")


def _challenge(scope: Scope, headers: Headers) -> Response:
    if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        target = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/login?next={quote(target, safe='')}", 303)
    if is_from_page(headers):  # there the challenge would open a dialogue of the browser's own
        return JSONResponse({"detail": "Your session has ended. Reload the page to log in again."}, 401)
    return JSONResponse({"detail": "log in first"}, 401, {"WWW-Authenticate": 'Basic realm="airace", charset="UTF-8"'})


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _basic(credentials: str) -> tuple[str, str]:
    """Name and password of an Authorization header (RFC 7617), both empty if it is none."""
    scheme, _, encoded = credentials.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
