"""`make audit`: known vulnerabilities fail it, none pass, and where nobody knows of any one line says so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.conftest import ROOT

pytest.importorskip("pip_audit")

REPORT = {
    "id": "EXAMPLE-1",
    "summary": "a hole",
    "affected": [{"package": {"name": "aiohttp", "ecosystem": "PyPI"}, "ranges": [], "versions": []}],
}


@contextmanager
def database(vulnerable: str | None) -> Iterator[str]:
    """The address of a database that knows of a vulnerability in one package."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps({"vulns": [REPORT]} if asked["package"]["name"] == vulnerable else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


def audit(address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ".ci/audit.py", "--osv-url", address]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(("vulnerable", "code"), [(None, 0), ("aiohttp", 1)])
def test_the_lock_file_passes_unless_a_vulnerability_is_known(vulnerable: str | None, code: int) -> None:
    with database(vulnerable) as address:
        done = audit(address)
    assert done.returncode == code, done.stderr
    assert ("EXAMPLE-1" in done.stdout) == bool(code)
    assert "can be reached" not in done.stdout
