"""What supervisors, Prometheus and readers of logs learn about the running app."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from prometheus_client.parser import text_string_to_metric_families

from rag import Assistant, Settings
from rag.logs import configure_logs
from tests.integration.serving import DOCUMENTS, QUESTION, assistant, basic, free_port, serving, users, write_documents
from ui.users import Users

__all__ = ["assistant", "users"]
ROOT = Path(__file__).resolve().parents[2]
DECLINED = "How tall is the Eiffel Tower in Paris?"


@pytest.fixture
def url(assistant: Assistant) -> Iterator[str]:
    with serving(assistant) as url:
        yield url


def metrics(url: str) -> dict[tuple[str, ...], float]:
    """Every sample of /metrics: name and values of the labels in the order of their names → value."""
    text = httpx.get(f"{url}/metrics").text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value for sample in samples}


def until_ready(url: str) -> None:
    for _ in range(100):
        if httpx.get(f"{url}/ready").status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError("never became ready")


def test_it_is_up_and_ready_while_the_index_can_be_searched(make_assistant: Callable[..., Assistant]) -> None:
    small = make_assistant(DOCUMENTS)
    small.sync()
    with serving(small) as url:
        assert httpx.get(f"{url}/health").json() == {"status": "up"}
        until_ready(url)
        shutil.rmtree(small.settings.data_dir)
        response = httpx.get(f"{url}/ready")
        assert response.status_code == 503
        assert response.json()["status"] == "not ready"
        assert "airace ingest" in response.json()["reason"]
        assert httpx.get(f"{url}/health").status_code == 200


def test_metrics_count_questions_and_how_they_ended(url: str, assistant: Assistant) -> None:
    before = metrics(url)
    client = Client(url, verbose=False)
    client.predict(QUESTION, api_name="/ask")
    client.predict(DECLINED, api_name="/ask")
    with pytest.raises(Exception, match="empty"):
        client.predict("", api_name="/ask")
    after = metrics(url)

    def more(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    assert more("airace_questions_total", "quote", "answered") == 1
    assert more("airace_questions_total", "quote", "abstained") == 1
    assert more("airace_questions_total", "", "failed") == 1
    for stage in ("retrieve", "evidence", "generate", "verify", "total"):
        assert more("airace_stage_seconds_count", stage) == 2
    assert more("airace_http_requests_total", "POST", "/gradio_api/queue/join", "200") == 3
    manifest = assistant.index.manifest
    assert after[("airace_index_documents",)] == 2
    assert after[("airace_index_passages",)] == manifest.n_chunks
    assert after[("airace_index_info", manifest.embedding_model, manifest.index_version)] == 1


def test_metrics_have_few_labels_whatever_is_asked_for(url: str) -> None:
    for number in range(10):
        httpx.get(f"{url}/nothing/{number}")
        httpx.get(f"{url}/gradio_api/call/ask/{number}")
    routes = {key[2] for key in metrics(url) if key[0] == "airace_http_requests_total"}
    assert not any("0" in route for route in routes)


def test_metrics_count_who_is_logged_in(assistant: Assistant, users: Users) -> None:
    with serving(assistant, users=users) as url:
        for name in ("anna", "ben", "ben"):
            text = httpx.get(f"{url}/metrics", headers=basic(name)).text
        assert "airace_sessions 2.0" in text


def test_every_response_carries_the_id_of_its_request(url: str) -> None:
    ids = {httpx.get(f"{url}{path}").headers["x-request-id"] for path in ("/", "/health", "/nothing", "/config")}
    assert len(ids) == 4
    assert httpx.get(url, headers={"X-Request-ID": "from-a-proxy.1"}).headers["x-request-id"] == "from-a-proxy.1"
    made_up = httpx.get(url, headers={"X-Request-ID": "a b; forged=1"}).headers["x-request-id"]
    assert made_up.isalnum()


def served(tmp_path: Path, *options: str, **environment: str) -> tuple[subprocess.Popen[str], str]:
    """`airace serve` in a process of its own, ready to answer."""
    write_documents(tmp_path / "corpus")
    port = free_port()
    command = [sys.executable, "-m", "rag", "serve", "--port", str(port), *options]
    folders = ["--corpus", str(tmp_path / "corpus"), "--data-dir", str(tmp_path / "data")]
    paths = {"PYTHONPATH": str(ROOT), "AIRACE_CACHE_DIR": str(Settings().cache_dir)}
    process = subprocess.Popen(
        [*command, *folders], env=os.environ | paths | environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            httpx.get(f"{url}/health")
            until_ready(url)
            break
        except httpx.TransportError:
            time.sleep(0.1)
    return process, url


def stopped(process: subprocess.Popen[str]) -> str:
    """What the process wrote on stderr until a supervisor stopped it."""
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=30)
    return stderr


@pytest.mark.slow
def test_logs_are_json_lines_with_the_request_they_belong_to(tmp_path: Path) -> None:
    process, url = served(tmp_path, "--auth", "anna:a-long-password", AIRACE_LOG="json", AIRACE_API_KEY="sk-secret-key")
    anna = basic("anna", "a-long-password")
    join = {"data": [QUESTION, None, None, None]}
    event = httpx.post(f"{url}/gradio_api/call/ask", json=join, headers=anna | {"X-Request-ID": "the-question"})
    httpx.get(f"{url}/gradio_api/call/ask/{event.json()['event_id']}", headers=anna, timeout=30)
    httpx.get(f"{url}/config", headers=basic("anna", "wrong-password"))
    stderr = stopped(process)
    lines: list[dict[str, Any]] = [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]
    (answered,) = (line for line in lines if line["message"] == "question answered")
    assert answered["request_id"] == "the-question"
    assert answered["timings_ms"]["total"] > 0
    assert any(line["message"] == "login failed" and line["level"] == "WARNING" for line in lines)
    asked = next(line for line in lines if line.get("request_id") == "the-question" and line["message"] == "request")
    assert (asked["route"], asked["status"], asked["user"]) == ("/gradio_api/call/ask", 200, "anna")
    assert "DeepSeek" not in stderr
    assert "a-long-password" not in stderr
    assert "sk-secret-key" not in stderr


@pytest.mark.slow
def test_plain_logs_are_quiet_and_a_stop_is_orderly(tmp_path: Path) -> None:
    process, url = served(tmp_path)
    with httpx.stream("GET", f"{url}/gradio_api/heartbeat/a-page-is-open"):
        stderr = stopped(process)
    assert process.returncode == 130
    assert f"Serving on {url}" in stderr
    assert "Traceback" not in stderr
    assert "request" not in stderr


def test_a_taken_port_is_said_in_one_line(url: str, assistant: Assistant) -> None:
    from rag.errors import ConfigurationError
    from ui.app import launch

    with pytest.raises(ConfigurationError, match="cannot listen on"):
        launch(assistant, host="127.0.0.1", port=int(url.rpartition(":")[2]))


@pytest.fixture
def logs() -> Iterator[None]:
    """Whatever a test does to the logs ends with it."""
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in ("rag", "ui", "evals", "rag.questions")]
    handlers, levels = root.handlers[:], [(log, log.level) for log in (root, *ours)]
    yield
    root.handlers[:] = handlers
    for log, level in levels:
        log.setLevel(level)


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_key_never_reaches_the_log(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.model_validate({"log": form, "api_key": 'sk-"quoted', "auth": "anna:a-long-password"})
    configure_logs(settings, level=logging.DEBUG)
    log = logging.getLogger("rag.test")
    log.warning("the server said: wrong key %s", 'sk-"quoted')
    log.warning("login", extra={"given": "a-long-password"})
    logged = capsys.readouterr().err
    assert "***" in logged
    assert "quoted" not in logged
    assert "a-long-password" not in logged


@pytest.mark.usefixtures("logs")
def test_a_line_of_the_log_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(), level=logging.INFO)
    logging.getLogger("ui.test").warning("login failed", extra={"user": "anna\nWARNING forged\x1b[31m"})
    logged = capsys.readouterr().err
    assert len(logged.splitlines()) == 1
    assert "\x1b" not in logged


@pytest.mark.usefixtures("logs")
def test_the_text_of_a_question_is_logged_for_debugging_alone(
    assistant: Assistant, capsys: pytest.CaptureFixture[str]
) -> None:
    for level, is_told in ((logging.INFO, False), (logging.DEBUG, True)):
        configure_logs(assistant.settings, level=level)
        logging.getLogger("rag.questions").setLevel(level)
        assistant.ask(QUESTION)
        assert (QUESTION in capsys.readouterr().err) == is_told
