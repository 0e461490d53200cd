"""With a password nothing but health answers without it, and one user never meets another's session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AuthenticationError

from rag import Assistant
from rag.errors import ConfigurationError
from tests.integration.serving import (
    PASSWORDS,
    QUESTION,
    assistant,
    basic,
    events,
    handler,
    page_of,
    serving,
    users,
    users_in,
)
from ui.server import start
from ui.users import OneUser, Users

__all__ = ["assistant", "users"]

ROOT = Path(__file__).resolve().parents[2]
ROUTES = [
    *("/", "/config", "/theme.css", "/static/img/logo.svg", "/assets/x.js", "/metrics", "/logout", "/mcp"),
    *("/gradio_api/info", "/gradio_api/openapi.json", "/gradio_api/startup-events", "/gradio_api/call/ask/1"),
    *("/gradio_api/queue/data?session_hash=s", "/gradio_api/heartbeat/s", "/gradio_api/file=/etc/passwd"),
    "/no/such/thing",
]


@pytest.fixture
def url(assistant: Assistant, users: Users) -> Iterator[str]:
    with serving(assistant, users=users, mcp=True) as url:
        yield url


@contextmanager
def serving_notes(assistant: Assistant, users: Users) -> Iterator[str]:
    """An app that keeps what somebody writes in the session, as the chat keeps a conversation."""

    def note(text: str, notes: list[str], request: gr.Request) -> tuple[str, list[str]]:
        notes = [*notes, text]
        return f"{request.username}: {', '.join(notes)}", notes

    with gr.Blocks() as demo:
        text, notes, shown = gr.Textbox(), gr.State([]), gr.Textbox()
        text.submit(note, [text, notes], [shown, notes], api_visibility="private")
    server = start(demo.queue(), assistant, host="127.0.0.1", port=0, users=users)
    yield server.local_url.rstrip("/")
    server.close()


def log_in(url: str, name: str, password: str | None = None, **headers: str) -> httpx.Response:
    form = {"username": name, "password": password or PASSWORDS[name]}
    return httpx.post(f"{url}/login", data=form, headers=headers)


def logged_in(url: str, name: str) -> httpx.Client:
    """A browser of somebody who has logged in."""
    return httpx.Client(base_url=url, cookies=log_in(url, name).cookies, headers=page_of(url))


def test_no_route_answers_without_a_password(url: str) -> None:
    for method in ("GET", "POST", "HEAD", "OPTIONS", "DELETE"):
        for route in ROUTES:
            response = httpx.request(method, url + route)
            assert response.status_code == 401, (method, route)
            assert response.headers["www-authenticate"].startswith("Basic ")


def test_health_answers_without_a_password_and_says_nothing_else(url: str) -> None:
    assert httpx.get(f"{url}/health").json() == {"status": "up"}
    assert httpx.get(f"{url}/ready").status_code in (200, 503)


def test_a_browser_is_led_to_the_login_page_and_back(url: str) -> None:
    with httpx.Client(base_url=url, headers={"Accept": "text/html"}) as browser:
        response = browser.get("/?q=x&k=1")
        assert (response.status_code, response.headers["location"]) == (303, "/login?next=%2F%3Fq%3Dx%26k%3D1")
        page = browser.get(response.headers["location"])
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert 'name="next" value="/?q=x&amp;k=1"' in page.text
        form = {"username": "anna", "password": PASSWORDS["anna"], "next": "/?q=x&k=1"}
        response = browser.post("/login", data=form)
        assert (response.status_code, response.headers["location"]) == (303, "/?q=x&k=1")
        assert browser.get("/").status_code == 200
        assert browser.get("/gradio_api/user").json() == "anna"


def test_the_login_page_leads_nowhere_else(url: str) -> None:
    for target in ("https://example.org/", "//example.org", "/\\example.org", "", "x", "/a\r\nX: y"):
        form = {"username": "anna", "password": PASSWORDS["anna"], "next": target}
        assert httpx.post(f"{url}/login", data=form, headers={"Accept": "text/html"}).headers["location"] == "/", target


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(url: str) -> None:
    (cookie,) = SimpleCookie(log_in(url, "anna").headers["set-cookie"]).values()
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert 0 < int(cookie["max-age"]) <= 24 * 3600
    behind_tls = log_in(url, "anna", **{"X-Forwarded-Proto": "https"})
    assert "Secure" in behind_tls.headers["set-cookie"]


def test_logging_out_ends_the_session(url: str) -> None:
    with logged_in(url, "anna") as browser:
        stolen = dict(browser.cookies)
        assert browser.get("/config").status_code == 200
        browser.get("/logout")
        assert httpx.get(f"{url}/config", cookies=stolen).status_code == 401


def test_a_wrong_password_is_refused_alike_for_known_and_unknown_users(url: str) -> None:
    for name in ("anna", "nobody", "", "anna\0", "a" * 10_000, "'; DROP TABLE users;--"):
        response = log_in(url, name, "not-the-password")
        assert (response.status_code, response.json()["detail"]) == (401, "The user name or the password is wrong.")
        assert "set-cookie" not in response.headers


def test_guessing_passwords_is_stopped_by_user_and_address(url: str) -> None:
    for _ in range(5):
        assert log_in(url, "anna", "wrong-password").status_code == 401
    stopped = log_in(url, "anna")  # even the right one
    assert stopped.status_code == 429
    assert stopped.json()["detail"] == "Too many wrong passwords: try again in 15 minutes."
    assert int(stopped.headers["retry-after"]) > 0
    assert "Too many wrong passwords" in log_in(url, "anna", Accept="text/html").text
    assert httpx.get(f"{url}/config", headers=basic("anna")).status_code == 429
    assert log_in(url, "ben").status_code == 200


@pytest.mark.slow
def test_guessing_names_is_stopped_by_address(url: str) -> None:
    statuses = [log_in(url, f"user-{number}", "wrong-password").status_code for number in range(21)]
    assert statuses == [401] * 20 + [429]


def test_programs_log_in_with_their_client_or_send_the_password(url: str) -> None:
    client = Client(url, auth=("anna", PASSWORDS["anna"]), verbose=False)
    assert not client.predict(QUESTION, api_name="/ask")["abstained"]
    with pytest.raises(AuthenticationError):
        Client(url, auth=("anna", "wrong-password"), verbose=False)
    assert httpx.get(f"{url}/gradio_api/info", headers=basic("ben")).status_code == 200
    assert httpx.get(f"{url}/gradio_api/info", headers=basic("ben", "wrong-password")).status_code == 401
    assert httpx.get(f"{url}/metrics", headers=basic("ben")).status_code == 200


def test_one_user_never_meets_the_session_of_another(assistant: Assistant, users: Users) -> None:
    with serving_notes(assistant, users) as url, logged_in(url, "anna") as anna, logged_in(url, "ben") as ben:
        body = {"fn_index": handler(anna, "note"), "data": ["a secret", None], "session_hash": "annas"}
        event = anna.post("/gradio_api/queue/join", json=body).json()["event_id"]
        theirs = {"session_hash": "annas"}
        assert ben.get("/gradio_api/queue/data", params=theirs).status_code == 404
        assert ben.get("/gradio_api/heartbeat/annas").status_code == 404
        assert ben.post("/gradio_api/queue/join", json=body).status_code == 404
        assert ben.post("/gradio_api/run/note", json=body).status_code == 404
        assert ben.post("/gradio_api/cancel", json={"fn_index": 0, "event_id": event, **theirs}).status_code == 404
        assert "a secret" in str(events(anna, "annas"))


def test_two_users_work_at_once_each_in_their_own_session(assistant: Assistant, users: Users) -> None:
    with serving_notes(assistant, users) as url, logged_in(url, "anna") as anna, logged_in(url, "ben") as ben:
        number = handler(anna, "note")
        for text in ("first", "second"):
            for user, name in ((anna, "anna"), (ben, "ben")):
                body = {"fn_index": number, "data": [f"{text} of {name}", None], "session_hash": f"session-{name}"}
                assert user.post("/gradio_api/queue/join", json=body).status_code == 200
        for user, name in ((anna, "anna"), (ben, "ben")):
            noted = str(events(user, f"session-{name}"))
            assert f"{name}: first of {name}, second of {name}" in noted
            assert noted.count(" of ben" if name == "anna" else " of anna") == 0


@contextmanager
def serving_uploads(assistant: Assistant, users: Users) -> Iterator[str]:
    """An app that reads files of one kind."""

    with gr.Blocks() as demo:
        file, text = gr.File(file_types=[".md"]), gr.Textbox()
        file.upload(lambda path: Path(path).read_text(), file, text, api_name="read", api_visibility="private")
    server = start(demo.queue(), assistant, host="127.0.0.1", port=0, users=users)
    yield server.local_url.rstrip("/")
    server.close()


def given_file(path: str) -> dict[str, Any]:
    return {"path": path, "orig_name": Path(path).name, "meta": {"_type": "gradio.FileData"}}


def test_one_user_never_meets_the_uploads_of_another(assistant: Assistant, users: Users) -> None:
    with serving_uploads(assistant, users) as url, logged_in(url, "anna") as anna, logged_in(url, "ben") as ben:
        (path,) = anna.post("/gradio_api/upload", files={"files": ("a.md", b"# Secret")}).json()
        folder, _, name = path.rpartition("/")
        for spelling in (path, f"{folder}/./{name}", f"{folder}//{name}", f"{folder}/x/../{name}"):
            assert ben.get(f"/gradio_api/file={spelling}").status_code == 404
            body = {"fn_index": handler(ben, "read"), "data": [given_file(spelling)], "session_hash": "bens"}
            assert ben.post("/gradio_api/queue/join", json=body).status_code == 404
        assert anna.get(f"/gradio_api/file={path}").text == "# Secret"
        body = {"fn_index": handler(anna, "read"), "data": [given_file(path)], "session_hash": "annas"}
        assert anna.post("/gradio_api/queue/join", json=body).status_code == 200
        assert "# Secret" in str(events(anna, "annas"))


def test_uploads_of_another_kind_or_too_large_are_refused(
    make_assistant: Callable[..., Assistant], users: Users
) -> None:
    small = make_assistant(max_file_mb=1)
    with serving_uploads(small, users) as url, logged_in(url, "anna") as anna:
        too_large = anna.post("/gradio_api/upload", files={"files": ("a.md", b"x" * 2_000_000)})
        assert too_large.status_code == 413
        (path,) = anna.post("/gradio_api/upload", files={"files": ("a.exe", b"MZ")}).json()
        body = {"fn_index": handler(anna, "read"), "data": [given_file(path)], "session_hash": "annas"}
        anna.post("/gradio_api/queue/join", json=body)
        assert not any(event.get("success") for event in events(anna, "annas") if event["msg"] == "process_completed")


def test_users_come_and_go_without_a_restart(assistant: Assistant, tmp_path: Path) -> None:
    users = users_in(tmp_path)
    file = tmp_path / "users.txt"
    with serving(assistant, users=users) as url, logged_in(url, "anna") as anna:
        assert anna.get("/config").status_code == 200
        file.write_text("".join(line for line in file.read_text().splitlines(True) if not line.startswith("anna:")))
        assert anna.get("/config").status_code == 401
        assert log_in(url, "anna").status_code == 401
        assert log_in(url, "ben").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org", "", "0"])
def test_nobody_serves_other_machines_without_a_password(assistant: Assistant, host: str) -> None:
    from ui.app import launch

    with pytest.raises(ConfigurationError, match="--auth"):
        launch(assistant, host=host, port=0)


def test_with_a_password_other_machines_are_served(assistant: Assistant) -> None:
    from ui.app import launch

    server = launch(assistant, host="0.0.0.0", port=0, users=OneUser("anna", PASSWORDS["anna"]))
    port = server.local_url.rstrip("/").rpartition(":")[2]
    assert httpx.get(f"http://127.0.0.1:{port}/config", headers={"Host": "airace.example"}).status_code == 401
    assert httpx.get(f"http://127.0.0.1:{port}/config", headers=basic("anna")).status_code == 200
    server.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--host", "0.0.0.0"], {}, "can be reached from other machines"),
        (["--host", "::"], {}, "can be reached from other machines"),
        (["--host", "example.org"], {}, "can be reached from other machines"),
        (["--auth", "anna"], {}, "neither user:password nor a file of users"),
        (["--auth", "anna:short"], {}, "too short"),
        ([], {"AIRACE_AUTH": "anna"}, "neither user:password nor a file of users"),
        (["--auth", "users.txt"], {}, "line 1 of users.txt is not name:bcrypt-hash"),
    ],
)
def test_serve_refuses_in_one_line_before_it_does_anything(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], message: str
) -> None:
    (tmp_path / "users.txt").write_text("anna:plain-password\n")
    command = [sys.executable, "-m", "rag", "serve", *arguments]
    paths = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(command, env=paths | environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_gradio_reads_from_the_environment_opens_nothing(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SERVER_NAME": "0.0.0.0", "SHARE": "True", "MCP_SERVER": "True", "ALLOWED_PATHS": "/"}.items():
        monkeypatch.setenv(f"GRADIO_{name}", value)
    with serving(assistant) as url:
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/gradio_api/file=/etc/hostname").status_code == 403
        assert httpx.post(f"{url}/mcp").status_code == 404
