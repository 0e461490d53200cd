"""The login page: a form that works without script, and for `gradio_client` just as well."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.access import COOKIE, Doorkeeper, LoginRefusedError, address_of, refused
from ui.sessions import SESSION_SECONDS

__all__ = ["login_routes"]

_STYLE = (Path(__file__).parent / "assets" / "login.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · airace</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>airace</h1>
<form method="post" action="/login">
{error}
<label for="username">User name</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" required autofocus value="{name}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<input type="hidden" name="next" value="{target}">
<button>Log in</button>
</form>
</main>
</body>
</html>
"""


def login_routes(doorkeeper: Doorkeeper | None) -> list[Route]:
    """The routes for logging in and out; without a doorkeeper both lead to the app."""

    async def show(request: Request) -> Response:
        if doorkeeper is None:
            return RedirectResponse("/", 303)
        return _page(target=_local(request.query_params.get("next", "/")))

    async def log_in(request: Request) -> Response:
        if doorkeeper is None:
            return RedirectResponse("/", 303)
        form = await request.form(max_files=0, max_fields=10)
        name, password, target = (str(form.get(field, "")) for field in ("username", "password", "next"))
        in_browser = "text/html" in request.headers.get("accept", "")
        try:
            token = await doorkeeper.admit(name, password, address_of(request.scope))
        except LoginRefusedError as error:
            return _page(target=_local(target), name=name, error=error) if in_browser else refused(error)
        response: Response = RedirectResponse(_local(target), 303) if in_browser else JSONResponse({"success": True})
        response.set_cookie(
            COOKIE,
            token,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def log_out(request: Request) -> Response:
        if doorkeeper is not None:
            doorkeeper.sessions.end(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    return [
        Route("/login", show, methods=["GET"]),
        Route("/login", log_in, methods=["POST"]),
        Route("/logout", log_out, methods=["GET", "POST"]),
    ]


def _page(*, target: str, name: str = "", error: LoginRefusedError | None = None) -> HTMLResponse:
    message = f'<p role="alert">{escape(str(error))}</p>' if error else ""
    page = _PAGE.format(style=_STYLE, error=message, name=escape(name), target=escape(target))
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(page, error.status if error else 200, headers)


def _local(target: str) -> str:
    """The target if it is a path of this app, else the start page."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_path else "/"
